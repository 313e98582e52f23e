"""What a programme tells its visitors here: who asks for what, hotline, counter, hours, other ways, notices (R40 to R51).

One TOML file beside the settings, read once, bounds checked; an unknown key is an error. A unit without one says what it knows.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta, timezone
from pathlib import Path

from edge.errors import ConfigInvalidError
from edge.off_peak import Hours
from edge.prompts.catalogue import LANGUAGES

LARGEST_FILE_BYTES = 64 * 1024
LONGEST_TEXT, MOST_TEXTS = 80, 8


@dataclass(frozen=True, slots=True)
class Wording:
    """What the programme says in one language; an empty text is not said."""

    asker: str = ""
    programme: str = ""
    counter: str = ""
    routes: tuple[str, ...] = ()
    """Other ways to do the same, the strongest first (R45)."""
    notices: tuple[str, ...] = ()
    """Stand on the screen while nobody is there (R51)."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One programme at one place."""

    hotline: str = ""
    tries: int = 3
    """After so many failures in a row a person's check is offered (R42)."""
    lock_after: int = 10
    """After so many failures in a row there is a delay before the next (R41)."""
    period_months: int = 0
    """From one acceptance to the next; 0 where the unit cannot know."""
    zone: timezone = field(default_factory=lambda: timezone(timedelta(hours=8)))
    hours: tuple[Hours, ...] = ()
    wordings: Mapping[str, Wording] = field(default_factory=dict)
    """By the tag of their language."""

    def in_language(self, language: str) -> Wording:
        """What is said in that language; nothing where the programme wrote nothing in it."""
        return self.wordings.get(language, Wording())


NUMBERS = {"tries": (1, 10), "lock_after": (3, 50), "period_months": (0, 36), "utc_offset_min": (-720, 840)}
"""The least and the most of each."""
_DAYS = re.compile(r"([1-7])(?:-([1-7]))?")
_CLOCK_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def load_sheet(path: Path | None) -> Sheet:
    """Read the sheet, or an empty one without a file; `ConfigInvalidError` names file, key and range."""
    if path is None:
        return Sheet()
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE_BYTES + 1)
        if len(content) > LARGEST_FILE_BYTES:
            raise ConfigInvalidError(str(path), "file", f"larger than {LARGEST_FILE_BYTES} bytes")
        return read_sheet(str(path), content.decode("utf-8"))
    except OSError as error:
        raise ConfigInvalidError(str(path), "file", error.strerror or "cannot be read") from error
    except UnicodeDecodeError as error:
        raise ConfigInvalidError(str(path), "file", "not UTF-8 text") from error


def read_sheet(where: str, text: str) -> Sheet:
    """Check the text of a sheet."""
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigInvalidError(where, "TOML", str(error)) from error
    known = {"hotline", *NUMBERS, "off_peak", *LANGUAGES}
    if unknown := sorted(set(table) - known):
        raise ConfigInvalidError(where, unknown[0], f"unknown; known are {', '.join(sorted(known))}")
    numbers = {name: _number(where, name, table[name]) for name in NUMBERS if name in table}
    offset_min = numbers.pop("utc_offset_min", 480)
    return Sheet(
        hotline=_text(where, "hotline", table.get("hotline", "")),
        zone=timezone(timedelta(minutes=offset_min)),
        hours=_hours(where, table.get("off_peak", [])),
        wordings={tag: _wording(where, tag, table[tag]) for tag in LANGUAGES if tag in table},
        **numbers,
    )


def _number(where: str, name: str, value: object) -> int:
    low, high = NUMBERS[name]
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ConfigInvalidError(where, name, f"must be a whole number from {low} to {high}")
    return value


def _text(where: str, name: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or not (value.isprintable() or not value):
        raise ConfigInvalidError(where, name, f"must be one line of text, at most {LONGEST_TEXT} characters")
    return value


def _texts(where: str, name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MOST_TEXTS:
        raise ConfigInvalidError(where, name, f"must be a list of at most {MOST_TEXTS} texts")
    return tuple(_text(where, name, each) for each in value)


def _wording(where: str, tag: str, value: object) -> Wording:
    if not isinstance(value, dict):
        raise ConfigInvalidError(where, f"[{tag}]", "must be a table")
    known = ("asker", "programme", "counter", "routes", "notices")
    if unknown := sorted(set(value) - set(known)):
        raise ConfigInvalidError(where, f"{tag}.{unknown[0]}", f"unknown; known are {', '.join(known)}")
    asker, programme, counter = (_text(where, f"{tag}.{name}", value.get(name, "")) for name in known[:3])
    routes, notices = (_texts(where, f"{tag}.{name}", value.get(name, [])) for name in known[3:])
    return Wording(asker, programme, counter, routes, notices)


def _hours(where: str, value: object) -> tuple[Hours, ...]:
    if not isinstance(value, list) or len(value) > MOST_TEXTS:
        raise ConfigInvalidError(where, "off_peak", f"must be a list of at most {MOST_TEXTS} tables")
    return tuple(_one_hours(where, each) for each in value)


def _one_hours(where: str, value: object) -> Hours:
    match value:
        case {"days": str() as days, "begin": str() as begin, "end": str() as end, **rest} if not rest:
            span, first, last = _DAYS.fullmatch(days), _CLOCK_TIME.fullmatch(begin), _CLOCK_TIME.fullmatch(end)
            if span and first and last:
                since, until = int(span[1]), int(span[2] or span[1])
                opens, closes = time(int(first[1]), int(first[2])), time(int(last[1]), int(last[2]))
                if since <= until and opens < closes:
                    return Hours(frozenset(range(since - 1, until)), opens, closes)
    raise ConfigInvalidError(where, "off_peak", 'each needs days like "1-5" (1 is Monday), and begin before end like "08:30"')
