"""A licensed engine as a user brings it: a manifest of one's own with a file beside it. Its network is made up."""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx import TensorProto, helper

from models.digests import digest_of

CROP_PX = 16
DIMENSIONS = 192

ENTRY = """
format = 1

[[model]]
name = "licensed"
purpose = "embedder"
optional = true
file = "licensed.onnx"
sha256 = "{sha256}"
size_bytes = {size_bytes}
licence = "LicenseRef-Contract-4711"
licence_note = "Made up for tests."
needed_by = "edge/stages/match"
runtime = "onnx"
preparation = "none"

[model.local]
supplier = "Example Biometrics, contract 4711"

[model.face]
crop_px = 16
points = [[5, 6], [11, 6], [8, 9], [6, 12], [10, 12]]
mean = [127.5, 127.5, 127.5]
deviation = [128, 128, 128]

[model.input]
name = "x"
shape = [1, 3, 16, 16]
layout = "NCHW"
colour = "RGB"
value_range = [-1, 1]
meaning = "The crop."

[[model.output]]
name = "y"
shape = [1, 192]
layout = "rows"
meaning = "The embedding."

[[matcher]]
name = "licensed_and_ours"
networks = ["licensed", "embedder"]
weights = [3, 2]
preparation = 1
"""


def licensed_engine(folder: Path) -> Path:
    """Write the file and its manifest into a folder; return the manifest."""
    folder.mkdir(parents=True)
    content = quartering_onnx()
    (folder / "licensed.onnx").write_bytes(content)
    manifest = folder / "own.toml"
    manifest.write_text(ENTRY.format(sha256=digest_of(content), size_bytes=len(content)), encoding="utf-8")
    return manifest


def quartering_onnx() -> bytes:
    """A network of [1, 3, 16, 16] whose embedding is the mean of each 2 by 2 px of each colour: [1, 192]."""
    nodes = [
        helper.make_node("AveragePool", ["x"], ["pooled"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["pooled"], ["y"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "quartering",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, CROP_PX, CROP_PX])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, DIMENSIONS])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())
