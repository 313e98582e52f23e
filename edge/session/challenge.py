"""Which action a visit asks for, and whether it was done: judged against the visitor's own resting face."""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass
from statistics import median

from edge.flow import ActionKind, ActionOutcome, Openness


def asked_action(nonce: bytes) -> ActionKind:
    """The action of a visit, decided by its nonce: nobody on the unit chooses it, and a recording cannot know it."""
    kinds = tuple(ActionKind)
    return kinds[hashlib.sha256(b"lifecert action 1" + nonce).digest()[0] % len(kinds)]


@dataclass(frozen=True, slots=True)
class ActionLimits:
    """What counts as the action. Ratios refer to the visitor's own resting eyes, so drooping lids can blink too."""

    closed_ratio: float = 0.6
    """Eyes count as closed below this share of their resting openness, and as open again above `open_ratio`."""
    open_ratio: float = 0.8
    mouth_open: float = 0.45
    mouth_shut: float = 0.25
    blink_shortest_ms: int = 60
    blink_longest_ms: int = 1_000
    """A blink lasts 100 to 400 ms (Stern, Walrath and Goldstein, Psychophysiology 21, 1984); elders may take longer."""
    mouth_shortest_ms: int = 200
    mouth_longest_ms: int = 4_000
    resting_frames: int = 5
    """So many frames are seen before an action can begin."""
    longest_gap_ms: int = 300
    """An action during which the face was out of sight for longer was not seen, and does not count (R22)."""


class ActionWatch:
    """Watches one visitor for one action, frame by frame."""

    def __init__(self, asked: ActionKind, limits: ActionLimits | None = None) -> None:
        self._asked, self._limits = asked, limits or ActionLimits()
        self._resting: deque[float] = deque(maxlen=60)
        self._eyes_since_ns: int | None = None
        self._mouth_since_ns: int | None = None
        self._seen_ns: int | None = None
        self.outcome = ActionOutcome.PENDING

    @property
    def asked(self) -> ActionKind:
        """The action that was asked for."""
        return self._asked

    def give_up(self) -> ActionOutcome:
        """The time is over: what was not tried was missed; a failed try keeps its own word."""
        if self.outcome is ActionOutcome.PENDING:
            self.outcome = ActionOutcome.MISSED
        return self.outcome

    def see(self, seen: Openness) -> ActionOutcome:
        """Take in one frame. DONE stays; a failed try is reported until the next one ends."""
        if self.outcome is ActionOutcome.DONE:
            return self.outcome
        self._drop_unseen(seen.captured_ns)
        if len(self._resting) >= self._limits.resting_frames:
            self._see_eyes(seen, median(self._resting))
            self._see_mouth(seen)
        if self._eyes_since_ns is None and self._mouth_since_ns is None:
            self._resting.append(seen.eyes)
        return self.outcome

    def _drop_unseen(self, now_ns: int) -> None:
        if self._seen_ns is not None and now_ns - self._seen_ns > self._limits.longest_gap_ms * 1_000_000:
            self._eyes_since_ns = self._mouth_since_ns = None
        self._seen_ns = now_ns

    def _see_eyes(self, seen: Openness, resting: float) -> None:
        if self._eyes_since_ns is None:
            if seen.eyes < self._limits.closed_ratio * resting and self._mouth_since_ns is None:
                self._eyes_since_ns = seen.captured_ns
        elif seen.eyes > self._limits.open_ratio * resting:
            lasted_ms = (seen.captured_ns - self._eyes_since_ns) // 1_000_000
            self._eyes_since_ns = None
            self._judge(ActionKind.BLINK, lasted_ms, self._limits.blink_shortest_ms, self._limits.blink_longest_ms)

    def _see_mouth(self, seen: Openness) -> None:
        if self._mouth_since_ns is None:
            if seen.mouth > self._limits.mouth_open:
                self._mouth_since_ns = seen.captured_ns
        elif seen.mouth < self._limits.mouth_shut:
            lasted_ms = (seen.captured_ns - self._mouth_since_ns) // 1_000_000
            self._mouth_since_ns = None
            self._judge(ActionKind.OPEN_MOUTH, lasted_ms, self._limits.mouth_shortest_ms, self._limits.mouth_longest_ms)

    def _judge(self, kind: ActionKind, lasted_ms: int, shortest_ms: int, longest_ms: int) -> None:
        if kind is not self._asked:
            # People blink all the time without being asked; only an open mouth is an answer to the wrong question.
            if kind is ActionKind.OPEN_MOUTH:
                self.outcome = ActionOutcome.WRONG
        elif lasted_ms < shortest_ms:
            self.outcome = ActionOutcome.TOO_FAST
        elif lasted_ms > longest_ms:
            self.outcome = ActionOutcome.TOO_SLOW
        else:
            self.outcome = ActionOutcome.DONE
