"""The figures of a run and their goals, on made-up costs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge.commands.bench_table import lines
from edge.evaluate.cost.duel import Duel, joined
from edge.evaluate.cost.frame_age import Ages
from edge.evaluate.cost.goals import ratio_goals
from edge.evaluate.cost.guard import weigh_clips
from edge.evaluate.cost.report import Run, ages_of, document, worst_ms, worst_ratio
from edge.evaluate.cost.unit_process import Memory, Starts
from tests.edge.evaluate.cost.made_up import duel, run
from tests.edge.evaluate.cost.test_guard import GOOD


def line(of: Run, heading: str) -> str:
    """The line of the table that begins so."""
    (found,) = [each for each in lines(of) if each.startswith(heading)]
    return found


def against_opencv(*ratios: float) -> Duel:
    return duel({"opencv": ratios, "onnxruntime": [15.0] * len(ratios)}, [1.0] * 50)


def test_a_ratio_reaches_its_goal_only_with_the_lower_end_of_its_interval() -> None:
    unsure, sure = against_opencv(*[19.0, 25.0] * 4, 25.0), against_opencv(*[21.0] * 9)

    assert unsure.ratio("opencv").median == 25.0
    assert line(run(unsure), "G1/G2").endswith("does not hold")
    assert line(run(sure), "G1/G2").endswith(" holds")


def test_less_is_asked_against_opencv_5() -> None:
    faces = against_opencv(*[15.0] * 4)

    assert ratio_goals("4.11.0")["opencv"] == (20.0, 40.0)
    assert line(run(faces, "4.11.0"), "G1/G2").endswith("does not hold")
    assert line(run(faces, "5.0.0"), "G1/G2").endswith(" holds")


def test_what_comes_after_the_loop_is_in_the_ratio_and_in_no_frame() -> None:
    faces = duel({"opencv": [20.0, 20.0], "onnxruntime": [10.0, 10.0]}, [1.0] * 50, after_ms=50.0)

    assert faces.ratio("opencv").median == 10.0
    assert (faces.ours_ms, faces.verification_ms) == (2.0, 100.0)
    assert max(faces.ours_frames_ms) == 1.0


def test_the_worst_frame_is_nearly_the_worst_and_is_held_against_the_middle_frame_of_opencv() -> None:
    faces = duel({"opencv": [20.0, 24.0, 90.0], "onnxruntime": [6.0] * 3}, [1.0] * 96 + [6.0] * 4)

    assert worst_ms(faces) == 6.0
    assert worst_ratio(faces) == 0.25
    assert line(run(faces), "G5").endswith(" holds")
    assert line(run(duel({"opencv": [19.0], "onnxruntime": [1.0]}, [1.0] * 96 + [6.0] * 4)), "G5").endswith("does not hold")


def test_the_usual_loop_needs_as_many_frames_as_ours_has_evidence_and_ten_at_least() -> None:
    few, many = (duel({"opencv": [20.0]}, [1.0] * 50, probes=probes) for probes in (3, 25))

    assert few.evidence_ratios("opencv") == [20.0 * 10 / 50]
    assert many.evidence_ratios("opencv") == [20.0 * 25 / 50]


def test_clips_are_told_together_and_each_by_itself() -> None:
    one, other = against_opencv(20.0, 20.0), against_opencv(30.0, 30.0)
    both = replace(run(one), clips={"a": one, "b": other})

    found = document(both)

    assert (found["blocks"], found["frames"]) == (4, 200)
    assert joined([one, other]).ratio("opencv").median == 25.0
    assert [found["clips"][name]["opencv"]["median"] for name in "ab"] == [20.0, 30.0]  # type: ignore[index]


def test_frames_are_aged_by_twice_their_measured_cost() -> None:
    found = ages_of(duel({"opencv": [20.0]}, [10.0] * 50))

    assert found.slowed == Ages(0.0, pytest.approx(0.6, abs=0.001), 1)  # type: ignore[arg-type]
    assert found.usual_slowed.deepest > 100
    assert found.overloaded.taken_p95 <= 1
    assert found.overloaded_queue.deepest > 100


def test_the_document_says_whether_the_guard_holds() -> None:
    asked, faces = weigh_clips([GOOD]), against_opencv(21.0, 21.0)
    broken = weigh_clips([replace(GOOD, naive_faces=100, missed=50)])

    assert document(run(faces))["guard_ok"] is None
    assert document(replace(run(faces), guard=asked))["guard_ok"] is True
    assert document(replace(run(faces), guard=broken))["guard_ok"] is False
    assert line(replace(run(faces), guard=broken), "guard: faces missed").endswith("does not hold")
    assert list(lines(replace(run(faces), guard=broken)))[-1] == "guard: does not hold"


@pytest.mark.parametrize(
    ("frames", "last_mb", "resident", "growth"),
    [(50_000, 149, "holds", "does not hold"), (50_000, 151, "does not hold", "does not hold"), (100, 149, "holds", "too short")],
)
def test_memory_is_held_against_its_goals_and_growth_only_over_frames_enough(
    frames: int, last_mb: int, resident: str, growth: str
) -> None:
    memory = Memory(frames, 100_000_000, (last_mb - 2) * 1_000_000, last_mb * 1_000_000, 160_000_000, 140_000_000)
    told = replace(run(against_opencv(21.0, 21.0)), memory=memory)

    assert line(told, "G12").endswith(f" {resident}")
    assert line(told, "G13").endswith(f" {growth}")
    assert "140 at rest" in line(told, "G12")
    assert "160 within" in line(told, "G12")
    assert document(told)["memory"]["growth_mb"] == 2.0  # type: ignore[index]


def test_a_start_is_held_against_its_goal_by_the_middle_one() -> None:
    told = run(against_opencv(21.0, 21.0))

    assert line(replace(told, starts=Starts((390.0, 395.0, 900.0), (1.0, 2.0, 3.0))), "G11").endswith(" holds")
    assert line(replace(told, starts=Starts((390.0, 405.0, 900.0), (1.0, 2.0, 3.0))), "G11").endswith("does not hold")


@pytest.mark.parametrize(
    ("heading", "good", "bad"),
    [
        ("G7", {"whole_per_frame": 34_000.0, "per_frame": 90_000.0}, {"whole_per_frame": 35_000.0}),
        ("   MMAC", {"mean_mmac": 32.0, "max_mmac": 320.0}, {"mean_mmac": 32.1}),
        ("   MMAC", {}, {"max_mmac": 321.0}),
        ("   moved", {"moved_mb": 6.0}, {"moved_mb": 6.1}),
    ],
)
def test_counts_are_held_against_their_goals(heading: str, good: dict[str, float], bad: dict[str, float]) -> None:
    told = run(against_opencv(21.0, 21.0))
    part = "moved" if heading == "G7" else "work"

    def with_counts(changes: dict[str, float]) -> Run:
        return replace(told, **{part: replace(getattr(told, part), **changes)})

    assert line(with_counts(good), heading).endswith(" holds")
    assert line(with_counts(bad), heading).endswith("does not hold")
