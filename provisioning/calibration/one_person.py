"""The list of people who are in the references under two names: made by somebody who looked, never guessed here."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from provisioning.errors import ListInvalidError
from provisioning.files import read_whole

COLUMNS = ("a", "b")


@dataclass(frozen=True, slots=True)
class SamePerson:
    """Two pseudonyms of one person."""

    line: int
    """Where the list says so, counted from 1, the heading included."""
    one: str
    other: str


def read_one_person(path: Path) -> tuple[SamePerson, ...]:
    """Read a list with the columns a and b; raises `ListInvalidError` naming the line, `FileUnusableError`."""
    try:
        text = read_whole(path).decode("utf-8-sig")
        rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        if not set(COLUMNS) <= set(rows.fieldnames or ()):
            raise ListInvalidError(path.name, 1, f"the columns {' and '.join(COLUMNS)} are needed")
        return tuple(_read_row(path.name, rows.line_num, row) for row in rows)
    except (UnicodeDecodeError, csv.Error) as error:
        raise ListInvalidError(path.name, 1, "it cannot be read as CSV in UTF-8") from error


def _read_row(name: str, line: int, row: Mapping[str | None, str | None]) -> SamePerson:
    one, other = ((row[column] or "").strip() for column in COLUMNS)
    if not one or not other:
        raise ListInvalidError(name, line, "two pseudonyms are needed")
    return SamePerson(line, one, other)


@dataclass(frozen=True, slots=True)
class Merged:
    """Persons after those with two names were made one."""

    persons: tuple[str, ...]
    """One key per reference."""
    fewer: int
    """How many persons fewer there are."""


def merge(persons: Sequence[str], same: Iterable[SamePerson], name: str) -> Merged:
    """Give everybody who is in the list the name of one of his names; `ListInvalidError` for a name that nobody has."""
    parent = {person: person for person in persons}
    before = len(parent)
    for pair in same:
        for pseudonym in (pair.one, pair.other):
            if pseudonym not in parent:
                raise ListInvalidError(name, pair.line, "one of the pseudonyms is not among the references")
        parent[_root(parent, pair.other)] = _root(parent, pair.one)
    merged = tuple(_root(parent, person) for person in persons)
    return Merged(merged, before - len(set(merged)))


def _root(parent: Mapping[str, str], person: str) -> str:
    while parent[person] != person:
        person = parent[person]
    return person
