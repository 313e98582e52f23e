"""Whole attempts on a stage of scripted networks: the loop, its guidance, and every way in which a part can fail."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import count

import pytest

from edge.attempt import Attempt, Ending
from edge.conclude import Judgement, judge
from edge.engine import Engine
from edge.flow import ActionKind, ActionOutcome
from edge.likeness import Standard
from edge.perform import Performer
from edge.prompts.catalogue import load_catalogue
from edge.rules import Rules
from edge.session.challenge import Challenge
from edge.session.states import Event
from edge.stages.match import Embedding
from firmware.board import Board
from firmware.clock import SystemClock
from firmware.errors import (
    CameraBusyError,
    CameraDeniedError,
    CameraFormatError,
    CameraStalledError,
    FirmwareError,
    LampLostError,
    LampRestingError,
    LightInvalidError,
)
from firmware.ports import Camera
from firmware.twin.parts import Part, Recorder
from models.errors import NetworkFailedError
from tests.edge.observations import RULES
from tests.fakes.networks import Breaking, Poisoned
from tests.fakes.parts import ScriptedCamera, twin_board, with_dead_light
from tests.fakes.stage import Face, Scene, Script, Stage, embedding_of
from tests.models.made_up import card
from wire.reasons import Reason
from wire.result import Verdict

SHORT = replace(RULES, times=replace(RULES.times, attempt_ms=6000, action_ms=3000))
GOOD = Scene()
NOBODY = Scene(faces=())
FAR = Scene(faces=(Face(side_px=70),))


@dataclass(frozen=True)
class Served:
    """What came of one attempt."""

    ending: Ending
    judgement: Judgement
    recorder: Recorder

    @property
    def screens(self) -> tuple[str, ...]:
        return self.recorder.of(Part.SCREEN)

    @property
    def verdict(self) -> tuple[Verdict, tuple[Reason, ...]]:
        return self.judgement.decision.verdict, self.judgement.decision.reasons


def serve(
    stage: Stage,
    asked: ActionKind | None = None,
    engine: Engine | None = None,
    camera: Camera | None = None,
    board: Callable[[Board], Board] = lambda board: board,
    interruptions: Callable[[], Iterable[Event]] = tuple,
) -> Served:
    """One attempt on a stage, judged against the photo of person 1."""
    engine = engine or stage.engine(SHORT)
    challenge = Challenge((asked,) if asked else ())
    recorder = Recorder(SystemClock())
    made = board(twin_board(camera or ScriptedCamera(stage.frames), recorder))
    ticks = count(step=1_000_000)
    attempt = Attempt(engine.pipeline(), engine.rules, challenge, Performer(made, load_catalogue("en")), lambda: next(ticks))
    ending = attempt.run(made.camera.frames(), interruptions)
    standard = Standard(Embedding(embedding_of(1)), engine.rules.thresholds)
    return Served(ending, judge(ending, (standard,), engine.embedder, engine.rules), recorder)


def scenes(*parts: tuple[float, Scene]) -> Script:
    """A script of scenes, each until its time in milliseconds; the last one stays."""
    return lambda at_ms: next((scene for until_ms, scene in parts if at_ms < until_ms), parts[-1][1])


def blinking(every_ms: float) -> Script:
    return lambda at_ms: replace(GOOD, eyes=0.05 if at_ms % every_ms > every_ms - 200 else 0.30)


def test_who_holds_still_and_matches_is_accepted() -> None:
    served = serve(Stage(lambda _: GOOD))

    assert served.verdict == (Verdict.ACCEPTED, ())
    assert served.ending.event is Event.EVIDENCE_COMPLETE
    assert served.screens == ("LOOK_HERE", "HOLD_STILL_PLEASE")
    assert served.recorder.of(Part.LED) == ("LOOK_HERE", "HOLD_STILL")
    assert served.recorder.of(Part.ILLUMINATOR) == ("V 60", "0 0")


def test_an_attempt_counts_its_frames_and_its_cpu_time() -> None:
    served = serve(Stage(lambda _: GOOD))

    assert 50 <= served.ending.frames <= 80
    assert served.ending.cpu_ms == 1.0


@pytest.mark.parametrize("fps", [4, 8, 10, 30])
def test_a_slow_camera_is_enough_for_an_attempt(fps: float) -> None:
    assert serve(Stage(lambda _: GOOD, fps)).verdict == (Verdict.ACCEPTED, ())


def test_somebody_else_is_refused() -> None:
    assert serve(Stage(lambda _: replace(GOOD, person=2))).verdict == (Verdict.REFUSED, (Reason.FACE_MISMATCH,))


def test_a_picture_of_the_right_person_is_an_attack() -> None:
    assert serve(Stage(lambda _: replace(GOOD, real=0.2))).verdict == (Verdict.ATTACK, (Reason.SPOOF_SUSPECTED,))


def test_a_blink_that_was_asked_for_is_seen() -> None:
    served = serve(Stage(blinking(1500)), ActionKind.BLINK)

    assert served.verdict == (Verdict.ACCEPTED, ())
    assert served.screens == ("LOOK_HERE", "ASK_BLINK", "HOLD_STILL_PLEASE")
    assert served.recorder.of(Part.LED) == ("LOOK_HERE", "DO_ACTION", "HOLD_STILL")


@pytest.mark.parametrize("fps", [10, 30])
@pytest.mark.parametrize("starts_ms", range(150, 2400, 150))
def test_a_blink_at_any_time_costs_no_evidence_and_nobody_is_told_about_it(starts_ms: int, fps: float) -> None:
    """Also when the unit happens to look at the lids just then: people blink every few seconds."""
    blink = replace(GOOD, eyes=0.02)

    served = serve(Stage(scenes((starts_ms, GOOD), (starts_ms + 200, blink), (9e9, GOOD)), fps))

    assert served.verdict == (Verdict.ACCEPTED, ())
    assert served.screens == ("LOOK_HERE", "HOLD_STILL_PLEASE")


def test_who_does_not_do_what_is_asked_for_is_refused() -> None:
    served = serve(Stage(lambda _: GOOD), ActionKind.OPEN_MOUTH)

    assert served.verdict == (Verdict.REFUSED, (Reason.ACTION_MISSED,))
    assert served.ending.evidence.outcome is ActionOutcome.MISSED


def test_a_recording_that_ends_in_the_middle_of_a_challenge_names_the_action() -> None:
    served = serve(Stage(lambda _: GOOD, lasts_ms=2500), ActionKind.BLINK)

    assert served.verdict == (Verdict.REFUSED, (Reason.ACTION_MISSED, Reason.TIMED_OUT))


def test_a_recording_that_ends_at_once_is_an_attempt_too() -> None:
    served = serve(Stage(lambda _: GOOD, lasts_ms=0))

    assert served.ending.frames == 0
    assert served.verdict == (Verdict.REFUSED, (Reason.TIMED_OUT,))


@pytest.mark.parametrize(
    ("scene", "reason"),
    [
        (NOBODY, Reason.NO_FACE),
        (FAR, Reason.TOO_FAR),
        (Scene(faces=(Face(side_px=230),)), Reason.TOO_CLOSE),
        (Scene(faces=(Face(x_px=260),)), Reason.OFF_CENTRE),
        (Scene(faces=(Face(x_px=90), Face(x_px=230))), Reason.MULTIPLE_FACES),
        (Scene(level=20), Reason.TOO_DARK),
        (Scene(level=255), Reason.TOO_BRIGHT),
    ],
)
def test_what_stood_in_the_way_is_shown_and_signed(scene: Scene, reason: Reason) -> None:
    served = serve(Stage(lambda _: scene, fps=10))

    assert served.verdict == (Verdict.REFUSED, (reason, Reason.TIMED_OUT))
    assert served.screens == ("LOOK_HERE", reason.value)


def test_a_remedy_that_does_not_help_calls_the_staff_and_is_not_repeated_for_ever() -> None:
    stage = Stage(lambda _: FAR, fps=10, lasts_ms=25_000)

    served = serve(stage, engine=stage.engine(RULES))

    helped = ["come closer" in words for words in served.recorder.of(Part.SPEAKER)[1:]]
    called = ["ask the staff" in words for words in served.recorder.of(Part.SPEAKER)[1:]]
    assert helped == [True, False, True]
    assert called == [False, True, False]


def test_losing_the_face_buys_no_time() -> None:
    coming_and_going: Script = scenes(*((1000.0 * n + 400, GOOD if n % 2 else NOBODY) for n in range(60)))

    served = serve(Stage(coming_and_going, fps=10, lasts_ms=60_000))

    assert served.ending.event is Event.EXPIRED
    assert served.ending.frames == pytest.approx(SHORT.times.attempt_ms / 100, abs=3)


def test_another_face_on_the_way_must_begin_anew() -> None:
    swapped = scenes((250, replace(GOOD, real=0.1)), (1300, NOBODY), (60_000, replace(GOOD, faces=(Face(x_px=150),))))

    served = serve(Stage(swapped))

    assert served.verdict == (Verdict.ACCEPTED, ())
    assert served.ending.evidence.texture == pytest.approx(0.99)


def test_a_face_that_jumps_is_another_face() -> None:
    jumping = scenes((600, Scene(faces=(Face(x_px=120, side_px=95),))), (60_000, Scene(faces=(Face(x_px=225, side_px=95),))))

    served = serve(Stage(jumping))

    assert served.screens.count("LOOK_HERE") == 2
    assert served.verdict == (Verdict.ACCEPTED, ())


def test_an_instruction_that_still_holds_stays_when_the_face_is_lost() -> None:
    leaving = scenes((500, GOOD), (60_000, FAR))

    served = serve(Stage(leaving))

    assert served.screens == ("LOOK_HERE", "HOLD_STILL_PLEASE", "TOO_FAR")
    assert served.verdict == (Verdict.REFUSED, (Reason.TOO_FAR, Reason.TIMED_OUT))


def test_who_leaves_in_the_middle_of_a_challenge_is_told_what_is_wrong() -> None:
    leaving = scenes((2500, GOOD), (60_000, FAR))

    served = serve(Stage(leaving), ActionKind.BLINK)

    assert served.screens == ("LOOK_HERE", "ASK_BLINK", "TOO_FAR")


def test_nothing_is_said_twice_when_the_visitor_does_at_once_what_helps() -> None:
    following = Stage(scenes((500, FAR), (60_000, GOOD)))

    served = serve(following, engine=following.engine(policy(texture_frames=30)))

    assert served.screens == ("LOOK_HERE", "TOO_FAR", "HOLD_STILL_PLEASE")
    assert served.verdict == (Verdict.ACCEPTED, ())


def test_the_words_of_the_state_come_back_when_nothing_is_wrong_any_more() -> None:
    wandering = scenes((600, FAR), (660, GOOD), (720, NOBODY), (2400, replace(GOOD, faces=(Face(), Face(x_px=60, side_px=40)))))
    served = serve(Stage(wandering, lasts_ms=700))

    assert served.screens == ("LOOK_HERE", "TOO_FAR")


def after(calls: int, event: Event) -> Callable[[], Iterable[Event]]:
    """An interruption at the given frame."""
    ticks = count(1)
    return lambda: (event,) if next(ticks) == calls else ()


def test_a_visitor_who_cancels_leaves_a_result() -> None:
    served = serve(Stage(lambda _: GOOD), interruptions=after(10, Event.CANCELLED))

    assert served.verdict == (Verdict.ABORTED, (Reason.CANCELLED,))
    assert served.ending.frames == 10


def test_nobody_can_cancel_out_of_being_seen_with_a_picture() -> None:
    fake = Stage(lambda _: replace(GOOD, real=0.1))

    served = serve(fake, ActionKind.BLINK, interruptions=after(40, Event.CANCELLED))

    assert served.verdict == (Verdict.ATTACK, (Reason.SPOOF_SUSPECTED,))


def test_a_cancellation_counts_more_than_evidence_of_the_same_frame() -> None:
    complete_at = serve(Stage(lambda _: GOOD)).ending.frames

    served = serve(Stage(lambda _: GOOD), interruptions=after(complete_at, Event.CANCELLED))

    assert served.verdict == (Verdict.ABORTED, (Reason.CANCELLED,))


CAMERA_FAILURES = [
    (CameraStalledError("usb:0", "no picture for two seconds"), Reason.CAMERA_LOST),
    (CameraDeniedError("usb:0", "video0"), Reason.CAMERA_DENIED),
    (CameraBusyError("usb:0", "video0"), Reason.CAMERA_BUSY),
    (CameraFormatError("clip:x", "it breaks off"), Reason.CAMERA_FAULT),
    (FirmwareError("something"), Reason.CAMERA_FAULT),
    (LightInvalidError("V", "the lamp does not answer"), Reason.LIGHT_FAULT),
    (LampLostError("the process that keeps them ended"), Reason.LIGHT_FAULT),
    (LampRestingError("LR", 9_000), Reason.LIGHT_FAULT),
    (NetworkFailedError(card(), "out of memory"), Reason.LIVENESS_UNAVAILABLE),
    (ZeroDivisionError(), Reason.LIVENESS_UNAVAILABLE),
    (MemoryError(), Reason.LIVENESS_UNAVAILABLE),
]


@pytest.mark.parametrize("at_ms", [0, 400])
@pytest.mark.parametrize(("error", "reason"), CAMERA_FAILURES, ids=[type(error).__name__ for error, _ in CAMERA_FAILURES])
def test_a_camera_that_fails_ends_the_attempt_with_the_cause(at_ms: float, error: Exception, reason: Reason) -> None:
    stage = Stage(lambda _: GOOD, lasts_ms=at_ms)

    served = serve(stage, ActionKind.BLINK, camera=ScriptedCamera(stage.frames, error))

    assert served.ending.event is Event.DEVICE_FAILED
    assert served.verdict == (Verdict.ABORTED, (reason,))
    assert served.recorder.of(Part.ILLUMINATOR)[-1] == "0 0"


def test_a_camera_that_fails_in_the_middle_of_a_challenge_ends_the_attempt_too() -> None:
    stage = Stage(lambda _: GOOD, lasts_ms=2500)

    served = serve(stage, ActionKind.BLINK, camera=ScriptedCamera(stage.frames, CameraStalledError("usb:0", "no picture")))

    assert served.screens[-1] == "ASK_BLINK"
    assert served.verdict == (Verdict.ABORTED, (Reason.CAMERA_LOST,))


ALL_NETWORKS = ("yunet_n", "landmarks5", "minifasnet_v2", "minifasnet_v1se", "landmarks478", "embedder")


@pytest.mark.parametrize("good_runs", [0, 3])
@pytest.mark.parametrize("name", ALL_NETWORKS)
def test_no_network_can_fail_without_ending_the_attempt(name: str, good_runs: int) -> None:
    stage = Stage(blinking(4000))
    good_runs = min(good_runs, 2) if name == "embedder" else good_runs

    served = serve(stage, ActionKind.BLINK, stage.engine(SHORT, **{name: Breaking(stage.networks[name], good_runs)}))

    reason = Reason.MATCHER_UNAVAILABLE if name == "embedder" else Reason.LIVENESS_UNAVAILABLE
    assert served.verdict == (Verdict.ABORTED, (reason,))


@pytest.mark.parametrize(
    ("name", "number"), [*((name, math.nan) for name in ALL_NETWORKS), *((name, math.inf) for name in ALL_NETWORKS[1:])]
)
def test_no_network_can_bring_about_acceptance_by_numbers_that_are_none(name: str, number: float) -> None:
    stage = Stage(blinking(2000), fps=10)

    served = serve(stage, ActionKind.BLINK, stage.engine(SHORT, **{name: Poisoned(stage.networks[name], number)}))

    assert served.verdict[0] is not Verdict.ACCEPTED
    assert served.verdict[0] is not Verdict.ATTACK


@pytest.mark.parametrize("good_runs", [0, 5])
@pytest.mark.parametrize("name", ["minifasnet_v2", "minifasnet_v1se", "landmarks478"])
def test_a_liveness_network_that_answers_no_number_is_a_fault_of_the_unit(name: str, good_runs: int) -> None:
    stage = Stage(blinking(2000))

    served = serve(stage, ActionKind.BLINK, stage.engine(SHORT, **{name: Poisoned(stage.networks[name], math.nan, good_runs)}))

    assert served.verdict == (Verdict.ABORTED, (Reason.LIVENESS_UNAVAILABLE,))


@pytest.mark.parametrize("good_calls", [0, 1])
def test_a_lamp_that_fails_ends_the_attempt_and_stops_no_result(good_calls: int) -> None:
    served = serve(Stage(lambda _: GOOD), board=lambda board: with_dead_light(board, good_calls))

    assert served.ending.event is Event.DEVICE_FAILED
    assert served.verdict == (Verdict.ABORTED, (Reason.LIGHT_FAULT,))


def test_an_interruption_that_breaks_ends_the_attempt() -> None:
    def broken() -> Iterable[Event]:
        raise OSError("the button is gone")

    served = serve(Stage(lambda _: GOOD), interruptions=broken)

    assert served.verdict == (Verdict.ABORTED, (Reason.LIVENESS_UNAVAILABLE,))


def test_a_fault_is_logged_by_name_and_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage(lambda _: GOOD, lasts_ms=100)

    serve(stage, camera=ScriptedCamera(stage.frames, FirmwareError("secret words")))

    (record,) = [record for record in caplog.records if record.name == "lifecert.attempt"]
    assert (record.getMessage(), vars(record)["error"]) == ("attempt failed", "FirmwareError")
    assert "secret" not in str(vars(record))


def policy(**changes: object) -> Rules:
    return replace(SHORT, **changes)


def test_more_steady_frames_more_probes_and_more_shots_take_longer() -> None:
    stage = Stage(lambda _: GOOD)
    quick = serve(stage, engine=stage.engine(policy(steady_frames=1, texture_frames=2, shots=1))).ending
    slow = serve(stage, engine=stage.engine(policy(steady_frames=20, texture_frames=20, shots=6))).ending

    assert quick.evidence.texture_frames == 2
    assert (len(quick.shots), len(slow.shots)) == (1, 6)
    assert quick.frames <= 10 < 60 < slow.frames
