"""Leads session and gatherer through a course of observations as the frame loop does, without pixels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from edge.flow import ActionKind, Observation
from edge.rules import Rules
from edge.session.challenge import Challenge
from edge.session.gather import Gatherer
from edge.session.light_code import LightCode
from edge.session.states import Command, Event, Session, State
from tests.edge.observations import RULES, usable

FRAME_MS = 1000 / 30
OPEN = (0.30, 0.0)
"""Eyes and mouth of somebody who does nothing."""


class Course:
    """One started attempt; remembers every event that was spoken."""

    def __init__(
        self, *asked: ActionKind, rules: Rules = RULES, code: LightCode | None = None, instead: tuple[ActionKind, ...] = ()
    ) -> None:
        self.gatherer, self.session = Gatherer(rules, Challenge(asked, code, instead)), Session()
        self.spoken: list[Event] = []
        self._hear(Event.STARTED)
        self._hear(Event.AGREED)

    @property
    def state(self) -> State:
        return self.session.state

    def take(self, seen: Observation) -> Event | None:
        """Take in one observation, and let the session hear what was spoken."""
        event = self.gatherer.take(self.session.state, seen)
        if event:
            self.spoken.append(event)
            self._hear(event)
        return event

    def take_all(self, course: Iterable[Observation]) -> Event | None:
        """Take in one after the other until the attempt is concluded; returns the last event spoken."""
        for seen in course:
            self.take(seen)
            if self.state is State.CONCLUDED:
                break
        return self.spoken[-1] if self.spoken else None

    def _hear(self, event: Event) -> None:
        if Command.FORGET_EVIDENCE in self.session.hear(event):
            self.gatherer.forget()


def ready(track: int = 1, at_ms: float = 0.0) -> list[Observation]:
    """Just enough steady frames."""
    return [usable(at_ms + number * FRAME_MS, track) for number in range(RULES.steady_frames)]


def still_evidence(at_ms: float, track: int = 1, texture: float = 0.99) -> list[Observation]:
    """Frames 50 ms apart with all that a still attempt needs."""
    probes = [usable(at_ms + 50 * number, track, texture=texture) for number in range(RULES.texture_frames)]
    shots = [usable(at_ms + 50 * (RULES.texture_frames + number), track, shot=90) for number in range(RULES.shots)]
    return probes + shots


def frames(start_ms: float, end_ms: float, eyes_mouth: tuple[float, float] = OPEN) -> Iterator[Observation]:
    at_ms = start_ms
    while at_ms < end_ms:
        yield usable(at_ms, eyes_mouth=eyes_mouth)
        at_ms += FRAME_MS
