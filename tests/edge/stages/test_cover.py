"""A mask: seldom looked for, remembered for the face that wears it, and named before whatever else is found."""

from __future__ import annotations

import csv
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from edge.engine import Engine
from edge.evaluate.guidance.bench import judge
from edge.flow import Component, Detection, FaceSample, Flaw, TrackId
from edge.imaging import Pixels
from edge.schedule import Cover
from edge.stages.cover import CoverWatch
from edge.stages.face_mask import MaskProbe
from edge.stages.landmarks import CROP_PX, LEFT_EYE, REGION, RIGHT_EYE, Mesh, MeshFitter
from edge.stages.mesh_doubt import MOUTH
from firmware.board import open_camera
from firmware.picture import read_picture
from tests.edge.footage import portraits
from tests.edge.observations import FACE, MS, usable
from tests.fakes.networks import Answering, Tensor
from wire.reasons import Reason

FRAME = np.empty((240, 320, 3), np.uint8)


SKIN = (130, 160, 205)
FRAME[:] = SKIN
FRAME[180:] = (90, 60, 40)
POINTS = FACE.points


class Wearer(MeshFitter):
    """Somebody who puts a mask on and off, closes the eyes, and holds something before the face."""

    def __init__(self) -> None:
        self.mask, self.bare, self.eyes, self.presence = 0.05, 0.95, 0.3, 20.0
        self.hidden: tuple[int, ...] = ()
        """Points of the mesh that are not to be seen: they are guessed to be where faces have them in the crop."""
        self.network, self.looks = Answering(self._answer), 0

    def put_on(self) -> None:
        self.mask, self.bare, self.hidden = 0.99, 0.05, MOUTH

    @property
    def watch(self) -> CoverWatch:
        """What watches them; it knows nobody yet."""
        return CoverWatch(MaskProbe(self.network), self)

    def fit(self, bgr: Pixels, face: Detection) -> Mesh | None:
        """The mesh of this person, whatever crop is asked for."""
        assert bgr.shape == FRAME.shape
        self.looks += 1
        if self.presence < 0:
            return None
        places = np.tile(np.array([[145.0, 120.0]], np.float32), (478, 1))
        for eye, x in ((RIGHT_EYE, 125), (LEFT_EYE, 165)):
            outer, upper_one, upper_two, inner, lower_two, lower_one = eye
            places[[outer, inner]] = (x - 10, 100), (x + 10, 100)
            places[[upper_one, upper_two]] = x, 100 - 10 * self.eyes
            places[[lower_one, lower_two]] = x, 100 + 10 * self.eyes
        scale = CROP_PX / (REGION * face.box.side_px)
        crop = (places - np.array(face.box.centre)) * scale + CROP_PX / 2
        crop[list(self.hidden)] = 150.0, 180.0
        return Mesh(np.hstack([crop, np.zeros((478, 1))]).astype(np.float32))

    def _answer(self, tensor: Tensor) -> tuple[Tensor, ...]:
        assert tensor.shape == (1, 260, 260, 3)
        assert 0 <= tensor.min() <= tensor.max() <= 1
        classes = np.zeros((1, 5972, 2), np.float32)
        classes[0, 7, 0], classes[0, 4000, 1] = self.mask, self.bare
        return np.zeros((1, 5972, 4), np.float32), classes


def sample(at_ms: float, track: int = 1, *flaws: Flaw) -> FaceSample:
    seen = usable(at_ms).sample
    assert seen is not None
    return replace(seen, track=TrackId(track), captured_ns=round(at_ms * MS), flaws=flaws)


def test_a_mask_is_the_first_flaw_and_the_others_follow() -> None:
    wearer = Wearer()
    wearer.put_on()
    turned = Flaw(Reason.HEAD_TURNED, 1.0)

    seen = wearer.watch.watch(FRAME, sample(0, 1, turned), POINTS, Cover.AT_ONCE)

    assert seen.flaws == (Flaw(Reason.FACE_MASK, 1.0), turned)
    assert dict(seen.components)[Component.MOUTH_OCCLUSION] == 9


def test_a_bare_face_has_no_flaw_and_a_good_score() -> None:
    seen = Wearer().watch.watch(FRAME, sample(0), POINTS, Cover.AT_ONCE)

    assert seen.usable
    assert dict(seen.components)[Component.MOUTH_OCCLUSION] == 100


def test_it_looks_every_two_seconds_and_remembers_in_between() -> None:
    wearer = Wearer()
    watch = wearer.watch

    for at_ms in range(0, 5000, 100):
        if at_ms == 2500:
            wearer.put_on()
        seen = watch.watch(FRAME, sample(at_ms), POINTS, Cover.AT_ONCE)
        assert seen.usable == (at_ms < 4000)
    # Every two seconds, and more often while a mask is on: at 4.3, 4.6 and 4.9 s. Where the mouth is plain to see, nothing more
    # than the dense landmarks is asked.
    assert wearer.looks == 3 * (3 + 3)
    assert wearer.network.runs == 1 + 3


@pytest.mark.parametrize(
    ("flaw", "looks"),
    [
        (Flaw(Reason.CROPPED, 0.5), False),
        (Flaw(Reason.TOO_BRIGHT, 0.5), False),
        (Flaw(Reason.HOLD_STILL, 0.8), False),
        (Flaw(Reason.HOLD_STILL, 0.2, blocks=False), True),
        (Flaw(Reason.TOO_DARK, 0.5), True),
        (Flaw(Reason.HEAD_TURNED, 0.5), True),
    ],
)
def test_a_face_that_cannot_be_seen_is_not_called_masked(flaw: Flaw, looks: bool) -> None:
    wearer = Wearer()
    wearer.put_on()

    seen = wearer.watch.watch(FRAME, sample(0, 1, flaw), POINTS, Cover.AT_ONCE)

    assert (seen.flaws[0].reason is Reason.FACE_MASK) is looks
    assert wearer.network.runs == looks


def test_where_it_may_not_look_it_says_what_it_knows_of_this_face_only() -> None:
    wearer = Wearer()
    wearer.put_on()
    watch = wearer.watch

    assert watch.watch(FRAME, sample(0), POINTS, Cover.NOT).usable
    watch.watch(FRAME, sample(33), POINTS, Cover.AT_ONCE)
    assert not watch.watch(FRAME, sample(5000), POINTS, Cover.NOT).usable
    assert watch.watch(FRAME, sample(5033, track=2), POINTS, Cover.NOT).usable
    assert wearer.network.runs == 1


def test_a_face_that_is_new_is_looked_at_without_waiting() -> None:
    wearer = Wearer()
    watch = wearer.watch

    assert watch.watch(FRAME, sample(0), POINTS, Cover.AT_ONCE).usable
    wearer.put_on()
    assert not watch.watch(FRAME, sample(33, track=2), POINTS, Cover.AT_ONCE).usable


def test_eyes_that_stay_closed_are_named_and_a_blink_is_over_at_the_next_look() -> None:
    wearer = Wearer()
    watch = wearer.watch

    wearer.eyes = 0.04
    said = [watch.watch(FRAME, sample(at_ms), POINTS, Cover.AT_ONCE).flaws for at_ms in range(0, 200, 33)]
    wearer.eyes = 0.3
    said += [watch.watch(FRAME, sample(at_ms), POINTS, Cover.AT_ONCE).flaws for at_ms in range(200, 1000, 33)]

    closed = sum(flaws == (Flaw(Reason.EYES_CLOSED, 1.0),) for flaws in said)
    assert closed * 33 < 300
    assert said[-1] == ()
    # Each look is three: a blink is over at the second.
    assert wearer.looks == 6


def test_closed_eyes_are_not_believed_for_long_when_nobody_may_look_again() -> None:
    wearer = Wearer()
    wearer.eyes = 0.02
    watch = wearer.watch

    watch.watch(FRAME, sample(0), POINTS, Cover.AT_ONCE)

    assert not watch.watch(FRAME, sample(300), POINTS, Cover.NOT).usable
    assert watch.watch(FRAME, sample(450), POINTS, Cover.NOT).usable


@pytest.mark.parametrize(("eyes", "closed", "score"), [(0.064, True, 49), (0.066, False, 50), (0.15, False, 100), (0.0, True, 0)])
def test_drooping_lids_are_open_eyes(eyes: float, closed: bool, score: int) -> None:
    wearer = Wearer()
    wearer.eyes = eyes

    seen = wearer.watch.watch(FRAME, sample(0), POINTS, Cover.AT_ONCE)

    assert (not seen.usable) is closed
    assert dict(seen.components)[Component.EYES_OPEN] == score


def test_a_mask_says_nothing_about_eyes() -> None:
    wearer = Wearer()
    wearer.put_on()
    wearer.eyes = 0.0

    assert [flaw.reason for flaw in wearer.watch.watch(FRAME, sample(0), POINTS, Cover.AT_ONCE).flaws] == [Reason.FACE_MASK]


def test_a_good_face_in_which_no_points_find_a_hold_is_hidden() -> None:
    nobody = Wearer()
    nobody.presence = -5.0

    seen = nobody.watch.watch(FRAME, sample(0), POINTS, Cover.AT_ONCE)

    assert seen.flaws == (Flaw(Reason.OCCLUDED, 1.0),)
    assert dict(seen.components)[Component.FACE_OCCLUSION] == 0
    assert Component.EYES_OPEN not in dict(seen.components)


def test_a_mouth_whose_points_follow_the_crop_is_hidden_until_a_look_sees_it() -> None:
    wearer = Wearer()
    watch = wearer.watch

    wearer.hidden = MOUTH
    hidden = watch.watch(FRAME, sample(0), POINTS, Cover.AT_ONCE)
    wearer.hidden = ()
    at_once, later = (watch.watch(FRAME, sample(at_ms), POINTS, Cover.AT_ONCE) for at_ms in (100, 300))

    assert hidden.flaws == at_once.flaws == (Flaw(Reason.OCCLUDED, 1.0),)
    assert dict(hidden.components)[Component.CHIN_VISIBLE] >= 99
    assert later.usable
    assert dict(later.components)[Component.FACE_OCCLUSION] >= 99


@pytest.mark.parametrize("flaw", [Flaw(Reason.TOO_FAR, 0.5), Flaw(Reason.HOLD_STILL, 0.1, blocks=False)])
def test_where_something_else_is_wrong_points_that_drift_mean_nothing(flaw: Flaw) -> None:
    wearer = Wearer()
    wearer.hidden = MOUTH

    seen = wearer.watch.watch(FRAME, sample(0, 1, flaw), POINTS, Cover.AT_ONCE)

    assert seen.flaws == (flaw,)
    assert wearer.looks == 1


def test_a_hat_is_worth_a_word_after_all_others_and_closed_eyes_come_before_it() -> None:
    wearer = Wearer()
    hatted = FRAME.copy()
    hatted[:90] = (120, 60, 30)
    side_lit = Flaw(Reason.SIDE_LIT, 0.3, blocks=False)

    seen = wearer.watch.watch(hatted, sample(0, 1, side_lit), POINTS, Cover.AT_ONCE)
    wearer.eyes = 0.02
    asleep = wearer.watch.watch(hatted, sample(0), POINTS, Cover.AT_ONCE)

    assert seen.usable
    assert seen.flaws == (side_lit, Flaw(Reason.HEAD_COVER, 1.0, blocks=False))
    assert [flaw.reason for flaw in asleep.flaws] == [Reason.EYES_CLOSED]


@pytest.mark.weights
@pytest.mark.footage
def test_eyes_are_closed_in_marked_blinks_and_hardly_elsewhere(footage_dir: Path, engine: Engine) -> None:
    clip = footage_dir / "clips/lp_d9_challenge_actions.mp4"
    blinks = [
        (float(row["start_s"]), float(row["end_s"]))
        for row in csv.DictReader((footage_dir / "clips/events.csv").open(encoding="utf-8"))
        if row["file"] == clip.name and row["event"] == "blink"
    ]
    closed_at = []
    with open_camera(f"clip:{clip}") as camera:
        for frame in islice(camera.frames(), 0, 240, 2):
            if Reason.EYES_CLOSED in judge(frame.bgr, engine):
                closed_at.append(frame.captured_ns / 1e9)

    marked = [sum(start - 0.1 <= at <= end + 0.1 for at in closed_at) for start, end in blinks if end < 8]
    assert marked == [3, 3]
    # Two blinks while the head turns are not marked; each is a single one of these frames.
    assert len(closed_at) - sum(marked) <= 2


@pytest.mark.weights
@pytest.mark.footage
def test_masked_people_are_told_to_take_it_off_and_nobody_else_is(footage_dir: Path, engine: Engine) -> None:
    masked = sorted((footage_dir / "quality/masked").iterdir())
    said = [judge(read_picture(photo), engine) for photo in masked]

    # Of some, no face is found at all.
    assert sum(reasons[:1] == (Reason.FACE_MASK,) for reasons in said) >= 18
    for photo, _ in zip(portraits(footage_dir, 60), range(20), strict=False):
        assert Reason.FACE_MASK not in judge(read_picture(photo), engine)
