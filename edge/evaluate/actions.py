"""How many of the movements that somebody marked in clips are found, and what is found that nobody did."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.evaluate.happened import ClipDiary
from edge.evaluate.tables import Row, file_inside, read_table
from edge.flow import ActionKind
from edge.session.diary import Happening
from models.calibration.rates import Rate, rate

COLUMNS = ("file", "event", "start_s", "end_s")
EVENTS: Mapping[str, ActionKind] = {
    "blink": ActionKind.BLINK,
    "mouth_open": ActionKind.OPEN_MOUTH,
    # The edges of the picture; left and right of an action are the visitor's.
    "face_to_left_edge": ActionKind.TURN_RIGHT,
    "face_to_right_edge": ActionKind.TURN_LEFT,
    "head_down": ActionKind.NOD,
    "head_up": ActionKind.LOOK_UP,
}
CONTEXTS = ("talks", "smile_teeth", "frontal")
"""Meanwhile, everything that is not marked itself is found in error."""
NOTHING = "none"
"""A clip in which nothing is marked; its times are empty."""
TOLERANCE_S = 0.25
"""Marks were read by eye, and so much earlier or later still is the same event."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What somebody saw in a clip."""

    file: str
    path: Path
    event: str
    """One of `EVENTS` or `CONTEXTS`, or `NOTHING`."""
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A mark of an event, and what was found there."""

    mark: Mark
    found: Happening | None


@dataclass(frozen=True, slots=True)
class FalseEvent:
    """Found while something else was marked."""

    file: str
    happening: Happening
    context: str


@dataclass(frozen=True, slots=True)
class ContextTime:
    """How much was marked as a context, and what was found there in error."""

    context: str
    seconds: float
    found: int

    @property
    def per_minute(self) -> float | None:
        """None when no time was marked."""
        return self.found / self.seconds * 60 if self.seconds else None


@dataclass(frozen=True, slots=True)
class ActionReport:
    """Shares found, and false events."""

    hits: tuple[Hit, ...]
    kinds: tuple[tuple[str, Rate], ...]
    """For each kind of event that is marked, the share that was found."""
    false_events: tuple[FalseEvent, ...]
    contexts: tuple[ContextTime, ...]

    @property
    def false_per_minute(self) -> float | None:
        """Over all contexts; None when no context is marked."""
        seconds = sum(one.seconds for one in self.contexts)
        return len(self.false_events) / seconds * 60 if seconds else None


def read_marks(path: Path, root: Path) -> tuple[Mark, ...]:
    """Read the list of events; raises `ListUnreadableError`, `ListInvalidError`, `FolderNotFoundError`."""
    return tuple(_mark(root, row) for row in read_table(path, COLUMNS))


def _mark(root: Path, row: Row) -> Mark:
    path, event = file_inside(root, row, "file"), row.text("event")
    if event == NOTHING:
        return Mark(row.text("file"), path, event, 0.0, 0.0)
    if event not in EVENTS and event not in CONTEXTS:
        raise row.wrong("event", f"{event!r} is none of {', '.join((*EVENTS, *CONTEXTS, NOTHING))}")
    start_s, end_s = _seconds(row, "start_s"), _seconds(row, "end_s")
    if end_s < start_s:
        raise row.wrong("end_s", f"it ends at {end_s} s, before it begins at {start_s} s")
    return Mark(row.text("file"), path, event, start_s, end_s)


def _seconds(row: Row, column: str) -> float:
    text = row.text(column)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise row.wrong(column, f"{text!r} is no time in seconds of the clip")
    return value


def weigh_marks(marks: Sequence[Mark], diaries: Mapping[str, ClipDiary]) -> ActionReport:
    """Hold the marks against what was seen in each clip; `diaries` has one for each file."""
    hits: list[Hit] = []
    false_events: list[FalseEvent] = []
    for file in dict.fromkeys(mark.file for mark in marks):
        of_file = [mark for mark in marks if mark.file == file]
        seen = [noted.happening for noted in diaries[file].noted]
        answers = _hits(of_file, seen)
        hits += answers
        false_events += _false_events(of_file, [one for one in seen if all(one is not hit.found for hit in answers)])
    return ActionReport(tuple(hits), tuple(_kinds(hits)), tuple(false_events), tuple(_contexts(marks, false_events)))


def _hits(marks: Iterable[Mark], found: Iterable[Happening]) -> list[Hit]:
    """Each happening answers one mark at most: the earliest that it can."""
    left, hits = list(found), []
    for mark in sorted((mark for mark in marks if mark.event in EVENTS), key=lambda mark: mark.start_s):
        fitting = (one for one in left if one.kind is EVENTS[mark.event] and _overlap(one, mark, TOLERANCE_S))
        answer = min(fitting, key=lambda one: one.end_ns, default=None)
        left = [one for one in left if one is not answer]
        hits.append(Hit(mark, answer))
    return hits


def _false_events(marks: Iterable[Mark], unanswered: Iterable[Happening]) -> list[FalseEvent]:
    """What falls into a context; into two of them, counts in the first."""
    contexts = [mark for mark in marks if mark.event in CONTEXTS]
    meanwhile = [(one, next((mark for mark in contexts if _overlap(one, mark, 0.0)), None)) for one in unanswered]
    return [FalseEvent(mark.file, one, mark.event) for one, mark in meanwhile if mark]


def _overlap(one: Happening, mark: Mark, tolerance_s: float) -> bool:
    return one.start_ns <= (mark.end_s + tolerance_s) * 1e9 and one.end_ns >= (mark.start_s - tolerance_s) * 1e9


def _kinds(hits: Sequence[Hit]) -> list[tuple[str, Rate]]:
    by_event = {event: [hit for hit in hits if hit.mark.event == event] for event in EVENTS}
    return [(event, rate(sum(hit.found is not None for hit in of), len(of))) for event, of in by_event.items() if of]


def _contexts(marks: Sequence[Mark], false_events: Sequence[FalseEvent]) -> list[ContextTime]:
    seconds = {name: sum(mark.end_s - mark.start_s for mark in marks if mark.event == name) for name in CONTEXTS}
    return [
        ContextTime(name, length, sum(one.context == name for one in false_events)) for name, length in seconds.items() if length
    ]
