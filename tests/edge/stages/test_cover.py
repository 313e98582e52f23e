"""A mask: seldom looked for, remembered for the face that wears it, and named before whatever else is found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.engine import Engine
from edge.evaluate.guidance.bench import judge
from edge.flow import Component, FaceSample, Flaw, TrackId
from edge.stages.cover import CoverWatch
from firmware.picture import read_picture
from tests.edge.footage import portraits
from tests.edge.observations import MS, usable
from tests.fakes.networks import Answering, Tensor
from wire.reasons import Reason

FRAME = np.full((240, 320, 3), 120, np.uint8)


class Wearer:
    """Somebody who puts a mask on and off."""

    def __init__(self) -> None:
        self.mask, self.bare = 0.05, 0.95
        self.network = Answering(self._answer)

    def put_on(self) -> None:
        self.mask, self.bare = 0.99, 0.05

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

    seen = CoverWatch(wearer.network).watch(FRAME, sample(0, 1, turned), may_look=True)

    assert seen.flaws == (Flaw(Reason.FACE_MASK, 1.0), turned)
    assert dict(seen.components)[Component.MOUTH_OCCLUSION] == 5


def test_a_bare_face_has_no_flaw_and_a_good_score() -> None:
    seen = CoverWatch(Wearer().network).watch(FRAME, sample(0), may_look=True)

    assert seen.usable
    assert dict(seen.components)[Component.MOUTH_OCCLUSION] == 95


def test_it_looks_once_a_second_and_remembers_in_between() -> None:
    wearer = Wearer()
    watch = CoverWatch(wearer.network)

    for at_ms in range(0, 3000, 100):
        if at_ms == 1500:
            wearer.put_on()
        seen = watch.watch(FRAME, sample(at_ms), may_look=True)
        assert seen.usable == (at_ms < 2000)
    assert wearer.network.runs == 3


def test_where_it_may_not_look_it_says_what_it_knows_of_this_face_only() -> None:
    wearer = Wearer()
    wearer.put_on()
    watch = CoverWatch(wearer.network)

    assert watch.watch(FRAME, sample(0), may_look=False).usable
    watch.watch(FRAME, sample(33), may_look=True)
    assert not watch.watch(FRAME, sample(5000), may_look=False).usable
    assert watch.watch(FRAME, sample(5033, track=2), may_look=False).usable
    assert wearer.network.runs == 1


def test_a_face_that_is_new_is_looked_at_without_waiting() -> None:
    wearer = Wearer()
    watch = CoverWatch(wearer.network)

    assert watch.watch(FRAME, sample(0), may_look=True).usable
    wearer.put_on()
    assert not watch.watch(FRAME, sample(33, track=2), may_look=True).usable


@pytest.mark.weights
@pytest.mark.footage
def test_masked_people_are_told_to_take_it_off_and_nobody_else_is(footage_dir: Path, engine: Engine) -> None:
    masked = sorted((footage_dir / "quality/masked").iterdir())
    said = [judge(read_picture(photo), engine) for photo in masked]

    # Of some, no face is found at all.
    assert sum(reasons[:1] == (Reason.FACE_MASK,) for reasons in said) >= 18
    for photo, _ in zip(portraits(footage_dir, 60), range(20), strict=False):
        assert Reason.FACE_MASK not in judge(read_picture(photo), engine)
