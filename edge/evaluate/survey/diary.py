"""The looks of a survey as a file of numbers, one line each, written as they come: a pulled battery costs one look.

No picture is kept.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from pathlib import Path

from edge.evaluate.survey.look import Look
from edge.evaluate.tables import Row, read_table
from wire.reasons import Reason

NUMBERS = ("level", "blinding", "side", "busy", "glints")
COLUMNS = ("at", *NUMBERS, "said")
assert set(COLUMNS) == {field.name for field in fields(Look)}  # noqa: S101 (what a look holds is what is written)


def append(path: Path, looks: Iterable[Look]) -> None:
    """Write looks at the end of the file, with a header if it is new; raises `OSError`."""
    new = not path.exists() or path.stat().st_size == 0
    with path.open("a", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        if new:
            lines.writerow(COLUMNS)
        for look in looks:
            numbers = [f"{getattr(look, name):.4f}" for name in NUMBERS]
            lines.writerow([look.at.isoformat(timespec="seconds"), *numbers, " ".join(look.said)])


def drop_torn_line(path: Path) -> bool:
    """Take away a last line that was not written to its end, and say whether there was one. Raises `OSError`."""
    if not path.exists():
        return False
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole == len(content):
        return False
    with path.open("r+b") as file:
        file.truncate(whole)
    return True


def read(path: Path) -> tuple[Look, ...]:
    """Read them again; raises `ListUnreadableError` or `ListInvalidError`."""
    return tuple(_look(row) for row in read_table(path, COLUMNS))


def times_in(path: Path) -> frozenset[datetime]:
    """When there were looks so far; none where there is no file yet. Raises what `read` raises."""
    return frozenset(look.at for look in read(path)) if path.exists() else frozenset()


def time_of(row: Row, column: str) -> datetime:
    """The time in a cell, such as 2026-06-01T08:30; raises `ListInvalidError`."""
    try:
        return datetime.fromisoformat(row.text(column))
    except ValueError as error:
        raise row.wrong(column, "must be a time such as 2026-06-01T08:30") from error


def _look(row: Row) -> Look:
    level, blinding, side, busy, glints = (_number(row, name) for name in NUMBERS)
    said = row.text("said").split()
    if unknown := [word for word in said if word not in Reason.__members__]:
        raise row.wrong("said", f"{unknown[0]!r} is no reason")
    return Look(time_of(row, "at"), level, blinding, side, busy, glints, tuple(Reason[word] for word in said))


def _number(row: Row, column: str) -> float:
    try:
        number = float(row.text(column))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise row.wrong(column, "must be a number")
    return number
