"""Reads DIR/frames.csv: which picture was captured when, under which light. It opens no picture."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from firmware.errors import FrameTableInvalidError, LightInvalidError
from firmware.frame import Light

COLUMNS = ("file", "captured_ns", "light")
MAX_TABLE_BYTES = 16 * 1024 * 1024
MAX_CAPTURED_NS = 2**63 - 1


@dataclass(frozen=True, slots=True)
class FrameRow:
    """One line of the table."""

    picture: Path
    captured_ns: int
    light: Light


def read_frame_table(table: Path) -> tuple[FrameRow, ...]:
    """Read the table; pictures are named relative to its folder and may not lie outside.

    Raises FrameTableInvalidError, which names line (the header is line 1) and column, for anything that is not right.
    """
    if table.stat().st_size > MAX_TABLE_BYTES:
        raise FrameTableInvalidError(table, 1, "file", f"the table is larger than {MAX_TABLE_BYTES} bytes")
    try:
        with table.open(encoding="utf-8-sig", newline="") as lines:
            return tuple(_rows(table, csv.reader(lines)))
    except (UnicodeDecodeError, csv.Error) as error:
        raise FrameTableInvalidError(table, 1, "file", "this is not a table of comma-separated values in UTF-8") from error


def _rows(table: Path, lines: Iterator[list[str]]) -> Iterator[FrameRow]:
    header = next(lines, [])
    if tuple(header) != COLUMNS:
        raise FrameTableInvalidError(table, 1, "file", f"the first line must be {','.join(COLUMNS)}")
    last_ns = -1
    for line, cells in enumerate(lines, start=2):
        if not cells:
            continue
        row = _row(table, line, cells)
        if row.captured_ns <= last_ns:
            raise FrameTableInvalidError(table, line, "captured_ns", "the time is not later than that of the line before")
        last_ns = row.captured_ns
        yield row


def _row(table: Path, line: int, cells: list[str]) -> FrameRow:
    if len(cells) != len(COLUMNS):
        column = COLUMNS[min(len(cells), len(COLUMNS) - 1)]
        raise FrameTableInvalidError(table, line, column, f"there are {len(cells)} cells; {len(COLUMNS)} are needed")
    file, captured_ns, light = cells
    return FrameRow(_picture(table, line, file), _captured_ns(table, line, captured_ns), _light(table, line, light))


def _picture(table: Path, line: int, file: str) -> Path:
    if not file or "\0" in file:
        raise FrameTableInvalidError(table, line, "file", "there is no file name")
    try:
        folder = table.parent.resolve()
        picture = (folder / file).resolve()
        inside, there = picture.is_relative_to(folder), picture.is_file()
    except OSError as error:
        raise FrameTableInvalidError(table, line, "file", error.strerror or "the file cannot be reached") from error
    if not inside:
        raise FrameTableInvalidError(table, line, "file", f"{file!r} lies outside the folder")
    if not there:
        raise FrameTableInvalidError(table, line, "file", f"there is no file {file!r}")
    return picture


def _captured_ns(table: Path, line: int, cell: str) -> int:
    # A digit test first: int() would also take "1_000", " 7 " and digits of other scripts.
    if not (cell.isascii() and cell.isdigit() and len(cell) <= 19 and int(cell) <= MAX_CAPTURED_NS):
        raise FrameTableInvalidError(table, line, "captured_ns", f"{cell!r} is not a whole number of nanoseconds from 0 on")
    return int(cell)


def _light(table: Path, line: int, cell: str) -> Light:
    try:
        return Light.parse(cell)
    except LightInvalidError as error:
        raise FrameTableInvalidError(table, line, "light", str(error)) from error
