"""Whether what was counted supports a claimed false match rate. The unproven is refused: too few comparisons support nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, log, log1p

from models.calibration.blocks import STEPS
from models.calibration.census import Tally
from models.calibration.rates import CONFIDENCE, Interval, Rate, exact_interval

COMPARISONS_PER_CLAIM = 3
"""The rule of three: without any false match among 3 / FMR independent comparisons, the rate is at most that FMR with 95 %."""


@dataclass(frozen=True, slots=True)
class Support:
    """Whether a claim stands, and if not, in which words it falls."""

    holds: bool
    why: str
    """Why it does not hold; empty when it does."""


def supports(fmr_claimed: float, found: Rate, by_person: Interval) -> Support:
    """Whether enough was compared, and both upper bounds, over comparisons and over persons, are at most the claim.

    Raises `ValueError` for a claim that is not between 0 and 1.
    """
    failings = _failings(fmr_claimed, found, by_person)
    return Support(not failings, "; ".join(failings))


def _failings(fmr_claimed: float, found: Rate, by_person: Interval) -> list[str]:
    needed = _needed(fmr_claimed)
    failings = []
    if found.of < needed:
        failings.append(f"an FMR of {fmr_claimed:g} needs {needed} comparisons, and there are {found.of}")
    if found.high > fmr_claimed:
        failings.append(f"the upper bound over comparisons is {found.high:.3g}, above {fmr_claimed:g}")
    if by_person.high > fmr_claimed:
        failings.append(f"the upper bound over persons is {by_person.high:.3g}, above {fmr_claimed:g}")
    return failings


def _needed(fmr_claimed: float) -> int:
    if not 0 < fmr_claimed < 1:
        raise ValueError(f"an FMR of {fmr_claimed} cannot be claimed")
    return round(COMPARISONS_PER_CLAIM / fmr_claimed)


def fewest_comparisons(fmr_claimed: float) -> int:
    """How many comparisons a claim needs when not one of them is a false match; fewer can support it at no threshold.

    More than the rule of three asks for, because the exact bound has two sides. Raises `ValueError` as `supports` does.
    """
    needed = max(_needed(fmr_claimed), ceil(log((1 - CONFIDENCE) / 2) / log1p(-fmr_claimed)))
    while exact_interval(0, needed).high > fmr_claimed:  # by a rounding error
        needed += 1
    return needed


def lowest_supported(tally: Tally, fmr_claimed: float, by_person: Callable[[int], Interval]) -> int | None:
    """The lowest threshold, in ten-thousandths, at which the claim holds; None when it holds at none.

    `by_person` gives the interval over persons at a threshold; its upper bound must not rise with the threshold, so that a
    search by halves is enough. It is asked some fourteen times, at thresholds from `lowest_by_count` on.
    """
    lowest = lowest_by_count(tally, fmr_claimed)
    if lowest is None:
        return None
    supported = _first(lowest, lambda threshold: by_person(threshold).high <= fmr_claimed)
    return supported if supported <= STEPS else None


def lowest_by_count(tally: Tally, fmr_claimed: float) -> int | None:
    """The lowest threshold that the comparisons alone support, whoever takes part in them; None when none does."""
    if tally.comparisons < _needed(fmr_claimed):
        return None
    lowest = _first(-STEPS, lambda threshold: tally.rate_at(threshold).high <= fmr_claimed)
    return lowest if lowest <= STEPS else None


def _first(start: int, holds: Callable[[int], bool]) -> int:
    """The first threshold from `start` on at which something holds that stays true once it is; above 10 000 when at none."""
    low, high = start, STEPS + 1
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low
