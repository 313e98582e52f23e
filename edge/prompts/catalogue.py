"""The words for the visitor, by language: every screen and every reason has a title and a remedy (R75)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from edge.errors import CatalogueInvalidError
from firmware.ports import View
from wire.reasons import Reason


class ScreenCode(StrEnum):
    """What the screen can say beside the reasons. An `ASK_` word names the action asked for."""

    READY = "READY"
    LOOK_HERE = "LOOK_HERE"
    HOLD_STILL_PLEASE = "HOLD_STILL_PLEASE"
    ASK_BLINK = "ASK_BLINK"
    ASK_OPEN_MOUTH = "ASK_OPEN_MOUTH"
    ASK_NOD = "ASK_NOD"
    ASK_TURN_LEFT = "ASK_TURN_LEFT"
    ASK_TURN_RIGHT = "ASK_TURN_RIGHT"
    ASK_LOOK_UP = "ASK_LOOK_UP"
    CALL_STAFF = "CALL_STAFF"
    """In place of a remedy that did not help."""
    DONE = "DONE"
    NOT_DONE = "NOT_DONE"
    OUT_OF_ORDER = "OUT_OF_ORDER"


LANGUAGES = ("zh-CN", "en")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All words of one language."""

    language: str
    views: Mapping[str, View]

    def view(self, code: ScreenCode | Reason) -> View:
        """The screenful for a code."""
        return self.views[code.value]


def load_catalogue(language: str) -> Catalogue:
    """Read the catalogue of a language; `CatalogueInvalidError` names what is missing or unknown."""
    if language not in LANGUAGES:
        raise CatalogueInvalidError(language, f"not a language of this unit: {', '.join(LANGUAGES)}")
    try:
        text = Path(__file__).with_name(f"{language}.toml").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogueInvalidError(language, "its file is missing or not UTF-8 text") from error
    return read_catalogue(language, text)


def read_catalogue(language: str, text: str) -> Catalogue:
    """Check a catalogue's text: exactly one title and one remedy for each code, and nothing else."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueInvalidError(language, f"not TOML: {error}") from error
    if unknown := sorted(set(tables) - {"screen", "reason"}):
        raise CatalogueInvalidError(language, f"does not know [{unknown[0]}]")
    screens = _section(language, tables, "screen", [code.value for code in ScreenCode])
    reasons = _section(language, tables, "reason", [code.value for code in Reason])
    return Catalogue(language, screens | reasons)


def _section(language: str, tables: Mapping[str, object], name: str, codes: list[str]) -> dict[str, View]:
    section = tables.get(name)
    if not isinstance(section, dict) or set(section) != set(codes):
        found = set(section) if isinstance(section, dict) else set()
        wrong = sorted(found.symmetric_difference(codes))
        raise CatalogueInvalidError(language, f"[{name}] lacks or does not know {', '.join(wrong)}")
    return {code: _view(language, code, section[code]) for code in codes}


def _view(language: str, code: str, entry: object) -> View:
    match entry:
        case {"title": str() as title, "remedy": str() as remedy, **rest} if title and not rest:
            return View(code, title, remedy, language)
    raise CatalogueInvalidError(language, f"{code} needs a title and a remedy, both text")
