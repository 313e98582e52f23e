"""Camera, lamps and networks fail between visits and in the middle of one; the unit says so, goes dark, and comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import islice, repeat
from pathlib import Path

import pytest

from edge.health.faults import State
from firmware.absent import AbsentLamps
from firmware.board import Board
from firmware.clock import SystemClock
from firmware.errors import (
    CameraBusyError,
    CameraDeniedError,
    CameraFormatError,
    CameraNotFoundError,
    CameraStalledError,
    FirmwareError,
    PinChipError,
)
from firmware.health import HealthLimits
from firmware.ports import Camera
from firmware.usb.camera import UsbCamera, UsbLimits
from tests.fakes.parts import ScriptedCamera, with_dead_light
from tests.fakes.stage import Scene
from tests.faults.duty import MakeBoard, OnDuty, on_duty, sound, with_camera
from tests.firmware.builders import plain
from tests.firmware.fakes import FakeCapture
from wire.reasons import Reason
from wire.result import Verdict

STALLED = CameraStalledError("usb:0", "no picture came for 2 s")


def dying(duty: OnDuty, frames: int) -> MakeBoard:
    """A camera that falls silent after so many frames."""
    return with_camera(lambda: ScriptedCamera(lambda: islice(duty.stage.frames(), frames), STALLED))


def test_a_camera_that_dies_in_a_visit_ends_it_with_its_reason_and_the_ticket_is_served_when_it_is_back(tmp_path: Path) -> None:
    with on_duty(tmp_path) as duty:
        duty.desk.ticket()
        duty.board = dying(duty, 20)

        assert duty.turn() is State.PAUSED
        (aborted,) = duty.results
        assert (aborted.verdict, aborted.reasons) == (Verdict.ABORTED, (Reason.CAMERA_LOST,))
        assert aborted.frames == 20
        assert duty.shows == ("FAULT", "CAMERA_LOST")
        assert duty.is_dark

        duty.board = sound
        assert duty.turn(after_s=4.9) is State.PAUSED
        assert len(duty.results) == 1
        assert duty.turn(after_s=0.1) is State.SERVING
        assert [result.verdict for result in duty.results] == [Verdict.ABORTED, Verdict.ACCEPTED]
        assert duty.results[1].previous != duty.results[0].previous
        assert duty.turn(after_s=60) is State.SERVING
        assert duty.shows == ("IDLE", "READY")
        assert duty.is_dark


def test_a_camera_that_repeats_one_picture_is_found_out_by_its_pictures_and_shown_as_faulty(tmp_path: Path) -> None:
    def frozen() -> Camera:
        limits = UsbLimits(health=HealthLimits(first_within_s=5, stalled_after_s=5))
        return UsbCamera("usb:0", FakeCapture(repeat(plain(90, 640, 480))), SystemClock(), limits)

    with on_duty(tmp_path) as duty:
        duty.desk.ticket()
        duty.board = with_camera(frozen)

        assert duty.turn() is State.PAUSED

        (aborted,) = duty.results
        assert (aborted.verdict, aborted.reasons) == (Verdict.ABORTED, (Reason.CAMERA_FAULT,))
        assert aborted.frames < 20
        assert duty.shows == ("FAULT", "CAMERA_FAULT")
        assert duty.is_dark


def test_three_failures_in_a_row_need_a_person_and_a_camera_that_is_plugged_in_again_ends_it(tmp_path: Path) -> None:
    gone = CameraNotFoundError("usb:0", "there is no /dev/video0")

    def unplugged(_: Board) -> Board:
        raise gone

    with on_duty(tmp_path, unplugged) as duty:
        duty.desk.ticket()
        seen = [(duty.turn(wait_s), duty.shows) for wait_s in (0, 5, 10, 59.9, 0.1)]

        assert seen == [
            (State.PAUSED, ("FAULT", "CAMERA_LOST")),
            (State.PAUSED, ("FAULT", "CAMERA_LOST")),
            (State.OUT_OF_SERVICE, ("FAULT", "CAMERA_FAULT")),
            (State.OUT_OF_SERVICE, ("FAULT", "CAMERA_FAULT")),
            (State.OUT_OF_SERVICE, ("FAULT", "CAMERA_FAULT")),
        ]
        assert (duty.opened, duty.results) == (4, [])

        duty.board = sound
        assert duty.turn(after_s=60) is State.SERVING
        assert [result.verdict for result in duty.results] == [Verdict.ACCEPTED]


def test_a_camera_that_works_in_each_trial_and_fails_in_each_visit_is_given_up_and_its_ticket_too(tmp_path: Path) -> None:
    with on_duty(tmp_path) as duty:
        duty.desk.ticket()
        duty.board = dying(duty, 20)

        seen = [duty.turn(wait_s) for wait_s in (0, 5, 10, 60, 60)]

        assert seen[:3] == [State.PAUSED, State.PAUSED, State.OUT_OF_SERVICE]
        assert [result.reasons for result in duty.results] == [(Reason.CAMERA_LOST,)] * 3
        assert duty.is_dark


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CameraDeniedError("usb:0", "/dev/video0"), "CAMERA_DENIED"),
        (CameraBusyError("usb:0", "/dev/video0"), "CAMERA_BUSY"),
        (CameraFormatError("usb:0", "grey"), "CAMERA_FAULT"),
        (CameraNotFoundError("usb:0", "gone"), "CAMERA_LOST"),
    ],
)
def test_a_camera_that_does_not_open_is_named_and_no_visit_begins(tmp_path: Path, error: FirmwareError, code: str) -> None:
    def broken(_: Board) -> Board:
        raise error

    with on_duty(tmp_path) as duty:
        duty.desk.ticket()
        duty.board = broken

        assert duty.turn() is State.PAUSED
        assert duty.shows == ("FAULT", code)
        assert (duty.results, duty.desk.spool.unfinished()) == ([], [])


def test_lamps_that_cannot_be_switched_end_the_visit_and_are_tried_until_they_can(tmp_path: Path) -> None:
    with on_duty(tmp_path) as duty:
        duty.desk.ticket()
        duty.board = with_dead_light

        states = [duty.turn(), duty.turn(5), duty.turn(10)]

        assert states == [State.PAUSED, State.PAUSED, State.OUT_OF_SERVICE]
        assert duty.shows == ("FAULT", "LIGHT_FAULT")
        assert [(result.verdict, result.reasons) for result in duty.results] == [(Verdict.ABORTED, (Reason.LIGHT_FAULT,))]

        duty.board = sound
        assert duty.turn(60) is State.SERVING
        assert duty.results[-1].verdict is Verdict.ACCEPTED


def test_lamps_that_were_fitted_and_cannot_be_had_keep_the_unit_from_service_from_the_start(tmp_path: Path) -> None:
    """F62: no capture without light; what dims nothing raises nothing, so the trial asks for a glimmer."""
    absent = AbsentLamps(PinChipError("gpiochip0", "there is none"))

    with on_duty(tmp_path, lambda board: replace(board, illuminator=absent)) as duty:
        duty.desk.ticket()

        assert [duty.turn(wait_s) for wait_s in (0, 5, 10)] == [State.PAUSED, State.PAUSED, State.OUT_OF_SERVICE]
        assert duty.shows == ("FAULT", "LIGHT_FAULT")
        assert (duty.results, duty.is_dark) == ([], True)


def test_a_network_that_breaks_ends_the_visit_and_the_next_one_may_try(tmp_path: Path) -> None:
    with on_duty(tmp_path) as duty:
        duty.desk.ticket()
        real, duty.stage.networks["minifasnet_v2"]._answer = duty.stage.networks["minifasnet_v2"]._answer, _breaks

        assert duty.turn() is State.PAUSED
        assert duty.shows == ("FAULT", "LIVENESS_UNAVAILABLE")
        assert [(one.verdict, one.reasons) for one in duty.results] == [(Verdict.ABORTED, (Reason.LIVENESS_UNAVAILABLE,))]

        duty.stage.networks["minifasnet_v2"]._answer = real
        assert duty.turn(5) is State.SERVING
        assert duty.results[-1].verdict is Verdict.ACCEPTED


def _breaks(_: object) -> tuple[object, ...]:
    raise RuntimeError


def visit_on(duty: OnDuty, spoil: Callable[[], None]) -> MakeBoard:
    """A board on which something happens in the middle of a visit."""

    def make(board: Board) -> Board:
        def frames() -> object:
            for number, frame in enumerate(duty.stage.frames()):
                if number == 10:
                    spoil()
                yield frame

        return replace(board, camera=ScriptedCamera(frames))  # type: ignore[arg-type]

    return make


def test_a_board_that_gets_too_hot_in_a_visit_ends_it_well_and_then_pauses_until_it_is_cooler(tmp_path: Path) -> None:
    with on_duty(tmp_path) as duty:
        duty.desk.ticket(case="case-1", nonce=b"\x01" * 16)
        duty.board = visit_on(duty, lambda: duty.thermometer.tell(91.0))

        duty.turn()
        assert [result.verdict for result in duty.results] == [Verdict.ACCEPTED]

        duty.desk.ticket(case="case-2", nonce=b"\x02" * 16)
        assert duty.turn(15) is State.PAUSED
        assert duty.shows == ("FAULT", "TOO_HOT")
        assert (len(duty.results), duty.is_dark) == (1, True)

        duty.thermometer.tell(80.5)
        assert duty.turn(5) is State.PAUSED
        duty.thermometer.tell(79.0)
        duty.board = sound
        assert duty.turn(5).serves
        assert [result.verdict for result in duty.results] == [Verdict.ACCEPTED, Verdict.ACCEPTED]


def test_a_unit_that_wakes_up_too_hot_serves_nobody(tmp_path: Path) -> None:
    with on_duty(tmp_path) as duty:
        duty.thermometer.tell(95.0)
        duty.desk.ticket()

        assert duty.turn(5) is State.PAUSED
        assert (duty.shows, duty.results) == (("FAULT", "TOO_HOT"), [])


def test_a_visitor_who_is_refused_or_walks_away_is_no_failure_of_the_equipment(tmp_path: Path) -> None:
    with on_duty(tmp_path) as duty:
        duty.desk.ticket()
        duty.stage._script = lambda _: Scene(faces=())

        assert duty.turn() is State.SERVING
        assert duty.results[0].verdict is not Verdict.ACCEPTED


def test_a_unit_whose_housing_is_open_serves_nobody_until_it_is_closed(tmp_path: Path) -> None:
    with on_duty(tmp_path) as duty:
        duty.desk.ticket()
        duty.tamper.open()

        assert duty.turn(5) is State.OUT_OF_SERVICE
        assert (duty.shows, duty.results) == (("FAULT", "UNIT_BLOCKED"), [])

        duty.tamper.close()
        assert duty.turn(5) is State.SERVING
        assert len(duty.results) == 1
