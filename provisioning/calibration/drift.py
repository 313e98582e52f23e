"""Whether a newer cohort still fits a signed threshold. Pure: counts in, a judgement and its reasons out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from provisioning.calibration.models import AgeShare, Bounds, StratumCount
from wire.policy import SHARE_SCALE, Calibration

MOVED_FROM_POINTS = 10
"""From so many percentage points on a move in the mix of ages is worth a sentence."""


@dataclass(frozen=True, slots=True)
class AgeShift:
    """The part of an age band among the references, in thousandths."""

    band: str
    then_x1000: int
    now_x1000: int


@dataclass(frozen=True, slots=True)
class Drift:
    """What a newer cohort says about a signed threshold."""

    alarms: tuple[str, ...]
    """Why the threshold must be calibrated anew; empty when nothing speaks against it."""
    remarks: tuple[str, ...]
    """What else a person should know."""
    ages: tuple[AgeShift, ...]

    @property
    def found(self) -> bool:
        """Whether the people have drifted away from what was signed."""
        return bool(self.alarms)


@dataclass(frozen=True, slots=True)
class Newer:
    """What was counted in the newer cohort at the signed threshold."""

    overall: StratumCount
    bounds: Bounds
    """The wider ones of those over comparisons and those over persons."""
    ages: tuple[AgeShare, ...]


def judge_drift(signed: Calibration, ages_then: Sequence[AgeShare], newer: Newer) -> Drift:
    """Compare the newer counts with what was signed: claim, estimate and mix of ages."""
    ages = _shifts(ages_then, newer.ages)
    return Drift(tuple(_alarms(signed, newer)), tuple(_remarks(signed, newer, ages)), ages)


def _alarms(signed: Calibration, newer: Newer) -> Iterator[str]:
    count = newer.overall
    if count.false_matches * SHARE_SCALE > signed.claimed_fmr_x1e9 * count.comparisons:
        yield (
            f"the false match rate is now {count.false_matches / count.comparisons:.3g} ({count.false_matches} of "
            f"{count.comparisons}), above the claim of {signed.claimed_fmr_x1e9 / SHARE_SCALE:g}"
        )
    estimate = signed.false_matches * SHARE_SCALE
    low, high = newer.bounds.low_x1e9 * signed.comparisons, newer.bounds.high_x1e9 * signed.comparisons
    if not low <= estimate <= high:
        side = "below" if estimate < low else "above"
        interval = f"{newer.bounds.low_x1e9 / SHARE_SCALE:.3g} to {newer.bounds.high_x1e9 / SHARE_SCALE:.3g}"
        yield (
            f"what was signed, {signed.false_matches / signed.comparisons:.3g}, lies {side} the interval that is counted now, "
            f"{interval}: other people, or other pictures"
        )


def _remarks(signed: Calibration, newer: Newer, ages: Sequence[AgeShift]) -> Iterator[str]:
    if newer.bounds.high_x1e9 > signed.claimed_fmr_x1e9:
        yield (
            f"{newer.overall.comparisons} comparisons do not prove that the claim still holds: the upper bound is "
            f"{newer.bounds.high_x1e9 / SHARE_SCALE:.3g}"
        )
    for shift in ages:
        if abs(shift.now_x1000 - shift.then_x1000) >= MOVED_FROM_POINTS * 10:
            yield f"{shift.band}: {shift.then_x1000 / 10:.1f} % of the references then, {shift.now_x1000 / 10:.1f} % now"


def _shifts(then: Sequence[AgeShare], now: Sequence[AgeShare]) -> tuple[AgeShift, ...]:
    bands = dict.fromkeys(share.band for share in (*now, *then))
    return tuple(AgeShift(band, _part(then, band), _part(now, band)) for band in bands)


def _part(shares: Sequence[AgeShare], band: str) -> int:
    whole = sum(share.references for share in shares)
    mine = sum(share.references for share in shares if share.band == band)
    return round(1000 * mine / whole) if whole else 0
