"""From where a face is lit, on made-up pictures whose light is known, and when nothing is said about it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.engine import Engine
from edge.evaluate.guidance.bench import gather
from edge.evaluate.guidance.causes import CAUSES
from edge.evaluate.guidance.seat import Seat, seated
from edge.evaluate.guidance.spoiling import Spoiling
from edge.flow import Box, Component
from edge.stages.grade import Grader
from edge.stages.light_direction import behind_ratio, face_luma, one_sided, side_ratio
from edge.stages.track import Tracker
from firmware.frame import Light, frame_from_bgr
from tests.edge.footage import portraits
from wire.reasons import Reason

Pixels = NDArray[np.uint8]
BOX = Box(110, 70, 80, 100)


def face(left: int, right: int) -> Pixels:
    """A face of 112 px with one half as bright as the one number, the other as bright as the other."""
    skin = np.full((112, 112), left, np.uint8)
    skin[:, 56:] = right
    return skin


def before(wall: int, skin: int) -> Pixels:
    """A face in front of a wall."""
    luma = np.full((240, 300), wall, np.uint8)
    luma[66:175, 104:196] = skin
    luma[160:, 60:240] = 20
    return luma


@pytest.mark.parametrize(
    ("left", "right", "ratio"), [(120, 120, 1.0), (150, 75, 2.0), (60, 150, 2.5), (0, 0, 0.0), (200, 0, 200.0)]
)
def test_the_brighter_half_is_held_against_the_darker_one(left: int, right: int, ratio: float) -> None:
    assert side_ratio(face(left, right)) == pytest.approx(ratio)


def test_what_is_beside_the_cheeks_has_no_say() -> None:
    skin = face(120, 120)
    skin[:, :16] = skin[:, 96:] = 255
    skin[:30] = 0

    assert (side_ratio(skin), face_luma(skin)) == (1.0, 120.0)


@pytest.mark.parametrize(("wall", "skin"), [(200, 50), (60, 120), (250, 250)])
def test_what_is_behind_a_head_is_held_against_the_face_without_hair_or_clothes(wall: int, skin: int) -> None:
    assert behind_ratio(before(wall, skin), BOX, skin) == pytest.approx(wall / skin, rel=0.02)


def test_a_head_that_fills_the_picture_has_nothing_behind_it() -> None:
    assert behind_ratio(np.full((120, 90), 80, np.uint8), Box(-10, -10, 110, 150), 80.0) == 0.0


@pytest.mark.parametrize(
    ("word", "alone"), [("L", True), ("RV", True), ("LR", False), ("LRV", False), ("V", False), ("0", False), ("?", False)]
)
def test_a_lamp_at_one_side_makes_the_side_the_units_own(word: str, alone: bool) -> None:
    assert one_sided(Light.parse(word)) is alone


@pytest.mark.weights
@pytest.mark.footage
@pytest.mark.parametrize("cause", ["backlit", "side"])
def test_light_is_not_blamed_on_the_place_while_a_lamp_of_one_side_is_lit(cause: str, footage_dir: Path, engine: Engine) -> None:
    (sitter,) = gather(portraits(footage_dir, 60), 1, engine).sitters
    frame = seated(sitter, Seat())
    reason, spoil = CAUSES[cause]
    spoilt = np.ascontiguousarray(spoil(Spoiling(sitter, sitter, 2, np.random.default_rng(4), frame)))

    def reasons(word: str) -> tuple[set[Reason], set[Component]]:
        made = frame_from_bgr(spoilt, 0, 0, Light.parse(word))
        track = Tracker().follow(engine.detector.find(made.bgr), 0)
        assert track is not None
        sample = Grader(engine.rules.grade).grade(made, track, engine.aligner.points(made.bgr, track.detection))
        # The light of lamps is to be read whatever the place does.
        assert sample.readable
        return {flaw.reason for flaw in sample.flaws}, {component for component, _ in sample.components}

    assert reason in reasons("?")[0]
    assert reason in reasons("LR")[0]
    found, graded = reasons("L")
    assert reason not in found
    assert not graded & {Component.BACK_LIGHT, Component.ILLUMINATION_UNIFORMITY}
