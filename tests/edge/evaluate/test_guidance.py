"""Spoilt frames: what is counted by hand, what a spoiler does to a picture, and what the unit says of real portraits."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from edge.cli import main
from edge.engine import Engine
from edge.evaluate.guidance import lens
from edge.evaluate.guidance.bench import (
    CLEAN,
    Company,
    QualityCost,
    Said,
    ask_about_real,
    cost_of_grading,
    gather,
    judge,
    weigh_answers,
)
from edge.evaluate.guidance.causes import CAUSES
from edge.evaluate.guidance.paint import lit, mixed, shaken, shape
from edge.evaluate.guidance.photos import ask_about_photos
from edge.evaluate.guidance.seat import Seat, Sitter, seated
from edge.evaluate.guidance.spoiling import STRENGTHS, Spoiling
from edge.evaluate.plots_guidance import draw_confusions
from firmware.picture import read_picture
from models.calibration.rates import rate
from tests.edge.footage import portraits
from wire.reasons import Reason


def said(cause: str, step: int, *reasons: Reason) -> Said:
    return Said(cause, step, reasons)


def test_the_first_word_and_the_second_are_counted_apart() -> None:
    report = weigh_answers(
        [
            said("dark", 1, Reason.TOO_DARK),
            said("dark", 2, Reason.HOLD_STILL, Reason.TOO_DARK),
            said("dark", 3),
            said("far", 1, Reason.NO_FACE, Reason.HOLD_STILL, Reason.TOO_FAR),
        ],
        people=1,
    )

    rates = {each.cause: each for each in report.ways}
    assert (report.right_first, report.right_in_two) == (rate(1, 4), rate(2, 4))
    assert (rates["dark"].first, rates["dark"].in_two, rates["far"].in_two) == (rate(1, 3), rate(2, 3), rate(0, 1))
    assert [step.value for step in rates["dark"].by_step] == [1.0, 0.0, 0.0]
    assert report.reasons[Reason.TOO_DARK] == rate(1, 3)
    assert report.confused == {
        ("dark", "TOO_DARK"): 1,
        ("dark", "HOLD_STILL"): 1,
        ("dark", ""): 1,
        ("far", "NO_FACE"): 1,
    }


def test_ways_that_should_be_told_the_same_are_counted_together() -> None:
    report = weigh_answers([said("shake", 1, Reason.HOLD_STILL), said("defocus", 1), said("defocus", 3)], people=1)

    assert report.reasons[Reason.HOLD_STILL] == rate(1, 3)
    assert report.reasons[Reason.TOO_FAR] == rate(0, 0)


def test_a_false_alarm_stops_a_visit_and_a_false_word_does_not() -> None:
    clean = [said(CLEAN, 0), said(CLEAN, 0, Reason.SIDE_LIT), Said(CLEAN, 0, (Reason.EYES_CLOSED,), blocked=True)]

    report = weigh_answers([*clean, said("dark", 1, Reason.TOO_DARK)], people=3)

    assert report.false_alarm == rate(1, 3)
    assert report.false_word == rate(2, 3)
    assert report.right_first == rate(1, 1)


def test_every_way_to_spoil_a_frame_names_a_reason_that_the_visitor_can_mend() -> None:
    assert {reason.category.value for reason, _ in CAUSES.values()} == {"guidance"}


GREY = np.full((60, 80, 3), 120, np.uint8)


def test_light_adds_up_before_the_tone_curve_and_ends_at_white() -> None:
    dice = np.random.default_rng(0)

    assert lit(GREY, 0.5, dice, noise=0).mean() == pytest.approx(120 * 0.5 ** (1 / 2.2), abs=1)
    assert lit(GREY, 100.0, dice, noise=0).min() == 255


def test_a_cover_hides_what_is_under_it_and_nothing_else() -> None:
    cover = shape(60, 80, np.array([[20, 10], [60, 10], [60, 50], [20, 50]], np.float32), 0.3)

    painted = mixed(GREY, np.array([0, 0, 255], np.float32), cover)

    assert painted[30, 40].tolist() == [0, 0, 255]
    assert painted[5, 5].tolist() == [120, 120, 120]


def test_a_shake_smears_along_its_line_only() -> None:
    dot = np.zeros((61, 61, 3), np.uint8)
    dot[30, 30] = 255

    smeared = shaken(dot, 20, 0.0).max(axis=2) > 2

    assert smeared.any(axis=0).sum() >= 18
    assert smeared.any(axis=1).sum() <= 5


@pytest.fixture(scope="module")
def sitters(footage_dir: Path, engine: Engine) -> list[Sitter]:
    """Three people."""
    return list(gather(list(portraits(footage_dir, 60))[:12], 3, engine).sitters)


@pytest.mark.weights
@pytest.mark.footage
def test_people_sit_where_they_are_asked_to(sitters: list[Sitter], engine: Engine) -> None:
    for sitter in sitters:
        frame = seated(sitter, Seat(eyes_px=70, x_share=0.4, y_share=0.6))
        (face,) = engine.detector.find(frame.bgr)

        assert frame.bgr.shape == (600, 800, 3)
        assert face.eye_distance_px == pytest.approx(70, rel=0.12)
        assert face.box.centre == pytest.approx((320, 360), abs=12)
        assert face.box.left_px < frame.mesh[:, 0].mean() < face.box.left_px + face.box.width_px


@pytest.mark.weights
@pytest.mark.footage
def test_an_untouched_frame_is_good_and_plainly_spoilt_ones_are_named(sitters: list[Sitter], engine: Engine) -> None:
    plain = STRENGTHS[1]
    for number, sitter in enumerate(sitters):
        frame = seated(sitter, Seat())
        assert judge(frame.bgr, engine) == ()
        for cause in set(CAUSES) - {"bright", "shake", "defocus", "cut"}:
            reason, spoil = CAUSES[cause]
            spoiling = Spoiling(sitter, sitters[number - 1], plain, np.random.default_rng(number), frame)
            assert judge(spoil(spoiling), engine)[:1] == (reason,), cause


@pytest.mark.weights
@pytest.mark.footage
def test_a_portrait_without_one_large_face_is_left_out_and_counted(footage_dir: Path, engine: Engine) -> None:
    good = next(portraits(footage_dir, 60))
    dogs, crowd = (footage_dir / "detection/images" / name for name in ("dlib_no_human_dogs.jpg", "dlib_2007_007763.jpg"))

    company: Company = gather([dogs, good, crowd, good, dogs], 2, engine)

    # The last one is not looked at: there is company enough.
    assert (len(company.sitters), company.left_out) == (2, 2)


@pytest.mark.weights
@pytest.mark.footage
def test_the_cost_is_that_of_grading_on_the_clock_that_is_given(sitters: list[Sitter], engine: Engine) -> None:
    ticks = count()

    cost = cost_of_grading(sitters[:1], engine, lambda: 0.002 * next(ticks), times=3)

    assert cost == QualityCost(pytest.approx(2.0), pytest.approx(2.0))
    # Three gradings and one look; a look every two seconds, at thirty frames a second.
    assert next(ticks) == 2 * (3 + 1)
    assert cost is not None
    assert cost.per_frame_ms == pytest.approx(2.0 + 2.0 / 60)
    assert cost_of_grading([], engine, lambda: 0.0) is None


@pytest.mark.weights
@pytest.mark.footage
def test_real_pictures_are_counted_as_they_are(footage_dir: Path, engine: Engine) -> None:
    masked = sorted((footage_dir / "quality/masked").iterdir())[:2]
    bare = next(portraits(footage_dir, 60))

    assert ask_about_real([*masked, bare], Reason.FACE_MASK, engine) == rate(2, 3)
    assert ask_about_real([bare], Reason.TOO_DARK, engine) == rate(0, 1)


@pytest.mark.parametrize("words", ["FACE_MASK", "FACE_MASK=", "FACE_MASK=nowhere", "NO_SUCH_REASON=.", "=."])
def test_real_pictures_need_a_reason_and_a_folder_that_holds_some(words: str) -> None:
    result = CliRunner().invoke(main, ["evaluate", "guidance", "list.csv", "--images", ".", "--real", words])

    assert result.exit_code == 2
    assert "a reason such as FACE_MASK, =, and a folder of pictures" in result.stderr


def measured(footage_dir: Path, *words: str) -> Result:
    """The command on the development portraits."""
    folder = footage_dir / "verification/crossage_portraits"
    line = ["evaluate", "guidance", str(folder / "images.csv"), "--images", str(folder / "images"), *words, "--json"]
    return CliRunner().invoke(main, line, env={"LIFECERT_MIRROR": str(footage_dir.parent)})


@pytest.mark.weights
@pytest.mark.footage
def test_nobody_to_seat_is_a_fault_that_says_so(footage_dir: Path) -> None:
    result = measured(footage_dir, "--only", "nobody")

    assert result.exit_code == 2
    assert json.loads(result.stdout)["error"]["code"] == "PortraitsTooFew"


@pytest.mark.weights
@pytest.mark.footage
def test_the_command_counts_and_draws(footage_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lens, "LENSES", 1)
    plot, masked = tmp_path / "confusions.png", sorted((footage_dir / "quality/masked").iterdir())

    result = measured(
        footage_dir, "--only", "p2024", "--people", "2", "--plot", str(plot), "--photos", str(footage_dir / "quality")
    )

    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["people"] == 2
    assert set(found["ways"]) == set(CAUSES)
    assert set(found["causes"]) == {reason.value for reason, _ in CAUSES.values()} | {"LENS_DIRTY"}
    assert found["lens"]["value"] == found["causes"]["LENS_DIRTY"]["value"]
    assert found["photos"]["left_out"] + found["photos"]["false_alarm"]["of"] + found["photos"]["turned"]["of"] == len(masked)
    assert found["right_first"]["of"] == 2 * len(CAUSES) * len(STRENGTHS)
    assert sum(row["times"] for row in found["confused"]) == found["right_first"]["of"] + 2
    assert read_picture(plot).shape[2] == 3


def test_a_way_that_nobody_knows_is_a_mistake() -> None:
    result = CliRunner().invoke(main, ["evaluate", "guidance", "a.csv", "--images", ".", "--way", "rain"])

    assert result.exit_code == 2
    assert "rain: not of aside, backlit" in result.stderr


@pytest.mark.weights
@pytest.mark.footage
def test_ways_that_are_named_are_the_only_ones(footage_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lens, "LENSES", 1)

    far, smudge = (json.loads(measured(footage_dir, "--people", "2", "--way", way).stdout) for way in ("far", "smudge"))

    assert (set(far["causes"]), set(far["ways"]), far["lens"]) == ({"TOO_FAR"}, {"far"}, None)
    assert far["right_first"]["of"] == 2 * len(STRENGTHS)
    assert (set(smudge["causes"]), smudge["ways"], smudge["right_first"]["of"]) == ({"LENS_DIRTY"}, {}, 0)
    assert smudge["lens"]["of"] == len(STRENGTHS)


@pytest.mark.weights
@pytest.mark.footage
def test_smudges_are_found_by_many_visits_and_clean_lenses_are_left_alone(
    sitters: list[Sitter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lens, "LENSES", 2)

    report = lens.ask_about_lenses(sitters)

    assert report.false_alarm == rate(0, 2)
    assert report.by_step[2].errors >= 1
    assert report.found.of == 6


def test_a_folder_without_photos_is_a_mistake(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["evaluate", "guidance", "a.csv", "--images", ".", "--photos", str(tmp_path)])

    assert result.exit_code == 2
    assert "no pictures" in result.stderr


@pytest.mark.weights
@pytest.mark.footage
def test_photos_are_told_apart_by_how_the_head_is_turned(footage_dir: Path, engine: Engine) -> None:
    lfw = footage_dir / "verification/lfw_folds1to2"
    photos = sorted(lfw.rglob("*.jpg"))[::40]

    report = ask_about_photos(photos, engine, lambda done, of: None)

    assert report.left_out + report.false_alarm.of + report.turned.of == len(photos)
    assert report.false_alarm.of >= 10
    assert report.false_alarm.errors <= report.false_word.errors <= report.false_alarm.of // 3
    # Who is told to turn is turned: not one of ten straight heads is.
    assert report.words.get("HEAD_TURNED", 0) * 10 <= report.false_alarm.of


def test_a_list_that_cannot_be_used_is_a_fault(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["evaluate", "guidance", str(tmp_path / "a.csv"), "--images", str(tmp_path), "--json"])

    assert result.exit_code == 2
    assert json.loads(result.stdout)["error"]["code"] == "ListUnreadable"


def test_confusions_are_drawn_also_where_nothing_was_ever_said() -> None:
    report = weigh_answers([said(CLEAN, 0), said("dark", 1)], people=1)

    assert draw_confusions(report).startswith(b"\x89PNG")
