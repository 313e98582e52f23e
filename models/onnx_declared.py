"""Reads what an ONNX file says of its inputs and outputs, for a library that does not tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import onnx
from google.protobuf.message import DecodeError

from models.card import ModelCard
from models.errors import NetworkNotLoadedError, first_line


@dataclass(frozen=True, slots=True)
class Declared:
    """Names with their lengths; a length that is open is a word or 0."""

    inputs: Mapping[str, Sequence[object]]
    outputs: Mapping[str, Sequence[object]]


def declared_tensors(card: ModelCard, content: bytes) -> Declared:
    """Return what a file declares; raises `NetworkNotLoadedError` when it is no whole ONNX file."""
    try:
        model = onnx.load_model_from_string(content)
        onnx.checker.check_model(model)
    except (DecodeError, ValueError, onnx.checker.ValidationError) as error:
        raise NetworkNotLoadedError(card, f"it is no whole ONNX file: {first_line(error)}") from error
    constants = {each.name for each in model.graph.initializer}
    inputs = {each.name: _lengths(each) for each in model.graph.input if each.name not in constants}
    return Declared(inputs, {each.name: _lengths(each) for each in model.graph.output})


def _lengths(value: Any) -> list[object]:
    return [each.dim_param or each.dim_value for each in value.type.tensor_type.shape.dim]
