"""What the waits of many visits come to: median and 95th percentile with their intervals, by what was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edge.evaluate.cost.bootstrap import CONFIDENCE, DRAWS, SEED
from edge.evaluate.waiting.cast import ACTING, Asked
from edge.evaluate.waiting.visits import Wait
from edge.flow import ActionKind
from edge.session.challenge import FACE_ACTIONS
from wire.result import Verdict

GOALS_S: Mapping[Asked, float] = {Asked.PASSIVE: 4.0, Asked.TWO: 15.0}
"""Most that 95 of 100 visitors wait from the face in place to the decision."""


@dataclass(frozen=True, slots=True)
class Quantile:
    """A quantile with the 95 % interval by bootstrap (percentile method, fixed seed); seconds."""

    value: float
    low: float
    high: float


def quantile(values: Sequence[float], share: float) -> Quantile:
    """Of at least one value; `ValueError` for none. With few values the interval of a 95th percentile is too narrow."""
    if not values:
        raise ValueError("there is no quantile of nothing")
    array = np.asarray(values, dtype=np.float64)
    drawn = np.random.default_rng(SEED).integers(0, len(array), (DRAWS, len(array)))
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(np.quantile(array[drawn], share, axis=1), [tail, 1 - tail])
    return Quantile(float(np.quantile(array, share)), float(low), float(high))


@dataclass(frozen=True, slots=True)
class Summary:
    """All visits of one kind."""

    asked: Asked
    visits: int
    never: int
    """Visits in which the face never was in place; they wait for nothing and are in no figure."""
    accepted: int
    median: Quantile
    p95: Quantile
    still_s: float
    asking_s: float
    judging_s: float
    """Medians of the three parts, seconds."""
    own_s: Quantile
    """The 95th percentile of what the unit adds: the wait of those who were accepted, less what they took to react and to act."""
    seen_share: float
    """Of the frames that there were, so many were looked at."""

    @property
    def goal_s(self) -> float | None:
        """None where nothing is asked of the figure."""
        return GOALS_S.get(self.asked)

    @property
    def met(self) -> bool | None:
        """Whether the 95th percentile keeps to the goal."""
        return None if self.goal_s is None else self.p95.value <= self.goal_s


def summarise(waits: Sequence[Wait]) -> tuple[Summary, ...]:
    """One for each kind in which a face was in place at least once."""
    by_kind = {asked: [wait for wait in waits if wait.plan.asked is asked] for asked in Asked}
    return tuple(_summary(asked, group) for asked, group in by_kind.items() if any(one.total_s is not None for one in group))


def mixed_p95(waits: Sequence[Wait]) -> Quantile | None:
    """The 95th percentile for one action of the face and one of the head, put together from visits with one action.

    Each draw takes the still part of a visit, and the asking part of one visit of either kind. It is reckoned, not played. None
    where one kind of action is missing.
    """
    ones = [wait for wait in waits if wait.plan.asked is Asked.ONE and wait.verdict is Verdict.ACCEPTED]
    face = [one.asking_s or 0.0 for one in ones if one.plan.actions[0] in FACE_ACTIONS]
    head = [one.asking_s or 0.0 for one in ones if one.plan.actions[0] not in FACE_ACTIONS]
    if not face or not head:
        return None
    rest = [(one.still_s or 0.0) + one.judging_s for one in ones]
    dice = np.random.default_rng(SEED)
    parts = [np.asarray(part)[dice.integers(0, len(part), DRAWS)] for part in (rest, face, head)]
    return quantile([float(total) for total in sum(parts)], 0.95)


def by_action(waits: Sequence[Wait]) -> dict[ActionKind, list[float]]:
    """Seconds from the one action asked for to its end."""
    found: dict[ActionKind, list[float]] = {action: [] for sitter in ACTING for action in sitter.does}
    for wait in waits:
        if wait.plan.asked is Asked.ONE and wait.asking_s is not None:
            found[wait.plan.actions[0]].append(wait.asking_s)
    return found


def _summary(asked: Asked, waits: Sequence[Wait]) -> Summary:
    there = [wait for wait in waits if wait.total_s is not None]
    totals = [wait.total_s or 0.0 for wait in there]
    parts = np.median([(wait.still_s or 0.0, wait.asking_s or 0.0, wait.judging_s) for wait in there], axis=0)
    accepted = [wait for wait in there if wait.verdict is Verdict.ACCEPTED]
    own = [(wait.total_s or 0.0) - wait.plan.theirs_s for wait in accepted or there]
    return Summary(
        asked,
        len(waits),
        len(waits) - len(there),
        len(accepted),
        quantile(totals, 0.5),
        quantile(totals, 0.95),
        float(parts[0]),
        float(parts[1]),
        float(parts[2]),
        quantile(own, 0.95),
        sum(wait.seen for wait in there) / max(1, sum(wait.played for wait in there)),
    )
