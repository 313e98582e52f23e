"""Makes calibrations from cohorts, and tests newer cohorts against what was signed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

from models.calibration.bands import strata_of
from models.calibration.crowd import unpack_crowd
from models.calibration.errors import CrowdUnusableError
from models.calibration.rates import Interval
from models.calibration.support import fewest_comparisons
from provisioning.audit import Action, Actor, AuditEntry, note
from provisioning.calibration.advice import advise_on_counts, advise_on_people
from provisioning.calibration.bands import Population, ages_of, population_of
from provisioning.calibration.compute import Comparison, Tell
from provisioning.calibration.drift import Drift, Newer, judge_drift
from provisioning.calibration.gather import Gathered, gather, what_differs
from provisioning.calibration.models import EVERYBODY, AlikePersons, KeptCalibration, MatcherUse, MeasuredThreshold
from provisioning.calibration.one_person import SamePerson, merge
from provisioning.calibration.proof import prove, rate_of, wider
from provisioning.calibration.rounding import bounds_of
from provisioning.calibration.store import CalibrationStore
from provisioning.clock import Clock
from provisioning.cohorts.archive import CohortArchive
from provisioning.db import Database
from provisioning.errors import ClaimUnsupportedError, CohortUnfitError, InputInvalidError
from wire.policy import SHARE_SCALE, Calibration
from wire.result import SCALE

REVIEW_FACTOR = 10
"""A person looks from the threshold on that holds ten times the claim."""
DEEPEST_REVIEW_X10000 = 1000
"""Where that threshold cannot be told, review begins this much below the other one."""


@dataclass(frozen=True, slots=True)
class CalibrationOrder:
    """What is asked for."""

    cohorts: tuple[str, ...]
    claimed_fmr_x1e9: int
    population: str | None
    """Among whom, in words; None takes the names of the programmes."""
    among: str
    """The stratum in which the claim must hold, as the report names it; `EVERYBODY` for all."""
    threshold_x10000: int | None
    """The threshold to test; None finds the lowest one that is supported."""
    same: tuple[SamePerson, ...]
    same_from: str
    """Name of the list, for messages; empty when there is none."""


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """What came out, with what a person should see of it."""

    found: MeasuredThreshold | None
    """None when no threshold supports the claim."""
    kept: KeptCalibration | None
    """None when the claim is not supported: then nothing is kept."""
    refusal: str
    """Why the claim is not supported; empty when it is."""
    alike: tuple[AlikePersons, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DriftReport:
    """A newer cohort beside what was signed."""

    signed: Calibration
    newer: Newer
    drift: Drift


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _People:
    """References, and whose they are once people under two names are one. Personal data: never logged or stored."""

    gathered: Gathered
    persons: tuple[str, ...]
    merged: int
    population: Population


@dataclass(frozen=True, slots=True)
class CalibrationDesk:
    """Computes for one centre. `tell` hears how far a comparison is."""

    database: Database
    archive: CohortArchive
    clock: Clock
    tell: Tell

    def calibrate(self, order: CalibrationOrder) -> CalibrationReport:
        """Compare all with all, find or test the threshold, and keep the calibration if it supports its claim.

        Raises `ClaimUnsupportedError` for too few people, `InputInvalidError`, and the errors of `gather` and `merge`.
        """
        population = _shown(self._programmes(order) if order.population is None else order.population)
        people = self._gather(order.cohorts, order.same, order.same_from)
        _require_comparisons(people.persons, order.claimed_fmr_x1e9)
        comparison = self._compare(people, order.among)
        _require_enough(comparison.tally.persons, comparison.tally.comparisons, order.claimed_fmr_x1e9)
        found = self._measure(order, population, people, comparison)
        alike = _alike(people, comparison)
        refusal = _refusal(found, order.claimed_fmr_x1e9)
        kept = self._keep(found) if found is not None and not refusal else None
        return CalibrationReport(found, kept, refusal, alike, _warnings(kept, people.population, alike))

    def all(self) -> tuple[KeptCalibration, ...]:
        """Every calibration, oldest first."""
        with self.database.reading() as transaction:
            return CalibrationStore(transaction).all()

    def test(self, signed: Calibration, then: MeasuredThreshold, cohort_id: str) -> DriftReport:
        """Count a newer cohort at a signed threshold, among the same kind of people as then.

        Raises `CohortsUnlikeError` when the cohort is of another use than what was signed, `InputInvalidError` when there is
        nobody of that kind to compare, and the errors of `gather`.
        """
        people = self._gather((cohort_id,), (), "")
        if not people.gathered.use.fits(_use_signed(signed)):
            raise what_differs(cohort_id, people.gathered.use, signed)
        _require_comparisons(people.persons, None)
        comparison = self._compare(people, then.overall.name)
        overall = comparison.count_at(signed.threshold_x10000)
        if not overall.comparisons:
            raise InputInvalidError(f"there are no two persons among {overall.name}: there is nobody to compare")
        exact = rate_of(overall)
        bounds = wider(bounds_of(Interval(exact.low, exact.high)), comparison.bounds_at(signed.threshold_x10000))
        newer = Newer(overall, bounds, ages_of(people.population.members))
        return DriftReport(signed, newer, judge_drift(signed, then.ages, newer))

    def _gather(self, cohorts: Sequence[str], same: Sequence[SamePerson], same_from: str) -> _People:
        gathered = gather(self.archive, cohorts)
        merged = merge(gathered.persons, same, same_from)
        return _People(gathered, merged.persons, merged.fewer, population_of(gathered.members))

    def _compare(self, people: _People, among: str) -> Comparison:
        try:
            crowd = unpack_crowd(people.gathered.embeddings(), people.persons, people.gathered.dimension)
        except CrowdUnusableError as error:
            raise CohortUnfitError(str(error)) from error
        return Comparison(crowd, strata_of(people.population.members), among, self.tell)

    def _measure(
        self, order: CalibrationOrder, population: str, people: _People, comparison: Comparison
    ) -> MeasuredThreshold | None:
        threshold = order.threshold_x10000 or _lowest(comparison, order.claimed_fmr_x1e9)
        if threshold is None:
            return None
        return MeasuredThreshold(
            use=people.gathered.use,
            population=population,
            cohorts=tuple(sorted(set(order.cohorts))),
            threshold_x10000=threshold,
            review_from_x10000=_review_from(comparison, order.claimed_fmr_x1e9, threshold),
            claimed_fmr_x1e9=order.claimed_fmr_x1e9,
            overall=comparison.count_at(threshold),
            references=len(people.persons),
            merged=people.merged,
            by_person=comparison.bounds_at(threshold),
            strata=comparison.other_counts_at(threshold),
            ages=ages_of(people.population.members),
            calibrated_at_s=self.clock.now_s(),
        )

    def _programmes(self, order: CalibrationOrder) -> str:
        names = ", ".join(sorted({self.archive.find(cohort_id).head.programme for cohort_id in order.cohorts}))
        return names if order.among == EVERYBODY else f"{names}: {order.among}"

    def _keep(self, found: MeasuredThreshold) -> KeptCalibration:
        detail = f"threshold {found.threshold_x10000}, {found.overall.false_matches} of {found.overall.comparisons} reach it"
        with self.database.writing() as transaction:
            kept = CalibrationStore(transaction).add(found)
            about = f"calibration {kept.id}"
            note(transaction, AuditEntry(found.calibrated_at_s, Actor.CONSOLE, Action.CALIBRATION_MADE, about, detail))
        return kept


def _use_signed(signed: Calibration) -> MatcherUse:
    return MatcherUse(signed.matcher, signed.model_digest, signed.runtime, signed.reference_class)


def _shown(population: str) -> str:
    if not 1 <= len(population) <= 64 or not population.isprintable():
        raise InputInvalidError("--population takes 1 to 64 printable characters; several programmes may need one of their own")
    return population


def _require_comparisons(persons: Sequence[str], claimed_fmr_x1e9: int | None) -> None:
    """Refuse before anything is computed when there are too few people to prove anything."""
    count = _comparisons(persons)
    if count < 1:
        raise InputInvalidError("these references are of one person: there is nobody to compare with")
    if claimed_fmr_x1e9:
        _require_enough(len(set(persons)), count, claimed_fmr_x1e9)


def _require_enough(persons: int, comparisons: int, claimed_fmr_x1e9: int) -> None:
    needed = fewest_comparisons(claimed_fmr_x1e9 / SHARE_SCALE)
    if comparisons < needed:
        raise ClaimUnsupportedError(
            f"{persons} persons make {comparisons} comparisons, and a false match rate of "
            f"{claimed_fmr_x1e9 / SHARE_SCALE:g} needs at least {needed}, even where none is a false match"
        )


def _comparisons(persons: Sequence[str]) -> int:
    """How many pairs of references are of two persons."""
    return comb(len(persons), 2) - sum(comb(count, 2) for count in Counter(persons).values())


def _lowest(comparison: Comparison, claimed_fmr_x1e9: int) -> int | None:
    found = comparison.lowest_supported(claimed_fmr_x1e9)
    return None if found is None else max(found, 1)


def _review_from(comparison: Comparison, claimed_fmr_x1e9: int, threshold_x10000: int) -> int:
    """Where a person begins to look: the threshold for ten times the claim, always below the other one."""
    told = comparison.lowest_supported(REVIEW_FACTOR * claimed_fmr_x1e9)
    if told is None:
        return max(threshold_x10000 - DEEPEST_REVIEW_X10000, -SCALE)
    return min(told, threshold_x10000 - 1)


def _refusal(found: MeasuredThreshold | None, claimed_fmr_x1e9: int) -> str:
    if found is None:
        return f"no threshold supports {claimed_fmr_x1e9 / SHARE_SCALE:g}: too many persons look alike at any"
    try:
        prove(found)
    except ClaimUnsupportedError as error:
        return error.what
    return ""


def _alike(people: _People, comparison: Comparison) -> tuple[AlikePersons, ...]:
    """Each two persons once, with their most similar references."""
    pairs: dict[frozenset[str], AlikePersons] = {}
    for pair in comparison.alike():
        one, other = people.gathered.persons[pair.one], people.gathered.persons[pair.other]
        pairs.setdefault(frozenset((one, other)), AlikePersons(one, other, pair.similarity_x10000))
    return tuple(pairs.values())


def _warnings(kept: KeptCalibration | None, population: Population, alike: Sequence[AlikePersons]) -> tuple[str, ...]:
    people = advise_on_people(has_elders=population.has_elders, alike=len(alike), groups_left_out=population.left_out)
    return people + (advise_on_counts(kept.found) if kept else ())
