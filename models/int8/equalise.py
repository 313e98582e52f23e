"""Weights evened out between neighbouring layers, so that one scale suits all channels of what flows between them.

Cross-layer equalisation (Nagel et al., Data-Free Quantization Through Weight Equalization and Bias Correction, ICCV 2019): a
channel made smaller in one layer and its weights made larger in the next change no answer, since a slope commutes with any
factor above 0. Here the factor evens out what the channels were seen to hold, not the weights alone: weights have a scale for
each channel anyhow, what flows has one for all.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from models.rewrites.network import NetworkGraph, groups_of

HOMOGENEOUS = ("Relu", "LeakyRelu", "PRelu")
MOST = 8.0
"""No channel is scaled by more: the weights of the next layer would then be what is coarse."""


def equalise(graph: NetworkGraph, spreads: Mapping[str, NDArray[np.float64]]) -> int:
    """Even out all pairs of layers; `spreads` tells the largest number of each channel of each convolution's answer.

    Returns how many pairs there were.
    """
    pairs = [(first, second) for first in graph.nodes if (second := _next(graph, first)) is not None]
    for first, second in pairs:
        _even_out(graph, first, second, spreads[str(first.output[0])])
    return len(pairs)


def _next(graph: NetworkGraph, first: NodeProto) -> NodeProto | None:
    """The convolution that alone reads what this one makes, with at most a slope in between."""
    if first.op_type != "Conv" or graph.constant(first.input[1]) is None:
        return None
    reader = graph.only_reader(first.output[0])
    if reader is not None and reader.op_type in HOMOGENEOUS:
        reader = graph.only_reader(reader.output[0])
    if reader is None or reader.op_type != "Conv" or graph.constant(reader.input[1]) is None:
        return None
    channels, groups = graph.constants[first.input[1]].shape[0], groups_of(reader)
    return reader if groups in (1, channels) else None


def _even_out(graph: NetworkGraph, first: NodeProto, second: NodeProto, spread: NDArray[np.float64]) -> None:
    weights, after = _floats(graph, first.input[1]), _floats(graph, second.input[1])
    if spread.size != weights.shape[0]:
        return
    factors = _factors(graph, second, spread)
    graph.own(first, 1, (weights * factors.reshape(-1, *[1] * (weights.ndim - 1))).astype(np.float32))
    if len(first.input) > 2:
        graph.own(first, 2, (_floats(graph, first.input[2]) * factors).astype(np.float32))
    along = factors.reshape(-1, 1, 1, 1) if groups_of(second) > 1 else factors.reshape(1, -1, 1, 1)
    graph.own(second, 1, (after / along).astype(np.float32))


def _factors(graph: NetworkGraph, second: NodeProto, spread: NDArray[np.float64]) -> NDArray[np.float64]:
    """By what each channel is multiplied. The next layer of each channel alone has its own scales, so it may take all."""
    held = np.maximum(spread, spread.max() * 1e-6)
    if groups_of(second) > 1:
        factors = held.max() / held
    else:
        after = np.abs(graph.constants[second.input[1]]).max(axis=(0, 2, 3)).astype(np.float64)
        after = np.maximum(after, max(after.max() * 1e-6, 1e-12))
        factors = np.sqrt(held.max() / held * after / after.max())
    return np.asarray(np.clip(factors, 1 / MOST, MOST))


def _floats(graph: NetworkGraph, name: str) -> NDArray[np.float64]:
    return np.asarray(graph.constants[name], np.float64)
