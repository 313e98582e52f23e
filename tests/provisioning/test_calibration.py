"""All references are compared with all, and a threshold is kept only where the counts prove the claim."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.calibration.bands import Member, strata_of
from models.calibration.crowd import unpack_crowd
from provisioning.audit import Action, audit_entries
from provisioning.calibration.compute import Comparison
from provisioning.calibration.desk import CalibrationDesk, CalibrationOrder, CalibrationReport
from provisioning.calibration.gather import gather
from provisioning.calibration.models import EVERYBODY, StratumCount
from provisioning.calibration.one_person import SamePerson
from provisioning.calibration.proof import prove
from provisioning.calibration.store import CalibrationStore
from provisioning.cohorts.models import KeptCohort, OpenCohort
from provisioning.db import Database
from provisioning.errors import (
    ClaimUnsupportedError,
    CohortsUnlikeError,
    CohortUnfitError,
    CohortUnknownError,
    InputInvalidError,
    ListInvalidError,
    ProvisioningError,
)
from tests.provisioning.references import DIMENSION, Shelf, counted, packed, people, vectors
from wire.cohort import CohortRow
from wire.reference import ReferenceClass


@pytest.fixture
def shelf(lite_database: Database, tmp_path: Path) -> Shelf:
    return Shelf(lite_database, tmp_path)


@dataclass
class Listener:
    """Remembers how far it was told to be."""

    told: list[tuple[str, int, int]] = field(default_factory=list)

    def __call__(self, step: str, done: int, of: int) -> None:
        self.told.append((step, done, of))


def desk(shelf: Shelf, listener: Listener | None = None) -> CalibrationDesk:
    return CalibrationDesk(shelf.database, shelf.archive, shelf.clock, listener or Listener())


def order(*cohorts: KeptCohort, **changes: Any) -> CalibrationOrder:
    plain = CalibrationOrder(tuple(cohort.id for cohort in cohorts), 10_000_000, None, EVERYBODY, None, (), "")
    return replace(plain, **changes)


def share_at(rows: list[CohortRow], threshold: float) -> tuple[int, int]:
    """Comparisons of two persons that reach a threshold, and all of them, counted the plain way."""
    unpacked = np.stack([np.frombuffer(row.embedding, "<f2").astype(np.float32) for row in rows])
    unit = (unpacked / np.linalg.norm(unpacked, axis=1, keepdims=True)).astype(np.float32).astype(np.float64)
    scores = [
        float(np.float32(unit[one] @ unit[other]))
        for one, other in combinations(range(len(rows)), 2)
        if rows[one].person != rows[other].person
    ]
    return sum(score >= threshold for score in scores), len(scores)


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


@pytest.mark.parametrize(("claim", "needed"), [(100_000, 30_000), (1_000_000, 3000), (30_000_000, 100)])
def test_five_people_prove_nothing_and_are_told_how_many_comparisons_it_takes(shelf: Shelf, claim: int, needed: int) -> None:
    cohort = shelf.cohort(people(5))

    with pytest.raises(ClaimUnsupportedError, match=f"5 persons make 10 comparisons.* at least {needed}$"):
        desk(shelf).calibrate(order(cohort, claimed_fmr_x1e9=claim))
    assert desk(shelf).all() == ()


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


def doubled(count: int, pairs: int) -> list[CohortRow]:
    """People of whom some are in the list a second time, with the same picture under another name."""
    rows = list(people(count))
    return [*rows, *(replace(row, person=f"second name {number}") for number, row in enumerate(rows[:pairs]))]


def test_the_same_picture_under_two_names_is_counted_and_shown(shelf: Shelf) -> None:
    report = desk(shelf).calibrate(order(shelf.cohort(doubled(150, 2))))

    assert report.kept is not None
    assert {frozenset((pair.one, pair.other)) for pair in report.alike} == {
        frozenset(("p00000", "second name 0")),
        frozenset(("p00001", "second name 1")),
    }
    assert all(pair.similarity_x10000 >= 9990 for pair in report.alike)
    assert report.kept.found.overall.false_matches >= 2
    assert any("2 pairs of persons look like one person" in warning for warning in report.warnings)


def test_several_alike_pictures_of_two_people_are_one_pair(shelf: Shelf) -> None:
    rows = doubled(150, 1)
    rows.append(replace(rows[0]))

    report = desk(shelf).calibrate(order(shelf.cohort(rows)))

    assert len(report.alike) == 1


def test_too_many_people_under_two_names_leave_no_threshold_and_are_listed(shelf: Shelf) -> None:
    cohort = shelf.cohort(doubled(60, 40))

    report = desk(shelf).calibrate(order(cohort, claimed_fmr_x1e9=2_000_000))

    assert (report.found, report.kept) == (None, None)
    assert "no threshold supports 0.002" in report.refusal
    assert len(report.alike) == 40
    assert desk(shelf).all() == ()


def test_a_list_of_people_under_two_names_makes_them_one(shelf: Shelf) -> None:
    cohort = shelf.cohort(doubled(100, 40))
    same = tuple(SamePerson(line + 2, f"p{line:05}", f"second name {line}") for line in range(40))

    report = desk(shelf).calibrate(order(cohort, same=same, same_from="same.csv"))

    assert report.kept is not None
    assert (report.kept.found.merged, report.kept.found.overall.persons, report.kept.found.references) == (40, 100, 140)
    assert report.alike == ()
    assert any("40 persons were taken for others" in warning for warning in report.warnings)


def test_a_chain_of_names_is_one_person(shelf: Shelf) -> None:
    rows = list(people(150))
    same = tuple(SamePerson(line, one.person, other.person) for line, (one, other) in enumerate(pairwise(rows[:5]), 2))

    report = desk(shelf).calibrate(order(shelf.cohort(rows), same=same, same_from="same.csv"))

    assert report.kept is not None
    assert (report.kept.found.merged, report.kept.found.overall.persons) == (4, 146)


def test_a_list_that_names_somebody_who_is_not_there_is_refused_by_its_line(shelf: Shelf) -> None:
    same = (SamePerson(2, "p00000", "p00001"), SamePerson(3, "p00000", "Zhang San"))

    with pytest.raises(ListInvalidError, match=r"same\.csv, line 3: one of the pseudonyms") as refused:
        desk(shelf).calibrate(order(shelf.cohort(people(150)), same=same, same_from="same.csv"))
    assert "Zhang" not in str(refused.value)


@pytest.mark.parametrize("ages", [(30, 59), (None,)])
def test_a_population_without_elders_is_warned_of(shelf: Shelf, ages: tuple[int | None, ...]) -> None:
    report = desk(shelf).calibrate(order(shelf.cohort(people(150, ages=ages))))

    assert report.kept is not None
    assert any("nobody of 60 and over" in warning for warning in report.warnings)


def test_elders_among_others_are_counted_apart(shelf: Shelf) -> None:
    report = desk(shelf).calibrate(order(shelf.cohort(people(150, ages=(30, 59, 60, 95, None)))))

    assert not any("nobody" in warning for warning in report.warnings)
    assert (stratum(report, "60 and over").persons, stratum(report, "90 and over").persons) == (60, 30)
    assert report.found is not None
    assert report.found.ages[-1].band == "age unknown"


def test_a_band_that_lies_above_the_claim_is_warned_of(shelf: Shelf) -> None:
    """People of 80 and over who all look a little like one another, among many who do not."""
    rows = list(people(300, ages=(62,)))
    towards = vectors(1, seed=5)[0]
    old = vectors(30, seed=6) * 0.62 + towards
    for number, vector in enumerate(old / np.linalg.norm(old, axis=1, keepdims=True)):
        rows.append(CohortRow(f"old{number}", 85, "", "", packed(vector)))

    report = desk(shelf).calibrate(order(shelf.cohort(rows)))

    assert report.kept is not None
    band = stratum(report, "80-89")
    assert band.false_matches / band.comparisons > 0.01
    assert any(warning.startswith("80-89: ") and "above the claim" in warning for warning in report.warnings)


def test_the_claim_can_be_proven_among_some_of_the_people_only(database: Database, tmp_path: Path) -> None:
    """The weakest part of the people asks for a higher threshold than everybody together."""
    shelf = Shelf(database, tmp_path)
    towards, rows = vectors(1, seed=5)[0], list(people(200, ages=(30,)))
    old = vectors(100, seed=6) * 1.6 + towards
    for number, vector in enumerate(old / np.linalg.norm(old, axis=1, keepdims=True)):
        rows.append(CohortRow(f"old{number}", 85, "", "", packed(vector)))
    cohort = shelf.cohort(rows)

    everybody = desk(shelf).calibrate(order(cohort)).kept
    elders = desk(shelf).calibrate(order(cohort, among="80-89")).kept

    assert everybody is not None
    assert elders is not None
    assert (elders.found.overall.name, elders.found.overall.persons) == ("80-89", 100)
    assert elders.found.population == "Pensions: 80-89"
    assert elders.found.threshold_x10000 > everybody.found.threshold_x10000
    threshold = elders.found.threshold_x10000 / 10_000
    assert (elders.found.overall.false_matches, elders.found.overall.comparisons) == share_at(rows[200:], threshold)
    assert "all" in {found.name for found in elders.found.strata}
    assert prove(elders.found).persons == 100
    with database.reading() as transaction:
        assert CalibrationStore(transaction).find(elders.id) == elders


def test_people_whom_nobody_told_apart_are_refused_with_those_who_are(shelf: Shelf) -> None:
    with pytest.raises(InputInvalidError, match="there are: all, 60-69, 70-79"):
        desk(shelf).calibrate(order(shelf.cohort(people(150)), among="90 and over"))


def test_too_few_people_of_a_kind_are_refused_although_there_are_enough_in_all(shelf: Shelf) -> None:
    cohort = shelf.cohort([*people(150, ages=(62,)), *people(5, seed=2, prefix="q", ages=(95,))])

    with pytest.raises(ClaimUnsupportedError, match="5 persons make 10 comparisons"):
        desk(shelf).calibrate(order(cohort, among="90 and over"))


def test_small_groups_are_not_told_apart_and_that_is_said(shelf: Shelf) -> None:
    rows = [replace(row, group=f"village {number % 50}") for number, row in enumerate(people(150))]

    report = desk(shelf).calibrate(order(shelf.cohort(rows)))

    assert any("30 smaller groups" in warning for warning in report.warnings)


def test_several_cohorts_are_taken_together_and_one_pseudonym_is_one_person(shelf: Shelf) -> None:
    first = shelf.cohort(people(100), programme="City")
    second = shelf.cohort([*people(60, seed=2, prefix="q"), *people(1, seed=3)], programme="County")

    report = desk(shelf).calibrate(order(first, second))

    assert report.kept is not None
    found = report.kept.found
    assert (found.references, found.overall.persons, found.population) == (161, 160, "City, County")
    assert found.cohorts == tuple(sorted((first.id, second.id)))
    assert found.overall.comparisons == 161 * 160 // 2 - 1


def test_the_same_cohort_named_twice_counts_once(shelf: Shelf) -> None:
    cohort = shelf.cohort(people(150))

    report = desk(shelf).calibrate(order(cohort, cohort))

    assert report.found is not None
    assert (report.found.references, report.found.cohorts) == (150, (cohort.id,))


UNLIKE: dict[str, dict[str, Any]] = {
    "matcher": {"model_digest": b"\x02" * 32},
    "runtime": {"runtime": "onnxruntime 1.32.1"},
    "class of reference": {"reference_class": ReferenceClass.SUPERVISED},
}


@pytest.mark.parametrize("what", UNLIKE)
def test_cohorts_of_another_model_runtime_or_class_are_refused_by_what_differs(shelf: Shelf, what: str) -> None:
    first, second = shelf.cohort(people(50)), shelf.cohort(people(50, seed=2), **UNLIKE[what])

    with pytest.raises(CohortsUnlikeError, match=f"another {what}") as refused:
        desk(shelf).calibrate(order(first, second))
    if what == "matcher":
        assert (b"\x01" * 32).hex() in str(refused.value)
        assert (b"\x02" * 32).hex() in str(refused.value)


def test_cohorts_of_another_dimension_are_refused(shelf: Shelf) -> None:
    first = shelf.cohort(people(3))
    second = shelf.cohort([CohortRow("p", None, "", "", packed(vectors(1, 2, 8)[0]))], dimension=8)

    with pytest.raises(CohortsUnlikeError, match="another dimension"):
        desk(shelf).calibrate(order(first, second))


def test_a_cohort_that_is_not_here_and_no_cohort_at_all_are_refused(shelf: Shelf) -> None:
    with pytest.raises(CohortUnknownError):
        desk(shelf).calibrate(order(cohorts=("cohort-nothing",)))
    with pytest.raises(InputInvalidError, match="at least one cohort"):
        desk(shelf).calibrate(order(population="nobody"))


@pytest.mark.parametrize("population", ["x" * 65, "a\nb"])
def test_a_population_that_no_policy_could_say_is_refused(shelf: Shelf, population: str) -> None:
    with pytest.raises(InputInvalidError, match="64 printable"):
        desk(shelf).calibrate(order(shelf.cohort(people(5)), population=population))


def test_programmes_whose_names_are_too_long_together_are_refused(shelf: Shelf) -> None:
    first, second = shelf.cohort(people(5), programme="x" * 40), shelf.cohort(people(5, seed=2), programme="y" * 40)

    with pytest.raises(InputInvalidError, match="--population"):
        desk(shelf).calibrate(order(first, second))


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
