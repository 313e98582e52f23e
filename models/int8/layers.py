"""A network as layers: a convolution and what follows it up to the next ones, with the multiplications of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
from onnx import NodeProto

from models.rewrites.network import NetworkGraph, groups_of

FOLLOWERS = ("Add", "Concat", "GlobalAveragePool", "LeakyRelu", "MaxPool", "Mul", "Relu", "Resize", "Sigmoid")
"""What works on integers as well, between convolutions."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A convolution and the nodes that follow it."""

    name: str
    """Of the tensor that the convolution makes."""
    nodes: tuple[NodeProto, ...]
    """The convolution first."""

    @property
    def convolutions(self) -> tuple[NodeProto, ...]:
        """The convolution, and those that only write a slope."""
        return tuple(node for node in self.nodes if node.op_type == "Conv")


def layers_of(graph: NetworkGraph) -> list[Layer]:
    """The layers in their order; a node that joins several belongs to the last of them."""
    owner: dict[str, str] = {}
    found: dict[str, list[NodeProto]] = {}
    for node in graph.nodes:
        follows = node.op_type in FOLLOWERS or is_slope(graph, node)
        if node.op_type == "Conv" and not follows and graph.constant(node.input[1]) is not None:
            found[node.output[0]] = [node]
            owner[node.output[0]] = node.output[0]
        elif follows:
            _follow(graph, node, owner, found)
    return [Layer(name, tuple(nodes)) for name, nodes in found.items()]


def trimmed(graph: NetworkGraph, layers: Sequence[Layer]) -> list[Layer]:
    """Without the followers that only layers on floats read: they would be rounded once more for nothing."""
    found = list(layers)
    while True:
        integer = {id(node) for layer in found for node in layer.nodes}
        shorter = [Layer(each.name, _needed(graph, each, integer)) for each in found]
        if [len(each.nodes) for each in shorter] == [len(each.nodes) for each in found]:
            return found
        found = shorter


def _needed(graph: NetworkGraph, layer: Layer, integer: Set[int]) -> tuple[NodeProto, ...]:
    first, *followers = layer.nodes
    return (first, *(node for node in followers if any(id(each) in integer for each in graph.readers(node.output[0]))))


def is_depthwise(layer: Layer) -> bool:
    """Whether its convolution works on groups of channels apart."""
    return groups_of(layer.nodes[0]) > 1


def _follow(graph: NetworkGraph, node: NodeProto, owner: dict[str, str], found: dict[str, list[NodeProto]]) -> None:
    flowing = [name for name in node.input if name and name not in graph.constants]
    if flowing and all(name in owner for name in flowing) and not _mixes_constants(graph, node):
        last = max((owner[name] for name in flowing), key=list(found).index)
        found[last].append(node)
        owner[node.output[0]] = last


def _mixes_constants(graph: NetworkGraph, node: NodeProto) -> bool:
    """Whether a sum or product with a constant: the constant would need a grid of its own."""
    return node.op_type in ("Add", "Mul", "Concat") and any(name in graph.constants for name in node.input)


def is_slope(graph: NetworkGraph, node: NodeProto) -> bool:
    """Whether a convolution only multiplies each channel: it writes a slope."""
    if node.op_type != "Conv" or len(node.input) > 2:
        return False
    weights = graph.constant(node.input[1])
    return weights is not None and weights.shape[1:] == (1, 1, 1) and groups_of(node) == weights.shape[0] > 1


def products(graph: NetworkGraph, layer: Layer, places: Mapping[str, int]) -> int:
    """Multiplications of a layer; `places` tells how many places each tensor has in one channel."""
    return sum(int(graph.constants[node.input[1]].size) * places[node.output[0]] for node in layer.convolutions)


def places_of(shape: tuple[int, ...]) -> int:
    """Places of an answer, in one channel."""
    return int(np.prod(shape[2:]))
