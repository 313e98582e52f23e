"""All against all, by way of `models.calibration`: the one place where embeddings become counts.

Each step compares everybody with everybody once more and says how far it is. Memory holds the embeddings and one block of scores.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from models.calibration.by_person import LONGEST_LIST, Resampler, resampler_of
from models.calibration.census import Tally, take_census
from models.calibration.crowd import Crowd, Relation, Stratum
from models.calibration.errors import StrataTooFineError
from models.calibration.rates import Interval
from models.calibration.support import lowest_by_count
from models.calibration.tail import find_tail
from provisioning.calibration.models import Bounds, StratumCount
from provisioning.calibration.rounding import bounds_of
from provisioning.errors import CohortUnfitError, InputInvalidError
from wire.policy import SHARE_SCALE
from wire.result import SCALE

DRAWS = 1000
SEED = 20_260_701
"""Any number: with the same one the same cohort always gives the same bounds."""

ALIKE_X10000 = 8500
"""From this similarity on two persons are probably one."""
MOST_ALIKE = 1000

Tell = Callable[[str, int, int], None]
"""Told which step it is, and how many comparisons of how many are done."""


@dataclass(frozen=True, slots=True)
class AlikePair:
    """Two references, of two persons, that look like one person's."""

    one: int
    other: int
    """Places among the references."""
    similarity_x10000: int


class Comparison:
    """All references of a crowd compared with one another."""

    def __init__(
        self, crowd: Crowd, strata: tuple[Stratum, ...], among: str, tell: Tell, longest_list: int = LONGEST_LIST
    ) -> None:
        """Compare, and count the scores of each stratum. `among` names the one in which thresholds are found and proven.

        `longest_list`: so many false matches are remembered one by one when persons are drawn. Raises `CohortUnfitError`, and
        `InputInvalidError` when nobody is in that stratum.
        """
        self._crowd, self._strata, self._tell, self._longest_list = crowd, strata, tell, longest_list
        self._place = _place_of(among, strata)
        try:
            self._tallies = take_census(crowd, self._strata, partial(tell, "all against all"))
        except StrataTooFineError as error:
            raise CohortUnfitError(f"the people are divided too finely: {error}") from error
        self._resamplers: dict[int, Resampler] = {}
        self._intervals: dict[int, Interval] = {}

    @property
    def tally(self) -> Tally:
        """The scores of the comparisons among which thresholds are proven."""
        return self._tallies[self._place]

    def count_at(self, threshold_x10000: int) -> StratumCount:
        """How many of these comparisons reach a threshold."""
        return _count(self.tally, threshold_x10000)

    def other_counts_at(self, threshold_x10000: int) -> tuple[StratumCount, ...]:
        """How many comparisons of each other stratum reach a threshold."""
        return tuple(_count(tally, threshold_x10000) for tally in self._tallies if tally is not self.tally)

    def lowest_supported(self, claimed_fmr_x1e9: int) -> int | None:
        """The lowest threshold x 10 000 at which the claim holds; None when it holds at none.

        The bound over persons lies a little above the one over comparisons, and may take a whole comparison to find. So the
        search begins where the latter holds and goes up in growing steps, instead of halving the whole scale.
        """
        claim = claimed_fmr_x1e9 / SHARE_SCALE
        lowest = lowest_by_count(self.tally, claim) if claim < 1 else None
        return None if lowest is None else _first_from(lowest, lambda threshold: self._holds(claimed_fmr_x1e9, threshold))

    def bounds_at(self, threshold_x10000: int) -> Bounds:
        """The 95 % bounds over persons."""
        return bounds_of(self._by_person(threshold_x10000))

    def alike(self) -> tuple[AlikePair, ...]:
        """Pairs of references that are probably one person's, most alike first; at most a thousand."""
        tail = find_tail(self._crowd, ALIKE_X10000, MOST_ALIKE, partial(self._tell, "most alike"))
        return tuple(
            AlikePair(pair.one, pair.other, pair.score_x10000) for pair in tail.pairs if pair.score_x10000 >= ALIKE_X10000
        )

    def _holds(self, claimed_fmr_x1e9: int, threshold_x10000: int) -> bool:
        """Whether both upper bounds, rounded up as they are signed, are at most the claim."""
        rate = self.tally.rate_at(threshold_x10000)
        by_count = bounds_of(Interval(rate.low, rate.high))
        return max(by_count.high_x1e9, self.bounds_at(threshold_x10000).high_x1e9) <= claimed_fmr_x1e9

    def _by_person(self, threshold_x10000: int) -> Interval:
        """Found once for each threshold, because it may take a whole comparison more."""
        if threshold_x10000 not in self._intervals:
            self._intervals[threshold_x10000] = self._drawn(threshold_x10000)
        return self._intervals[threshold_x10000]

    def _drawn(self, threshold_x10000: int) -> Interval:
        """From as many false matches as can be listed on, the list is drawn from; below, the rate is linearised."""
        listed_from = self._listed_from()
        if threshold_x10000 >= listed_from:
            return self._resampler(listed_from, self._longest_list).interval_at(threshold_x10000, DRAWS, SEED)
        interval = self._resampler(-SCALE, 0).interval_at(threshold_x10000, DRAWS, SEED)
        self._tell(f"person by person at {threshold_x10000 / SCALE:.4f}", self.tally.comparisons, self.tally.comparisons)
        return interval

    def _listed_from(self) -> int:
        if self.tally.comparisons <= self._longest_list:
            return -SCALE
        found = self.tally.threshold_for(self._longest_list / self.tally.comparisons)
        return SCALE if found is None else found

    def _resampler(self, lowest_x10000: int, longest_list: int) -> Resampler:
        if longest_list not in self._resamplers:
            tell = partial(self._tell, "person by person")
            self._resamplers[longest_list] = resampler_of(
                self._crowd, self._strata[self._place], lowest_x10000, longest_list, tell
            )
        return self._resamplers[longest_list]


def _first_from(lowest: int, holds: Callable[[int], bool]) -> int | None:
    """The first threshold from the lowest on at which something holds that stays true once it is; None when at none."""
    low, high, step = lowest, lowest, 1
    while not holds(high):
        if high == SCALE:
            return None
        low, high, step = high + 1, min(high + step, SCALE), 2 * step
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _place_of(name: str, strata: Sequence[Stratum]) -> int:
    """The place of a stratum of people. Comparisons across kinds of people are easier than those of one kind: they prove less."""
    places = {stratum.name: place for place, stratum in enumerate(strata) if stratum.relation is Relation.WITHIN}
    if name not in places:
        raise InputInvalidError(f"nobody among these references is told apart as {name!r}; there are: {', '.join(places)}")
    return places[name]


def _count(tally: Tally, threshold_x10000: int) -> StratumCount:
    rate = tally.rate_at(threshold_x10000)
    return StratumCount(tally.name, tally.persons, rate.of, rate.errors)
