"""Reads a list of files strictly: comma-separated values in UTF-8, a header, and files that stay inside their folder.

It opens no picture. Columns beyond the needed ones are ignored.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from edge.evaluate.errors import FolderNotFoundError, ListInvalidError, ListUnreadableError

LARGEST_FILE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table, by the names of its header."""

    table: Path
    line: int
    """In the file; the header is line 1."""
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        """The cell of a column, without spaces around it; empty where the table lacks the column."""
        return self.cells.get(column, "").strip()

    def wrong(self, column: str, what: str) -> ListInvalidError:
        """The error that names this line."""
        return ListInvalidError(self.table, self.line, column, what)


def read_table(path: Path, columns: tuple[str, ...]) -> tuple[Row, ...]:
    """Read a table that has at least these columns and one line below its header.

    Raises `ListUnreadableError` (missing, not UTF-8, no such column, empty) or `ListInvalidError` (a line of another length).
    """
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise ListUnreadableError(path, f"the list is larger than {LARGEST_FILE_BYTES} bytes")
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = tuple(_rows(path, csv.reader(lines, strict=True), columns))
    except FileNotFoundError as error:
        raise ListUnreadableError(path, "there is no such file") from error
    except OSError as error:
        raise ListUnreadableError(path, error.strerror or "the file cannot be read") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ListUnreadableError(path, "this is not a table of comma-separated values in UTF-8") from error
    if not rows:
        raise ListUnreadableError(path, "the list is empty: there is no line below its header")
    return rows


def _rows(path: Path, lines: Iterator[list[str]], columns: tuple[str, ...]) -> Iterator[Row]:
    header = [name.strip() for name in next(lines, [])]
    if not header:
        raise ListUnreadableError(path, f"the list is empty; its first line must name the columns {','.join(columns)}")
    for column in columns:
        if header.count(column) != 1:
            fault = "is missing" if column not in header else "is named twice"
            raise ListUnreadableError(path, f"the column {column!r} {fault}; the header is {','.join(header)!r}")
    for line, cells in enumerate(lines, start=2):
        if not cells:
            continue
        if len(cells) != len(header):
            column = header[min(len(cells), len(header) - 1)]
            raise ListInvalidError(path, line, column, f"there are {len(cells)} cells; the header has {len(header)}")
        yield Row(path, line, dict(zip(header, cells, strict=True)))


def file_inside(folder: Path, row: Row, column: str) -> Path:
    """The file that a cell names, relative to a folder.

    It must be there, and its name must not lead out of the folder; a link inside the folder is followed, since whoever
    owns the folder put it there. Raises `FolderNotFoundError` or `ListInvalidError`.
    """
    if not folder.is_dir():
        raise FolderNotFoundError(folder)
    name = row.text(column)
    if not name or "\0" in name:
        raise row.wrong(column, "there is no file name")
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise row.wrong(column, f"{name!r} leads out of the folder")
    path = folder / name
    try:
        there = path.is_file()
    except OSError as error:
        raise row.wrong(column, error.strerror or "the file cannot be reached") from error
    if not there:
        raise row.wrong(column, f"there is no file {name!r} in {folder}")
    return path
