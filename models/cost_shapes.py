"""Finds the shape of every tensor of an ONNX graph for one input, also where the graph reckons shapes as it runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from onnx import helper, numpy_helper, shape_inference
from onnx.reference import ReferenceEvaluator

from models.card import ModelCard
from models.contract import input_contract
from models.errors import NetworkNotLoadedError, first_line

Values = dict[str, NDArray[np.generic]]

_FEW = 64
"""A tensor of at most so many numbers can be a shape; larger ones are weights, which are not reckoned with here."""

_ARITHMETIC = {
    *("Add", "Cast", "Ceil", "Concat", "Constant", "ConstantOfShape", "Div", "Equal", "Expand", "Floor", "Gather", "Identity"),
    *("Max", "Min", "Mul", "Range", "Reshape", "Slice", "Squeeze", "Sub", "Transpose", "Unsqueeze", "Where"),
}
"""Operators by which exporters reckon shapes."""


def inferred_graph(card: ModelCard, content: bytes, shape: tuple[int, ...]) -> Any:
    """Return the graph with the shapes of its tensors for one input; raises `NetworkNotLoadedError`."""
    try:
        model = onnx.load_model_from_string(content)
        _fix_input(card, model.graph, shape)
        known: Values = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer if _is_small(each.dims)}
        while True:
            graph = shape_inference.infer_shapes(model, strict_mode=True, data_prop=True).graph
            if not (found := _reckoned(model, graph, known)):
                return graph
            known.update(found)
            _write_down(model.graph, found)
    except (DecodeError, ValueError, RuntimeError, shape_inference.InferenceError) as error:
        raise NetworkNotLoadedError(card, f"its graph cannot be read: {first_line(error)}") from error


def known_shape(value: Any) -> tuple[int, ...] | None:
    """The shape of a tensor that onnx inferred; None where a length is open."""
    kind = value.type.tensor_type
    if not kind.HasField("shape") or not all(dimension.HasField("dim_value") for dimension in kind.shape.dim):
        return None
    return tuple(dimension.dim_value for dimension in kind.shape.dim)


def _fix_input(card: ModelCard, graph: Any, shape: tuple[int, ...]) -> None:
    name = input_contract(card).name
    found = next((each for each in graph.input if each.name == name), None)
    if found is None or len(found.type.tensor_type.shape.dim) != len(shape):
        raise ValueError(f"it has no input {name} of {len(shape)} lengths")
    for dimension, length in zip(found.type.tensor_type.shape.dim, shape, strict=True):
        dimension.dim_value = length
    # What the file says of the other tensors was written for another input.
    del graph.value_info[:]
    for output in graph.output:
        output.type.tensor_type.ClearField("shape")


def _reckoned(model: Any, graph: Any, known: Values) -> Values:
    """Values of small tensors that follow from shapes and constants, and were not known yet.

    onnx follows them by itself only in the newer versions of some operators.
    """
    shapes = {each.name: known_shape(each) for each in (*graph.input, *graph.value_info, *graph.output)}
    found: Values = {}
    for node in model.graph.node:
        if node.output[0] in known or len(node.output) != 1:
            continue
        seen = {**known, **found}
        if node.op_type == "Shape" and not node.attribute and (shape := shapes.get(node.input[0])) is not None:
            found[node.output[0]] = np.array(shape, np.int64)
        elif node.op_type in _ARITHMETIC and all(name in seen for name in node.input):
            answer = _run(node, model, {name: seen[name] for name in node.input})
            if _is_small(answer.shape):
                found[node.output[0]] = answer
    return found


def _run(node: Any, model: Any, inputs: Values) -> NDArray[np.generic]:
    """The answer of one step, reckoned as the version of the model's operators says."""
    given = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
        for name, value in inputs.items()
    ]
    graph = helper.make_graph([node], "step", given, [helper.make_empty_tensor_value_info(node.output[0])])
    (answer,) = ReferenceEvaluator(helper.make_model(graph, opset_imports=model.opset_import)).run(None, inputs)
    return np.asarray(answer)


def _write_down(graph: Any, found: Values) -> None:
    """Put values in the place of the steps that reckon them."""
    kept = [node for node in graph.node if node.output[0] not in found]
    del graph.node[:]
    graph.node.extend(kept)
    graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in found.items())


def _is_small(shape: Any) -> bool:
    return int(np.prod(shape)) <= _FEW
