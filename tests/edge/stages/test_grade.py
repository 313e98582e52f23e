"""Each thing that can be wrong with a picture of a face is named first, on a real portrait that was changed step by step."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.engine import Engine
from edge.flow import Component, Flaw
from edge.stages.grade import Grader, head_pose, outside_px, worst_first
from edge.stages.track import RIVAL_SIZE, Tracker
from firmware.frame import DARK, frame_from_bgr
from tests.edge.footage import (
    Change,
    Pixels,
    Set,
    blurred,
    graded,
    lit,
    only,
    picture_at,
    portraits,
    read,
    shaken,
    staged,
    turned,
)
from wire.reasons import Reason

pytestmark = [pytest.mark.weights, pytest.mark.footage]

PEOPLE = 4
LENS_KNOWN = {Component.SUBJECT_DISTANCE}
COVERS = {
    *(Component.MOUTH_OCCLUSION, Component.FACE_OCCLUSION, Component.HEAD_COVERINGS, Component.EYES_OPEN, Component.MOUTH_CLOSED),
    *(Component.BROWS_VISIBLE, Component.RIGHT_EYE_VISIBLE, Component.LEFT_EYE_VISIBLE, Component.NOSE_VISIBLE),
    *(Component.CHIN_VISIBLE, Component.EXPRESSION_NEUTRALITY, Component.BACKGROUND_UNIFORMITY),
}
"""What another stage looks for."""


@pytest.fixture(scope="module")
def people(footage_dir: Path) -> list[Pixels]:
    """Portraits of several people."""
    return [read(path) for _, path in zip(range(PEOPLE), portraits(footage_dir, 60), strict=False)]


@pytest.fixture(params=range(PEOPLE))
def portrait(request: pytest.FixtureRequest, people: list[Pixels]) -> Pixels:
    """One of them."""
    return people[request.param]


def first_reason(frame: Pixels, engine: Engine) -> Reason | None:
    sample = graded(frame, engine)
    return sample.flaws[0].reason if sample.flaws else None


def test_a_good_frame_has_no_flaw(portrait: Pixels, engine: Engine) -> None:
    sample = graded(staged(portrait, engine.detector), engine)

    assert sample.flaws == ()
    assert sample.usable
    assert {component for component, _ in sample.components} == set(Component) - LENS_KNOWN - COVERS
    assert 50 <= sample.quality <= 100


CHANGES: list[tuple[str, Change, Reason | None]] = [
    ("a little darker", lit(0.6), None),
    ("dark", lit(0.2), Reason.TOO_DARK),
    ("nearly black", lit(0.08), Reason.TOO_DARK),
    ("over-exposed", lit(2.2), Reason.TOO_BRIGHT),
    ("a little soft", blurred(3), None),
    ("blurred", blurred(14), Reason.HOLD_STILL),
    ("shaken a little", shaken(9, "x"), None),
    ("shaken sideways", shaken(55, "x"), Reason.HOLD_STILL),
    ("tilted a little", turned(8), None),
    ("tilted", turned(30), Reason.HEAD_TURNED),
    ("tilted to the other side", turned(-30), Reason.HEAD_TURNED),
]


@pytest.mark.parametrize(("change", "reason"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_what_was_changed_is_named_first(portrait: Pixels, engine: Engine, change: Change, reason: Reason | None) -> None:
    assert first_reason(change(staged(portrait, engine.detector)), engine) is reason


@pytest.mark.parametrize(
    "changes",
    [[blurred(sigma) for sigma in (3, 5, 6, 7, 8, 9, 11, 14)], [shaken(length, "x") for length in (9, 20, 25, 30, 35, 40, 55)]],
    ids=["soft", "shaken"],
)
def test_a_little_blur_is_worth_a_word_before_much_of_it_stands_in_the_way(
    portrait: Pixels, engine: Engine, changes: list[Change]
) -> None:
    frame = staged(portrait, engine.detector)
    said = [tuple((flaw.reason, flaw.blocks) for flaw in graded(change(frame), engine).flaws) for change in changes]

    nothing, a_word, in_the_way = (), ((Reason.HOLD_STILL, False),), ((Reason.HOLD_STILL, True),)
    assert [found for found, before in zip(said, [None, *said], strict=False) if found != before] == [nothing, a_word, in_the_way]


def test_what_brings_another_flaw_about_is_named_before_it() -> None:
    dark, lit_from_behind = Flaw(Reason.TOO_DARK, 0.9), Flaw(Reason.BACKLIT, 0.2, blocks=False)
    off, far = Flaw(Reason.OFF_CENTRE, 1.0), Flaw(Reason.TOO_FAR, 0.1)

    assert worst_first([dark, lit_from_behind]) == [lit_from_behind, dark]
    assert worst_first([off, far, Flaw(Reason.CROPPED, 0.05)])[-1] is off
    assert worst_first([lit_from_behind, far, off]) == [off, far, lit_from_behind]


PLACES: list[tuple[str, Set, Reason | None]] = [
    ("a little smaller", Set(eye_distance_px=45), None),
    ("far", Set(eye_distance_px=27), Reason.TOO_FAR),
    ("very far", Set(eye_distance_px=15), Reason.TOO_FAR),
    ("near", Set(eye_distance_px=260), Reason.TOO_CLOSE),
    ("so near that it is cut", Set(eye_distance_px=330), Reason.TOO_CLOSE),
    ("a little to the side", Set(x_share=0.62), None),
    ("at the right", Set(x_share=0.82), Reason.OFF_CENTRE),
    ("at the left", Set(x_share=0.18), Reason.OFF_CENTRE),
    ("at the top", Set(y_share=0.24, eye_distance_px=60, x_share=0.2), Reason.OFF_CENTRE),
]


@pytest.mark.parametrize(("place", "reason"), [row[1:] for row in PLACES], ids=[row[0] for row in PLACES])
def test_a_wrong_place_or_size_is_named_first(portrait: Pixels, engine: Engine, place: Set, reason: Reason | None) -> None:
    assert first_reason(staged(portrait, engine.detector, place), engine) is reason


@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
def test_a_face_that_is_cut_at_any_border_is_named_so(portrait: Pixels, engine: Engine, side: str) -> None:
    frame = staged(portrait, engine.detector)
    box = only(engine.detector.find(frame)).box
    part = 0.22
    left, right = round(box.left_px + part * box.width_px), round(box.left_px + (1 - part) * box.width_px)
    top, bottom = round(box.top_px + part * box.height_px), round(box.top_px + (1 - part) * box.height_px)
    cut = {"left": frame[:, left:], "right": frame[:, :right], "top": frame[top:], "bottom": frame[:bottom]}[side]

    assert first_reason(cut, engine) is Reason.CROPPED


def test_a_face_just_inside_the_border_is_not_called_cut(portrait: Pixels, engine: Engine) -> None:
    frame = staged(portrait, engine.detector)
    box = only(engine.detector.find(frame)).box
    margin = 0.03 * box.side_px
    tight = frame[
        round(box.top_px - margin) : round(box.top_px + box.height_px + margin),
        round(box.left_px - margin) : round(box.left_px + box.width_px + margin),
    ]

    assert Reason.CROPPED not in {flaw.reason for flaw in graded(tight, engine).flaws}


def test_two_faces_side_by_side_are_named_first(portrait: Pixels, engine: Engine) -> None:
    half = staged(portrait, engine.detector, Set(width_px=480, eye_distance_px=70))

    assert first_reason(np.hstack([half, half]), engine) is Reason.MULTIPLE_FACES


@pytest.mark.parametrize(("share", "counts"), [(RIVAL_SIZE + 0.1, True), (RIVAL_SIZE - 0.12, False)])
def test_a_face_in_the_background_counts_from_half_the_size(portrait: Pixels, engine: Engine, share: float, counts: bool) -> None:
    near = staged(portrait, engine.detector, Set(width_px=480, eye_distance_px=80, x_share=0.6))
    behind = staged(portrait, engine.detector, Set(width_px=480, eye_distance_px=80 * share))

    flaws = {flaw.reason for flaw in graded(np.hstack([near, behind]), engine).flaws}

    assert (Reason.MULTIPLE_FACES in flaws) is counts


def test_a_lit_face_in_a_dark_room_is_not_too_dark(portrait: Pixels, engine: Engine) -> None:
    frame = staged(portrait, engine.detector)
    box = only(engine.detector.find(frame)).box
    dark = lit(0.04)(frame)
    window = np.s_[round(box.top_px) : round(box.top_px + box.height_px), round(box.left_px) : round(box.left_px + box.width_px)]
    dark[window] = frame[window]

    assert dark.mean() < 60
    assert Reason.TOO_DARK not in {flaw.reason for flaw in graded(dark, engine).flaws}


def test_worse_is_told_as_worse(portrait: Pixels, engine: Engine) -> None:
    frame = staged(portrait, engine.detector)
    severities = [graded(lit(gain)(frame), engine).flaws[0].severity for gain in (0.2, 0.14, 0.08)]

    assert severities == sorted(severities)
    assert all(0 <= severity <= 1 for severity in severities)


def test_untouched_development_portraits_have_no_flaw(footage_dir: Path, engine: Engine) -> None:
    """Bound 95 of 100; measured 40 of 40. The smallest portraits of the set are left out: they are rightly too far."""
    sample = [path for _, path in zip(range(40), portraits(footage_dir, 40), strict=False)]

    usable = sum(graded(read(path), engine).usable for path in sample)

    assert len(sample) == 40
    assert usable / len(sample) >= 0.95, f"{usable} of {len(sample)} are usable"


def test_portraits_whose_faces_are_too_small_are_too_far_before_anything_else(footage_dir: Path, engine: Engine) -> None:
    small = [path for path in portraits(footage_dir) if path not in set(portraits(footage_dir, 30))][:20]

    assert [first_reason(read(path), engine) for path in small] == [Reason.TOO_FAR] * 20


@pytest.mark.parametrize(("at_s", "sign"), [(4.2, 1), (8.6, -1)])
def test_a_head_turned_to_a_side_of_the_picture_has_the_yaw_of_that_side(
    footage_dir: Path, engine: Engine, at_s: float, sign: int
) -> None:
    frame = picture_at(footage_dir / "pad/clips/tvl_live_turn_nod.mp4", at_s)
    face = only(engine.detector.find(frame))

    assert sign * head_pose(face, engine.aligner.points(frame, face)).yaw_deg > 12


@pytest.mark.parametrize("degrees", [-30, -15, 0, 15, 30])
def test_roll_is_measured_to_a_few_degrees(portrait: Pixels, engine: Engine, degrees: float) -> None:
    upright = staged(portrait, engine.detector, Set(eye_distance_px=80))
    straight = roll_of(upright, engine)

    assert roll_of(turned(-degrees)(upright), engine) - straight == pytest.approx(degrees, abs=6)


def roll_of(frame: Pixels, engine: Engine) -> float:
    face = only(engine.detector.find(frame))
    return head_pose(face, engine.aligner.points(frame, face)).roll_deg


def test_a_limit_of_the_settings_moves_the_judgement(portrait: Pixels, engine: Engine) -> None:
    frame = staged(portrait, engine.detector, Set(eye_distance_px=60))
    strict = replace(engine, rules=replace(engine.rules, grade=replace(engine.rules.grade, eye_distance_px=90.0)))

    assert first_reason(frame, engine) is None
    assert first_reason(frame, strict) is Reason.TOO_FAR


def test_points_that_are_no_numbers_are_a_flaw(portrait: Pixels, engine: Engine) -> None:
    """A comparison with what is not a number never holds, so it must not stand where it would let a face through."""
    frame = frame_from_bgr(staged(portrait, engine.detector), 0, 0, DARK)
    track = Tracker().follow(engine.detector.find(frame.bgr), 0)
    assert track is not None
    nothing = np.full((5, 2), np.nan, dtype=np.float32)

    assert not Grader(engine.rules.grade).grade(frame, track, nothing).usable


def test_a_face_in_the_middle_reaches_nowhere_out() -> None:
    points = np.array([[100, 100], [140, 100], [120, 120], [105, 140], [135, 140]], dtype=np.float32)

    def moved(x_px: float, y_px: float) -> float:
        return outside_px(points + np.array([x_px, y_px], dtype=np.float32), 240, 240)

    assert moved(0, 0) == 0.0
    assert moved(-85, 0) == pytest.approx(0.45 * 40 - 15)
    assert moved(90, 0) == pytest.approx(0.45 * 40 - 10)
    assert moved(0, -80) == pytest.approx(0.95 * 40 - 20)
    assert moved(0, 80) == pytest.approx(0.70 * 40 - 20)
