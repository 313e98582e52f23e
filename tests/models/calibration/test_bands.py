"""The strata of a population: named, filled, and none twice."""

from __future__ import annotations

import pytest

from models.calibration.bands import Member, age_band, strata_of
from models.calibration.crowd import Relation


def members(*ages: int | None, sex: str = "", group: str = "") -> list[Member]:
    return [Member(age, sex, group) for age in ages]


def filled(people: list[Member]) -> dict[str, int]:
    """Name of each stratum -> how many references have a label in it."""
    return {stratum.name: int((stratum.labels >= 0).sum()) for stratum in strata_of(people)}


@pytest.mark.parametrize(
    ("age", "band"),
    [(0, "under 60"), (59, "under 60"), (60, "60-69"), (79, "70-79"), (89, "80-89"), (90, "90 and over"), (116, "90 and over")],
)
def test_an_age_has_one_band(age: int, band: str) -> None:
    assert age_band(age) == band


def test_of_whom_nothing_is_known_there_is_one_stratum() -> None:
    assert filled(members(None, None)) == {"all": 2}


def test_nobody_at_all_fills_an_empty_stratum() -> None:
    assert filled([]) == {"all": 0}


def test_young_and_old_are_told_apart_and_compared() -> None:
    assert filled(members(30, 61, 65, 72, None)) == {
        "all": 5,
        "under 60": 1,
        "60-69": 2,
        "70-79": 1,
        "across age bands": 4,
        "60 and over": 3,
    }


def test_where_all_are_old_they_are_not_told_twice() -> None:
    assert "60 and over" not in filled(members(61, 72))


def test_a_group_gets_its_old_ones_and_its_age_bands_where_enough_fill_them() -> None:
    people = [
        *members(*[61] * 20, *[72] * 19, 30, sex="f", group="north"),
        *members(*[61] * 20, sex="m", group="south"),
        *members(60),
    ]

    assert filled(people) == {
        "all": 61,
        "under 60": 1,
        "60-69": 41,
        "70-79": 19,
        "across age bands": 61,
        "60 and over": 60,
        "f": 40,
        "m": 20,
        "across sexes": 60,
        "north": 40,
        "south": 20,
        "across groups": 60,
        "north, 60 and over": 39,
        "north, 60-69": 20,
    }


def test_across_means_that_the_labels_differ() -> None:
    across = [stratum for stratum in strata_of(members(30, 61, 62)) if stratum.name == "across age bands"]

    assert [stratum.relation for stratum in across] == [Relation.ACROSS]
    assert across[0].labels.tolist() == [0, 1, 1]


@pytest.mark.parametrize("word", ["all", "60 and over", "90 and over", "under 60", "across sexes", "f", "north, 60-69"])
def test_a_group_that_is_called_like_another_stratum_never_passes_for_it(word: str) -> None:
    """A claim is proven among people who are named by their stratum: a band must never be a group of that name."""
    people = [*members(*[61] * 20, 30, sex="f", group=word), *members(*[62] * 20, 31, sex="m", group="north")]
    names = [stratum.name for stratum in strata_of(people)]

    assert len(set(names)) == len(names)
    assert filled(people)[f"group {word}"] == 21
    assert filled(people)[f"group {word}, 60-69"] == 20


def test_a_sex_that_is_called_like_a_band_is_told_as_a_sex() -> None:
    assert filled(members(61, 62, 30, sex="60 and over")) == {
        "all": 3,
        "under 60": 1,
        "60-69": 2,
        "across age bands": 3,
        "60 and over": 2,
        "sex 60 and over": 3,
    }
