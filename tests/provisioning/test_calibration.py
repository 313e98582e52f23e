"""All references are compared with all, and a threshold is kept only where the counts prove the claim."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.calibration.bands import Member, strata_of
from models.calibration.crowd import unpack_crowd
from models.calibration.rates import Interval
from models.calibration.support import lowest_supported
from provisioning.audit import Action, audit_entries
from provisioning.calibration.compute import Comparison
from provisioning.calibration.desk import CalibrationDesk, CalibrationReport
from provisioning.calibration.gather import gather
from provisioning.calibration.models import EVERYBODY, StratumCount
from provisioning.calibration.one_person import SamePerson
from provisioning.calibration.proof import prove
from provisioning.calibration.store import CalibrationStore
from provisioning.cohorts.models import KeptCohort, OpenCohort
from provisioning.db import Database
from provisioning.errors import (
    ClaimUnsupportedError,
    CohortUnfitError,
    InputInvalidError,
    ProvisioningError,
)
from tests.provisioning.calibrating import Listener, desk, doubled, order, share_at
from tests.provisioning.references import DIMENSION, Shelf, counted, packed, people
from wire.cohort import CohortRow
from wire.reference import ReferenceClass


@pytest.fixture
def shelf(lite_database: Database, tmp_path: Path) -> Shelf:
    return Shelf(lite_database, tmp_path)


def stratum(report: CalibrationReport, name: str) -> StratumCount:
    assert report.found is not None
    return next(found for found in report.found.strata if found.name == name)


def test_the_lowest_threshold_that_proves_the_claim_is_found_and_kept(database: Database, tmp_path: Path) -> None:
    shelf = Shelf(database, tmp_path)
    rows = list(people(150))
    cohort = shelf.cohort(rows)

    report = desk(shelf).calibrate(order(cohort))

    assert report.kept is not None
    found = report.kept.found
    reached, comparisons = share_at(rows, found.threshold_x10000 / 10_000)
    assert (found.overall.false_matches, found.overall.comparisons, found.overall.persons) == (reached, comparisons, 150)
    assert prove(found).fmr_high_x1e9 <= 10_000_000
    lower = desk(shelf).calibrate(order(cohort, threshold_x10000=found.threshold_x10000 - 1))
    assert lower.kept is None
    assert "upper bound" in lower.refusal
    with database.reading() as transaction:
        assert CalibrationStore(transaction).all() == (report.kept,)
        assert audit_entries(transaction)[-1].action is Action.CALIBRATION_MADE


def test_what_was_kept_says_of_whom_when_and_how_it_was_counted(shelf: Shelf) -> None:
    cohort = shelf.cohort(people(150))

    kept = desk(shelf).calibrate(order(cohort, population="pensioners of the city")).kept

    assert kept is not None
    assert (kept.found.population, kept.found.cohorts, kept.found.references) == ("pensioners of the city", (cohort.id,), 150)
    assert [(age.band, age.references) for age in kept.found.ages] == [("60-69", 50), ("70-79", 50), ("80-89", 50)]
    assert kept.found.calibrated_at_s == shelf.clock.now_s()
    assert (kept.found.use.matcher, kept.found.use.reference_class) == ("reid0095_mfn", ReferenceClass.DOCUMENT)


def test_bands_groups_and_sexes_are_counted_within_themselves(shelf: Shelf) -> None:
    rows = list(people(150))
    report = desk(shelf).calibrate(order(shelf.cohort(rows)))

    assert report.found is not None
    threshold = report.found.threshold_x10000 / 10_000
    for name, mine in (
        ("60-69", [row for row in rows if row.age == 65]),
        ("f", [row for row in rows if row.sex == "f"]),
        ("north", [row for row in rows if row.group == "north"]),
        ("south, 80-89", [row for row in rows if row.group == "south" and row.age == 85]),
    ):
        found = stratum(report, name)
        assert (found.false_matches, found.comparisons) == share_at(mine, threshold)
        assert found.persons == len(mine)


def test_a_given_threshold_is_tested_and_kept_when_it_holds(shelf: Shelf) -> None:
    cohort = shelf.cohort(people(150))

    report = desk(shelf).calibrate(order(cohort, threshold_x10000=9000))

    assert report.kept is not None
    assert (report.kept.found.threshold_x10000, report.kept.found.overall.false_matches) == (9000, 0)


def test_review_begins_where_ten_times_the_claim_holds(shelf: Shelf) -> None:
    cohort = shelf.cohort(people(200))

    strict = desk(shelf).calibrate(order(cohort, claimed_fmr_x1e9=1_000_000)).kept
    loose = desk(shelf).calibrate(order(cohort, claimed_fmr_x1e9=10_000_000)).kept

    assert strict is not None
    assert loose is not None
    assert strict.found.review_from_x10000 == loose.found.threshold_x10000 < strict.found.threshold_x10000


def test_review_begins_a_tenth_below_where_that_cannot_be_told(shelf: Shelf) -> None:
    cohort = shelf.cohort(people(150))

    kept = desk(shelf).calibrate(order(cohort, claimed_fmr_x1e9=100_000_000)).kept  # ten times this is everybody

    assert kept is not None
    assert kept.found.review_from_x10000 == kept.found.threshold_x10000 - 1000


@pytest.mark.parametrize(("claim", "needed"), [(100_000, 36_887), (1_000_000, 3688), (30_000_000, 122)])
def test_five_people_prove_nothing_and_are_told_how_many_comparisons_it_takes(shelf: Shelf, claim: int, needed: int) -> None:
    cohort = shelf.cohort(people(5))

    with pytest.raises(ClaimUnsupportedError, match=f"5 persons make 10 comparisons.* at least {needed}, even"):
        desk(shelf).calibrate(order(cohort, claimed_fmr_x1e9=claim))
    assert desk(shelf).all() == ()


def test_comparisons_that_prove_nothing_even_without_an_error_are_refused_for_their_number(shelf: Shelf) -> None:
    """The rule of three asks for 300; without a false match the exact bound of 300 lies at 1.2 %."""
    cohort = shelf.cohort(people(26))

    with pytest.raises(ClaimUnsupportedError, match=r"26 persons make 325 comparisons.* at least 368, even where none"):
        desk(shelf).calibrate(order(cohort))


def test_many_references_of_few_people_do_not_pass_for_many_people(shelf: Shelf) -> None:
    """Sixty pictures of three people make 1200 comparisons, and still only three persons."""
    rows = [replace(row, person=f"p{number % 3}") for number, row in enumerate(people(60))]

    report = desk(shelf).calibrate(order(shelf.cohort(rows), claimed_fmr_x1e9=10_000_000, threshold_x10000=5000))

    assert report.kept is None
    assert "over persons" in report.refusal


def test_one_person_alone_cannot_be_compared(shelf: Shelf) -> None:
    rows = [replace(row, person="the same") for row in people(200)]

    with pytest.raises(InputInvalidError, match="one person"):
        desk(shelf).calibrate(order(shelf.cohort(rows)))


def test_the_same_cohort_always_gives_the_same_calibration(shelf: Shelf) -> None:
    cohort = shelf.cohort(people(120))

    one, other = desk(shelf).calibrate(order(cohort)), desk(shelf).calibrate(order(cohort))

    assert one.found == other.found


def test_every_step_says_how_far_it_is(shelf: Shelf) -> None:
    listener = Listener()

    desk(shelf, listener).calibrate(order(shelf.cohort(people(150))))

    last = {step: (done, of) for step, done, of in listener.told}
    assert last == dict.fromkeys(("all against all", "person by person", "most alike"), (150 * 149 // 2,) * 2)


def crowd_comparison(count: int, longest_list: int) -> Comparison:
    rows = list(people(count))
    crowd = unpack_crowd((row.embedding for row in rows), [row.person for row in rows], DIMENSION)
    strata = strata_of([Member(row.age, row.sex, row.group) for row in rows])
    return Comparison(crowd, strata, EVERYBODY, Listener(), longest_list)


def test_more_false_matches_than_can_be_listed_give_nearly_the_same_threshold() -> None:
    listed, linear = crowd_comparison(300, 500_000), crowd_comparison(300, 20)

    one, other = listed.lowest_supported(10_000_000), linear.lowest_supported(10_000_000)

    assert one is not None
    assert other is not None
    assert abs(one - other) < 60
    for threshold in (one, 7000):
        exact, near = listed.bounds_at(threshold), linear.bounds_at(threshold)
        assert near.high_x1e9 == pytest.approx(exact.high_x1e9, rel=0.1)


@pytest.mark.parametrize("claimed_fmr_x1e9", [1_000_000, 5_000_000, 30_000_000])
def test_the_search_in_growing_steps_finds_what_halving_finds(claimed_fmr_x1e9: int) -> None:
    comparison = crowd_comparison(200, 500_000)

    found = comparison.lowest_supported(claimed_fmr_x1e9)

    def by_person(threshold: int) -> Interval:
        bounds = comparison.bounds_at(threshold)
        return Interval(bounds.low_x1e9 / 1e9, bounds.high_x1e9 / 1e9)

    assert found is not None
    assert found == lowest_supported(comparison.tally, claimed_fmr_x1e9 / 1e9, by_person)


def test_a_threshold_that_is_found_is_one_that_can_be_signed(shelf: Shelf) -> None:
    """Among these the bound over persons is 0.02 at one threshold; rounded up, as it is signed, it lies above 0.02."""
    report = desk(shelf).calibrate(order(shelf.cohort(people(60, seed=205)), claimed_fmr_x1e9=20_000_000))

    assert report.kept is not None, report.refusal
    assert prove(report.kept.found).fmr_high_x1e9 <= 20_000_000


class StubArchive:
    """Hands out rows that were never checked, as a damaged disk might."""

    def __init__(self, kept: KeptCohort, rows: Iterator[CohortRow]) -> None:
        self._kept, self._rows = kept, rows

    def find(self, cohort_id: str) -> KeptCohort:
        return self._kept

    @contextmanager
    def opened(self, cohort_id: str) -> Iterator[OpenCohort]:
        yield OpenCohort(self._kept, self._rows)


def test_rows_are_gathered_one_at_a_time_and_hold_no_more_than_their_numbers(shelf: Shelf) -> None:
    """Equal texts are held once, and an embedding takes the bytes that travelled: no list of numbers, no row is kept."""
    kept, alive, most = shelf.cohort(people(3)), set(), 0

    class Watched(CohortRow):
        __slots__ = ()

        def __del__(self) -> None:
            alive.discard(id(self))

    def rows() -> Iterator[CohortRow]:
        nonlocal most
        for row in people(5000):
            watched = Watched(row.person[:3], row.age, row.sex, row.group, row.embedding)
            alive.add(id(watched))
            most = max(most, len(alive))
            yield watched
            del watched

    asked: list[int] = []
    gathered = gather(StubArchive(kept, counted(rows(), asked.append)), (kept.id,))  # type: ignore[arg-type] # a stub

    assert asked == list(range(1, 5001))
    assert most <= 3
    assert len(gathered.packed) == 5000 * DIMENSION * 2
    assert len({id(person) for person in gathered.persons}) == len(set(gathered.persons))
    assert len({id(member) for member in gathered.members}) == len(set(gathered.members))


def test_rows_that_are_no_numbers_after_all_are_refused_before_anything_is_counted(shelf: Shelf) -> None:
    kept = shelf.cohort(people(3))
    bad = packed(np.full(DIMENSION, np.nan))
    rows = [*people(200), CohortRow("p", None, "", "", bad)]
    stub = CalibrationDesk(shelf.database, StubArchive(kept, iter(rows)), shelf.clock, Listener())  # type: ignore[arg-type] # a stub

    with pytest.raises(CohortUnfitError, match="cannot be compared"):
        stub.calibrate(order(kept))


def test_nothing_of_the_people_reaches_database_log_or_error(shelf: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    rows = [replace(row, person=f"hidden-{row.person}") for row in doubled(150, 3)]
    cohort = shelf.cohort(rows)
    same = (SamePerson(2, "hidden-p00000", "hidden-nobody"),)

    report = desk(shelf).calibrate(order(cohort))
    with pytest.raises(ProvisioningError) as refused:
        desk(shelf).calibrate(order(cohort, same=same, same_from="same.csv"))

    assert len(report.alike) == 3
    with sqlite3.connect(shelf.folder / "lite.db") as connection:
        dump = "\n".join(connection.iterdump())
    for text in (dump, caplog.text, str(refused.value), repr(gather(shelf.archive, (cohort.id,)))):
        assert "hidden-" not in text
        assert all(row.embedding.hex()[:16] not in text.lower() for row in rows)
