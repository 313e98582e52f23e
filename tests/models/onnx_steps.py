"""Small ONNX graphs that tests put together step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from models.card import Dimension


def onnx_file(
    nodes: Sequence[NodeProto],
    inputs: Sequence[Dimension],
    outputs: Sequence[Dimension],
    weights: Mapping[str, NDArray[np.generic]],
    opset: int = 17,
    further_inputs: Mapping[str, Sequence[Dimension]] | None = None,
) -> bytes:
    """An ONNX file from `x` to `y`, both float32, with these steps and weights."""
    given = {"x": inputs, **(further_inputs or {})}
    graph = helper.make_graph(
        list(nodes),
        "small",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape)) for name, shape in given.items()],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, list(outputs))],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def noise(*shape: int) -> NDArray[np.float32]:
    """Weights that are the same each time."""
    return np.random.default_rng(7).normal(size=shape).astype(np.float32)
