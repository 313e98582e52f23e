"""A USB camera is judged by its frames and their age; what to check is said when it cannot be opened (F58)."""

import threading
import time
from itertools import chain, islice, repeat
from pathlib import Path

import cv2
import numpy as np
import pytest

from firmware.board import open_camera
from firmware.clock import SystemClock
from firmware.errors import (
    CameraBusyError,
    CameraDeniedError,
    CameraFaultError,
    CameraFormatError,
    CameraNotFoundError,
    CameraStalledError,
)
from firmware.health import HealthLimits
from firmware.ports import Clock
from firmware.usb.camera import UsbCamera, UsbLimits, open_usb_camera
from tests.firmware.builders import SteppingClock, levels, noisy, plain
from tests.firmware.fakes import MJPG, YUYV, FakeCapture, HangingCapture

IMPATIENT = UsbLimits(closing_s=0.05, health=HealthLimits(first_within_s=0.5, stalled_after_s=0.05, least_px=1))
USUAL = UsbLimits(health=HealthLimits(least_px=1))


def _camera(capture: FakeCapture, limits: UsbLimits = IMPATIENT, clock: Clock | None = None) -> UsbCamera:
    return UsbCamera("usb:0", capture, clock or SystemClock(), limits)


def test_the_pixel_format_is_set_before_anything_else() -> None:
    capture = FakeCapture(noisy())

    _camera(capture)

    assert capture.told[0] == cv2.CAP_PROP_FOURCC
    assert capture.properties[cv2.CAP_PROP_FOURCC] == MJPG
    assert capture.properties[cv2.CAP_PROP_FRAME_WIDTH] == 1280
    assert capture.properties[cv2.CAP_PROP_FRAME_HEIGHT] == 720
    assert capture.properties[cv2.CAP_PROP_FPS] == 30


def test_a_camera_without_mjpg_gives_yuyv() -> None:
    capture = FakeCapture(noisy(), frozenset({YUYV}))

    _camera(capture)

    assert capture.properties[cv2.CAP_PROP_FOURCC] == YUYV


def test_a_camera_without_a_known_pixel_format_is_refused_and_let_go() -> None:
    capture = FakeCapture(noisy(), frozenset())

    with pytest.raises(CameraFormatError, match="none of the pixel formats MJPG, YUYV"):
        _camera(capture)

    assert len(capture.released_by) == 1


def test_a_camera_that_falls_silent_is_stalled() -> None:
    capture = FakeCapture(islice(noisy(), 3))

    with (
        _camera(capture) as camera,
        pytest.raises(CameraStalledError, match=r"usb:0: (no picture came for|the newest picture is) "),
    ):
        list(camera.frames())


def test_a_camera_may_start_slowly() -> None:
    capture = HangingCapture()
    threading.Timer(1.0, capture.let_go.set).start()
    capture.late_picture = plain(50)

    with _camera(capture, UsbLimits(health=HealthLimits(first_within_s=10, stalled_after_s=0.5, least_px=1))) as camera:
        frame = next(camera.frames())

    assert levels([frame]) == [50]


def test_a_camera_that_hangs_is_stalled_and_left_behind() -> None:
    capture = HangingCapture()

    with _camera(capture) as camera, pytest.raises(CameraStalledError, match="no picture came"):
        next(camera.frames())

    assert capture.released_by == []
    capture.let_go.set()
    for thread in threading.enumerate():
        if thread.name == "usb:0":
            thread.join()
    assert capture.released_by == ["usb:0"]


def test_a_camera_that_repeats_one_picture_is_frozen() -> None:
    capture = FakeCapture(chain(islice(noisy(), 2), repeat(plain(80))))

    with _camera(capture) as camera, pytest.raises(CameraFaultError, match="the last 20 pictures are the same"):
        list(camera.frames())


def test_a_real_sensor_in_the_dark_is_not_frozen() -> None:
    dark = np.zeros((48, 64, 3), dtype=np.uint8)
    flickering = dark.copy()
    flickering[20, 30] = 9
    capture = FakeCapture(chain.from_iterable(repeat([dark, dark, flickering])))

    with _camera(capture) as camera:
        frames = list(islice(camera.frames(), 60))

    assert len(frames) == 60


def test_pictures_that_arrive_too_late_are_a_stall() -> None:
    capture = FakeCapture(noisy())
    capture.properties[cv2.CAP_PROP_POS_MSEC] = 100_000.0
    clock = SteppingClock(105_000_000_000)

    with (
        _camera(capture, USUAL, clock) as camera,
        pytest.raises(CameraStalledError, match=r"the newest picture is 5\.0 s old"),
    ):
        next(camera.frames())


@pytest.mark.parametrize(
    ("stated_ms", "captured_ns"),
    [(99_500.25, 99_500_250_000), (0.0, 100_000_000_000), (1e12, 100_000_000_000), (float("nan"), 100_000_000_000)],
)
def test_the_drivers_time_counts_where_it_is_believable(stated_ms: float, captured_ns: int) -> None:
    capture = FakeCapture(noisy())
    capture.properties[cv2.CAP_PROP_POS_MSEC] = stated_ms

    with _camera(capture, USUAL, SteppingClock(100_000_000_000)) as camera:
        first, second = islice(camera.frames(), 2)

    assert first.captured_ns == captured_ns
    assert second.captured_ns == captured_ns + 1


def test_raw_bytes_in_one_row_are_refused() -> None:
    capture = FakeCapture(iter([np.zeros((1, 691_200), dtype=np.uint8)]))

    with _camera(capture) as camera, pytest.raises(CameraFormatError, match=r"usb:0: .*\(1, 691200\)"):
        next(camera.frames())


def test_a_slow_consumer_gets_the_newest_picture() -> None:
    everything_read = threading.Event()

    def pictures() -> object:
        yield from (plain(grey) for grey in range(20, 220, 20))
        everything_read.set()

    capture = FakeCapture(pictures())  # type: ignore[arg-type]

    with _camera(capture, USUAL) as camera:
        frames = camera.frames()
        next(frames)
        assert everything_read.wait(5)
        newest = next(frames)

    assert levels([newest]) == [200]
    assert newest.sequence == 1


def test_an_error_inside_opencv_reads_as_silence() -> None:
    class Failing(FakeCapture):
        def read(self) -> tuple[bool, np.ndarray | None]:
            raise cv2.error("VIDIOC_DQBUF")

    with _camera(Failing(noisy())) as camera, pytest.raises(CameraStalledError):
        next(camera.frames())


def test_the_device_is_let_go_by_the_thread_that_reads_it() -> None:
    capture = FakeCapture(noisy())

    with _camera(capture) as camera:
        next(camera.frames())

    assert capture.released_by == ["usb:0"]


def test_a_camera_that_never_gave_a_frame_is_let_go_too() -> None:
    capture = FakeCapture(noisy())

    with _camera(capture):
        pass

    assert len(capture.released_by) == 1


def test_closing_wakes_whoever_waits_for_a_frame() -> None:
    camera = _camera(FakeCapture(iter(())), UsbLimits(health=HealthLimits(first_within_s=60, least_px=1)))
    waiting = threading.Thread(target=lambda: list(camera.frames()))
    waiting.start()

    camera.__exit__(None, None, None)
    waiting.join(10)

    assert not waiting.is_alive()


# --- opening -------------------------------------------------------------------------------------------------------


def test_a_camera_that_is_not_there_is_named_at_once_and_quietly(capfd: pytest.CaptureFixture[str]) -> None:
    started = time.monotonic()

    with pytest.raises(CameraNotFoundError, match=r"usb:97: there is no /dev/video97; check the cable"):
        open_camera("usb:97")

    assert time.monotonic() - started < 1
    assert capfd.readouterr().err == ""


def test_a_node_that_is_no_camera_or_is_held_by_another_program_is_named_quietly(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "video0").write_bytes(b"")
    with pytest.raises(CameraNotFoundError):
        open_camera("usb:97")  # The assembler silences OpenCV.

    with pytest.raises(CameraBusyError, match=r"video0 did not open; another program may hold it \(see: fuser .*video0\)"):
        open_usb_camera(0, SystemClock(), tmp_path)

    assert capfd.readouterr().err == ""


def test_a_node_that_may_not_be_opened_is_named() -> None:
    error = CameraDeniedError("usb:0", "/dev/video0")

    assert str(error) == "usb:0: no permission to open /dev/video0; add this user to the group 'video' and log in again"
