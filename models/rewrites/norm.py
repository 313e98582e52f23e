"""Batch normalization, into the layer before it: what it does is a factor and a summand for each channel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, helper

from models.rewrites.network import NetworkGraph, attribute

Floats = NDArray[np.float32]


def fold_norms(graph: NetworkGraph) -> int:
    """Fold each that follows a convolution or a product alone; return how many were."""
    return sum(_fold(graph, node) for node in list(graph.nodes) if node.op_type == "BatchNormalization")


def _fold(graph: NetworkGraph, norm: NodeProto) -> bool:
    before = graph.maker(norm.input[0])
    parts = [graph.constant(name) for name in norm.input[1:5]]
    if before is None or graph.only_reader(norm.input[0]) is not norm or any(part is None for part in parts):
        return False
    weights = graph.constant(before.input[1]) if len(before.input) > 1 else None
    if before.op_type not in ("Conv", "MatMul") or weights is None or attribute(norm, "training_mode", 0):
        return False
    if before.op_type == "MatMul" and (weights.ndim != 2 or graph.rank(norm.input[0]) != 2):
        return False
    factor, summand = _factors(norm, [np.asarray(part, dtype=np.float64) for part in parts])
    if before.op_type == "Conv":
        _into_convolution(graph, before, norm, np.asarray(weights, np.float64), factor, summand)
    else:
        _into_product(graph, before, norm, np.asarray(weights, np.float64), factor, summand)
    return True


def _factors(norm: NodeProto, parts: list[NDArray[np.float64]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    scale, shift, mean, variance = parts
    factor = scale / np.sqrt(variance + float(attribute(norm, "epsilon", 1e-5)))
    return factor, shift - mean * factor


def _into_convolution(
    graph: NetworkGraph,
    before: NodeProto,
    norm: NodeProto,
    weights: NDArray[np.float64],
    factor: NDArray[np.float64],
    summand: NDArray[np.float64],
) -> None:
    bias = graph.constant(before.input[2]) if len(before.input) > 2 else None
    old = np.zeros(len(factor)) if bias is None else np.asarray(bias, np.float64)
    graph.own(before, 1, (weights * factor.reshape(-1, *[1] * (weights.ndim - 1))).astype(np.float32))
    graph.own(before, 2, (old * factor + summand).astype(np.float32))
    before.output[0] = norm.output[0]
    graph.replace([norm], [])


def _into_product(
    graph: NetworkGraph,
    before: NodeProto,
    norm: NodeProto,
    weights: NDArray[np.float64],
    factor: NDArray[np.float64],
    summand: NDArray[np.float64],
) -> None:
    graph.own(before, 1, (weights * factor).astype(np.float32))
    added = graph.add(f"{norm.output[0]}_shift", summand.astype(np.float32))
    graph.replace([norm], [helper.make_node("Add", [before.output[0], added], [norm.output[0]])])
