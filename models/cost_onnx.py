"""Counts the work of an ONNX graph from its shapes, which onnx infers for one input."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import onnx

from models.card import ModelCard
from models.cost import NetworkCost
from models.cost_shapes import inferred_graph, known_shape
from models.errors import CostUnknownError

Shape = tuple[int, ...]

_RENAME = {"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Dropout", "Constant", "Shape"}
"""They give a tensor another name or shape, or read its shape alone: no number is moved."""
_QUANTIZE, _DEQUANTIZE = "QuantizeLinear", "DequantizeLinear"
_CONTROL = {"If", "Loop", "Scan"}
"""How often their bodies run is not written in the file."""

_BITS = {"UINT4": 4, "INT4": 4}


@dataclass(frozen=True, slots=True)
class _Tensor:
    """Shape and width of one tensor."""

    shape: Shape
    bits: int

    @property
    def size_bytes(self) -> int:
        return math.ceil(math.prod(self.shape) * self.bits / 8)


def onnx_cost(card: ModelCard, content: bytes, shape: Shape) -> NetworkCost:
    """Count an ONNX file; raises as `cost.cost_of` does."""
    graph = inferred_graph(card, content, shape)
    tensors = _tensors(graph)
    constants = _constants(graph)
    nodes = [node for node in graph.node if not set(filter(None, node.output)) <= constants]
    work = _Work(card, tensors, constants, nodes)
    return NetworkCost(sum(map(work.macs, nodes)), _weight_bytes(content), sum(map(work.moved_bytes, nodes)))


@dataclass(frozen=True, slots=True)
class _Work:
    """What the steps of one graph do."""

    card: ModelCard
    tensors: Mapping[str, _Tensor]
    constants: frozenset[str]
    nodes: Sequence[Any]

    def macs(self, node: Any) -> int:
        """Products of one step."""
        count = _COUNTS.get(node.op_type)
        if node.op_type in _CONTROL or node.domain not in ("", "ai.onnx"):
            raise CostUnknownError(self.card, f"its step {node.op_type} cannot be counted")
        return 0 if count is None else count(self, node)

    def moved_bytes(self, node: Any) -> int:
        """Bytes of activations that one step reads and writes."""
        if node.op_type in _RENAME or node.op_type in (_QUANTIZE, _DEQUANTIZE):
            return 0
        read = [name for name in node.input if name and name not in self.constants]
        return sum(self._stored_bytes(name) for name in [*read, *filter(None, node.output)])

    def shape(self, name: str) -> Shape:
        """The shape of a tensor."""
        return self._tensor(name).shape

    def _tensor(self, name: str) -> _Tensor:
        if name not in self.tensors:
            raise CostUnknownError(self.card, f"the shape of its tensor {name} is not known for this input")
        return self.tensors[name]

    def _stored_bytes(self, name: str) -> int:
        """Bytes of a tensor as it lies in memory: a quantized one is read and written as whole numbers."""
        return self._tensor(self._as_stored(name)).size_bytes

    def _as_stored(self, name: str) -> str:
        maker = next((node for node in self.nodes if name in node.output), None)
        if maker is not None and maker.op_type == _DEQUANTIZE:
            return str(maker.input[0])
        readers = [node for node in self.nodes if name in node.input]
        quantized = readers and all(node.op_type == _QUANTIZE for node in readers)
        return str(readers[0].output[0]) if quantized else name


def _conv(work: _Work, node: Any) -> int:
    """Every number of the output is a sum over the kernel and the channels of its group."""
    kernel = work.shape(node.input[3 if node.op_type == "QLinearConv" else 1])
    return math.prod(work.shape(node.output[0])) * math.prod(kernel[1:])


def _conv_transpose(work: _Work, node: Any) -> int:
    """Every number of the input goes to the kernel and the output channels of its group."""
    return math.prod(work.shape(node.input[0])) * math.prod(work.shape(node.input[1])[1:])


def _gemm(work: _Work, node: Any) -> int:
    turned = any(each.name == "transA" and each.i for each in node.attribute)
    return math.prod(work.shape(node.output[0])) * work.shape(node.input[0])[0 if turned else 1]


def _matmul(work: _Work, node: Any) -> int:
    return math.prod(work.shape(node.output[0])) * work.shape(node.input[0])[-1]


_COUNTS = {
    "Conv": _conv,
    "ConvInteger": _conv,
    "QLinearConv": _conv,
    "ConvTranspose": _conv_transpose,
    "Gemm": _gemm,
    "MatMul": _matmul,
    "MatMulInteger": _matmul,
    "QLinearMatMul": _matmul,
}


def _weight_bytes(content: bytes) -> int:
    """Bytes of the constants as the file has them, before any shape was reckoned."""
    graph = onnx.load_model_from_string(content).graph
    stored = [_Tensor(tuple(each.dims), _bits(each.data_type)) for each in graph.initializer]
    stored += [tensor for node in graph.node if node.op_type == "Constant" for _, tensor in _constant(node)]
    return sum(tensor.size_bytes for tensor in stored)


def _tensors(graph: Any) -> dict[str, _Tensor]:
    found = {each.name: _Tensor(tuple(each.dims), _bits(each.data_type)) for each in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant":
            found.update(_constant(node))
    for each in (*graph.input, *graph.value_info, *graph.output):
        if (shape := known_shape(each)) is not None:
            found[each.name] = _Tensor(shape, _bits(each.type.tensor_type.elem_type))
    return found


def _constant(node: Any) -> Iterator[tuple[str, _Tensor]]:
    for attribute in node.attribute:
        if attribute.name == "value":
            yield node.output[0], _Tensor(tuple(attribute.t.dims), _bits(attribute.t.data_type))


def _constants(graph: Any) -> frozenset[str]:
    """Names of all tensors that no input can change: stored ones, and what follows from them alone."""
    known = set(_stored_constants(graph))
    for node in graph.node:
        if node.op_type == "Shape" or set(filter(None, node.input)) <= known:
            known.update(node.output)
    return frozenset(known)


def _stored_constants(graph: Any) -> list[str]:
    made = [name for node in graph.node if node.op_type == "Constant" for name, _ in _constant(node)]
    return [*(each.name for each in graph.initializer), *made]


def _bits(kind: int) -> int:
    name = onnx.TensorProto.DataType.Name(kind)
    return _BITS.get(name) or onnx.helper.tensor_dtype_to_np_dtype(kind).itemsize * 8
