"""Two halves: nothing is in both, and the same name lies in the same half for ever."""

from __future__ import annotations

import numpy as np
import pytest

from edge.evaluate.split import Half, drawn, half_of


@pytest.mark.parametrize(
    ("name", "half"),
    [("A000001", Half.FIT), ("A000002", Half.REPORT), ("S07", Half.REPORT), ("s07", Half.FIT), ("张三", Half.REPORT)],
)
def test_a_name_lies_in_the_half_in_which_it_always_lay(name: str, half: Half) -> None:
    """Figures that were reported on one half mean nothing when people change sides."""
    assert half_of(name) is half


def test_both_halves_are_about_as_large() -> None:
    report = sum(half_of(f"person {number}") is Half.REPORT for number in range(1000))

    assert 450 < report < 550


def test_variants_of_the_halves_have_nothing_in_common_and_none_is_left_out() -> None:
    dice = np.random.default_rng(3)

    fit, report = ({drawn(dice, 24, half) for _ in range(400)} for half in Half)

    assert fit == set(range(0, 24, 2))
    assert report == set(range(1, 24, 2))
