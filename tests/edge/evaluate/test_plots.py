"""Plots are pictures, are written whole or not at all, and hold whatever a set is called."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edge.evaluate.errors import PlotNotWrittenError
from edge.evaluate.pad import weigh_answers
from edge.evaluate.plots import check_writable, draw_pad, draw_verification, write_plot
from edge.evaluate.verification import Comparisons, weigh
from edge.flow import LivenessScore
from firmware.picture import read_picture
from tests.edge.evaluate.test_pad import ATTACK, LIVE, SILENT, answers

NOTHING = np.empty(0)


def comparisons(genuine: int, impostors: int) -> Comparisons:
    """Normal scores, as a matcher gives them."""
    dice = np.random.default_rng(7)
    everybody = dice.normal(0.0, 0.1, impostors)
    return Comparisons(dice.normal(0.7, 0.1, genuine), everybody[:genuine], everybody, (), 0, 0)


@pytest.mark.parametrize(
    "found",
    [comparisons(200, 20_000), comparisons(1, 1), comparisons(40, 5), Comparisons(NOTHING, NOTHING, NOTHING, (), 1, 1)],
    ids=["many", "one", "few", "none"],
)
def test_a_det_curve_is_drawn_for_any_number_of_comparisons(tmp_path: Path, found: Comparisons) -> None:
    write_plot(tmp_path / "det.png", draw_verification("set_$a$_{", 3, found, weigh(found, 0.53)))

    picture = read_picture(tmp_path / "det.png")
    assert picture.shape == (993, 1800, 3)
    assert picture.std() > 10


def test_the_scores_of_attacks_are_drawn_with_those_without_response(tmp_path: Path) -> None:
    found = [*answers("", LIVE, SILENT), *answers("screen", ATTACK, ATTACK), *answers("print", ATTACK)]

    write_plot(tmp_path / "pad.png", draw_pad("set", weigh_answers(found, LivenessScore(0.9))))

    assert read_picture(tmp_path / "pad.png").std() > 10


def test_a_plot_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "det.png"
    target.mkdir()

    with pytest.raises(PlotNotWrittenError, match=r"det\.png: the result cannot be written"):
        write_plot(target, b"png")
    assert [path.name for path in tmp_path.iterdir()] == ["det.png"]


@pytest.mark.parametrize(("place", "says"), [("nowhere/det.png", "no such folder"), (".", "this is a folder")])
def test_where_a_plot_cannot_go_is_found_before_the_work(tmp_path: Path, place: str, says: str) -> None:
    with pytest.raises(PlotNotWrittenError, match=says):
        check_writable(tmp_path / place)
