"""The words for the visitor, by language: every screen and every reason has a title and a remedy (R75)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from string import Formatter

from edge.errors import CatalogueInvalidError
from firmware.ports import Choice, Mood, View
from wire.reasons import Reason


class ScreenCode(StrEnum):
    """What the screen can say beside the reasons. An `ASK_` word names the action asked for."""

    READY = "READY"
    CONSENT = "CONSENT"
    """Its lines say what is agreed to."""
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
    STARTING = "STARTING"
    """From the start of the program until it can serve."""
    BUSY = "BUSY"
    """An operator has its parts or its place looked at."""


class ChoiceCode(StrEnum):
    """What can be touched. A choice of language is called LANGUAGE:TAG, and says its own name in its own language."""

    AGREE = "AGREE"
    DECLINE = "DECLINE"
    CANCEL = "CANCEL"


class StepCode(StrEnum):
    """What a visitor can do next, or should know, one line each; {words} in braces are filled in."""

    ASKED_BY = "ASKED_BY"
    """{asker} and {programme}: nobody should agree without knowing to what (R53)."""
    RECEIPT = "RECEIPT"
    """{number}: of the visit, by which staff and hotline find it."""
    NEXT_DUE = "NEXT_DUE"
    """{date}"""
    TRIES_LEFT = "TRIES_LEFT"
    """{count}"""
    APPEAL = "APPEAL"
    LOCKED_UNTIL = "LOCKED_UNTIL"
    """{time}"""
    COUNTER = "COUNTER"
    """{place}"""
    HOTLINE = "HOTLINE"
    """{number}"""
    OFF_PEAK = "OFF_PEAK"
    """{time}"""
    OTHER_ROUTES = "OTHER_ROUTES"
    """{routes}"""
    SAVED_FOR_LATER = "SAVED_FOR_LATER"
    NEVER_ASKED = "NEVER_ASKED"
    """What nobody of the office ever asks for (R61)."""


LANGUAGES: Mapping[str, str] = {"zh-CN": "中文", "en": "English"}
"""BCP 47 tag and own name of each language of the unit, the usual one first."""

FILLED_IN: Mapping[StepCode, frozenset[str]] = {
    StepCode.ASKED_BY: frozenset({"asker", "programme"}),
    StepCode.RECEIPT: frozenset({"number"}),
    StepCode.NEXT_DUE: frozenset({"date"}),
    StepCode.TRIES_LEFT: frozenset({"count"}),
    StepCode.LOCKED_UNTIL: frozenset({"time"}),
    StepCode.COUNTER: frozenset({"place"}),
    StepCode.HOTLINE: frozenset({"number"}),
    StepCode.OFF_PEAK: frozenset({"time"}),
    StepCode.OTHER_ROUTES: frozenset({"routes"}),
}
"""What a line has room for; the others have room for nothing."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All words of one language."""

    language: str
    views: Mapping[str, View]
    choices: Mapping[str, Choice]
    steps: Mapping[StepCode, str]
    consent_id: str
    """Names the wording of what is agreed to; every result that rests on it bears this (R62)."""
    weekdays: tuple[str, ...]
    """Monday first."""

    def view(self, code: ScreenCode | Reason) -> View:
        """The screenful for a code."""
        return self.views[code.value]

    def choice(self, code: ChoiceCode) -> Choice:
        """What can be touched, with its words."""
        return self.choices[code.value]

    def step(self, code: StepCode, **words: str | int) -> str:
        """One line about what comes next, with these words filled in."""
        return self.steps[code].format(**words)


_MOODS: Mapping[str, Mood] = {
    ScreenCode.READY: Mood.IDLE,
    ScreenCode.CONSENT: Mood.CONSENT,
    ScreenCode.HOLD_STILL_PLEASE: Mood.HOLD,
    ScreenCode.DONE: Mood.DONE,
    ScreenCode.NOT_DONE: Mood.REFUSED,
    ScreenCode.OUT_OF_ORDER: Mood.FAULT,
    ScreenCode.STARTING: Mood.IDLE,
    ScreenCode.BUSY: Mood.IDLE,
}


def mood_of(code: str) -> Mood:
    """What a screenful with this code is about, where nothing else says so: a reason may guide, and may be how it ended."""
    return _MOODS.get(code, Mood.ACTION if code.startswith("ASK_") else Mood.LOOK)


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
    if unknown := sorted(set(tables) - {"screen", "reason", "choice", "step", "consent", "calendar"}):
        raise CatalogueInvalidError(language, f"does not know [{unknown[0]}]")
    screens = _views(language, tables, "screen", [code.value for code in ScreenCode])
    reasons = _views(language, tables, "reason", [code.value for code in Reason])
    consent, calendar = (
        _section(language, tables, "consent", ["id", "lines"]),
        _section(language, tables, "calendar", ["weekdays"]),
    )
    screens[ScreenCode.CONSENT] = replace(screens[ScreenCode.CONSENT], lines=_texts(language, "consent.lines", consent["lines"]))
    choices = _section(language, tables, "choice", [code.value for code in ChoiceCode])
    weekdays = _texts(language, "calendar.weekdays", calendar["weekdays"])
    if len(weekdays) != 7:
        raise CatalogueInvalidError(language, "calendar.weekdays needs the names of seven days")
    return Catalogue(
        language,
        screens | reasons,
        {code: Choice(code, _text(language, code, words)) for code, words in choices.items()},
        _steps(language, tables),
        _text(language, "consent.id", consent["id"]),
        weekdays,
    )


def other_languages(language: str) -> tuple[Choice, ...]:
    """What is touched to go on in another language than this one."""
    return tuple(Choice(f"{LANGUAGE_CHOICE}{tag}", name) for tag, name in LANGUAGES.items() if tag != language)


LANGUAGE_CHOICE = "LANGUAGE:"


def _section(language: str, tables: Mapping[str, object], name: str, codes: list[str]) -> dict[str, object]:
    section = tables.get(name)
    if not isinstance(section, dict) or set(section) != set(codes):
        found = set(section) if isinstance(section, dict) else set()
        wrong = sorted(found.symmetric_difference(codes))
        raise CatalogueInvalidError(language, f"[{name}] lacks or does not know {', '.join(wrong)}")
    return section


def _views(language: str, tables: Mapping[str, object], name: str, codes: list[str]) -> dict[str, View]:
    section = _section(language, tables, name, codes)
    return {code: _view(language, code, section[code]) for code in codes}


def _steps(language: str, tables: Mapping[str, object]) -> dict[StepCode, str]:
    section = _section(language, tables, "step", [code.value for code in StepCode])
    steps = {code: _text(language, code, section[code]) for code in StepCode}
    for code, words in steps.items():
        try:
            rooms = {room for _, room, _, _ in Formatter().parse(words) if room is not None}
        except ValueError as error:
            raise CatalogueInvalidError(language, f"{code} has a brace that is not closed") from error
        if rooms != FILLED_IN.get(code, frozenset()):
            wanted = " and ".join(f"{{{room}}}" for room in sorted(FILLED_IN.get(code, ()))) or "nothing"
            raise CatalogueInvalidError(language, f"{code} must have room for {wanted}")
    return steps


def _text(language: str, name: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise CatalogueInvalidError(language, f"{name} must be a text")
    return value


def _texts(language: str, name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise CatalogueInvalidError(language, f"{name} must be a list of texts")
    return tuple(_text(language, name, each) for each in value)


def _view(language: str, code: str, entry: object) -> View:
    match entry:
        case {"title": str() as title, "remedy": str() as remedy, **rest} if title and not rest:
            return View(code, title, remedy, language, mood_of(code))
    raise CatalogueInvalidError(language, f"{code} needs a title and a remedy, both text")
