"""Stories of attempts with real footage and real networks, from the pixels to the signed words.

A photo on file is a picture of another recording of the same man wherever there is one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from edge.attempt import Attempt, Ending
from edge.conclude import Judgement, judge
from edge.engine import Engine
from edge.flow import ActionKind, ActionOutcome
from edge.likeness import Standard
from edge.perform import Performer
from edge.prompts.catalogue import load_catalogue
from edge.reference import embed_only_face
from edge.session.challenge import Challenge, asked_action
from edge.session.states import Event
from edge.stages.match import NetworkEmbedder
from firmware.clock import SystemClock
from firmware.errors import CameraStalledError
from firmware.frame import DARK, Frame, frame_from_bgr
from firmware.ports import Camera
from firmware.twin.camera import ClipCamera
from firmware.twin.parts import Part, Recorder
from tests.edge.footage import Pixels, picture_at
from tests.fakes.networks import Breaking, Poisoned
from tests.fakes.parts import ScriptedCamera, twin_board
from wire.reasons import Reason
from wire.result import Verdict

pytestmark = [pytest.mark.weights, pytest.mark.footage]

LIVE, REPLAY = "pad/clips/wolf_live_blinks.mp4", "pad/clips/wolf_replay_moire.mp4"
"""One man, alive and on a screen."""
BLINKS, MOUTH = "clips/lp_d9_challenge_actions.mp4", "clips/lp_d18_mouth_open.mp4"


@dataclass(frozen=True)
class Story:
    """How one attempt went."""

    ending: Ending
    judgement: Judgement
    recorder: Recorder

    @property
    def verdict(self) -> tuple[Verdict, tuple[Reason, ...]]:
        return self.judgement.decision.verdict, self.judgement.decision.reasons


class Theatre:
    """Plays recordings to the product."""

    def __init__(self, footage_dir: Path, engine: Engine) -> None:
        self.footage_dir, self.engine = footage_dir, engine

    def camera(self, clip: str) -> Camera:
        return ClipCamera(self.footage_dir / clip)

    def photo(self, clip: str, at_s: float) -> Pixels:
        return picture_at(self.footage_dir / clip, at_s)

    def play(
        self, camera: Camera, photo: Pixels, asked: ActionKind | None = None, change: Callable[[Engine], Engine] | None = None
    ) -> Story:
        """One attempt before this camera, judged against this photo; `change` replaces parts of the engine."""
        standard = Standard(embed_only_face(photo, self.engine.eyes), self.engine.rules.thresholds)
        engine, recorder = (change or (lambda whole: whole))(self.engine), Recorder(SystemClock())
        board = twin_board(camera, recorder)
        with board:
            performer = Performer(board, load_catalogue("zh-CN"))
            challenge = Challenge((asked,) if asked else ())
            attempt = Attempt(engine.pipeline(), engine.rules, challenge, performer, time.process_time_ns)
            ending = attempt.run(camera.frames(), tuple)
        return Story(ending, judge(ending, (standard,), engine.embedder, engine.rules), recorder)


@pytest.fixture
def theatre(footage_dir: Path, engine: Engine) -> Theatre:
    return Theatre(footage_dir, engine)


def nonce_for(action: ActionKind) -> bytes:
    """A nonce that asks for this action."""
    return next(nonce for number in count() if asked_action(nonce := number.to_bytes(16, "big")) is action)


def test_a_living_man_is_accepted_against_another_recording_of_him(theatre: Theatre) -> None:
    story = theatre.play(theatre.camera(LIVE), theatre.photo(REPLAY, 0.6))

    assert story.verdict == (Verdict.ACCEPTED, ())
    assert story.recorder.of(Part.SCREEN) == ("LOOK_HERE", "HOLD_STILL_PLEASE")
    assert story.ending.frames < 90


def test_his_picture_on_a_screen_is_an_attack_at_once_and_is_not_even_compared(theatre: Theatre) -> None:
    story = theatre.play(theatre.camera(REPLAY), theatre.photo(LIVE, 0.5))

    assert story.verdict == (Verdict.ATTACK, (Reason.SPOOF_SUSPECTED,))
    assert story.judgement.match is None
    assert story.ending.frames < 60


def test_another_screen_recording_is_an_attack_too(theatre: Theatre) -> None:
    story = theatre.play(
        theatre.camera("pad/clips/tvl_replay_turn_nod.mp4"), theatre.photo("pad/clips/tvl_live_turn_nod.mp4", 0.5)
    )

    assert story.verdict == (Verdict.ATTACK, (Reason.SPOOF_SUSPECTED,))


@pytest.mark.parametrize(
    "stranger", [BLINKS, MOUTH, "clips/lp_d0_smile_blink.mp4", "clips/grid_lwbsza.mpg", "clips/grid_swiz3n.mpg"]
)
def test_a_living_stranger_is_refused_for_the_face_alone(theatre: Theatre, stranger: str) -> None:
    story = theatre.play(theatre.camera(stranger), theatre.photo(REPLAY, 0.6))

    assert story.verdict == (Verdict.REFUSED, (Reason.FACE_MISMATCH,))


@pytest.mark.parametrize(
    ("clip", "reason"),
    [
        ("clips/intel_two_faces.mp4", Reason.MULTIPLE_FACES),
        ("clips/intel_four_faces.mp4", Reason.MULTIPLE_FACES),
        ("clips/intel_no_face.mp4", Reason.NO_FACE),
        ("clips/intel_turn_left_right.mp4", Reason.TOO_FAR),
    ],
)
def test_what_keeps_a_visitor_from_being_judged_is_signed_and_shown(theatre: Theatre, clip: str, reason: Reason) -> None:
    story = theatre.play(theatre.camera(clip), theatre.photo(LIVE, 0.5))

    assert story.verdict == (Verdict.REFUSED, (reason, Reason.TIMED_OUT))
    assert reason.value in story.recorder.of(Part.SCREEN)
    assert story.judgement.match is None


@pytest.mark.parametrize(
    ("clip", "action", "quick"),
    [(BLINKS, ActionKind.BLINK, True), (MOUTH, ActionKind.OPEN_MOUTH, False), (LIVE, ActionKind.BLINK, True)],
)
def test_who_does_what_the_nonce_asks_for_is_accepted(theatre: Theatre, clip: str, action: ActionKind, quick: bool) -> None:
    """Who is quick is told to keep still, and is seen until there are shots enough."""
    photo = theatre.photo(REPLAY, 0.6) if clip == LIVE else theatre.photo(clip, 0.1)

    story = theatre.play(theatre.camera(clip), photo, asked_action(nonce_for(action)))

    assert story.verdict == (Verdict.ACCEPTED, ())
    assert story.ending.evidence.outcome is ActionOutcome.DONE
    told = ((f"ASK_{action.name}", "DO_ACTION"), ("HOLD_STILL_PLEASE", "HOLD_STILL"))[: 2 if quick else 1]
    assert story.recorder.of(Part.SCREEN)[-len(told) :] == tuple(words for words, _ in told)
    assert story.recorder.of(Part.LED)[-len(told) - 1 :] == (*(light for _, light in told), "OFF")


@pytest.mark.parametrize(("clip", "action"), [(LIVE, ActionKind.OPEN_MOUTH), ("clips/grid_lwbsza.mpg", ActionKind.BLINK)])
def test_a_recording_that_does_not_do_what_the_nonce_asks_for_is_refused(theatre: Theatre, clip: str, action: ActionKind) -> None:
    story = theatre.play(theatre.camera(clip), theatre.photo(clip, 0.1), asked_action(nonce_for(action)))

    assert story.verdict == (Verdict.REFUSED, (Reason.ACTION_MISSED, Reason.TIMED_OUT))


def repeated(picture: Pixels, seconds: float = 6.0, fps: int = 10) -> Callable[[], Iterator[Frame]]:
    """The same picture over and over, as a photo before the camera or a frozen driver would give."""

    def frames() -> Iterator[Frame]:
        for number in range(round(seconds * fps)):
            yield frame_from_bgr(picture.copy(), number * 1_000_000_000 // fps, number, DARK)

    return frames


def test_a_picture_that_never_moves_does_no_action(theatre: Theatre) -> None:
    still = theatre.photo(LIVE, 0.5)

    story = theatre.play(ScriptedCamera(repeated(still)), theatre.photo(REPLAY, 0.6), ActionKind.BLINK)

    assert story.verdict == (Verdict.REFUSED, (Reason.ACTION_MISSED, Reason.TIMED_OUT))


@pytest.mark.parametrize("level", [0, 255])
def test_a_black_or_a_white_camera_sees_no_face(theatre: Theatre, level: int) -> None:
    plain = np.full((480, 640, 3), level, dtype=np.uint8)

    story = theatre.play(ScriptedCamera(repeated(plain)), theatre.photo(LIVE, 0.5))

    assert story.verdict == (Verdict.REFUSED, (Reason.NO_FACE, Reason.TIMED_OUT))


def frames_of(theatre: Theatre, clip: str, change: Callable[[Pixels], Pixels], last: int = 120) -> Callable[[], Iterator[Frame]]:
    """The first frames of a recording, each changed."""

    def frames() -> Iterator[Frame]:
        for _, frame in zip(range(last), theatre.camera(clip).frames(), strict=False):
            changed = np.ascontiguousarray(change(frame.bgr))
            yield frame_from_bgr(changed, frame.captured_ns, frame.sequence, frame.light)

    return frames


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_camera_that_lies_on_its_side_accepts_nobody(theatre: Theatre, quarters: int) -> None:
    camera = ScriptedCamera(frames_of(theatre, LIVE, lambda picture: np.rot90(picture, quarters)))

    story = theatre.play(camera, theatre.photo(REPLAY, 0.6))

    assert story.verdict[0] is not Verdict.ACCEPTED
    assert story.verdict[1]


def test_the_same_man_is_accepted_when_the_picture_is_mirrored(theatre: Theatre) -> None:
    camera = ScriptedCamera(frames_of(theatre, LIVE, lambda picture: picture[:, ::-1]))

    assert theatre.play(camera, theatre.photo(REPLAY, 0.6)).verdict == (Verdict.ACCEPTED, ())


def cut_together(theatre: Theatre, *parts: tuple[str, int]) -> Callable[[], Iterator[Frame]]:
    """Recordings one after the other at 30 frames a second, all brought to the size of the first."""

    def frames() -> Iterator[Frame]:
        sequence, shape = 0, None
        for clip, length in parts:
            for _, frame in zip(range(length), theatre.camera(clip).frames(), strict=False):
                shape = shape or frame.bgr.shape
                picture = frame.bgr[: shape[0], : shape[1]]
                pad = [(0, shape[0] - picture.shape[0]), (0, shape[1] - picture.shape[1]), (0, 0)]
                yield frame_from_bgr(np.pad(picture, pad), sequence * 33_333_333, sequence, DARK)
                sequence += 1

    return frames


def test_the_evidence_of_a_living_man_is_not_lent_to_his_picture(theatre: Theatre) -> None:
    """The living face leaves before its evidence is complete; the picture that follows is judged by itself."""
    camera = ScriptedCamera(cut_together(theatre, (LIVE, 14), ("clips/intel_no_face.mp4", 25), (REPLAY, 60)))

    story = theatre.play(camera, theatre.photo(LIVE, 0.5))

    assert story.verdict == (Verdict.ATTACK, (Reason.SPOOF_SUSPECTED,))
    assert story.ending.evidence.texture is not None
    assert story.ending.evidence.texture < 0.1


def test_a_camera_that_is_pulled_out_in_the_middle_aborts_the_attempt(theatre: Theatre) -> None:
    pulled = ScriptedCamera(frames_of(theatre, LIVE, lambda picture: picture, last=12), CameraStalledError("usb:0", "no picture"))

    story = theatre.play(pulled, theatre.photo(REPLAY, 0.6))

    assert story.ending.event is Event.DEVICE_FAILED
    assert story.verdict == (Verdict.ABORTED, (Reason.CAMERA_LOST,))


def with_network(name: str, fault: Callable[[object], object]) -> Callable[[Engine], Engine]:
    """The engine with one network replaced by its faulty self."""
    return lambda engine: replace(engine, networks={**engine.networks, name: fault(engine.networks[name])})


def with_matcher(part: int, fault: Callable[[object], object]) -> Callable[[Engine], Engine]:
    """The engine with one network of its matcher replaced by its faulty self."""

    def change(engine: Engine) -> Engine:
        assert isinstance(engine.embedder, NetworkEmbedder)
        parts = list(engine.embedder.parts)
        parts[part] = replace(parts[part], network=fault(parts[part].network))
        return replace(engine, embedder=replace(engine.embedder, parts=tuple(parts)))

    return change


LIVENESS, MATCHER = Reason.LIVENESS_UNAVAILABLE, Reason.MATCHER_UNAVAILABLE
FAULTS = [
    ("minifasnet_v2", Breaking, LIVENESS),
    ("minifasnet_v1se", lambda network: Breaking(network, good_runs=2), LIVENESS),
    ("minifasnet_v2", lambda network: Poisoned(network, math.nan), LIVENESS),
    ("minifasnet_v1se", lambda network: Poisoned(network, math.nan, good_runs=2), LIVENESS),
    ("yunet_n", lambda network: Breaking(network, good_runs=2), LIVENESS),
]
MATCHER_FAULTS = [
    lambda network: Breaking(network, good_runs=1),
    lambda network: Poisoned(network, math.nan, good_runs=1),
    lambda network: Poisoned(network, 0.0, good_runs=1),
]


@pytest.mark.parametrize(("name", "fault", "reason"), FAULTS, ids=[f"{row[0]}-{number}" for number, row in enumerate(FAULTS)])
def test_a_network_that_fails_aborts_the_attempt_of_the_right_person(
    theatre: Theatre, name: str, fault: Callable[[object], object], reason: Reason
) -> None:
    story = theatre.play(theatre.camera(LIVE), theatre.photo(REPLAY, 0.6), change=with_network(name, fault))

    assert story.verdict == (Verdict.ABORTED, (reason,))


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize("fault", MATCHER_FAULTS, ids=["breaks", "nan", "zero"])
def test_either_network_of_the_matcher_that_fails_aborts_the_attempt_of_the_right_person(
    theatre: Theatre, part: int, fault: Callable[[object], object]
) -> None:
    story = theatre.play(theatre.camera(LIVE), theatre.photo(REPLAY, 0.6), change=with_matcher(part, fault))

    assert story.verdict == (Verdict.ABORTED, (MATCHER,))


def test_landmarks_that_fail_abort_an_active_attempt(theatre: Theatre) -> None:
    for fault in (Breaking, lambda network: Poisoned(network, math.nan)):
        story = theatre.play(
            theatre.camera(LIVE), theatre.photo(REPLAY, 0.6), ActionKind.BLINK, with_network("landmarks478", fault)
        )

        assert story.verdict == (Verdict.ABORTED, (LIVENESS,))
