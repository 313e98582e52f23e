"""Small networks of [1, 3, 8, 8] that exist only in tests: layers as face networks have them, weights out of a fixed draw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from models.card import ModelCard
from tests.models.made_up import card, tensor

Weights = Mapping[str, NDArray[np.generic]]

SIDE_PX = 8


def drawn(*shape: int, seed: int = 0) -> NDArray[np.float32]:
    """Weights out of a fixed draw, about -1 to 1."""
    return np.random.default_rng(seed).normal(0, 0.5, shape).astype(np.float32)


def picture(seed: int = 0) -> NDArray[np.float32]:
    """An input of these networks."""
    return np.random.default_rng(seed).uniform(-1, 1, (1, 3, SIDE_PX, SIDE_PX)).astype(np.float32)


def network(nodes: Iterable[NodeProto], weights: Weights, channels: int, opset: int = 17) -> bytes:
    """An ONNX file from `x` [1, 3, 8, 8] to `y` [1, channels, 8, 8]."""
    graph = helper.make_graph(
        list(nodes),
        "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, SIDE_PX, SIDE_PX])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, channels, SIDE_PX, SIDE_PX])],
        [numpy_helper.from_array(np.array(value, order="C"), name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def fallen_over(content: bytes, count: int = 150) -> Iterator[bytes]:
    """A file with one byte that fell over, each time another one out of a fixed draw."""
    draw = np.random.default_rng(5)
    for _ in range(count):
        broken = bytearray(content)
        broken[draw.integers(len(broken))] = draw.integers(256)
        yield bytes(broken)


def card_for(content: bytes, channels: int, name: str = "small") -> ModelCard:
    """A card that promises such a network."""
    contracts = {"input": tensor("x", (1, 3, SIDE_PX, SIDE_PX)), "outputs": (tensor("y", (1, channels, SIDE_PX, SIDE_PX)),)}
    return replace(card(content, name=name), **contracts)  # type: ignore[arg-type]  # the names are those of the fields


def mobile_network(slopes: NDArray[np.float32] | None = None, channels: int = 13) -> bytes:
    """Widen to some channels, look around in each, mix down to 5: the block of which mobile face networks are made."""
    slopes = drawn(channels, 1, 1, seed=9) if slopes is None else slopes
    nodes = [
        helper.make_node("Conv", ["x", "w1", "b1"], ["c1"], kernel_shape=[1, 1]),
        helper.make_node("PRelu", ["c1", "s"], ["p1"]),
        helper.make_node("Conv", ["p1", "w2", "b2"], ["c2"], kernel_shape=[3, 3], pads=[1, 1, 1, 1], group=channels),
        helper.make_node("PRelu", ["c2", "s"], ["p2"]),
        helper.make_node("Conv", ["p2", "w3"], ["y"], kernel_shape=[1, 1]),
    ]
    weights = {
        "w1": drawn(channels, 3, 1, 1, seed=1),
        "b1": drawn(channels, seed=2),
        "w2": drawn(channels, 1, 3, 3, seed=3),
        "b2": drawn(channels, seed=4),
        "w3": drawn(5, channels, 1, 1, seed=5),
        "s": slopes,
    }
    return network(nodes, weights, 5)
