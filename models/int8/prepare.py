"""The graph in the form that integers suit: slopes whole, averages over the whole picture by their name, norms folded."""

from __future__ import annotations

import onnx
from onnx import helper

from models.card import ModelCard
from models.contract import input_contract
from models.rewrites.channels import fill_channels
from models.rewrites.network import NetworkGraph, attribute
from models.rewrites.norm import fold_norms
from models.rewrites.slopes import recognise_slopes
from models.rewrites.tidy import fold, name_constants, upgraded


def prepared(card: ModelCard, content: bytes) -> NetworkGraph:
    """The graph, each slope a PRelu; raises `GraphNotRewrittenError`."""
    graph = upgraded(card, content)
    lengths = [length if isinstance(length, int) else 0 for length in input_contract(card).shape]
    name_constants(graph)
    graph.fix_input(lengths)
    recognise_slopes(graph)
    fold(graph, lengths[0] or None)
    fold_norms(graph)
    fill_channels(graph)
    _name_global_averages(graph)
    return graph


def _name_global_averages(graph: NetworkGraph) -> None:
    """An average over a window as large as the picture is one over the picture, which integers know."""
    known = onnx.shape_inference.infer_shapes(onnx.load_model_from_string(graph.content())).graph
    shapes = {each.name: [length.dim_value for length in each.type.tensor_type.shape.dim] for each in known.value_info}
    for node in [each for each in graph.nodes if each.op_type == "AveragePool"]:
        shape = shapes.get(node.input[0], [])
        window, pads = list(attribute(node, "kernel_shape", [])), list(attribute(node, "pads", [0]))
        if window and window == shape[2:] and not any(pads):
            graph.replace([node], [helper.make_node("GlobalAveragePool", [node.input[0]], [node.output[0]])])
