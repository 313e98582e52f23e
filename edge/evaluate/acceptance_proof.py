"""Finds the threshold that a matcher needs among old people, and proves it; or says in words why there is none.

The claim must stand among everybody of 60 and over, and in each of their groups that is large enough to prove it at all: an
average over all of them would hide the group in which strangers look most alike to the matcher.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from edge.evaluate.one_person import OnePersonPair
from edge.evaluate.population import Told, measure_population
from edge.evaluate.population_list import PopulationList
from edge.evaluate.population_pictures import Sightings
from edge.evaluate.population_report import ASKED_FMR, Band, PopulationReport
from models.calibration.bands import ELDER
from models.calibration.rates import rate
from wire.result import SCALE

ELDERS = f"{ELDER} and over"
REVIEW_TIMES = 3
"""A person looks at similarities that up to so many times the claimed share of strangers reach."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A threshold, and the band of old people that needs it most."""

    threshold_x10000: int
    review_from_x10000: int
    band: str
    """The name of that band in `ElderFindings.bands`."""


@dataclass(frozen=True, slots=True, eq=False)
class NamedBand:
    """A band under the name that it has beside those of the whole population."""

    name: str
    band: Band


@dataclass(frozen=True, slots=True, eq=False)
class ElderFindings:
    """What was found among the people of 60 and over."""

    proof: Proof | None
    bands: tuple[NamedBand, ...]
    """Everybody of 60 and over first, then each of their groups, at the proven threshold; empty without a proof."""
    failings: tuple[str, ...]
    """Why there is no proof; empty with one."""
    too_small: tuple[str, ...]
    """Groups of old people of whom there are too few to prove the claim, whatever the threshold."""


def prove_among_elders(
    listed: PopulationList, sightings: Sightings, one_person: Sequence[OnePersonPair], claim: str, told: Told
) -> ElderFindings:
    """Find the lowest threshold that supports the claim, one of the words of `ASKED_FMR`, among the old people of a population.

    Raises as `measure_population` does.
    """
    elders = Sightings(tuple(each for each in sightings.seen if each.picture.member.is_elder), ())
    if not elders.seen:
        return _none(f"nobody in the population is known to be {ELDER} or older, and the claim is about them")
    groups = sorted({each.picture.member.group for each in elders.seen} - {""})
    tried = measure_population(listed, elders, one_person, SCALE, told)
    large, small = _by_size(_elder_bands(tried, groups), ASKED_FMR[claim])
    failings = tuple(_failings(large, small, claim))
    if failings:
        return _none(*failings)
    hardest = max(large, key=lambda named: _supported(named.band, claim) or 0)
    proof = _proof(hardest, claim)
    told_at = measure_population(listed, elders, one_person, proof.threshold_x10000, told)
    too_small = tuple(named.name for named in small)
    return ElderFindings(proof, tuple(_elder_bands(told_at, groups)), (), too_small)


def _none(*failings: str) -> ElderFindings:
    return ElderFindings(None, (), failings, ())


def _elder_bands(report: PopulationReport, groups: Sequence[str]) -> Iterator[NamedBand]:
    """Of a report on old people only: all of them, and each of their groups."""
    names = {"all": ELDERS} | {group: f"{group}, {ELDERS}" for group in groups}
    seen: set[str] = set()
    for band in report.bands:
        name = names.get(band.tally.name)
        if name is not None and name not in seen:
            seen.add(name)
            yield NamedBand(name, band)


def _by_size(bands: Iterator[NamedBand], claim: float) -> tuple[list[NamedBand], list[NamedBand]]:
    """Those in which the claim could be proven if nothing at all went wrong, and those in which it could not."""
    large: list[NamedBand] = []
    small: list[NamedBand] = []
    for named in bands:
        provable = rate(0, named.band.tally.comparisons).high <= claim
        (large if provable else small).append(named)
    return large, small


def _failings(large: Sequence[NamedBand], small: Sequence[NamedBand], claim: str) -> Iterator[str]:
    for named in small:
        if named.name == ELDERS:
            count = named.band.tally.comparisons
            yield f"an FMR of {claim} cannot be proven with the {count} comparisons of people of {ELDERS}"
    for named in large:
        if _supported(named.band, claim) is None:
            yield (
                f"an FMR of {claim} is supported at no threshold among {named.name}: some two persons look like one, perhaps "
                "one person under two names, or the same picture twice; lifecert evaluate population lists them"
            )
        elif (_supported(named.band, claim) or 0) < 1:
            yield f"an FMR of {claim} needs no threshold above 0 among {named.name}, which no real matcher achieves"


def _proof(hardest: NamedBand, claim: str) -> Proof:
    threshold = _supported(hardest.band, claim)
    if threshold is None:
        raise ValueError(f"{hardest.name} supports nothing")
    reviewed = hardest.band.tally.threshold_for(REVIEW_TIMES * ASKED_FMR[claim])
    review_from = threshold - 1 if reviewed is None else min(reviewed, threshold - 1)
    return Proof(threshold, review_from, hardest.name)


def _supported(band: Band, claim: str) -> int | None:
    return next(each.supported_x10000 for each in band.thresholds if each.word == claim)
