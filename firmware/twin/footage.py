"""Reads the TOML file that describes a person made of real footage. actor.py plays it.

ends_after_s = 60                   # optional

[neutral]                           # what the person does until asked
clip = "person.mp4"                 # relative to the TOML file
start_s = 3.4
end_s = 6.0

[[action]]                          # what the person does when the screen shows this word
code = "ASK_BLINK"
clip = "person.mp4"
start_s = 1.1
end_s = 1.7
delay_s = 0.6                       # how long the person takes to react
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from firmware.errors import FootageInvalidError

DEFAULT_ENDS_AFTER_S = 60.0
MAX_SECONDS = 3600.0
MAX_FILE_BYTES = 1024 * 1024
_CLIP_KEYS = {"clip", "start_s", "end_s"}


@dataclass(frozen=True, slots=True)
class Scene:
    """A part of a clip."""

    clip: Path
    start_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True)
class Action:
    """What the person does when the screen shows a word."""

    code: str
    scene: Scene
    delay_ns: int


@dataclass(frozen=True, slots=True)
class Footage:
    """Everything the person can do."""

    neutral: Scene
    actions: tuple[Action, ...]
    ends_after_ns: int

    def action_for(self, code: str) -> Action | None:
        """The action that answers this word; None if the person does nothing then."""
        return next((action for action in self.actions if action.code == code), None)


def read_footage(path: Path) -> Footage:
    """Read the description; raises FootageInvalidError that names the table, the key and what it may hold.

    Whether the clips exist and last long enough is checked by whoever opens them.
    """
    root = _Table(path, "top level", _parse(path))
    root.refuse_unknown({"neutral", "action", "ends_after_s"})
    actions = tuple(_action(table) for table in root.tables("action"))
    codes = [action.code for action in actions]
    for code in codes:
        if codes.count(code) > 1:
            raise FootageInvalidError(path, f"[[action]] is given twice for code {code!r}")
    neutral = root.table("neutral")
    neutral.refuse_unknown(_CLIP_KEYS)
    ends_after_s = root.seconds("ends_after_s", DEFAULT_ENDS_AFTER_S)
    return Footage(_scene(neutral), actions, _ns(ends_after_s))


def _parse(path: Path) -> Mapping[str, object]:
    if not path.is_file():
        raise FootageInvalidError(path, "this is not a file")
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise FootageInvalidError(path, f"the file is larger than {MAX_FILE_BYTES} bytes")
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise FootageInvalidError(path, f"this is not a readable TOML file ({error})") from error


@dataclass(frozen=True, slots=True)
class _Table:
    """One table of the file; each getter raises FootageInvalidError where the value is missing or wrong."""

    path: Path
    name: str
    values: Mapping[str, object]

    def refuse_unknown(self, known: set[str]) -> None:
        for key in self.values:
            if key not in known:
                raise self.wrong(key, f"unknown key; known are {', '.join(sorted(known))}")

    def wrong(self, key: str, why: str) -> FootageInvalidError:
        return FootageInvalidError(self.path, f"{self.name}, {key}: {why}")

    def text(self, key: str) -> str:
        value = self.values.get(key)
        if not isinstance(value, str) or not value or "\0" in value:
            raise self.wrong(key, "a text is needed")
        return value

    def seconds(self, key: str, absent: float | None = None) -> float:
        value = self.values.get(key, absent)
        # In Python a truth value is a number too; a NaN fails the comparison.
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_SECONDS:
            raise self.wrong(key, f"a number of seconds from 0 to {MAX_SECONDS:.0f} is needed")
        return float(value)

    def table(self, key: str) -> "_Table":
        value = self.values.get(key)
        if not isinstance(value, dict):
            raise self.wrong(key, f"a table [{key}] is needed")
        return _Table(self.path, f"[{key}]", value)

    def tables(self, key: str) -> "tuple[_Table, ...]":
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            raise self.wrong(key, f"tables [[{key}]] are needed")
        return tuple(_Table(self.path, f"[[{key}]] number {number}", entry) for number, entry in enumerate(value, start=1))


def _action(table: _Table) -> Action:
    table.refuse_unknown(_CLIP_KEYS | {"code", "delay_s"})
    return Action(table.text("code"), _scene(table), _ns(table.seconds("delay_s", 0.0)))


def _scene(table: _Table) -> Scene:
    start_s, end_s = table.seconds("start_s"), table.seconds("end_s")
    if start_s >= end_s:
        raise table.wrong("end_s", "it must be later than start_s")
    return Scene(table.path.parent / table.text("clip"), _ns(start_s), _ns(end_s))


def _ns(seconds: float) -> int:
    return round(seconds * 1e9)
