"""Writes small TensorFlow Lite files for tests, by the FlatBuffers layout: what a table refers to follows it."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Inline = bytes
"""A number inside a table."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table, by the numbers of its fields."""

    fields: Mapping[int, Inline | Table | Vector]


@dataclass(frozen=True, slots=True)
class Vector:
    """A list of tables, or of numbers that lie one after the other."""

    items: Sequence[Table] = ()
    raw: bytes = b""
    count: int = 0


def byte(number: int) -> bytes:
    """A field of one byte."""
    return struct.pack("<b", number)


def whole(number: int) -> bytes:
    """A field of four bytes."""
    return struct.pack("<i", number)


def wholes(*numbers: int) -> Vector:
    """A list of numbers."""
    return Vector(raw=struct.pack(f"<{len(numbers)}i", *numbers), count=len(numbers))


def text(words: str) -> Vector:
    """A name."""
    return Vector(raw=words.encode() + b"\0", count=len(words.encode()))


class _Out:
    def __init__(self) -> None:
        self.content = bytearray(b"\0\0\0\0TFL3")

    def _refer(self, place: int, target: int) -> None:
        struct.pack_into("<I", self.content, place, target - place)

    def vector(self, vector: Vector) -> int:
        # Numbers begin at a multiple of 16, as the library wants its constants.
        self.content += bytes((-len(self.content) - 4) % 16)
        at = len(self.content)
        self.content += struct.pack("<I", len(vector.items) or vector.count) + vector.raw
        self.content += bytes(4 * len(vector.items))
        for number, item in enumerate(vector.items):
            self._refer(at + 4 + 4 * number, self.table(item))
        return at

    def table(self, table: Table) -> int:
        size = max(table.fields, default=-1) + 1
        self.content += bytes(-(len(self.content) + 4 + 2 * size) % 4)
        entries, at = len(self.content), len(self.content) + 4 + 2 * size
        distances = {number: 4 + 4 * place for place, number in enumerate(table.fields)}
        body = 4 + 4 * len(table.fields)
        self.content += struct.pack(f"<{2 + size}H", 4 + 2 * size, body, *(distances.get(each, 0) for each in range(size)))
        self.content += struct.pack("<i", at - entries) + bytes(body - 4)
        for number, value in table.fields.items():
            place = at + distances[number]
            if isinstance(value, bytes):
                self.content[place : place + len(value)] = value
            else:
                self._refer(place, self.table(value) if isinstance(value, Table) else self.vector(value))
        return at


@dataclass(slots=True)
class Net:
    """A network in the making: tensors and steps are added one by one."""

    tensors: list[Table] = field(default_factory=list)
    buffers: list[Table] = field(default_factory=lambda: [Table({})])
    steps: list[Table] = field(default_factory=list)
    operators: list[int] = field(default_factory=list)

    def tensor(self, name: str, shape: Sequence[int], value: NDArray[np.generic] | None = None) -> int:
        """Add a tensor of float32, or a constant of float32, float16 or int32; return its place."""
        kind = {"float32": 0, "float16": 1, "int32": 2}["float32" if value is None else str(value.dtype)]
        if value is not None:
            raw = value.tobytes()
            self.buffers.append(Table({0: Vector(raw=raw, count=len(raw))}))
        buffer = 0 if value is None else len(self.buffers) - 1
        self.tensors.append(Table({0: wholes(*shape), 1: byte(kind), 2: whole(buffer), 3: text(name)}))
        return len(self.tensors) - 1

    def constant(self, value: NDArray[np.generic]) -> int:
        """Add a constant; return its place."""
        return self.tensor(f"constant{len(self.tensors)}", value.shape, value)

    def step(self, operator: int, inputs: Sequence[int], output: int, kind: int = 0, options: Table | None = None) -> None:
        """Add a step with its operator and the kind of its options as numbers of the schema."""
        self.operators.append(operator)
        told = {} if options is None else {3: byte(kind), 4: options}
        self.steps.append(Table({0: whole(len(self.operators) - 1), 1: wholes(*inputs), 2: wholes(output), **told}))

    def content(self, entry: int, output: int) -> bytes:
        """The file."""
        graph = Table({0: Vector(self.tensors), 1: wholes(entry), 2: wholes(output), 3: Vector(self.steps)})
        codes = [Table({0: byte(min(each, 127)), 2: whole(1), 3: whole(each)}) for each in self.operators]
        model = Table({0: whole(3), 1: Vector(codes), 2: Vector([graph]), 4: Vector(self.buffers)})
        out = _Out()
        struct.pack_into("<I", out.content, 0, out.table(model))
        return bytes(out.content)
