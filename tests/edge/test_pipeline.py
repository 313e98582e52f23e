"""One frame through the stages: how far it gets, what is looked at, and that a broken stage never becomes an answer."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from edge.errors import LivenessBrokenError
from edge.flow import Cue, Observation
from edge.schedule import Cover, Gaze, Work
from edge.stages.texture import TextureProbe
from models.errors import ModelError
from models.runtime import Network
from tests.fakes.networks import Answering, Breaking
from tests.fakes.stage import Face, Scene, Stage
from wire.reasons import Reason

NOTHING = Work(texture=False, mesh=False, shot=False, light=False)
EVERYTHING = Work(texture=True, mesh=True, shot=True, light=True)
"""All that gathers evidence."""
HEAVY = ("minifasnet_v2", "minifasnet_v1se", "landmarks478")


def seen(scene: Scene, work: Work = EVERYTHING, **instead: Network) -> tuple[Observation, Stage]:
    """What the pipeline makes of one frame of a scene."""
    stage = Stage(lambda _: scene)
    return stage.engine(**instead).pipeline().observe(next(stage.frames()), work), stage


def test_without_a_face_nothing_else_runs() -> None:
    observation, stage = seen(Scene(faces=()))

    assert (observation.sample, observation.texture, observation.expression, observation.shot) == (None, None, None, None)
    assert observation.track is None
    assert {name: network.runs for name, network in stage.networks.items() if network.runs} == {"yunet_n": 1}


def test_a_flawed_face_is_graded_and_never_probed() -> None:
    observation, stage = seen(Scene(faces=(Face(side_px=70),)))

    assert observation.sample is not None
    assert [flaw.reason for flaw in observation.sample.flaws] == [Reason.TOO_FAR]
    assert (observation.texture, observation.expression, observation.shot) == (None, None, None)
    assert [stage.networks[name].runs for name in HEAVY] == [0, 0, 0]


def test_a_mask_is_looked_for_only_when_planned_and_keeps_a_face_from_being_probed() -> None:
    bare, _ = seen(Scene(masked=True), EVERYTHING)
    masked, stage = seen(Scene(masked=True), replace(EVERYTHING, cover=Cover.AT_ONCE))

    assert bare.texture is not None
    assert masked.sample is not None
    assert [flaw.reason for flaw in masked.sample.flaws] == [Reason.FACE_MASK]
    assert (masked.texture, masked.expression, masked.shot) == (None, None, None)
    assert stage.networks["facemask_aizoo"].runs == 1


def test_a_good_face_is_looked_at_as_far_as_the_plan_says() -> None:
    observation, stage = seen(Scene(), NOTHING)

    assert observation.sample is not None
    assert observation.sample.usable
    assert (observation.texture, observation.expression, observation.shot) == (None, None, None)
    assert [stage.networks[name].runs for name in HEAVY] == [0, 0, 0]


def test_a_good_face_brings_all_that_the_plan_asks_for() -> None:
    observation, _ = seen(Scene(real=0.7, eyes=0.25, mouth=0.5))

    assert observation.texture is not None
    assert observation.texture.score == pytest.approx(0.7)
    assert observation.expression is not None
    assert (observation.expression.eyes, observation.expression.mouth) == pytest.approx((0.25, 0.5))
    assert observation.shot is not None
    (crop,) = observation.shot.crops
    assert crop.shape == (64, 64, 3)
    assert not crop.flags.writeable
    assert observation.sample is not None
    assert observation.shot.quality == observation.sample.quality
    assert observation.track == observation.sample.track == 1


def test_the_same_face_keeps_its_track_from_frame_to_frame() -> None:
    stage = Stage(lambda at_ms: Scene(faces=(Face(x_px=150 + at_ms / 100),)))
    pipeline = stage.engine().pipeline()

    assert {pipeline.observe(frame, NOTHING).track for _, frame in zip(range(10), stage.frames(), strict=False)} == {1}


HELD = Work(texture=False, mesh=False, shot=False, light=False, cover=Cover.BY_PIECES, gaze=Gaze.HOLD)
LOOKED = Work(texture=False, mesh=False, shot=False, light=False, cover=Cover.BEGIN)


def test_a_frame_that_is_held_shows_what_was_seen_before_and_runs_nothing() -> None:
    stage = Stage(lambda _: Scene(faces=(Face(side_px=70),)))
    pipeline, frames = stage.engine().pipeline(), stage.frames()
    looked = pipeline.observe(next(frames), NOTHING)
    runs = {name: network.runs for name, network in stage.networks.items()}

    held = pipeline.observe(frame := next(frames), HELD)

    assert (looked.held, held.held, held.captured_ns) == (False, True, frame.captured_ns)
    assert looked.sample is held.sample
    assert {name: network.runs for name, network in stage.networks.items()} == runs


def test_after_nobody_was_seen_a_frame_that_is_held_shows_nobody() -> None:
    stage = Stage(lambda at_ms: Scene() if at_ms < 20 else Scene(faces=()))
    pipeline, frames = stage.engine().pipeline(), stage.frames()

    seen = [pipeline.observe(frame, work) for frame, work in zip(frames, (NOTHING, NOTHING, HELD), strict=False)]

    assert [observation.track for observation in seen] == [1, None, None]


def test_what_covers_a_face_is_looked_for_in_frames_that_are_held_and_known_after_the_last() -> None:
    stage = Stage(lambda _: Scene(masked=True))
    pipeline, frames = stage.engine().pipeline(), stage.frames()

    seen = [pipeline.observe(frame, work) for frame, work in zip(frames, (LOOKED, *[HELD] * 5), strict=False)]

    assert [observation.usable for observation in seen] == [True] * 5 + [False]
    assert seen[-1].sample is not None
    assert [flaw.reason for flaw in seen[-1].sample.flaws] == [Reason.FACE_MASK]
    assert [stage.networks[name].runs for name in ("landmarks478", "facemask_aizoo")] == [3, 1]


@pytest.mark.parametrize(("gaze", "moved"), [(Gaze.GLANCE, 3.0), (Gaze.FOLLOW, 0.0)])
def test_a_face_that_is_only_glanced_at_keeps_its_grades_and_not_its_place(gaze: Gaze, moved: float) -> None:
    """Its light has changed, and nobody has graded it anew. The aligner of the stage follows nobody."""
    stage = Stage(lambda at_ms: Scene(faces=(Face(x_px=150 + at_ms / 11.11),), level=128 if at_ms < 20 else 20))
    pipeline, frames = stage.engine().pipeline(), stage.frames()

    before, after = (
        pipeline.observe(frame, replace(NOTHING, gaze=each)).sample
        for frame, each in zip(frames, (Gaze.WHOLE, gaze), strict=False)
    )

    assert before is not None
    assert after is not None
    assert (after.components, after.flaws) == (before.components, before.flaws) != ((), ())
    assert after.captured_ns > before.captured_ns
    assert after.detection.box.centre[0] - before.detection.box.centre[0] == pytest.approx(moved, abs=0.1)


@pytest.mark.parametrize(("name", "step"), [(HEAVY[0], "texture"), (HEAVY[1], "texture"), (HEAVY[2], "action")])
def test_a_liveness_network_that_fails_is_a_broken_step(name: str, step: str) -> None:
    with pytest.raises(LivenessBrokenError) as caught:
        seen(Scene(), EVERYTHING, **{name: Breaking()})

    assert caught.value.step == step


@pytest.mark.parametrize("name", ["yunet_n", "landmarks5"])
def test_any_other_network_that_fails_is_its_own_error(name: str) -> None:
    with pytest.raises(ModelError):
        seen(Scene(), EVERYTHING, **{name: Breaking()})


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_texture_that_is_no_number_is_a_broken_step(number: float) -> None:
    network = Answering(lambda _: (np.full((1, 3), number, dtype=np.float32),))

    with pytest.raises(LivenessBrokenError, match="texture"):
        seen(Scene(), EVERYTHING, minifasnet_v2=network)


@pytest.mark.parametrize("field", ["eyes", "mouth"])
@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_landmarks_that_are_no_numbers_are_a_broken_step(field: str, number: float) -> None:
    """The network is sure that there is a face, but some of its points are nowhere."""
    with pytest.raises(LivenessBrokenError, match="action"):
        seen(replace(Scene(), **{field: number}))


def test_where_the_mesh_network_sees_no_face_there_is_no_expression() -> None:
    nobody = Answering(lambda _: (np.zeros((1, 1, 1, 1434), np.float32), np.full((1, 1, 1, 1), -5, np.float32)))

    observation, _ = seen(Scene(), EVERYTHING, landmarks478=nobody)

    assert observation.expression is None
    assert observation.texture is not None


BEGUN = Work(texture=True, mesh=False, shot=True, light=False, by_pieces=True)


@pytest.mark.parametrize("after", [HELD, NOTHING], ids=["held", "looked at"])
def test_a_probe_by_pieces_runs_a_network_in_each_of_two_frames_and_speaks_of_the_first(after: Work) -> None:
    stage = Stage(lambda at_ms: Scene(real=0.7 if at_ms < 20 else 0.1))
    pipeline, frames = stage.engine().pipeline(), stage.frames()
    runs = []

    seen = []
    for frame, work in zip(frames, (BEGUN, after, after), strict=False):
        seen.append(pipeline.observe(frame, work))
        runs.append(tuple(stage.networks[name].runs for name in HEAVY[:2]))

    assert [one.probing for one in seen] == [True, False, False]
    assert runs == [(1, 0), (1, 1), (1, 1)]
    assert [one.texture is None for one in seen] == [True, False, True]
    assert seen[1].texture is not None
    assert seen[1].texture.captured_ns == seen[0].captured_ns
    assert seen[0].shot is not None
    assert seen[0].shot.captured_ns == seen[0].captured_ns


def test_while_a_probe_goes_on_what_covers_the_face_waits() -> None:
    stage = Stage(lambda _: Scene())
    pipeline, frames = stage.engine().pipeline(), stage.frames()

    for frame, work in zip(frames, (replace(BEGUN, cover=Cover.BEGIN), HELD), strict=False):
        pipeline.observe(frame, work)
    waiting = stage.networks["landmarks478"].runs
    pipeline.observe(next(frames), HELD)

    assert (waiting, stage.networks["landmarks478"].runs) == (0, 1)


@pytest.mark.parametrize("leaves", [True, False], ids=["nobody", "somebody else"])
def test_what_a_probe_found_is_never_said_of_somebody_else(leaves: bool) -> None:
    """Who leaves takes nothing back: it is still said of the face that was there."""
    gone = () if leaves else (Face(x_px=40),)
    stage = Stage(lambda at_ms: Scene() if at_ms < 20 else Scene(faces=gone))
    pipeline, frames = stage.engine().pipeline(), stage.frames()

    before, after = (pipeline.observe(frame, work) for frame, work in zip(frames, (BEGUN, NOTHING), strict=False))

    assert before.track == 1
    assert after.track == (None if leaves else 2)
    assert (after.texture is not None) is leaves


def test_a_face_that_is_lost_takes_its_probe_with_it() -> None:
    stage = Stage(lambda _: Scene())
    pipeline, frames = stage.engine().pipeline(), stage.frames()
    pipeline.observe(next(frames), BEGUN)

    pipeline.forget()

    assert pipeline.observe(next(frames), HELD).texture is None
    assert stage.networks[HEAVY[1]].runs == 0


@pytest.mark.parametrize("number", [math.nan, None])
def test_a_probe_that_fails_with_its_second_network_is_a_broken_step(number: float | None) -> None:
    network = Breaking() if number is None else Answering(lambda _: (np.full((1, 3), number, dtype=np.float32),))
    stage = Stage(lambda _: Scene())
    pipeline, frames = stage.engine(minifasnet_v1se=network).pipeline(), stage.frames()
    pipeline.observe(next(frames), BEGUN)

    with pytest.raises(LivenessBrokenError, match="texture"):
        pipeline.observe(next(frames), HELD)


def test_a_probe_at_once_speaks_for_itself_where_another_was_under_way() -> None:
    stage = Stage(lambda at_ms: Scene(real=0.7 if at_ms < 20 else 0.1))
    pipeline, frames = stage.engine().pipeline(), stage.frames()

    _, later = (pipeline.observe(frame, work) for frame, work in zip(frames, (BEGUN, EVERYTHING), strict=False))

    assert later.texture is not None
    assert (later.texture.captured_ns, round(later.texture.score, 3)) == (later.captured_ns, 0.1)


@pytest.mark.parametrize("tilt_deg", [-12.0, 0.0, 9.0])
def test_the_texture_is_told_how_the_head_is_tilted(tilt_deg: float, monkeypatch: pytest.MonkeyPatch) -> None:
    told, pieces = [], TextureProbe.pieces

    def listening(*given: Any) -> Generator[None, None, Cue]:
        told.append(given[-1])
        return pieces(*given)

    monkeypatch.setattr(TextureProbe, "pieces", listening)
    drop = math.tan(math.radians(tilt_deg)) * 0.4
    points = np.array([0.3, 0.4, 0.7, 0.4 + drop, 0.5, 0.6, 0.35, 0.8, 0.65, 0.8], np.float32).reshape(1, 10, 1, 1)

    seen(Scene(), EVERYTHING, landmarks5=Answering(lambda _: (points,)))

    assert told == [pytest.approx(tilt_deg, abs=0.1)]
