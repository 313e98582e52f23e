"""Cards, files and tiny networks that exist only in tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import onnx
from onnx import TensorProto, helper

from models.card import (
    Bundle,
    Colour,
    Conversion,
    Dimension,
    Layout,
    ModelCard,
    OfficialFile,
    Origin,
    Purpose,
    Runtime,
    TensorContract,
    Upstream,
)
from models.digests import digest_of
from models.errors import DownloadFailedError
from models.fetch import HttpFetch, Schemes
from models.manifest import manifest_of
from models.relief import REGION_COLUMNS, REGION_ROWS, ReliefWeights, Shape, ShapeWeights
from models.store import ModelStore
from models.upstream import Download

CONTENT = bytes(range(256)) * 1200
"""Larger than one chunk of the fetch door, so that a cut can fall in the middle."""


def tensor(name: str, shape: tuple[Dimension, ...], value_range: tuple[float, float] | None = None) -> TensorContract:
    """A contract for plain rows of numbers."""
    return TensorContract(
        name=name,
        shape=shape,
        layout=Layout.ROWS,
        colour=Colour.NONE,
        meaning="numbers",
        value_range=value_range,
        multiple_of=1,
    )


def card(content: bytes = CONTENT, origin: Origin | None = None, name: str = "tiny") -> ModelCard:
    """A card that promises this content."""
    return ModelCard(
        name=name,
        purpose=Purpose.TEXTURE,
        file=f"{name}.onnx",
        sha256=digest_of(content),
        size_bytes=len(content),
        licence="CC0-1.0",
        licence_note="Made up.",
        needed_by="tests",
        optional=False,
        runtime=Runtime.ONNX,
        origin=origin or Upstream("https://upstream.invalid/tiny.onnx"),
        preparation="none",
        input=tensor("x", (1, 2)),
        outputs=(tensor("y", (1, 2)),),
        face=None,
        threshold=None,
        threshold_meaning="",
        derived_from="",
    )


def conversion_card(content: bytes = CONTENT) -> ModelCard:
    """A card of a file that was made from an official one."""
    official = OfficialFile("https://upstream.invalid/official.pb", "git:" + "0" * 40)
    return card(content, Conversion((official,), "converted"))


def bundle_card(address: str, bundle: bytes, member: str, content: bytes, name: str = "tiny") -> ModelCard:
    """A card of a file inside a bundle."""
    return card(content, Bundle("tiny.task", address, digest_of(bundle), len(bundle), member), name)


def network_card(content: bytes, x: TensorContract, *outputs: TensorContract) -> ModelCard:
    """A card of an ONNX network with this contract."""
    return replace(card(content), input=x, outputs=outputs)


def store_of(folder: Path, *cards: ModelCard, mirror: Path | None = None) -> ModelStore:
    """A store with its cache in a folder, which may speak http with this machine."""
    return ModelStore(manifest_of(cards), mirror, folder / "cache", HttpFetch(Schemes.LOOPBACK_HTTP_TOO))


def offline_store_of(folder: Path, *cards: ModelCard, mirror: Path | None = None) -> ModelStore:
    """A store that fails the test when it goes to the network."""
    return ModelStore(manifest_of(cards), mirror, folder / "cache", ForbiddenFetch())


class ForbiddenFetch:
    """A network that nobody may use."""

    def open(self, address: str, from_byte: int) -> AbstractContextManager[Download]:
        raise AssertionError(f"{address} must not be fetched")


class UnpluggedFetch:
    """A network that is not there."""

    def open(self, address: str, from_byte: int) -> AbstractContextManager[Download]:
        raise DownloadFailedError(address, "no route to host")


def nobody(done_bytes: int, total_bytes: int) -> None:
    """Listen to no progress."""


def cached_network(folder: Path, name: str, content: bytes) -> ModelCard:
    """A card of a tiny network whose file already lies in the cache of `store_of`."""
    cache = folder / "cache"
    cache.mkdir(exist_ok=True)
    named = card(content, name=name)
    (cache / named.file).write_bytes(content)
    return named


def tiny_onnx(operator: str, inputs: list[Dimension], outputs: list[Dimension]) -> bytes:
    """An ONNX file with one node from `x` to `y`, for example `Log` or `Identity`; `Reshape3` reshapes to 1 by 3."""
    reshape = operator == "Reshape3"
    node = helper.make_node("Reshape", ["x", "shape"], ["y"]) if reshape else helper.make_node(operator, ["x"], ["y"])
    graph = helper.make_graph(
        [node],
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, inputs)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, outputs)],
        [helper.make_tensor("shape", TensorProto.INT64, [2], [1, 3])] if reshape else [],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def files_below(folder: Path) -> Iterator[str]:
    """The names of all files in a folder, without the lock."""
    return (path.name for path in sorted(folder.rglob("*")) if path.is_file() and path.name != ".lock")


def made_up_shape(**changes: object) -> ShapeWeights:
    """Weights that ask for a nose: a region beside the middle that leans more than its row does elsewhere."""
    rows = [[0.0] * REGION_COLUMNS for _ in range(REGION_ROWS)]
    rows[4] = [12.0, 6.0, 0.0, -6.0, -12.0]
    nothing = tuple(tuple(0.0 for _ in range(REGION_COLUMNS)) for _ in range(REGION_ROWS))
    whole = ShapeWeights(slope=tuple(map(tuple, rows)), fall=nothing, shine=0.0, bias=0.0)
    return replace(whole, **changes)  # type: ignore[arg-type]  # the names are those of the fields


def made_up_relief(**changes: object) -> ReliefWeights:
    """The same against every shape."""
    whole = ReliefWeights(
        against=dict.fromkeys(Shape, made_up_shape()),
        threshold=0.5,
        code_threshold=0.5,
        texture_threshold=0.03,
        derived_from="made up",
        sha256=digest_of(b"made up"),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]  # the names are those of the fields
