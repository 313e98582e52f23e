"""Who is charged for what: whole visits on scripted networks, and blocks of them, with a made-up clock."""

from __future__ import annotations

import numpy as np
import pytest

from edge.evaluate.cost.duel import Arena
from edge.evaluate.cost.errors import FaceNotThereError
from edge.evaluate.cost.footage import Reel
from edge.evaluate.cost.naive import NaiveLoop
from edge.evaluate.cost.visits import Ears, Seal, Visitor
from edge.flow import Box, Detection
from edge.imaging import Pixels
from edge.perform import Performer
from edge.prompts.catalogue import load_catalogue
from edge.stages.match import Embedding
from firmware.frame import UNKNOWN_LIGHT, frame_from_bgr
from models.card import FaceInput
from tests.builders import unit_signer
from tests.edge.observations import RULES
from tests.edge.test_conclude import OCCASION, ORIGIN
from tests.fakes.parts import ScriptedCamera, twin_board
from tests.fakes.stage import Scene, Stage, embedding_of

REFERENCE = Embedding(embedding_of(1))
FACE = FaceInput(112, ((38.0, 51.0), (73.0, 51.0), (56.0, 71.0), (41.0, 92.0), (70.0, 92.0)), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))


class Clock:
    """CPU time that passes when somebody says so."""

    def __init__(self) -> None:
        self.now_ns = 0

    def __call__(self) -> int:
        return self.now_ns


class Blind:
    """A usual loop that finds nobody, unless it is told to, and takes its time; it notes the brightness of what it looks at."""

    name, version = "opencv", "none"

    def __init__(self, clock: Clock, cost_ns: int) -> None:
        self._clock, self._cost_ns = clock, cost_ns
        self.seen: list[int] = []
        self.faces: tuple[Detection, ...] = ()

    def find(self, bgr: Pixels) -> tuple[Detection, ...]:
        self.seen.append(int(bgr[0, 0, 0]))
        self._clock.now_ns += self._cost_ns
        return self.faces

    def real(self, texture: str, crop: Pixels) -> float:
        return 0.0

    def embed(self, crop: Pixels) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return np.zeros(4, np.float32)


def visitor(clock: Clock) -> Visitor:
    """Visits in which nobody is there."""
    stage = Stage(lambda _: Scene(faces=()))
    performer = Performer(twin_board(ScriptedCamera(stage.frames)), load_catalogue("en"))
    return Visitor(stage.engine(RULES), performer, Seal(ORIGIN, OCCASION, unit_signer()), bytes(16), clock)


def reel() -> Reel:
    """Sixty frames, each of the brightness of its number."""
    frames = (frame_from_bgr(np.full((240, 320, 3), at, np.uint8), 40_000_000 * at, at, UNKNOWN_LIGHT) for at in range(60))
    return Reel("nobody", tuple(frames))


def test_what_comes_after_the_loop_is_charged_to_the_visit_and_to_no_frame() -> None:
    clock = Clock()

    def looped() -> None:
        clock.now_ns += 7_000_000

    cost = visitor(clock).visit(reel(), 0, 30, REFERENCE, Ears(looped=looped))

    assert (cost.frames, sum(cost.frame_ns), cost.cpu_ns) == (30, 0, 7_000_000)


def test_a_block_begins_where_the_last_one_ended_and_the_other_looks_at_the_same_frames() -> None:
    clock = Clock()
    blind = Blind(clock, 2_000_000)

    found = Arena(visitor(clock), clock, lambda done, of: None).idle(reel(), REFERENCE, NaiveLoop(blind, FACE), 2)

    assert [(block.turn.first, block.turn.frames) for block in found.blocks] == [(0, 60), (60, 60)]
    assert [block.others_ms for block in found.blocks] == [{"opencv": 2.0}] * 2
    assert blind.seen[1:] == [60 * place // 50 for place in range(50)] * 2  # the first look warms up
    assert found.other_frames_ms == {"opencv": (2.0,) * 100}


def test_short_visits_follow_one_another_until_they_make_a_block() -> None:
    clock = Clock()
    blind = Blind(clock, 2_000_000)
    blind.faces = (Detection(Box(0, 0, 9, 9), np.zeros((5, 2), np.float32), 0.9),)

    found = Arena(visitor(clock), clock, lambda done, of: None).faces(reel(), REFERENCE, [NaiveLoop(blind, FACE)], 2, most=20)

    assert [visit.first for visit in found.visits] == [0, 20, 40, 60, 80, 100]
    assert [block.turn.frames for block in found.blocks] == [60, 60]


def test_a_clip_without_a_face_is_refused_where_faces_are_measured() -> None:
    clock = Clock()

    with pytest.raises(FaceNotThereError, match="nobody"):
        Arena(visitor(clock), clock, lambda done, of: None).faces(reel(), REFERENCE, [NaiveLoop(Blind(clock, 1), FACE)], 2)
