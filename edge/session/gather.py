"""Numbers become words here, and nowhere else: observations are counted and measured, and at most one Event is spoken.

It also keeps the evidence of the present track. A lost or changed face takes its evidence with it.
"""

from __future__ import annotations

from collections import Counter

from edge.flow import ActionKind, ActionOutcome, LivenessEvidence, LivenessScore, Observation, Shot, TrackId
from edge.rules import Rules
from edge.session.challenge import ActionWatch
from edge.session.states import Event, State
from wire.reasons import Reason


class Gatherer:
    """Gathers the evidence of one attempt. `asked` is None for an attempt in which the visitor only holds still."""

    def __init__(self, rules: Rules, asked: ActionKind | None) -> None:
        self._rules, self._asked = rules, asked
        self._started_ns: int | None = None
        self._hindrances: Counter[Reason] = Counter()
        self._good_frames = self._bad_frames = 0
        self._last_outcome = ActionOutcome.NOT_ASKED
        self.forget()

    def forget(self) -> None:
        """Drop what was seen of the present face; how the last action failed, and what stood in the way, is kept."""
        if self._last_outcome is ActionOutcome.DONE:
            self._last_outcome = ActionOutcome.PENDING
        self._track: TrackId | None = None
        self._steady = 0
        self._usable_ns: int | None = None
        self._textures: list[float] = []
        self._shots: list[Shot] = []
        self._asked_ns: int | None = None
        self._watch: ActionWatch | None = None

    def take(self, state: State, seen: Observation) -> Event | None:
        """Take in one observation and say what happened, if anything did."""
        if self._started_ns is None:
            self._started_ns = seen.captured_ns
        if seen.captured_ns - self._started_ns > self._rules.times.attempt_ms * 1_000_000:
            return Event.EXPIRED
        match state:
            case State.ACQUIRING:
                return self._acquire(seen)
            case State.PROBING:
                return self._probe(seen)
            case State.CHALLENGING:
                return self._challenge(seen)
            case _:
                return None

    @property
    def evidence(self) -> LivenessEvidence:
        """What was seen of life. Too few probes are no texture at all."""
        enough = len(self._textures) >= self._rules.texture_frames
        texture = LivenessScore(sum(self._textures) / len(self._textures)) if enough else None
        return LivenessEvidence(texture, len(self._textures), self._asked, self._last_outcome)

    @property
    def shots(self) -> tuple[Shot, ...]:
        """Shots of the present face, spread over the time it was seen, oldest first."""
        return tuple(self._shots)

    @property
    def hindrance(self) -> Reason | None:
        """What stood in the way most often; None when at least half of the frames were good."""
        if self._bad_frames <= self._good_frames:
            return None
        return self._hindrances.most_common(1)[0][0]

    def _acquire(self, seen: Observation) -> Event | None:
        self._count_hindrance(seen)
        if not _usable(seen) or (self._track is not None and seen.track != self._track):
            self._steady = 0
        self._track = seen.track
        if not _usable(seen):
            return None
        self._steady += 1
        self._usable_ns = seen.captured_ns
        return Event.FACE_READY if self._steady >= self._rules.steady_frames else None

    def _probe(self, seen: Observation) -> Event | None:
        if self._lost(seen):
            return Event.FACE_LOST
        self._keep(seen)
        if self._denied:
            return Event.EVIDENCE_COMPLETE
        if not self._still_evidence_complete:
            return None
        if self._asked is None:
            return Event.EVIDENCE_COMPLETE
        self._asked_ns = seen.captured_ns
        self._watch = ActionWatch(self._asked)
        self._last_outcome = self._watch.outcome
        return Event.ACTION_DUE

    def _challenge(self, seen: Observation) -> Event | None:
        if self._lost(seen):
            return Event.FACE_LOST
        self._keep(seen)
        if self._watch is None or self._asked_ns is None:
            return Event.FACE_LOST
        if seen.openness:
            self._last_outcome = self._watch.see(seen.openness)
        if self._last_outcome is ActionOutcome.DONE or self._denied:
            return Event.EVIDENCE_COMPLETE
        if seen.captured_ns - self._asked_ns > self._rules.times.action_ms * 1_000_000:
            self._last_outcome = self._watch.give_up()
            return Event.EVIDENCE_COMPLETE
        return None

    def _lost(self, seen: Observation) -> bool:
        """Whether the face is another one, or could not be used for too long."""
        self._count_hindrance(seen)
        if seen.track is not None and seen.track != self._track:
            return True
        if _usable(seen):
            self._usable_ns = seen.captured_ns
            return False
        if self._usable_ns is None:
            return True
        since_ns = seen.captured_ns - self._usable_ns
        return since_ns > self._rules.times.lost_after_ms * 1_000_000

    def _keep(self, seen: Observation) -> None:
        if seen.texture:
            self._textures.append(seen.texture.score)
        if seen.shot:
            self._shots = spread_out([*self._shots, seen.shot], self._rules.shots)

    @property
    def _still_evidence_complete(self) -> bool:
        return len(self._textures) >= self._rules.texture_frames and len(self._shots) >= self._rules.shots

    @property
    def _denied(self) -> bool:
        """Whether the texture speaks against life: that ends the attempt at once, so that no attacker can step back from it."""
        texture = self.evidence.texture
        return texture is not None and not texture >= self._rules.thresholds.texture

    def _count_hindrance(self, seen: Observation) -> None:
        if _usable(seen):
            self._good_frames += 1
            return
        self._bad_frames += 1
        # Every flaw stands in the way, not only the worst: who is too far away all the time is not hindered by a glance aside.
        flaws = seen.sample.flaws if seen.sample else ()
        self._hindrances.update(dict.fromkeys((flaw.reason for flaw in flaws), 1) if flaws else {Reason.NO_FACE: 1})


def spread_out(shots: list[Shot], most: int) -> list[Shot]:
    """At most so many of these shots, which are in the order of time: of the two that lie closest together the better one stays.

    Shots far apart differ in look and light, and their mean says more than that of the best few, which are often neighbours.
    """
    kept = list(shots)
    while len(kept) > most:
        first = min(range(len(kept) - 1), key=lambda at: kept[at + 1].captured_ns - kept[at].captured_ns)
        worse = first if kept[first].quality < kept[first + 1].quality else first + 1
        del kept[worse]
    return kept


def _usable(seen: Observation) -> bool:
    return seen.sample is not None and seen.sample.usable
