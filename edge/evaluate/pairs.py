"""The list of pairs to compare: columns a, b and same (1 one person, 0 two persons)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from edge.evaluate.tables import Row, file_inside, read_table

COLUMNS = ("a", "b", "same")
_LABELS: Mapping[str, bool] = {"1": True, "0": False}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two files, and whether they show one person."""

    a: str
    b: str
    same: bool


@dataclass(frozen=True, slots=True)
class PairList:
    """The pairs of a set, each once, all files of which are there."""

    name: str
    """What the set is called: the folder of a file `pairs.csv`, else the file's own name."""
    images: Path
    pairs: tuple[Pair, ...]

    @property
    def files(self) -> tuple[str, ...]:
        """All files, each once, in the order of their first mention."""
        return tuple(dict.fromkeys(file for pair in self.pairs for file in (pair.a, pair.b)))

    @property
    def same(self) -> int:
        """How many pairs show one person."""
        return sum(pair.same for pair in self.pairs)


def read_pairs(path: Path, images: Path) -> PairList:
    """Read the list; raises `ListUnreadableError`, `ListInvalidError` (which names line and column), `FolderNotFoundError`."""
    lines: dict[frozenset[str], int] = {}
    pairs = []
    for row in read_table(path, COLUMNS):
        pair = Pair(_file(images, row, "a"), _file(images, row, "b"), _label(row))
        files = frozenset((pair.a, pair.b))
        if len(files) == 1:
            raise row.wrong("b", "a picture is not compared with itself")
        if files in lines:
            raise row.wrong("b", f"this pair already stands in line {lines[files]}; a pair counts once")
        lines[files] = row.line
        pairs.append(pair)
    return PairList(_name(path), images, tuple(pairs))


def _file(images: Path, row: Row, column: str) -> str:
    file_inside(images, row, column)
    return str(PurePosixPath(row.text(column)))


def _label(row: Row) -> bool:
    label = row.text("same")
    if label not in _LABELS:
        raise row.wrong("same", f"{label!r} is neither 1 (one person) nor 0 (two persons)")
    return _LABELS[label]


def _name(path: Path) -> str:
    return path.resolve().parent.name if path.stem == "pairs" else path.stem
