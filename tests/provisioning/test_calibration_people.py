"""Who is in the references: people under two names, old and young, groups, and several cohorts together."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from provisioning.calibration.desk import CalibrationReport
from provisioning.calibration.models import StratumCount
from provisioning.calibration.one_person import SamePerson
from provisioning.calibration.proof import prove
from provisioning.calibration.store import CalibrationStore
from provisioning.db import Database
from provisioning.errors import (
    ClaimUnsupportedError,
    CohortsUnlikeError,
    CohortUnknownError,
    InputInvalidError,
    ListInvalidError,
)
from tests.provisioning.calibrating import desk, doubled, order, share_at
from tests.provisioning.references import Shelf, packed, people, vectors
from wire.cohort import CohortRow
from wire.reference import ReferenceClass


@pytest.fixture
def shelf(lite_database: Database, tmp_path: Path) -> Shelf:
    return Shelf(lite_database, tmp_path)


def stratum(report: CalibrationReport, name: str) -> StratumCount:
    assert report.found is not None
    return next(found for found in report.found.strata if found.name == name)


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


@pytest.mark.parametrize("among", ["across sexes", "across age bands", "across groups"])
def test_a_claim_is_proven_among_people_never_across_kinds_of_them(shelf: Shelf, among: str) -> None:
    """Strangers of another age or sex are told apart more easily, so a rate among such pairs alone says too little."""
    with pytest.raises(InputInvalidError, match="there are: all, 60-69, 70-79, 80-89, f, m"):
        desk(shelf).calibrate(order(shelf.cohort(people(150)), among=among))


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


@pytest.mark.parametrize("population", ["", "x" * 65, "a\nb"])
def test_a_population_that_no_policy_could_say_is_refused(shelf: Shelf, population: str) -> None:
    with pytest.raises(InputInvalidError, match="64 printable"):
        desk(shelf).calibrate(order(shelf.cohort(people(5)), population=population))


def test_programmes_whose_names_are_too_long_together_are_refused(shelf: Shelf) -> None:
    first, second = shelf.cohort(people(5), programme="x" * 40), shelf.cohort(people(5, seed=2), programme="y" * 40)

    with pytest.raises(InputInvalidError, match="--population"):
        desk(shelf).calibrate(order(first, second))
