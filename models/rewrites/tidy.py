"""Newer operators, constants by name, lengths that the card fixes, and nodes that nobody reads."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import NodeProto, numpy_helper
from onnx.reference import ReferenceEvaluator
from onnx.version_converter import ConvertError, convert_version

from models.card import ModelCard
from models.errors import GraphNotRewrittenError
from models.rewrites.network import BROKEN, Array, NetworkGraph, attribute, read_graph

OPSET = 13
"""The first whose quantization knows a scale for each channel; what is older is brought up to it, what is newer stays."""

FOLDED = ("Cast", "Concat", "Gather", "Identity", "Mul", "Add", "Div", "Sub", "Reshape", "Slice", "Squeeze", "Unsqueeze")
"""What is reckoned beforehand when all that it reads is known: the arithmetic of shapes, and of constants."""

MOST_FOLDED = 4096
"""No constant grows beyond this by folding: a file that is larger is slower to load."""


def upgraded(card: ModelCard, content: bytes) -> NetworkGraph:
    """The graph of a file, with operators of opset 13 or later; raises `GraphNotRewrittenError`."""
    graph = read_graph(card, content)
    if graph.opset >= OPSET:
        return graph
    try:
        newer = convert_version(onnx.load_model_from_string(content), OPSET).SerializeToString(deterministic=True)
    except (*BROKEN, ConvertError) as error:
        raise GraphNotRewrittenError(card, f"its operators cannot be brought to opset {OPSET}: {error}") from error
    return read_graph(card, newer)


def name_constants(graph: NetworkGraph) -> None:
    """Constants that are nodes become constants by name."""
    for node in [each for each in graph.nodes if each.op_type == "Constant"]:
        value = attribute(node, "value", None)
        if isinstance(value, onnx.TensorProto):
            graph.constants[node.output[0]] = numpy_helper.to_array(value)
            graph.replace([node], [])


def fold(graph: NetworkGraph, batch: int | None) -> int:
    """Reckon beforehand what never changes; return how many nodes that saves. `batch` is the input's first length, if fixed."""
    before = len(graph.nodes)
    for node in list(graph.nodes):
        if batch is not None and _asks_for_batch(graph, node):
            graph.constants[node.output[0]] = np.full(np.shape(graph.constants[node.input[1]]), batch, np.int64)
            graph.replace([node], [])
        elif node.op_type in FOLDED and all(name in graph.constants for name in node.input if name):
            _reckon(graph, node)
    drop_unread(graph)
    return before - len(graph.nodes)


def _asks_for_batch(graph: NetworkGraph, node: NodeProto) -> bool:
    """Whether a node reads the first length of a shape. A picture in is a picture out: no layer of ours mixes them."""
    if node.op_type != "Gather" or node.input[1] not in graph.constants or np.any(graph.constants[node.input[1]] != 0):
        return False
    shape = graph.maker(node.input[0])
    if shape is None or shape.op_type != "Shape" or attribute(shape, "start", 0) != 0:
        return False
    of = graph.maker(shape.input[0])
    return of is not None and of.op_type in ("Conv", "Relu", "Add", "MaxPool", "Resize")


def _reckon(graph: NetworkGraph, node: NodeProto) -> None:
    known = {name: graph.constants[name] for name in node.input if name}
    made = [onnx.ValueInfoProto(name=name) for name in node.output]
    alone = onnx.helper.make_graph([node], "alone", [_declared(name, each) for name, each in known.items()], made)
    model = onnx.helper.make_model(alone, opset_imports=[onnx.helper.make_opsetid("", graph.opset)])
    found = ReferenceEvaluator(model).run(None, known)
    if isinstance(found, list) and all(isinstance(each, np.ndarray) and each.size <= MOST_FOLDED for each in found):
        graph.constants.update(zip(node.output, found, strict=True))
        graph.replace([node], [])


def _declared(name: str, value: Array) -> onnx.ValueInfoProto:
    return onnx.helper.make_tensor_value_info(name, onnx.helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)


def drop_unread(graph: NetworkGraph) -> None:
    """Take out nodes that nobody reads, and those that only they read."""
    needed = set(graph.outputs)
    kept = []
    for node in reversed(graph.nodes):
        if needed & set(node.output):
            kept.append(node)
            needed |= set(node.input)
    graph.nodes = kept[::-1]
