"""Writes the quantized file: each tensor that flows between integer layers passes through its grid (QuantizeLinear and back).

A runtime that knows integers joins a layer and the pairs around it into one integer layer; any other reckons it all in floats.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, helper

from models.int8.grid import Grid, GridWeights
from models.int8.layers import Layer
from models.int8.recipe import Activations
from models.rewrites.network import NetworkGraph

_TYPES = {Activations.U8: np.uint8, Activations.S8: np.int8}


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Which layers work on integers, and on which."""

    layers: Sequence[Layer]
    grids: Mapping[str, Grid]
    """By the tensor that flows."""
    weights: Mapping[str, GridWeights]
    """By the tensor that a convolution makes."""
    biases: Mapping[str, NDArray[np.float64]]
    """By the tensor that a convolution makes, in floats."""


def gridded_tensors(graph: NetworkGraph, layers: Sequence[Layer]) -> list[str]:
    """The tensors that pass through integers when these layers do, in their order."""
    nodes = [node for layer in layers for node in layer.nodes]
    read = (name for node in nodes for name in node.input if name and name not in graph.constants)
    made = (name for node in nodes for name in node.output)
    return [name for name in dict.fromkeys((*read, *made)) if not _is_joined(graph, name)]


def _is_joined(graph: NetworkGraph, name: str) -> bool:
    """Whether a Relu follows that becomes part of the layer: its 0 is the lowest integer."""
    maker, reader = graph.maker(name), graph.only_reader(name)
    return maker is not None and maker.op_type in ("Conv", "Add") and reader is not None and reader.op_type == "Relu"


def gridded(graph: NetworkGraph, name: str) -> str:
    """What a tensor is called behind its grid: one that leaves the network keeps its name."""
    return name if name in graph.outputs else f"{name}_gridded"


def written(graph: NetworkGraph, plan: Plan) -> bytes:
    """The quantized file; the graph stays as it is."""
    made = copy.deepcopy(graph)
    through = set(gridded_tensors(graph, plan.layers))
    integer = {node.output[0] for layer in plan.layers for node in layer.convolutions}
    out = [node for name in made.inputs if name in through for node in _pair(made, name, name, plan)]
    for node in made.nodes:
        entry = node.input[0]
        for position, name in enumerate(node.input):
            if name in through:
                node.input[position] = gridded(made, name)
        if node.output[0] in integer:
            out += _weights(made, node, plan.grids[entry], plan)
        name = node.output[0]
        if name in through and name in made.outputs:
            node.output[0] = f"{name}_raw"
        out.append(node)
        if name in through:
            out += _pair(made, name, node.output[0], plan)
    made.nodes = out
    return made.content()


def _pair(graph: NetworkGraph, name: str, entry: str, plan: Plan) -> list[NodeProto]:
    grid, out = plan.grids[name], gridded(graph, name)
    scale = graph.add(f"{name}_scale", np.array(grid.scale, np.float32))
    zero = graph.add(f"{name}_zero", np.array(grid.zero, _TYPES[grid.kind]))
    return [
        helper.make_node("QuantizeLinear", [entry, scale, zero], [f"{name}_integers"]),
        helper.make_node("DequantizeLinear", [f"{name}_integers", scale, zero], [out]),
    ]


def _weights(graph: NetworkGraph, node: NodeProto, entry: Grid, plan: Plan) -> list[NodeProto]:
    layer = node.output[0]
    weights, name = plan.weights[layer], f"{layer}_weights"
    steps = weights.scales * np.float32(entry.scale)
    bias = np.clip(np.rint(plan.biases[layer] / steps), -(2**31) + 1, 2**31 - 1).astype(np.int32)
    values = [
        graph.add(f"{name}_integers", weights.integers),
        graph.add(f"{name}_scales", weights.scales),
        graph.add(f"{name}_zeros", np.zeros(len(weights.scales), np.int8)),
    ]
    offsets = [graph.add(f"{name}_bias", bias), graph.add(f"{name}_bias_scales", steps)]
    del node.input[1:]
    node.input.extend([name, f"{name}_offsets"])
    return [
        helper.make_node("DequantizeLinear", values, [name], axis=0),
        helper.make_node("DequantizeLinear", offsets, [f"{name}_offsets"], axis=0),
    ]
