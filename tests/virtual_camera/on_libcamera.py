"""Our camera of a Raspberry Pi keeps its contract on libcamera's virtual one, here and in a process of its own (F58, F59).

The contract tests are those of every camera (`tests/firmware/test_contracts.py`). `scripts/virtual-camera` runs this file.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from itertools import islice, pairwise

import libcamera
import picamera2
import pytest

from firmware.apart.camera import ApartCamera, ApartLimits
from firmware.board import open_here
from firmware.clock import SystemClock
from firmware.errors import CameraBusyError, CameraFaultError, CameraFormatError, CameraNotFoundError
from firmware.frame import UNKNOWN_LIGHT, Frame
from firmware.health import HealthLimits
from firmware.pi.camera import PiCamera, load_picamera2
from firmware.ports import Camera, ExposureHold
from tests.firmware.test_contracts import (
    test_a_camera_is_called_by_the_words_that_opened_it,
    test_a_frame_has_a_light_only_where_its_camera_is_told_one,
    test_frames_are_eight_bit_colour_of_one_size_and_cannot_be_changed,
    test_frames_can_be_asked_for_again,
    test_no_frame_comes_from_a_closed_camera,
    test_the_time_of_frames_strictly_increases_and_they_are_counted_from_0,
)

CONTRACT = (
    test_a_camera_is_called_by_the_words_that_opened_it,
    test_a_frame_has_a_light_only_where_its_camera_is_told_one,
    test_frames_are_eight_bit_colour_of_one_size_and_cannot_be_changed,
    test_frames_can_be_asked_for_again,
    test_no_frame_comes_from_a_closed_camera,
    test_the_time_of_frames_strictly_increases_and_they_are_counted_from_0,
)
LEVELS = [40 + 10 * number for number in range(16)]
"""Of the band in each picture of `pictures.py`."""
TREE = {
    name: os.environ[name]
    for name in ("GLIBC_TUNABLES", "LD_LIBRARY_PATH", "LD_PRELOAD", "LIBCAMERA_LOG_LEVELS", "PATH", "PYTHONPATH")
}
"""What a process of this tree needs to find its libraries."""
LIMITS = ApartLimits(
    opens_within_s=60.0,
    silent_after_s=1.5,
    back_off_s=0.05,
    closing_s=3.0,
    health=HealthLimits(first_within_s=30.0, frozen_after_frames=100),
)


def _apart(word: str = "pi:0", limits: ApartLimits = LIMITS) -> ApartCamera:
    return ApartCamera(word, word, SystemClock(), limits, TREE)


CAMERAS: dict[str, Callable[[], Camera]] = {"here": lambda: open_here("pi:0"), "apart": _apart}


@pytest.fixture(params=CAMERAS)
def camera(request: pytest.FixtureRequest) -> Iterator[Camera]:
    with CAMERAS[request.param]() as camera:
        yield camera


def _level(frame: Frame) -> int:
    return round(float(frame.luma[8:64].mean()))


def test_it_is_the_real_picamera2_on_the_real_libcamera() -> None:
    manager = libcamera.CameraManager.singleton()

    assert manager.version.startswith("v0.")
    assert [camera["Model"] for camera in picamera2.Picamera2.global_camera_info()] == ["pictures", "lines"]
    assert load_picamera2("pi:0") is picamera2


def test_frames_show_what_is_before_the_camera(camera: Camera) -> None:
    seen = [(_level(frame), frame.bgr[8:64].mean()) for frame in islice(camera.frames(), 12)]

    assert all(level in LEVELS for level, _ in seen)
    assert len({level for level, _ in seen}) > 2
    assert all(abs(level - colour) < 2 for level, colour in seen)


def test_a_frame_does_not_change_while_it_is_kept(camera: Camera) -> None:
    frames = camera.frames()
    kept = [(frame, _level(frame), frame.bgr[100, 100].tolist()) for frame in islice(frames, 12)]

    for _ in islice(frames, 60):
        pass

    assert [(_level(frame), frame.bgr[100, 100].tolist()) for frame, _, _ in kept] == [(level, pixel) for _, level, pixel in kept]


def test_time_stamps_are_of_the_units_clock_and_a_missing_exposure_is_not_made_up(camera: Camera) -> None:
    clock = SystemClock()
    before_ns = clock.now_ns()

    frames = list(islice(camera.frames(), 10))

    assert all(before_ns - 1_000_000_000 < frame.captured_ns < clock.now_ns() for frame in frames)
    assert {frame.exposed_for_ns for frame in frames} == {None}
    assert {frame.light for frame in frames} == {UNKNOWN_LIGHT}


def test_brightness_is_a_look_into_the_cameras_own_buffer_and_goes_back_when_nobody_looks() -> None:
    with open_here("pi:0") as camera:
        assert isinstance(camera, PiCamera)
        first = next(camera.frames())
        out = camera.buffers_out
        luma = first.luma[::2]
        del first
        still_out = camera.buffers_out
        del luma

        assert (out, still_out, camera.buffers_out) == (1, 1, 0)


def test_an_exposure_that_cannot_be_held_is_asked_for_in_vain_and_does_no_harm(camera: Camera) -> None:
    assert isinstance(camera, ExposureHold)
    frames = camera.frames()
    next(frames)

    camera.hold_exposure()
    held = list(islice(frames, 5))
    camera.follow_light()

    assert {frame.exposed_for_ns for frame in held} == {None}
    assert next(frames).sequence == 6


def test_a_camera_is_opened_again_after_it_was_closed() -> None:
    for _ in range(3):
        with open_here("pi:0") as camera:
            assert len(list(islice(camera.frames(), 3))) == 3


def test_a_camera_that_is_not_there_is_named() -> None:
    with pytest.raises(CameraNotFoundError, match=r"pi:5: 2 cameras are found; check the ribbon cable"):
        open_here("pi:5")
    with pytest.raises(CameraNotFoundError, match=r"pi:5: 2 cameras"):
        _apart("pi:5")


def test_a_camera_without_our_size_is_refused_and_let_go() -> None:
    with pytest.raises(CameraFormatError, match=r"pi:1: its stream main has NV12 of \(640, 480\), not NV12 of \(1280, 720\)"):
        open_here("pi:1")
    with pytest.raises(CameraFormatError, match="pi:1"):
        open_here("pi:1")


def test_a_camera_that_is_held_is_busy() -> None:
    with open_here("pi:0") as holder:
        next(holder.frames())
        with pytest.raises(CameraBusyError, match=r"pi:0: /dev/media\* did not open; another program may hold it"):
            open_here("pi:0")


def test_a_process_that_is_killed_is_replaced_and_frames_go_on() -> None:
    with _apart() as camera:
        frames = camera.frames()
        before, pid = list(islice(frames, 5)), camera.pid
        assert pid is not None

        os.kill(pid, signal.SIGKILL)
        after = list(islice(frames, 5))

        assert camera.pid != pid
    assert [frame.sequence for frame in before + after] == list(range(10))
    assert all(earlier.captured_ns < later.captured_ns for earlier, later in pairwise(before + after))


def test_a_process_that_hangs_in_native_code_is_killed_from_outside_and_the_third_time_the_camera_is_at_fault() -> None:
    with _apart("ailing:hangs@3:pi:0") as camera:
        pids = set()
        with pytest.raises(CameraFaultError, match=r"its driver failed 3 times, at last because it hung for 1\.5 s"):
            pids.update(camera.pid for _ in camera.frames())

        assert camera.pid is None
    assert len(pids) == 3
    for pid in pids:
        assert pid is not None
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_the_contract_is_the_whole_contract() -> None:
    assert len({test.__name__ for test in CONTRACT}) == 6
