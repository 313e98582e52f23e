"""Comparisons and figures, on made-up embeddings, against counting by hand."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from edge.evaluate.pairs import Pair, PairList
from edge.evaluate.people import People, PersonId, Source
from edge.evaluate.portrait import Loss, Lost
from edge.evaluate.verification import Comparisons, compare_all, weigh
from edge.stages.match import Embedding, compare
from models.calibration.rates import Rate

FILES = tuple(f"{person}_{number}" for person in "abcd" for number in range(3))
PERSONS = {file: PersonId(file[0]) for file in FILES}
PEOPLE = People(Source.FILE_NAMES, PERSONS, 0)


def embedding(seed: int) -> Embedding:
    """A random direction."""
    vector = np.random.default_rng(seed).standard_normal(256)
    return Embedding((vector / np.linalg.norm(vector)).astype(np.float32))


EMBEDDINGS = {file: embedding(seed) for seed, file in enumerate(FILES)}
PAIRS = PairList(
    "made-up",
    Path("images"),
    (
        Pair("a_0", "a_1", True),
        Pair("b_0", "b_1", True),
        Pair("a_0", "b_0", False),
        *(Pair("c_0", f"d_{n}", False) for n in range(3)),
    ),
)


def test_every_picture_meets_every_picture_of_somebody_else_once() -> None:
    found = compare_all(PAIRS, PEOPLE, EMBEDDINGS)

    by_hand = [compare(EMBEDDINGS[one], EMBEDDINGS[other]) for one, other in combinations(FILES, 2) if one[0] != other[0]]
    assert sorted(found.all_impostors) == pytest.approx(sorted(by_hand), abs=1e-6)
    assert found.all_impostors.size == 54


def test_the_listed_pairs_are_compared_as_the_unit_compares() -> None:
    found = compare_all(PAIRS, PEOPLE, EMBEDDINGS)

    assert found.genuine.tolist() == [compare(EMBEDDINGS[f"{person}_0"], EMBEDDINGS[f"{person}_1"]) for person in "ab"]
    assert found.impostors.size == 4
    assert (found.lost, found.same_lost, found.different_lost) == ((), 0, 0)


def test_a_lost_picture_takes_its_pairs_along() -> None:
    pictures = {**EMBEDDINGS, "a_0": Lost(Loss.NO_FACE, ""), "d_2": Lost(Loss.UNREADABLE, "cut off")}

    report = weigh(found := compare_all(PAIRS, PEOPLE, pictures), 0.5)

    assert [(each.file, each.lost.loss) for each in found.lost] == [("a_0", Loss.NO_FACE), ("d_2", Loss.UNREADABLE)]
    assert (found.same_lost, found.different_lost) == (1, 2)
    assert (report.listed_same, report.listed_different, report.failed_to_acquire) == (2, 4, 3)
    assert report.fnmr.of + report.fmr.of + report.failed_to_acquire == len(PAIRS.pairs)
    assert found.all_impostors.size == sum(
        one[0] != other[0] for one, other in combinations(FILES, 2) if not {one, other} & {"a_0", "d_2"}
    )


def test_a_file_of_nobody_known_is_not_compared_all_against_all() -> None:
    strangers = People(Source.TABLE, {file: person for file, person in PERSONS.items() if person != "d"}, 0)

    assert compare_all(PAIRS, strangers, EMBEDDINGS).all_impostors.size == 27


def test_a_set_without_any_face_has_counts_and_no_values() -> None:
    report = weigh(compare_all(PAIRS, PEOPLE, {file: Lost(Loss.NO_FACE, "") for file in FILES}), 0.5)

    assert (report.failed_to_acquire, report.eer, report.best_accuracy) == (6, None, None)
    assert report.fmr == report.fnmr == report.fmr_all == Rate(None, 0, 0, 0.0, 1.0)
    assert [(point.threshold, point.fnmr) for point in report.points] == [(None, None)] * 3


def test_failures_to_acquire_count_as_refusals_in_the_frr_only() -> None:
    empty = np.empty(0)
    comparisons = Comparisons(np.asarray([0.9, 0.4]), empty, empty, (), same_lost=2, different_lost=0)

    report = weigh(comparisons, 0.5)

    assert (report.fnmr.errors, report.fnmr.of) == (1, 2)
    assert (report.frr.errors, report.frr.of) == (3, 4)


def test_an_fmr_is_told_only_where_enough_impostors_resolve_it() -> None:
    comparisons = Comparisons(np.asarray([0.2, 0.995]), np.asarray([0.1]), np.linspace(0, 0.999, 1000), (), 0, 0)

    points = {point.word: point for point in weigh(comparisons, 0.5).points}

    assert list(points) == ["1e-2", "1e-3", "1e-4"]
    assert points["1e-2"].fnmr == 0.5
    assert points["1e-3"].fnmr == 1.0
    assert points["1e-4"].threshold is None
    assert points["1e-4"].fnmr is None
