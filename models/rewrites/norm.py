"""Batch normalization, into the layer before it: what it does is a factor and a summand for each channel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, helper

from models.rewrites.network import NetworkGraph, attribute

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Effect:
    """What a normalization does to each channel."""

    factor: Floats
    summand: Floats


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
    if any(name and graph.constant(name) is None for name in before.input[2:]):
        return False
    if before.op_type == "MatMul" and (weights.ndim != 2 or graph.rank(norm.input[0]) != 2):
        return False
    into = _into_convolution if before.op_type == "Conv" else _into_product
    into(graph, before, norm, _effect(norm, [np.asarray(part, dtype=np.float64) for part in parts]))
    return True


def _effect(norm: NodeProto, parts: list[Floats]) -> _Effect:
    scale, shift, mean, variance = parts
    factor = scale / np.sqrt(variance + float(attribute(norm, "epsilon", 1e-5)))
    return _Effect(factor, shift - mean * factor)


def _into_convolution(graph: NetworkGraph, before: NodeProto, norm: NodeProto, effect: _Effect) -> None:
    weights = np.asarray(graph.constants[before.input[1]], np.float64)
    bias = graph.constant(before.input[2]) if len(before.input) > 2 else None
    old = np.zeros(len(effect.factor)) if bias is None else np.asarray(bias, np.float64)
    graph.own(before, 1, (weights * effect.factor.reshape(-1, *[1] * (weights.ndim - 1))).astype(np.float32))
    graph.own(before, 2, (old * effect.factor + effect.summand).astype(np.float32))
    before.output[0] = norm.output[0]
    graph.replace([norm], [])


def _into_product(graph: NetworkGraph, before: NodeProto, norm: NodeProto, effect: _Effect) -> None:
    weights = np.asarray(graph.constants[before.input[1]], np.float64)
    graph.own(before, 1, (weights * effect.factor).astype(np.float32))
    added = graph.add(f"{norm.output[0]}_shift", effect.summand.astype(np.float32))
    graph.replace([norm], [helper.make_node("Add", [before.output[0], added], [norm.output[0]])])
