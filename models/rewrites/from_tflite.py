"""Writes a TensorFlow Lite network of float numbers as the same network in ONNX: step by step, nothing left out or added.

TensorFlow Lite lays pictures out as (1, rows, columns, channels), onnxruntime wants (1, channels, rows, columns): all tensors of
four lengths are turned once where they come in, and once where they leave or become something else than pictures. A step or a
setting that is not known here refuses the whole file. The numbers of operators, settings and fields are those of
tensorflow/lite/schema/schema.fbs; the padding `SAME` is that of tensorflow/lite/kernels/padding.h.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper

from models.card import ModelCard, TensorContract
from models.contract import input_contract
from models.errors import GraphNotRewrittenError
from models.rewrites.tflite_reader import Array, FileGraph, FileStep, FileTensor, Options, read_tflite

OPSET = 13
IR_VERSION = 8

_TO_CHANNELS_FIRST = (0, 3, 1, 2)
_TO_CHANNELS_LAST = (0, 2, 3, 1)

_ADD, _CONCATENATION, _CONV, _DEPTHWISE, _DEQUANTIZE, _LOGISTIC, _MAX_POOL, _RESHAPE, _PAD, _PRELU = (
    0,
    2,
    3,
    4,
    6,
    14,
    17,
    22,
    34,
    54,
)
_CONV_OPTIONS, _DEPTHWISE_OPTIONS, _POOL_OPTIONS, _CONCATENATION_OPTIONS, _ADD_OPTIONS = 1, 2, 5, 10, 11
_SAME = 0


class _Unknown(ValueError):
    """A step that cannot be written; says which and why."""


class _Writer:
    """The ONNX network that comes into being."""

    def __init__(self, graph: FileGraph) -> None:
        self._graph = graph
        self._maker = {index: step for step in graph.steps for index in step.outputs}
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, Array] = {}

    def tensor(self, index: int) -> FileTensor:
        if index < 0:
            raise _Unknown("it leaves an input out")
        return self._graph.tensors[index]

    def constant(self, index: int) -> Array | None:
        """A constant, also one that is kept in half precision; None for a tensor that is reckoned."""
        value = self.tensor(index).value
        maker = self._maker.get(index)
        if value is None and maker is not None and maker.operator == _DEQUANTIZE:
            half = self.tensor(maker.inputs[0]).value
            return half.astype(np.float32) if half is not None and half.dtype == np.float16 else None
        return value

    def weights(self, step: FileStep, place: int, rank: int) -> Array:
        """An input of a step that must be a constant of float numbers."""
        value = self.constant(step.inputs[place])
        if value is None or value.dtype != np.float32 or value.ndim != rank:
            raise _Unknown(f"its input {place} is no constant of float numbers with {rank} lengths")
        return value

    def entry(self, step: FileStep, place: int = 0) -> str:
        """The name of an input of a step that is reckoned, and is a picture."""
        if len(self.tensor(step.inputs[place]).shape) != 4:
            raise _Unknown("it works on something else than pictures")
        return self.reckoned(step, place)

    def reckoned(self, step: FileStep, place: int = 0) -> str:
        """The name of an input of a step that is reckoned, whatever it is."""
        index = step.inputs[place]
        if self.constant(index) is not None:
            raise _Unknown(f"its input {place} is a constant")
        return name_of(index)

    def write(self, step: FileStep, operator: str, entries: Sequence[str], activation: int = 0, **settings: Any) -> None:
        """Write one step, and the activation that is part of it."""
        if activation not in (0, 1):
            raise _Unknown(f"its activation has the number {activation}")
        out = name_of(step.outputs[0])
        made = f"{out}_before" if activation else out
        self.nodes.append(helper.make_node(operator, entries, [made], **settings))
        if activation:
            self.nodes.append(helper.make_node("Relu", [made], [out]))

    def keep(self, step: FileStep, what: str, value: Array) -> str:
        """Keep a constant of a step; its name."""
        name = f"{name_of(step.outputs[0])}_{what}"
        self.constants[name] = np.ascontiguousarray(value)
        return name


def name_of(index: int) -> str:
    """What a tensor of the file is called in the network that is written: names in the file need not differ."""
    return f"t{index}"


def converted(card: ModelCard, content: bytes) -> tuple[bytes, int]:
    """The file as ONNX, float32, with the input and the outputs of its card, and of how many steps it is made.

    The same bytes for the same file. Raises `GraphNotRewrittenError` for a file that is no whole TensorFlow Lite network, is not
    that of its card, or has a step that is not known here.
    """
    graph = read_tflite(card, content)
    entry = input_contract(card)
    if len(graph.inputs) != 1 or graph.tensors[graph.inputs[0]].name != entry.name:
        raise GraphNotRewrittenError(card, f"it is not the file of its card: {entry.name} is not its only input")
    leaving = {graph.tensors[index].name: index for index in graph.outputs}
    missing = [contract.name for contract in card.outputs if contract.name not in leaving]
    if missing:
        raise GraphNotRewrittenError(card, f"it is not the file of its card: it has no output {missing[0]}")
    writer = _Writer(graph)
    _turn(card, writer, graph.inputs[0], entry.name, name_of(graph.inputs[0]), _TO_CHANNELS_FIRST)
    steps = _needed(graph, [leaving[contract.name] for contract in card.outputs])
    for step in steps:
        _write(card, writer, step)
    for contract in card.outputs:
        index = leaving[contract.name]
        if len(writer.tensor(index).shape) == 4:
            _turn(card, writer, index, name_of(index), contract.name, _TO_CHANNELS_LAST)
        else:
            writer.nodes.append(helper.make_node("Identity", [name_of(index)], [contract.name]))
    shapes = {contract.name: graph.tensors[leaving[contract.name]].shape for contract in card.outputs}
    return _file(card, writer, {entry.name: graph.tensors[graph.inputs[0]].shape, **shapes}), len(steps)


def _turn(card: ModelCard, writer: _Writer, index: int, source: str, made: str, order: Sequence[int]) -> None:
    if len(writer.tensor(index).shape) != 4:
        raise GraphNotRewrittenError(card, f"{source} is no picture: it has not four lengths")
    writer.nodes.append(helper.make_node("Transpose", [source], [made], perm=list(order)))


def _needed(graph: FileGraph, outputs: Sequence[int]) -> list[FileStep]:
    """The steps that lead to these outputs, in their order."""
    wanted, steps = set(outputs), []
    for step in reversed(graph.steps):
        # What makes float numbers of constants in half precision is done here, once.
        if wanted.intersection(step.outputs) and step.operator != _DEQUANTIZE:
            wanted.update(step.inputs)
            steps.append(step)
    return steps[::-1]


def _write(card: ModelCard, writer: _Writer, step: FileStep) -> None:
    known = _KNOWN.get(step.operator)
    if known is None:
        raise GraphNotRewrittenError(card, f"it has a step that is not known here, operator {step.operator} of TensorFlow Lite")
    name, write = known
    try:
        write(writer, step)
    except (ValueError, IndexError) as error:
        raise GraphNotRewrittenError(card, f"its step {name} is not understood: {error}") from error


def _convolution(writer: _Writer, step: FileStep) -> None:
    options = _options(step, _CONV_OPTIONS)
    kernel = writer.weights(step, 1, 4)
    dilations = [options.whole(5, 1), options.whole(4, 1)]
    settings = _window(writer, step, options, kernel.shape[1:3], dilations)
    entries = [writer.entry(step), writer.keep(step, "weights", kernel.transpose(0, 3, 1, 2)), *_bias(writer, step)]
    writer.write(step, "Conv", entries, options.byte(3), dilations=dilations, **settings)


def _depthwise(writer: _Writer, step: FileStep) -> None:
    options = _options(step, _DEPTHWISE_OPTIONS)
    kernel = writer.weights(step, 1, 4)
    groups = writer.tensor(step.inputs[0]).shape[3]
    dilations = [options.whole(6, 1), options.whole(5, 1)]
    settings = _window(writer, step, options, kernel.shape[1:3], dilations)
    entries = [writer.entry(step), writer.keep(step, "weights", kernel.transpose(3, 0, 1, 2)), *_bias(writer, step)]
    writer.write(step, "Conv", entries, options.byte(4), dilations=dilations, group=groups, **settings)


def _bias(writer: _Writer, step: FileStep) -> list[str]:
    given = len(step.inputs) > 2 and step.inputs[2] >= 0
    return [writer.keep(step, "bias", writer.weights(step, 2, 1))] if given else []


def _max_pool(writer: _Writer, step: FileStep) -> None:
    options = _options(step, _POOL_OPTIONS)
    settings = _window(writer, step, options, (options.whole(4), options.whole(3)), (1, 1))
    writer.write(step, "MaxPool", [writer.entry(step)], options.byte(5), **settings)


def _add(writer: _Writer, step: FileStep) -> None:
    if writer.tensor(step.inputs[0]).shape != writer.tensor(step.inputs[1]).shape:
        raise _Unknown("it adds tensors of two shapes")
    activation = _options(step, _ADD_OPTIONS).byte(0) if step.options is not None else 0
    writer.write(step, "Add", [writer.entry(step, 0), writer.entry(step, 1)], activation)


def _prelu(writer: _Writer, step: FileStep) -> None:
    slopes = writer.weights(step, 1, 3)
    if slopes.shape[:2] != (1, 1):
        raise _Unknown("its slopes are not one for each channel")
    writer.write(step, "PRelu", [writer.entry(step), writer.keep(step, "slopes", slopes.transpose(2, 0, 1))])


def _pad(writer: _Writer, step: FileStep) -> None:
    pads = writer.constant(step.inputs[1])
    if pads is None or pads.shape != (4, 2) or pads.dtype.kind != "i":
        raise _Unknown("how much it adds is no constant of four pairs")
    turned = pads[list(_TO_CHANNELS_FIRST)].T.reshape(-1).astype(np.int64)
    writer.write(step, "Pad", [writer.entry(step), writer.keep(step, "pads", turned)])


def _logistic(writer: _Writer, step: FileStep) -> None:
    writer.write(step, "Sigmoid", [writer.reckoned(step)])


def _reshape(writer: _Writer, step: FileStep) -> None:
    """What is made is no picture; a picture is turned first, so that its numbers lie in the order of the file."""
    shape, given = writer.tensor(step.outputs[0]).shape, writer.tensor(step.inputs[0]).shape
    if len(shape) == 4 or math.prod(shape) != math.prod(given):
        raise _Unknown(f"it makes {list(shape)} of {list(given)}")
    entry = writer.reckoned(step)
    if len(given) == 4:
        turned = f"{name_of(step.outputs[0])}_turned"
        writer.nodes.append(helper.make_node("Transpose", [entry], [turned], perm=list(_TO_CHANNELS_LAST)))
        entry = turned
    writer.write(step, "Reshape", [entry, writer.keep(step, "shape", np.array(shape, np.int64))])


def _concatenation(writer: _Writer, step: FileStep) -> None:
    options, rank = _options(step, _CONCATENATION_OPTIONS), len(writer.tensor(step.outputs[0]).shape)
    axis = options.whole(0) % rank if rank else 0
    if rank == 4 or any(len(writer.tensor(index).shape) != rank for index in step.inputs):
        raise _Unknown("it joins pictures, or what has unlike lengths")
    writer.write(step, "Concat", [writer.reckoned(step, place) for place in range(len(step.inputs))], options.byte(1), axis=axis)


_KNOWN: Mapping[int, tuple[str, Callable[[_Writer, FileStep], None]]] = {
    _ADD: ("ADD", _add),
    _CONCATENATION: ("CONCATENATION", _concatenation),
    _CONV: ("CONV_2D", _convolution),
    _DEPTHWISE: ("DEPTHWISE_CONV_2D", _depthwise),
    _LOGISTIC: ("LOGISTIC", _logistic),
    _MAX_POOL: ("MAX_POOL_2D", _max_pool),
    _PAD: ("PAD", _pad),
    _PRELU: ("PRELU", _prelu),
    _RESHAPE: ("RESHAPE", _reshape),
}


def _options(step: FileStep, kind: int) -> Options:
    if step.options is None or step.options.kind != kind:
        raise _Unknown("its settings are missing or those of another step")
    return step.options


def _window(
    writer: _Writer, step: FileStep, options: Options, kernel: Sequence[int], dilations: Sequence[int]
) -> dict[str, list[int]]:
    """Strides, kernel and padding of a step that looks through a window; its first three settings are always these."""
    strides, lengths = [options.whole(2), options.whole(1)], writer.tensor(step.inputs[0]).shape[1:3]
    if min(*strides, *kernel, *dilations) < 1 or len(lengths) != 2:
        raise _Unknown("its window has a length below 1")
    missing = [0, 0]
    if options.byte(0) == _SAME:
        parts = zip(lengths, kernel, strides, dilations, strict=True)
        missing = [max((-(-length // by) - 1) * by + (size - 1) * apart + 1 - length, 0) for length, size, by, apart in parts]
    before = [each // 2 for each in missing]
    pads = [*before, *(whole - half for whole, half in zip(missing, before, strict=True))]
    return {"kernel_shape": [int(each) for each in kernel], "strides": strides, "pads": pads}


def _file(card: ModelCard, writer: _Writer, shapes: Mapping[str, Sequence[int]]) -> bytes:
    contracts: tuple[TensorContract, ...] = (input_contract(card), *card.outputs)
    declared = [helper.make_tensor_value_info(each.name, TensorProto.FLOAT, list(shapes[each.name])) for each in contracts]
    constants = [numpy_helper.from_array(value, name) for name, value in writer.constants.items()]
    graph = helper.make_graph(writer.nodes, "network", declared[:1], declared[1:], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    return bytes(model.SerializeToString(deterministic=True))
