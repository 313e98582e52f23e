"""Textures are judged one after the other: clear cases soon, doubtful ones late, and nothing that is no number ever."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge.session.sequential import CLEAREST, TextureTest, Word, joint_score, log_odds

TEST = TextureTest(threshold=0.9, least=3, most=8)

scores = st.lists(st.floats(0, 1), min_size=1, max_size=12)
thresholds = st.floats(0.001, 0.999)


def words(score: float, count: int = 8) -> list[Word]:
    """What the test says after each of so many equal scores."""
    return [TEST.judge([score] * number) for number in range(1, count + 1)]


@pytest.mark.parametrize(("score", "word"), [(0.9999, Word.LIVES), (0.01, Word.DENIES)])
def test_a_clear_case_ends_after_the_fewest_frames(score: float, word: Word) -> None:
    assert words(score) == [Word.OPEN, Word.OPEN, *[word] * 6]


@pytest.mark.parametrize(("score", "word"), [(0.92, Word.LIVES), (0.88, Word.DENIES)])
def test_a_doubtful_case_ends_with_the_last_frame_on_the_side_it_leans_to(score: float, word: Word) -> None:
    assert words(score) == [*[Word.OPEN] * 7, word]


def test_a_case_that_is_neither_clear_nor_doubtful_ends_on_the_way() -> None:
    assert words(0.98) == [*[Word.OPEN] * 5, *[Word.LIVES] * 3]


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("before", [0, 2, 7])
def test_a_score_that_is_no_number_denies_whatever_the_others_say(before: int, number: float) -> None:
    found = [*[1.0] * before, number]

    assert TEST.judge(found) is Word.DENIES
    assert math.isnan(joint_score(found))


def test_no_score_says_nothing() -> None:
    assert TEST.judge([]) is Word.OPEN


def test_a_single_frame_decides_nothing_however_sure_it_is() -> None:
    """One frame of a fake that looks alive, among seven that do not."""
    assert TEST.judge([1.0, *[0.5] * 7]) is Word.DENIES
    assert TEST.judge([0.0, *[0.9999] * 7]) is Word.LIVES


def test_where_fewer_frames_are_judged_than_the_least_those_are_enough() -> None:
    assert TextureTest(0.9, least=5, most=2).judge([0.95, 0.95]) is Word.LIVES


@given(found=scores, threshold=thresholds)
def test_the_joint_score_reaches_the_threshold_just_when_the_sum_of_evidence_does(found: list[float], threshold: float) -> None:
    told = sum(log_odds(score) - log_odds(threshold) for score in found)
    assume(abs(told) > 1e-9)

    word = TextureTest(threshold, least=1, most=len(found)).judge(found)

    assert word is (Word.LIVES if told > 0 else Word.DENIES)
    assert (joint_score(found) >= threshold) is (told > 0)


@given(found=scores, order=st.randoms(use_true_random=False))
def test_the_joint_score_does_not_depend_on_the_order(found: list[float], order: object) -> None:
    shuffled = list(found)
    order.shuffle(shuffled)  # type: ignore[attr-defined]

    assert joint_score(shuffled) == pytest.approx(joint_score(found), abs=1e-12)


@given(found=scores)
def test_the_joint_score_lies_between_the_lowest_and_the_highest(found: list[float]) -> None:
    lowest = 1 / (1 + math.exp(CLEAREST))
    counted = [min(1 - lowest, max(lowest, score)) for score in found]

    assert min(counted) - 1e-9 <= joint_score(found) <= max(counted) + 1e-9


@given(score=st.floats(0, 1), other=st.floats(0, 1))
def test_a_higher_score_never_says_less(score: float, other: float) -> None:
    low, high = sorted((score, other))

    assert -CLEAREST - 1e-9 <= log_odds(low) <= log_odds(high) <= CLEAREST + 1e-9
