"""The list of a population: one line a picture, with what is known of the person shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from edge.evaluate.people import PERSON_COLUMNS, PersonId, without_number
from edge.evaluate.tables import Row, file_inside, read_table
from models.calibration.bands import OLDEST, Member


class KnownFrom(StrEnum):
    """How the persons are known."""

    COLUMN = "the list"
    FILE_NAMES = "file names"
    NOWHERE = "nowhere: each file counts as another person"


@dataclass(frozen=True, slots=True)
class Picture:
    """A listed picture."""

    file: str
    path: Path
    person: PersonId
    member: Member


@dataclass(frozen=True, slots=True)
class PopulationList:
    """The pictures of a population, each once, all of which are there."""

    name: str
    """What the population is called: the folder of a file `images.csv`, else the file's own name."""
    pictures: tuple[Picture, ...]
    known_from: KnownFrom


def read_population(path: Path, images: Path) -> PopulationList:
    """Read the list: column file, and where known person (or person_id), age, sex and group.

    Without a column for persons they come from file names of the form NAME_NNNN, if all have it and name at least two persons;
    else each file counts as another person. Raises `ListUnreadableError`, `ListInvalidError`, `FolderNotFoundError`.
    """
    rows = read_table(path, ("file",))
    paths = _paths(rows, images)
    known_from, persons = _persons(rows)
    pictures = tuple(
        Picture(_file(row), paths[_file(row)], person, _member(row)) for row, person in zip(rows, persons, strict=True)
    )
    return PopulationList(path.resolve().parent.name if path.stem == "images" else path.stem, pictures, known_from)


def _paths(rows: Sequence[Row], images: Path) -> Mapping[str, Path]:
    paths: dict[str, Path] = {}
    lines: dict[str, int] = {}
    for row in rows:
        path = file_inside(images, row, "file")
        if _file(row) in lines:
            raise row.wrong("file", f"this file already stands in line {lines[_file(row)]}; a file counts once")
        paths[_file(row)], lines[_file(row)] = path, row.line
    return paths


def _file(row: Row) -> str:
    return str(PurePosixPath(row.text("file")))


def _persons(rows: Sequence[Row]) -> tuple[KnownFrom, Sequence[PersonId]]:
    column = next((column for column in PERSON_COLUMNS if column in rows[0].cells), None)
    if column is not None:
        return KnownFrom.COLUMN, [_person(row, column) for row in rows]
    names = [without_number(_file(row)) for row in rows]
    if all(names) and len(set(names)) > 1:
        return KnownFrom.FILE_NAMES, [PersonId(name) for name in names]
    return KnownFrom.NOWHERE, [PersonId(_file(row)) for row in rows]


def _person(row: Row, column: str) -> PersonId:
    if not row.text(column):
        raise row.wrong(column, "there is no person")
    return PersonId(row.text(column))


def _member(row: Row) -> Member:
    return Member(_age(row), row.text("sex"), row.text("group"))


def _age(row: Row) -> int | None:
    word = row.text("age")
    if not word:
        return None
    # isdecimal takes digits of other scripts too, and so does int.
    if not word.isdecimal() or len(word) > 3 or int(word) > OLDEST:
        raise row.wrong("age", f"{word!r} is no age in whole years, 0 to {OLDEST}")
    return int(word)
