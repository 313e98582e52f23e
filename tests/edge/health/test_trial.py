"""A unit enters service only when camera and computer pass the capability profile (R5); a recording is not held to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.health.capability import CameraMeasured, lacks_of_camera, lacks_of_computer, measure_camera
from edge.health.faults import State
from edge.health.trial import Trial
from firmware.board import Board
from firmware.errors import CameraStalledError, PartSilentError
from firmware.frame import DARK, Frame, frame_from_bgr
from tests.fakes.parts import ScriptedCamera, twin_board
from tests.faults.duty import MakeBoard, on_duty
from wire.reasons import Reason


def frames(width: int, height: int, apart_ms: float = 33.3, count: int = 40) -> Iterator[Frame]:
    """Frames of this size and rate, no two alike."""
    for number in range(count):
        pixels = np.full((height, width, 3), number, dtype=np.uint8)
        yield frame_from_bgr(pixels, round(number * apart_ms * 1e6), number, DARK)


def live(width: int, height: int, apart_ms: float = 33.3, count: int = 40) -> MakeBoard:
    """A live camera that gives such frames."""
    return lambda board: replace(board, live=True, camera=ScriptedCamera(lambda: frames(width, height, apart_ms, count)))


@pytest.mark.parametrize(
    ("measured", "lacking"),
    [
        (CameraMeasured(1280, 720, 30.0), []),
        (CameraMeasured(720, 1280, 10.0), []),
        (CameraMeasured(1279, 720, 30.0), ["1279 x 720"]),
        (CameraMeasured(1280, 720, 9.9), ["9.9 frames a second"]),
        (CameraMeasured(640, 480, 5.0), ["640 x 480", "5.0 frames a second"]),
    ],
)
def test_a_camera_must_be_wide_and_quick_enough(measured: CameraMeasured, lacking: list[str]) -> None:
    lacks = list(lacks_of_camera(measured))

    assert [lack.reason for lack in lacks] == [Reason.HW_UNSUPPORTED] * len(lacking)
    assert all(words in lack.sentence for words, lack in zip(lacking, lacks, strict=True))


def test_size_and_rate_are_those_of_the_frames_and_one_late_frame_changes_neither() -> None:
    late = [frame if frame.sequence < 5 else shifted(frame) for frame in frames(1280, 720)]

    measured = measure_camera(late)

    assert measured is not None
    assert (measured.width_px, measured.height_px) == (1280, 720)
    assert measured.frames_per_s == pytest.approx(30.0, abs=0.1)
    assert measure_camera(frames(1280, 720, count=1)) is None


def shifted(frame: Frame) -> Frame:
    return frame_from_bgr(frame.bgr, frame.captured_ns + 900_000_000, frame.sequence, DARK)


@pytest.mark.parametrize(
    ("cpu_ms", "lacking"),
    [
        ({}, []),
        ({"yunet_n": 100, "landmarks5": 100, "minifasnet_v2": 100, "minifasnet_v1se": 100}, []),
        ({"yunet_n": 101, "landmarks5": 100, "minifasnet_v2": 100, "minifasnet_v1se": 100}, ["one look takes 401 ms"]),
        ({"one": 250, "two": 250}, []),
        ({"one": 251, "two": 250}, ["takes 4.0 s"]),
        ({"landmarks478": 10_000}, []),
    ],
)
def test_a_computer_must_keep_up(cpu_ms: dict[str, float], lacking: list[str]) -> None:
    lacks = list(lacks_of_computer(cpu_ms, ("one", "two")))

    assert len(lacks) == len(lacking)
    assert all(words in lack.sentence for words, lack in zip(lacking, lacks, strict=True))


def trial_of(make: MakeBoard) -> Trial:
    def opened() -> Board:
        return make(twin_board(ScriptedCamera(lambda: frames(320, 240))))

    return Trial(opened, {})


def test_a_recording_is_fit_for_whatever_it_shows() -> None:
    trial = trial_of(lambda board: board)

    trial()

    assert trial.lacks == ()


def empty(board: Board) -> Board:
    """A recording without frames."""
    return replace(board, camera=ScriptedCamera(lambda: iter(())))


@pytest.mark.parametrize("make", [live(1280, 720, count=1), empty])
def test_a_camera_that_gives_nothing_fails_its_trial(make: MakeBoard) -> None:
    with pytest.raises(PartSilentError):
        trial_of(make)()


def test_a_camera_that_fails_says_so_itself() -> None:
    error = CameraStalledError("usb:0", "silent")

    with pytest.raises(CameraStalledError):
        trial_of(lambda board: replace(board, live=True, camera=ScriptedCamera(lambda: iter(()), error)))()


def test_a_unit_whose_camera_is_too_small_never_enters_service_and_says_why(tmp_path: Path) -> None:
    with on_duty(tmp_path, live(640, 480)) as duty:
        duty.desk.ticket()

        assert duty.turn() is State.OUT_OF_SERVICE
        assert duty.shows == ("FAULT", "HW_UNSUPPORTED")
        assert (duty.results, duty.desk.spool.unfinished()) == ([], [])


def test_a_unit_whose_camera_passes_enters_service(tmp_path: Path) -> None:
    with on_duty(tmp_path, live(1280, 720)) as duty:
        assert duty.turn() is State.SERVING
        assert duty.shows == ("IDLE", "READY")
