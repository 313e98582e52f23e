"""Who is shown in which file, so that every picture can be compared with every picture of somebody else.

Where the set does not tell, it is worked out from the pairs; where that cannot be done, a file belongs to nobody and stays out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import NewType

from edge.evaluate.joining import Joined
from edge.evaluate.pairs import Pair, PairList
from edge.evaluate.tables import Row, read_table

TABLE_NAME = "images.csv"
PERSON_COLUMNS = ("person", "person_id")

PersonId = NewType("PersonId", str)
"""Whatever tells one person of a set from another; it has no other meaning."""

_NUMBERED = re.compile(r"(?P<name>.*[^\d_-])[_-]\d+")
"""NAME_NNN, as in Labeled Faces in the Wild."""


class Source(StrEnum):
    """How the persons are known."""

    TABLE = "images.csv"
    FILE_NAMES = "file names"
    PAIRS = "pairs"
    """Only from the pairs: files that no chain of same-pairs joins are taken for different persons."""


@dataclass(frozen=True, slots=True)
class People:
    """The persons of a set."""

    source: Source
    persons: Mapping[str, PersonId]
    """By file; a file of an unknown person is not in it."""
    contradictions: int
    """Listed pairs whose label says otherwise."""

    @property
    def count(self) -> int:
        """How many persons there are."""
        return len(set(self.persons.values()))


def find_people(listed: PairList, table: Path) -> People:
    """Find out who is who in a list of pairs; `table` is the images.csv beside it, which may be missing.

    The first that applies: a column person or person_id of the table; file names of the form NAME_NNN together with the
    same-pairs, if every file has such a name and no pair of different persons shares one; the same-pairs alone.
    Raises `ListUnreadableError` or `ListInvalidError` for a table that cannot be read.
    """
    stated = _stated(table) if table.is_file() else {}
    if stated:
        return _people(Source.TABLE, {file: stated[file] for file in listed.files if file in stated}, listed.pairs)
    names = {file: without_number(file) for file in listed.files}
    if all(names.values()) and not any(names[pair.a] == names[pair.b] for pair in listed.pairs if not pair.same):
        return _people(Source.FILE_NAMES, _joined(listed, names), listed.pairs)
    return _people(Source.PAIRS, _joined(listed, {}), listed.pairs)


def _stated(table: Path) -> Mapping[str, PersonId]:
    """The persons that the table states; none when it has no column for them."""
    rows = read_table(table, ("file",))
    column = next((column for column in PERSON_COLUMNS if column in rows[0].cells), None)
    if column is None:
        return {}
    return {str(PurePosixPath(row.text("file"))): _person(row, column) for row in rows}


def _person(row: Row, column: str) -> PersonId:
    if not row.text(column):
        raise row.wrong(column, "there is no person")
    return PersonId(row.text(column))


def without_number(file: str) -> str:
    """The file's name, folder and all, without its number; empty where it has none."""
    found = _NUMBERED.fullmatch(PurePosixPath(file).stem)
    return str(PurePosixPath(file).with_name(found["name"])) if found else ""


def _joined(listed: PairList, names: Mapping[str, str]) -> Mapping[str, PersonId]:
    """Files that share a name, or that a chain of same-pairs connects, show one person."""
    joined: Joined[str] = Joined()
    by_name: defaultdict[str, list[str]] = defaultdict(list)
    for file in listed.files:
        by_name[names.get(file, file)].append(file)
    for files in by_name.values():
        for file in files[1:]:
            joined.join(files[0], file)
    for pair in listed.pairs:
        if pair.same:
            joined.join(pair.a, pair.b)
    return {file: PersonId(joined.root(file)) for file in listed.files}


def _people(source: Source, persons: Mapping[str, PersonId], pairs: Sequence[Pair]) -> People:
    known = [pair for pair in pairs if pair.a in persons and pair.b in persons]
    return People(source, persons, sum((persons[pair.a] == persons[pair.b]) != pair.same for pair in known))
