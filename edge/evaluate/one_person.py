"""The list of pairs that somebody has looked at and found to show one person, although they stand under two."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from edge.evaluate.tables import Row, read_table

COLUMNS = ("a", "b")


@dataclass(frozen=True, slots=True)
class OnePersonPair:
    """Two files that show one person."""

    a: str
    b: str


def read_one_person(path: Path, files: Collection[str]) -> tuple[OnePersonPair, ...]:
    """Read columns a and b, files of the list that is measured; raises `ListUnreadableError` or `ListInvalidError`.

    A table with nothing below its header is no table here: leave it out instead.
    """
    pairs = []
    for row in read_table(path, COLUMNS):
        pair = OnePersonPair(_listed(row, "a", files), _listed(row, "b", files))
        if pair.a == pair.b:
            raise row.wrong("b", "a picture is not compared with itself")
        pairs.append(pair)
    return tuple(pairs)


def _listed(row: Row, column: str, files: Collection[str]) -> str:
    file = str(PurePosixPath(row.text(column)))
    if file not in files:
        raise row.wrong(column, f"{file!r} is not in the list of pictures")
    return file
