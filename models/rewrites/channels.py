"""Layers whose channels are no multiple of four get silent ones, so that the blocked kernels of onnxruntime take them.

A silent channel has the weights 0 and the bias 0; what follows reads it with the weight 0. No answer changes. Pruned networks
(MiniFASNet has layers of 13, 26, 103 channels) gain the most.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from onnx import NodeProto

from models.rewrites.network import Array, NetworkGraph, groups_of, set_attribute

MULTIPLE = 4
ZERO_STAYS_ZERO = ("Relu", "LeakyRelu", "PRelu")


@dataclass(frozen=True, slots=True, eq=False)
class _Stretch:
    """A convolution and what works channel by channel on its answer, up to the convolutions that mix the channels again."""

    channels: int
    first: NodeProto
    own: tuple[NodeProto, ...]
    """Convolutions of each channel alone."""
    slopes: tuple[NodeProto, ...]
    mixers: tuple[NodeProto, ...]


def fill_channels(graph: NetworkGraph) -> int:
    """Widen each such stretch; return how many there were."""
    stretches = [_stretch(graph, node) for node in graph.nodes if node.op_type == "Conv" and groups_of(node) == 1]
    odd = [each for each in stretches if each is not None and each.channels % MULTIPLE and each.channels > MULTIPLE]
    for each in odd:
        _widen(graph, each)
    return len(odd)


def _stretch(graph: NetworkGraph, first: NodeProto) -> _Stretch | None:
    weights = graph.constant(first.input[1])
    if weights is None or weights.ndim != 4:
        return None
    channels, own, slopes, mixers = weights.shape[0], [], [], []
    todo = [first.output[0]]
    while todo:
        tensor = todo.pop()
        if tensor in graph.outputs:
            return None
        for node in graph.readers(tensor):
            kind = _kind(graph, node, channels)
            if kind is None:
                return None
            if kind == "mixer":
                mixers.append(node)
                continue
            todo.append(node.output[0])
            own += [node] if kind == "own" else []
            slopes += [node] if kind == "slopes" else []
    return _Stretch(channels, first, tuple(own), tuple(slopes), tuple(mixers))


def _kind(graph: NetworkGraph, node: NodeProto, channels: int) -> str | None:
    """What a reader does with the channels; None when silent ones could be heard behind it."""
    if node.op_type == "Conv":
        weights = graph.constant(node.input[1])
        if weights is None or any(name and graph.constant(name) is None for name in node.input[2:]):
            return None
        if groups_of(node) == 1:
            return "mixer"
        return "own" if groups_of(node) == channels == weights.shape[0] else None
    if node.op_type not in ZERO_STAYS_ZERO:
        return None
    if node.op_type != "PRelu":
        return "plain"
    slopes = graph.constant(node.input[1])
    if slopes is None or slopes.size not in (1, channels):
        return None
    return "slopes" if slopes.size == channels else "plain"


def _widen(graph: NetworkGraph, stretch: _Stretch) -> None:
    more = -stretch.channels % MULTIPLE
    for node in (stretch.first, *stretch.own):
        for position, name in enumerate(node.input[1:], 1):
            graph.own(node, position, _with_zeros(graph.constants[name], 0, more))
    for node in stretch.own:
        set_attribute(node, "group", stretch.channels + more)
    for node in stretch.slopes:
        slopes = graph.constants[node.input[1]]
        graph.own(node, 1, _with_zeros(slopes, slopes.ndim - 3, more))
    for node in stretch.mixers:
        graph.own(node, 1, _with_zeros(graph.constants[node.input[1]], 1, more))


def _with_zeros(value: Array, axis: int, more: int) -> Array:
    shape = list(value.shape)
    shape[axis] = more
    return np.concatenate([value, np.zeros(shape, value.dtype)], axis)
