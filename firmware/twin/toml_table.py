"""Reads a TOML file that describes a twin, key by key; each wrong value is named with its table and key."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from firmware.errors import FirmwareError

MAX_SECONDS = 3600.0
MAX_FILE_BYTES = 1024 * 1024

Complaint = Callable[[Path, str], FirmwareError]
"""Makes the error that the kind of file calls for."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the file; each getter raises the file's own error where the value is missing or wrong."""

    path: Path
    name: str
    values: Mapping[str, object]
    complaint: Complaint

    def refuse_unknown(self, known: set[str]) -> None:
        """Raise for a key that is not among these."""
        for key in self.values:
            if key not in known:
                raise self.wrong(key, f"unknown key; known are {', '.join(sorted(known))}")

    def wrong(self, key: str, why: str) -> FirmwareError:
        """The error that names table and key."""
        return self.complaint(self.path, f"{self.name}, {key}: {why}")

    def text(self, key: str, absent: str | None = None) -> str:
        """A text that is not empty."""
        value = self.values.get(key, absent)
        if not isinstance(value, str) or not value or "\0" in value:
            raise self.wrong(key, "a text is needed")
        return value

    def word(self, key: str, known: Sequence[str], absent: str | None = None) -> str:
        """One of these words."""
        value = self.text(key, absent)
        if value not in known:
            raise self.wrong(key, f"{value!r} is not one of {', '.join(known)}")
        return value

    def seconds(self, key: str, absent: float | None = None) -> float:
        """Seconds, from 0 to an hour."""
        value = self.values.get(key, absent)
        # In Python a truth value is a number too; a NaN fails the comparison.
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_SECONDS:
            raise self.wrong(key, f"a number of seconds from 0 to {MAX_SECONDS:.0f} is needed")
        return float(value)

    def number(self, key: str, low: float, high: float, absent: float | None = None) -> float:
        """A number within bounds."""
        value = self.values.get(key, absent)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise self.wrong(key, f"a number from {low:g} to {high:g} is needed")
        return float(value)

    def whole(self, key: str, low: int, high: int, absent: int | None = None) -> int:
        """A whole number within bounds."""
        value = self.values.get(key, absent)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.wrong(key, f"a whole number from {low} to {high} is needed")
        return value

    def table(self, key: str) -> "Table":
        """A table."""
        value = self.values.get(key)
        if not isinstance(value, dict):
            raise self.wrong(key, f"a table [{key}] is needed")
        return Table(self.path, f"[{key}]", value, self.complaint)

    def tables(self, key: str) -> "tuple[Table, ...]":
        """Tables; none where the key is absent."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            raise self.wrong(key, f"tables [[{key}]] are needed")
        return tuple(
            Table(self.path, f"[[{key}]] number {number}", entry, self.complaint) for number, entry in enumerate(value, start=1)
        )


def read_table(path: Path, complaint: Complaint) -> Table:
    """The top level of a TOML file; raises the file's own error where it cannot be read."""
    if not path.is_file():
        raise complaint(path, "this is not a file")
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise complaint(path, f"the file is larger than {MAX_FILE_BYTES} bytes")
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise complaint(path, f"this is not a readable TOML file ({error})") from error
    return Table(path, "top level", values, complaint)
