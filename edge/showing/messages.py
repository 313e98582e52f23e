"""What passes over the stage socket, as frozen types and as lines of JSON. Both ends read strictly: anything else is refused.

From `lifecert-edge` to the panel: a view, how much is done, a picture of the mirror, how the unit is. From the panel: a touch,
an order, and whether somebody looks into the mirror. Nothing else can be said: whoever breaks into the panel can touch, order
and look.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from edge.showing.errors import StageLineError
from edge.showing.orders import is_order
from firmware.ports import Choice, Mood, View

LONGEST_DOWN_BYTES, LONGEST_UP_BYTES = 256 * 1024, 256
"""Of one line to the panel, and of one from it."""
MOST_LINES, MOST_CHOICES = 24, 8
LARGEST_NUMBER = 2**53 - 1
_CODE = re.compile(r"[A-Za-z0-9_:.-]{1,32}")


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of the visit is done, 0 to 1."""

    done: float


@dataclass(frozen=True, slots=True)
class Reflection:
    """A small JPEG of what the camera sees, mirrored. It is shown and forgotten."""

    jpeg: bytes


@dataclass(frozen=True, slots=True)
class Condition:
    """How the unit is, for the operator's page and `/metrics`: names and plain numbers or words, nothing of a person."""

    facts: Mapping[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True)
class Touch:
    """A choice was touched, on the showing of a view that had this number."""

    choice: str
    view: int


@dataclass(frozen=True, slots=True)
class Ordered:
    """An operator ordered something, as `edge/showing/orders.py` spells it; it stands on no view."""

    order: str


@dataclass(frozen=True, slots=True)
class Watching:
    """Whether somebody looks into the mirror from now on."""

    mirror: bool


Down = View | Progress | Reflection | Condition
Up = Touch | Ordered | Watching


def down_line(message: Down) -> bytes:
    """One line for the panel, with its line break."""
    match message:
        case View():
            body: dict[str, object] = {"view": _view(message)}
        case Progress(done):
            body = {"done": round(min(1.0, max(0.0, done)), 3)}
        case Reflection(jpeg):
            body = {"mirror": base64.b64encode(jpeg).decode("ascii")}
        case Condition(facts):
            body = {"condition": dict(facts)}
    return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def up_line(message: Up) -> bytes:
    """One line for `lifecert-edge`, with its line break."""
    match message:
        case Touch(choice, view):
            body: dict[str, object] = {"touch": choice, "view": view}
        case Ordered(order):
            body = {"order": order}
        case Watching(mirror):
            body = {"watching": mirror}
    return json.dumps(body, separators=(",", ":")).encode() + b"\n"


def read_down(line: bytes) -> Down:
    """A line from `lifecert-edge`; raises `StageLineError`."""
    body = _object(line, LONGEST_DOWN_BYTES)
    match body:
        case {"view": dict() as view} if len(body) == 1:
            return _read_view(view)
        case {"done": int() | float() as done} if len(body) == 1 and not isinstance(done, bool) and 0 <= done <= 1:
            return Progress(float(done))
        case {"mirror": str() as text} if len(body) == 1:
            return Reflection(_jpeg(text))
        case {"condition": dict() as facts} if len(body) == 1:
            return Condition(_facts(facts))
    raise StageLineError("neither a view nor anything else that can be shown")


def read_up(line: bytes) -> Up:
    """A line from the panel; raises `StageLineError`."""
    body = _object(line, LONGEST_UP_BYTES)
    match body:
        case {"touch": str() as choice, "view": view} if len(body) == 2 and _CODE.fullmatch(choice) and is_number(view):
            return Touch(choice, int(str(view)))
        case {"order": str() as order} if len(body) == 1 and is_order(order):
            return Ordered(order)
        case {"watching": bool() as mirror} if len(body) == 1:
            return Watching(mirror)
    raise StageLineError("neither a touch nor anything else that a panel can say")


def is_number(value: object) -> bool:
    """Whether this can number the showing of a view: whole, from 0 to what a browser can count exactly."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_NUMBER


def _view(view: View) -> dict[str, object]:
    return {
        "code": view.code,
        "title": view.title,
        "remedy": view.remedy,
        "language": view.language,
        "mood": view.mood.value,
        "lines": list(view.lines),
        "choices": [[choice.code, choice.words] for choice in view.choices],
        "until_ns": view.until_ns,
        "number": view.number,
    }


_TEXTS, _KEYS = (
    ("code", "title", "remedy", "language"),
    {"code", "title", "remedy", "language", "mood", "lines", "choices", "until_ns", "number"},
)


def _read_view(body: Mapping[str, object]) -> View:
    texts = [body.get(key) for key in _TEXTS]
    lines, choices, until_ns = body.get("lines"), body.get("choices"), body.get("until_ns")
    if set(body) != _KEYS or not all(isinstance(text, str) for text in texts) or body["mood"] not in tuple(Mood):
        raise StageLineError("a view with a field too many, too few or of another kind")
    if not isinstance(lines, list) or len(lines) > MOST_LINES or not all(isinstance(line, str) for line in lines):
        raise StageLineError("a view whose lines are not texts, or too many")
    if until_ns is not None and (not isinstance(until_ns, int) or isinstance(until_ns, bool)):
        raise StageLineError("a view whose end is no time")
    if not is_number(number := body["number"]):
        raise StageLineError("a view whose showing is no number")
    code, title, remedy, language = (str(text) for text in texts)
    mood, offered = Mood(str(body["mood"])), _read_choices(choices)
    return View(code, title, remedy, language, mood, tuple(lines), offered, until_ns, int(str(number)))


def _read_choices(choices: object) -> tuple[Choice, ...]:
    if not isinstance(choices, list) or len(choices) > MOST_CHOICES:
        raise StageLineError("a view whose choices are no list, or too many")
    read = []
    for choice in choices:
        match choice:
            case [str() as code, str() as words] if _CODE.fullmatch(code):
                read.append(Choice(code, words))
            case _:
                raise StageLineError("a choice that is no code with its words")
    return tuple(read)


def _facts(facts: Mapping[str, object]) -> Mapping[str, str | int | float | bool | None]:
    read: dict[str, str | int | float | bool | None] = {}
    for name, value in facts.items():
        if not isinstance(value, str | int | float | bool | None):
            raise StageLineError(f"a condition whose {name[:32]!r} is neither word nor number")
        read[name] = value
    return read


def _jpeg(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise StageLineError("a picture that is not base64") from error


def _object(line: bytes, longest: int) -> Mapping[str, object]:
    if len(line) > longest:
        raise StageLineError(f"longer than {longest} bytes")
    try:
        body = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise StageLineError("not JSON") from error
    if not isinstance(body, dict):
        raise StageLineError("not an object")
    return body
