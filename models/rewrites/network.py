"""An ONNX file as constants and nodes that can be changed. It decides nothing; the rewrites beside it do.

Reading trusts nothing: a file that is cut, foreign or of another model is refused with its card's name. The same changes of the
same file give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError, EncodeError
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from models.card import ModelCard
from models.contract import check_declared, input_contract
from models.errors import GraphNotRewrittenError, NetworkContractError, NetworkNotLoadedError, first_line

Array = NDArray[np.generic]

STANDARD_DOMAINS = ("", "ai.onnx")
KEEPS_CHANNELS = ("Add", "MaxPool", "Relu", "PRelu", "LeakyRelu")
BROKEN = (ValueError, TypeError, KeyError, IndexError, RuntimeError, DecodeError, EncodeError)
"""What onnx raises when a file is not what it says: it has no error of its own for most of it."""


class NetworkGraph:
    """The one graph of a file: its nodes in order, and its constants by name."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._model = model
        self.nodes: list[NodeProto] = list(model.graph.node)
        self.constants: dict[str, Array] = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
        self.outputs = [each.name for each in model.graph.output]
        self.inputs = [each.name for each in model.graph.input if each.name not in self.constants]
        self._ranks = _ranks(model)

    @property
    def opset(self) -> int:
        """The version of the standard operators."""
        return next(int(each.version) for each in self._model.opset_import if each.domain in STANDARD_DOMAINS)

    def rank(self, tensor: str) -> int | None:
        """How many lengths a tensor of the file as it was read has; None when that is not known."""
        return self._ranks.get(tensor)

    def maker(self, tensor: str) -> NodeProto | None:
        """The node that makes a tensor; None for an input or a constant."""
        return next((node for node in self.nodes if tensor in node.output), None)

    def readers(self, tensor: str) -> list[NodeProto]:
        """The nodes that read a tensor."""
        return [node for node in self.nodes if tensor in node.input]

    def only_reader(self, tensor: str) -> NodeProto | None:
        """The one node that reads a tensor; None when there are others, or when it leaves the network."""
        readers = self.readers(tensor)
        return readers[0] if len(readers) == 1 and tensor not in self.outputs else None

    def constant(self, name: str) -> Array | None:
        """A constant; None for a tensor that is reckoned."""
        return self.constants.get(name)

    def channels_before(self, tensor: str) -> int | None:
        """How many channels a tensor of pictures has, by a convolution that leads to it; None when none is found.

        Looked through are steps that keep the channels. In a sum the wider part counts, for one channel goes with any number.
        """
        todo, seen, found = [tensor], {tensor}, 0
        while todo:
            node = self.maker(todo.pop())
            if node is None:
                continue
            weights = self.constant(node.input[1]) if node.op_type == "Conv" else None
            if weights is not None and weights.ndim == 4:
                found = max(found, weights.shape[0])
            elif node.op_type in KEEPS_CHANNELS:
                new = [each for each in node.input[: 2 if node.op_type == "Add" else 1] if each not in seen]
                seen.update(new)
                todo += new
        return found or None

    def own(self, node: NodeProto, position: int, value: Array) -> None:
        """Give a node a constant of its own as an input, so that no other node that shares the old one changes."""
        name = f"{node.output[0]}_{position}"
        while name in self.constants:
            name += "_"
        self.constants[name] = np.array(value, order="C")
        while len(node.input) <= position:
            node.input.append("")
        node.input[position] = name

    def add(self, name: str, value: Array) -> str:
        """Add a constant under a name that is free; return the name."""
        while name in self.constants:
            name += "_"
        self.constants[name] = np.array(value, order="C")
        return name

    def replace(self, old: Sequence[NodeProto], new: Iterable[NodeProto]) -> None:
        """Put nodes in the place of others, where the last of these was."""
        at = self._at(old[-1])
        self.nodes[at : at + 1] = list(new)
        for node in old[:-1]:
            del self.nodes[self._at(node)]

    def _at(self, node: NodeProto) -> int:
        # Two nodes may be equal as messages, so they are told apart by identity.
        return next(index for index, each in enumerate(self.nodes) if each is node)

    def fix_input(self, shape: Sequence[int]) -> None:
        """Declare the lengths of the one input; a 0 leaves a length open."""
        entry = next(each for each in self._model.graph.input if each.name == self.inputs[0])
        for dimension, length in zip(entry.type.tensor_type.shape.dim, shape, strict=True):
            if length:
                dimension.Clear()
                dimension.dim_value = length

    def content(self) -> bytes:
        """The file: the same for the same graph, without names and notes that nobody reads."""
        graph = self._model.graph
        read = {name for node in self.nodes for name in node.input}
        made = helper.make_graph(
            self.nodes,
            graph.name or "network",
            [each for each in graph.input if each.name in self.inputs],
            list(graph.output),
            [numpy_helper.from_array(value, name) for name, value in self.constants.items() if name in read],
        )
        model = helper.make_model(made, opset_imports=list(self._model.opset_import), ir_version=max(self._model.ir_version, 7))
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString(deterministic=True))


def _ranks(model: onnx.ModelProto) -> dict[str, int]:
    known = onnx.shape_inference.infer_shapes(model).graph
    tensors = [each for each in (*known.value_info, *known.input, *known.output) if each.type.tensor_type.HasField("shape")]
    return {each.name: len(each.type.tensor_type.shape.dim) for each in tensors}


def read_graph(card: ModelCard, content: bytes) -> NetworkGraph:
    """Read a file; raises `GraphNotRewrittenError` for one that is no whole ONNX network, or not the one of its card."""
    try:
        model = onnx.load_model_from_string(content)
        # Checked first: what refers to a file beside it, or to itself, is not touched.
        _insist_on_plain(card, model)
        _declare_outputs(card, model)
        onnx.checker.check_model(model)
        graph = NetworkGraph(model)
    except (*BROKEN, onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise GraphNotRewrittenError(card, f"it is no whole ONNX network: {first_line(error)}") from error
    _insist_on_card(card, model, graph)
    return graph


def _declare_outputs(card: ModelCard, model: onnx.ModelProto) -> None:
    """Some exporters leave the shape of an answer out, which runs but is no valid file: the card knows it."""
    promised = {contract.name: contract.shape for contract in card.outputs}
    for each in model.graph.output:
        if each.name in promised and not each.type.tensor_type.HasField("shape"):
            each.CopyFrom(helper.make_tensor_value_info(each.name, TensorProto.FLOAT, promised[each.name]))


def _insist_on_plain(card: ModelCard, model: onnx.ModelProto) -> None:
    if not model.graph.node:
        raise GraphNotRewrittenError(card, "it is no whole ONNX network: it has no operators")
    if any(each.external_data for each in model.graph.initializer):
        raise GraphNotRewrittenError(card, "its numbers lie in another file")
    foreign = {node.domain for node in model.graph.node} - set(STANDARD_DOMAINS)
    if foreign or model.functions:
        raise GraphNotRewrittenError(card, f"it has operators of its own: {', '.join(sorted(foreign)) or 'functions'}")


def _insist_on_card(card: ModelCard, model: onnx.ModelProto, graph: NetworkGraph) -> None:
    try:
        contracts = (input_contract(card), *card.outputs)
        declared = {each.name: each for each in (*model.graph.input, *model.graph.output)}
        if graph.inputs != [contracts[0].name]:
            raise NetworkContractError(card, contracts[0].name, "is not the only input of the file")
        for contract in contracts:
            if contract.name not in declared:
                raise NetworkContractError(card, contract.name, f"is not in the file, which has {', '.join(declared)}")
            check_declared(card, contract, _lengths(declared[contract.name]))
    except (NetworkContractError, NetworkNotLoadedError) as error:
        raise GraphNotRewrittenError(card, f"it is not the file of its card: {error}") from error


def _lengths(declared: onnx.ValueInfoProto) -> list[object]:
    return [each.dim_value or each.dim_param for each in declared.type.tensor_type.shape.dim]


def attribute(node: NodeProto, name: str, default: Any) -> Any:  # an attribute is a number, a text, a tensor or a list of these
    """One attribute of a node; the default when it is not written."""
    found = next((each for each in node.attribute if each.name == name), None)
    return default if found is None else helper.get_attribute_value(found)


def set_attribute(node: NodeProto, name: str, value: object) -> None:
    """Write one attribute of a node anew."""
    for each in [each for each in node.attribute if each.name == name]:
        node.attribute.remove(each)
    node.attribute.append(helper.make_attribute(name, value))


def groups_of(node: NodeProto) -> int:
    """Into how many groups the channels of a convolution fall; 1 is the usual one."""
    return int(attribute(node, "group", 1))
