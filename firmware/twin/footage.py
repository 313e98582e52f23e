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

from dataclasses import dataclass
from pathlib import Path

from firmware.errors import FootageInvalidError
from firmware.twin.toml_table import Table, read_table

DEFAULT_ENDS_AFTER_S = 60.0
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
    root = read_table(path, FootageInvalidError)
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


def _action(table: Table) -> Action:
    table.refuse_unknown(_CLIP_KEYS | {"code", "delay_s"})
    return Action(table.text("code"), _scene(table), _ns(table.seconds("delay_s", 0.0)))


def _scene(table: Table) -> Scene:
    start_s, end_s = table.seconds("start_s"), table.seconds("end_s")
    if start_s >= end_s:
        raise table.wrong("end_s", "it must be later than start_s")
    return Scene(table.path.parent / table.text("clip"), _ns(start_s), _ns(end_s))


def _ns(seconds: float) -> int:
    return round(seconds * 1e9)
