"""Leads session and gatherer through a course of observations as the frame loop does, without pixels."""

from __future__ import annotations

from collections.abc import Iterable

from edge.flow import ActionKind, Observation
from edge.rules import Rules
from edge.session.challenge import Challenge
from edge.session.gather import Gatherer
from edge.session.light_code import LightCode
from edge.session.states import Command, Event, Session, State
from tests.edge.observations import RULES


class Course:
    """One started attempt; remembers every event that was spoken."""

    def __init__(self, *asked: ActionKind, rules: Rules = RULES, code: LightCode | None = None) -> None:
        self.gatherer, self.session = Gatherer(rules, Challenge(asked, code)), Session()
        self.spoken: list[Event] = []
        self._hear(Event.STARTED)

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
