"""Against a saved run: what became worse, and what cannot be compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edge.evaluate.cost.errors import SavedRunInvalidError
from edge.evaluate.cost.regression import comparable, read_saved, regressions


def run(
    opencv: tuple[float, float, float], idle: tuple[float, float, float] = (24, 25, 26), version: str = "4.11.0"
) -> dict[str, object]:
    """A run with these ratios, low, median and high."""
    words = ("low", "median", "high")
    return {
        "ratio": {name: dict(zip(words, opencv, strict=True)) for name in ("opencv", "onnxruntime")},
        "idle_interval": dict(zip(words, idle, strict=True)),
        "opencv_version": version,
        "guard": {"undecided": ["a.mp4"]},
    }


def test_the_same_figures_and_better_ones_are_no_regression() -> None:
    saved = run((20, 21, 22))

    assert regressions(saved, saved) == ()
    assert regressions(saved, run((30, 31, 32))) == ()


def test_a_ratio_is_worse_only_when_its_whole_interval_lies_below_the_saved_one() -> None:
    saved = run((20, 21, 22))

    assert regressions(saved, run((17, 19, 20.1))) == ()
    assert [one.figure for one in regressions(saved, run((15, 17, 19.9)))] == ["ratio opencv", "ratio onnxruntime"]


def test_the_idle_ratio_is_held_too() -> None:
    (worse,) = regressions(run((20, 21, 22)), run((20, 21, 22), idle=(10, 11, 12)))

    assert worse.figure == "ratio idle"
    assert "25.00" in worse.sentence


def test_another_opencv_is_another_figure() -> None:
    saved, now = run((40, 41, 42)), run((20, 21, 22), version="5.0.0")

    assert not comparable(saved, now)
    assert [one.figure for one in regressions(saved, now)] == ["ratio onnxruntime"]


def test_a_clip_that_is_no_longer_decided_is_a_regression() -> None:
    now = run((20, 21, 22)) | {"guard": {"undecided": ["b.mp4", "a.mp4"]}}

    (worse,) = regressions(run((20, 21, 22)), now)

    assert "b.mp4" in worse.sentence
    assert "a.mp4" not in worse.sentence


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"ratio": {"opencv": 3, "onnxruntime": 4}, "opencv_version": "4"}', "\x00"])
def test_a_file_that_is_no_saved_run_is_refused_by_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "last.json"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(SavedRunInvalidError, match=r"last\.json"):
        read_saved(path)


def test_a_saved_run_is_read_back_and_one_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "last.json"
    path.write_text(json.dumps(run((1, 2, 3))), encoding="utf-8")

    assert read_saved(path) == json.loads(json.dumps(run((1, 2, 3))))
    with pytest.raises(SavedRunInvalidError, match=r"gone\.json"):
        read_saved(tmp_path / "gone.json")
