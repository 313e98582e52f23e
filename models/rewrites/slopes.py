"""PReLU: found however it is written, and written in the form that runs fastest.

onnxruntime has a slow kernel for PRelu, and neither that nor max(x, a x) can stay between two blocked convolutions, so each costs
two reorderings of the whole tensor. What stays inside is LeakyRelu, which a convolution takes with it, and x + relu((a - 1) x)
with the factor as a convolution of each channel alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, helper

from models.rewrites.network import NetworkGraph

Slopes = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class _Slope:
    """One PReLU of a network."""

    nodes: tuple[NodeProto, ...]
    entry: str
    slopes: Slopes
    """As in the file: one number, or (channels, 1, 1)."""


def recognise_slopes(graph: NetworkGraph) -> int:
    """Write max(x, a x) with a <= 1, and x + (a - 1) min(x, 0), as the PRelu that they are; return how many there were."""
    found = 0
    for node in list(graph.nodes):
        slope = _spelled_out(graph, node)
        if slope is not None:
            found += 1
            name = graph.add(f"{node.output[0]}_slopes", slope.slopes)
            graph.replace(slope.nodes, [helper.make_node("PRelu", [slope.entry, name], [node.output[0]])])
    return found


def _spelled_out(graph: NetworkGraph, last: NodeProto) -> _Slope | None:
    if last.op_type not in ("Max", "Add") or len(last.input) != 2:
        return None
    entry, other = last.input
    product = graph.maker(other)
    if product is None or product.op_type != "Mul" or graph.only_reader(other) is not last:
        return None
    factors = graph.constant(product.input[1])
    if factors is None or factors.dtype != np.float32 or not _is_per_channel(factors):
        return None
    slopes = np.asarray(factors, dtype=np.float32)
    if last.op_type == "Max":
        return _Slope((product, last), entry, slopes) if product.input[0] == entry and slopes.max() <= 1 else None
    least = graph.maker(product.input[0])
    if least is None or least.op_type != "Min" or least.input[0] != entry or graph.only_reader(least.output[0]) is not product:
        return None
    zero = graph.constant(least.input[1])
    return _Slope((least, product, last), entry, slopes + np.float32(1)) if zero is not None and not np.any(zero) else None


def _is_per_channel(factors: NDArray[np.generic]) -> bool:
    return factors.size == 1 or (factors.ndim >= 3 and factors.shape[-2:] == (1, 1) and factors.size == factors.shape[-3])


def write_slopes(graph: NetworkGraph) -> int:
    """Write each PRelu that follows a convolution of pictures, or a sum with one, in its fastest form; return how many were."""
    written = 0
    for node in [each for each in graph.nodes if each.op_type == "PRelu"]:
        slopes = graph.constant(node.input[1])
        if slopes is None or not _is_per_channel(slopes):
            continue
        flat = np.asarray(slopes, dtype=np.float32).reshape(-1)
        if np.all(flat == flat[0]):
            graph.replace([node], [helper.make_node("LeakyRelu", [node.input[0]], [node.output[0]], alpha=float(flat[0]))])
        elif graph.channels_before(node.input[0]) == flat.size:
            graph.replace([node], _written(graph, node, flat))
        else:
            continue
        written += 1
    return written


def _written(graph: NetworkGraph, node: NodeProto, slopes: Slopes) -> list[NodeProto]:
    """x + relu((a - 1) x); where a is above 1 the factor has the other sign, and its part is taken away again."""
    entry, out = node.input[0], node.output[0]
    part, nodes = _scaled(graph, entry, -np.abs(slopes - 1), f"{out}_below")
    nodes.append(helper.make_node("Relu", [part], [f"{out}_part"]))
    part = f"{out}_part"
    if slopes.max() > 1:
        part, signs = _scaled(graph, part, np.where(slopes > 1, -1, 1), f"{out}_signed")
        nodes += signs
    return [*nodes, helper.make_node("Add", [entry, part], [out])]


def _scaled(graph: NetworkGraph, entry: str, factors: NDArray[np.generic], out: str) -> tuple[str, list[NodeProto]]:
    weights = graph.add(f"{out}_factors", np.asarray(factors, dtype=np.float32).reshape(-1, 1, 1, 1))
    return out, [helper.make_node("Conv", [entry, weights], [out], group=factors.size, kernel_shape=[1, 1])]
