"""Reads a TensorFlow Lite file into tensors and steps, so that it can be written anew for another library.

The format is a FlatBuffer (google/flatbuffers, "FlatBuffers Binary") laid out by tensorflow/lite/schema/schema.fbs; the numbers
of the fields are those of the schema. Only what a network of float numbers needs is read. Nothing in the file is trusted: each
place that it names is checked to lie inside it.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.card import ModelCard
from models.errors import GraphNotRewrittenError

Array = NDArray[np.generic]

_MARK = b"TFL3"
_TYPES: Mapping[int, str] = {0: "<f4", 1: "<f2", 2: "<i4", 4: "<i8"}
"""Of schema.fbs, TensorType; what is not here is known to be there, but its numbers are not read."""


@dataclass(frozen=True, slots=True, eq=False)
class FileTensor:
    """One tensor of a file."""

    name: str
    shape: tuple[int, ...]
    value: Array | None
    """Of a constant; None for one that is reckoned, or whose numbers are of a kind that is not read here."""


@dataclass(frozen=True, slots=True, eq=False)
class FileStep:
    """One step of a file."""

    operator: int
    """Of schema.fbs, BuiltinOperator."""
    inputs: tuple[int, ...]
    """Places among the tensors; -1 for one that is left out."""
    outputs: tuple[int, ...]
    options: Options | None


@dataclass(frozen=True, slots=True, eq=False)
class FileGraph:
    """The one graph of a file."""

    tensors: tuple[FileTensor, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    steps: tuple[FileStep, ...]


class Options:
    """What a step is told besides its tensors: the fields of its own table, by their numbers in the schema."""

    def __init__(self, kind: int, table: _Table) -> None:
        self.kind = kind
        """Of schema.fbs, BuiltinOptions."""
        self._table = table

    def byte(self, field: int) -> int:
        """A field of one byte; 0 when it is not written, as in the schema."""
        return self._table.number(field, "b")

    def whole(self, field: int, default: int = 0) -> int:
        """A field of four bytes; the default of the schema when it is not written."""
        return self._table.number(field, "i", default)


class _Table:
    """One table of a FlatBuffer. Raises `ValueError` for a place outside the file."""

    def __init__(self, content: bytes, at: int) -> None:
        self._content = content
        self._at = at
        self._fields = at - _read(content, at, "i")
        self._size = _read(content, self._fields, "H")

    def _place(self, field: int) -> int | None:
        entry = 4 + 2 * field
        distance = _read(self._content, self._fields + entry, "H") if entry < self._size else 0
        return self._at + distance if distance else None

    def number(self, field: int, kind: str, default: int = 0) -> int:
        place = self._place(field)
        return default if place is None else _read(self._content, place, kind)

    def table(self, field: int) -> _Table | None:
        place = self._place(field)
        return None if place is None else _Table(self._content, place + _read(self._content, place, "I"))

    def _vector(self, field: int, item_bytes: int) -> tuple[int, int]:
        """Where the items of a vector begin, and how many there are."""
        place = self._place(field)
        if place is None:
            return 0, 0
        start = place + _read(self._content, place, "I")
        count = _read(self._content, start, "I")
        if start + 4 + count * item_bytes > len(self._content):
            raise ValueError("a list reaches beyond its end")
        return start + 4, count

    def raw(self, field: int) -> bytes:
        start, count = self._vector(field, 1)
        return self._content[start : start + count]

    def numbers(self, field: int) -> tuple[int, ...]:
        start, count = self._vector(field, 4)
        return struct.unpack_from(f"<{count}i", self._content, start)

    def tables(self, field: int) -> list[_Table]:
        start, count = self._vector(field, 4)
        places = range(start, start + 4 * count, 4)
        return [_Table(self._content, place + _read(self._content, place, "I")) for place in places]


def _read(content: bytes, at: int, kind: str) -> int:
    if at < 0 or at + struct.calcsize(f"<{kind}") > len(content):
        raise ValueError("a place lies outside of it")
    found: int = struct.unpack_from(f"<{kind}", content, at)[0]
    return found


def read_tflite(card: ModelCard, content: bytes) -> FileGraph:
    """Read a file; raises `GraphNotRewrittenError` for one that is no whole TensorFlow Lite network of one graph."""
    if content[4:8] != _MARK:
        raise GraphNotRewrittenError(card, "it is no TensorFlow Lite network: its mark is missing")
    try:
        return _graph(_Table(content, _read(content, 0, "I")))
    except (ValueError, IndexError) as error:
        raise GraphNotRewrittenError(card, f"it is no whole TensorFlow Lite network: {error}") from error


def _graph(model: _Table) -> FileGraph:
    graphs = model.tables(2)
    if len(graphs) != 1:
        raise ValueError(f"it has {len(graphs)} graphs, not one")
    # A newer field holds the operators beyond 127; of a file that has both, the larger number counts.
    operators = [max(each.number(0, "b"), each.number(3, "i")) for each in model.tables(1)]
    buffers = [each.raw(0) for each in model.tables(4)]
    tensors = tuple(_tensor(each, buffers) for each in graphs[0].tables(0))
    steps = tuple(_step(each, operators) for each in graphs[0].tables(3))
    graph = FileGraph(tensors, graphs[0].numbers(1), graphs[0].numbers(2), steps)
    named = [*graph.inputs, *graph.outputs, *(index for step in steps for index in (*step.inputs, *step.outputs))]
    if any(not -1 <= index < len(tensors) for index in named):
        raise ValueError("a step names a tensor that is not there")
    return graph


def _tensor(table: _Table, buffers: list[bytes]) -> FileTensor:
    shape = table.numbers(0)
    if any(length < 0 for length in shape):
        raise ValueError("a tensor has a length below 0")
    # The sixth field is that of sparse weights, whose numbers lie otherwise.
    kind, raw = _TYPES.get(table.number(1, "b")), buffers[table.number(2, "I")]
    value = None
    if raw and kind is not None and table.table(6) is None:
        value = np.frombuffer(raw, kind)
        if value.size != math.prod(shape):
            raise ValueError(f"a constant has {value.size} numbers where its shape is {list(shape)}")
        value = value.reshape(shape)
    return FileTensor(table.raw(3).decode(errors="replace"), shape, value)


def _step(table: _Table, operators: list[int]) -> FileStep:
    options = table.table(4)
    kept = None if options is None else Options(table.number(3, "B"), options)
    return FileStep(operators[table.number(0, "I")], table.numbers(1), table.numbers(2), kept)
