"""A table of a TOML file, read key by key.

Wrong types, wrong bounds and left-over keys are errors that name the entry and the key.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from models.digests import SHA256, Sha256

Word = TypeVar("Word", bound=StrEnum)


Wrong = Callable[[str, str, str], Exception]
"""Makes the error of an entry, its key and the problem."""


class StrictTable:
    """Hands out each key once and, when left without an error, insists that nothing remains."""

    def __init__(self, entry: str, content: Mapping[str, object], wrong: Wrong) -> None:
        self.entry = entry
        self._left = dict(content)
        self._wrong = wrong

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None and self._left:
            raise self.wrong(sorted(self._left)[0], "is not a key of this table")

    def wrong(self, key: str, problem: str) -> Exception:
        """Return the error that names this entry and key."""
        return self._wrong(self.entry, key, problem)

    def has(self, key: str) -> bool:
        """Say whether a key is there and not yet taken."""
        return key in self._left

    def text(self, key: str) -> str:
        """Take a text that is not empty."""
        value = self._take(key)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, "must be a text that is not empty")
        return value

    def matching(self, key: str, pattern: re.Pattern[str], meaning: str) -> str:
        """Take a text that matches the whole pattern."""
        value = self.text(key)
        if pattern.fullmatch(value) is None:
            raise self.wrong(key, f"must be {meaning}")
        return value

    def sha256(self, key: str) -> Sha256:
        """Take a SHA-256."""
        return Sha256(self.matching(key, SHA256, "64 lower-case hexadecimal digits"))

    def word(self, key: str, words: type[Word]) -> Word:
        """Take one word of an enumeration."""
        value = self.text(key)
        try:
            return words(value)
        except ValueError as error:
            raise self.wrong(key, f"must be one of {', '.join(words)}") from error

    def whole(self, key: str, low: int, high: int) -> int:
        """Take a whole number between two bounds, both allowed."""
        value = self._take(key)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.wrong(key, f"must be a whole number from {low} to {high}")
        return value

    def truth(self, key: str) -> bool:
        """Take a truth value."""
        value = self._take(key)
        if not isinstance(value, bool):
            raise self.wrong(key, "must be true or false")
        return value

    def day(self, key: str) -> date:
        """Take a date without a time."""
        value = self._take(key)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.wrong(key, "must be a date, as 2026-05-31")
        return value

    def share(self, key: str) -> float:
        """Take a number strictly between 0 and 1."""
        value = self._take(key)
        if not isinstance(value, float) or not 0.0 < value < 1.0:
            raise self.wrong(key, "must be a number between 0.0 and 1.0")
        return value

    def bound(self, key: str) -> float:
        """Take a number from 0 to 1."""
        value = self._take(key)
        if not isinstance(value, float) or not 0.0 <= value <= 1.0:
            raise self.wrong(key, "must be a number from 0.0 to 1.0")
        return value

    def ratio(self, key: str) -> float:
        """Take a number above 0 that is finite."""
        value = self._take(key)
        if not isinstance(value, float) or not 0.0 < value < math.inf:
            raise self.wrong(key, "must be a number above 0.0")
        return value

    def number(self, key: str) -> float:
        """Take a number that is finite."""
        value = self._take(key)
        if not isinstance(value, float) or not math.isfinite(value):
            raise self.wrong(key, "must be a finite number with a decimal point")
        return value

    def span(self, key: str) -> tuple[float, float]:
        """Take two numbers, the lower first."""
        match self._take(key):
            case [int() | float() as low, int() | float() as high] if not isinstance(low, bool) and low < high:
                return float(low), float(high)
        raise self.wrong(key, "must be two numbers, the lower first")

    def items(self, key: str) -> tuple[object, ...]:
        """Take an array that is not empty."""
        value = self._take(key)
        if not isinstance(value, list) or not value:
            raise self.wrong(key, "must be an array that is not empty")
        return tuple(value)

    def table(self, key: str) -> StrictTable:
        """Take a table inside this one."""
        value = self._take(key)
        if not isinstance(value, dict):
            raise self.wrong(key, "must be a table")
        return StrictTable(f"{self.entry}.{key}", value, self._wrong)

    def tables(self, key: str) -> tuple[StrictTable, ...]:
        """Take an array of tables that is not empty."""
        found = self.items(key)
        return tuple(self._inner(key, number, value) for number, value in enumerate(found))

    def _inner(self, key: str, number: int, value: object) -> StrictTable:
        if not isinstance(value, dict):
            raise self.wrong(key, "must be an array of tables")
        return StrictTable(f"{self.entry}.{key}[{number}]", value, self._wrong)

    def _take(self, key: str) -> object:
        if key not in self._left:
            raise self.wrong(key, "is missing")
        return self._left.pop(key)


def quoted(text: str) -> str:
    """A text as TOML spells it: a JSON string of printable characters is a basic string, too."""
    return json.dumps(text, ensure_ascii=False)


def read_strict(path: Path, wrong: Wrong) -> StrictTable:
    """Open a TOML file as a strict table; raises what `wrong` makes when it cannot be read or is not TOML."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise wrong(path.name, "(the whole file)", f"cannot be read: {error}") from error
    return parse_strict(path.name, content, wrong)


def parse_strict(name: str, content: bytes, wrong: Wrong) -> StrictTable:
    """Open the content of a TOML file as a strict table; raises what `wrong` makes when it is not TOML."""
    try:
        return StrictTable(name, tomllib.loads(content.decode("utf-8")), wrong)
    except (ValueError, RecursionError) as error:  # not UTF-8, not TOML, a number without end, tables in tables without end
        raise wrong(name, "(the whole file)", f"cannot be read: {error}") from error
