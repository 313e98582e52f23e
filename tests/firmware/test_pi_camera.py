"""The camera of a Raspberry Pi: its streams, its time, its exposure, and what is said when it cannot be opened (F58)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from firmware.errors import (
    CameraBusyError,
    CameraDeniedError,
    CameraDriverMissingError,
    CameraFaultError,
    CameraFormatError,
    CameraNotFoundError,
    CameraStalledError,
)
from firmware.pi.camera import PiCamera, PiLimits, load_picamera2, open_pi_camera
from firmware.pi.exposure import Stamps
from tests.firmware.builders import SteppingClock
from tests.firmware.fake_picamera2 import FRAME_NS, FakeLibrary, FakeMappedArray, FakePicamera2, Sensor, endless

LIMITS = PiLimits(64, 48)
NOW_NS, ASLEEP_NS = 100_000_000_000, 7_000_000_000
"""The machine slept for seven seconds since its start: the sensor's clock counts them, the unit's does not."""
STAMP = NOW_NS + ASLEEP_NS - 50_000_000


def _camera(sensor: Sensor, limits: PiLimits = LIMITS) -> PiCamera:
    clock = SteppingClock(NOW_NS)
    return PiCamera(
        "pi:0", FakePicamera2(sensor), FakeMappedArray, Stamps(clock, SteppingClock(NOW_NS + ASLEEP_NS)), clock, limits
    )


def _open(sensor: Sensor, index: int = 0, devices: Path = Path("/nowhere")) -> PiCamera:
    return open_pi_camera(f"pi:{index}", index, SteppingClock(NOW_NS), LIMITS, FakeLibrary(sensor), devices)


def _metadata(**metadata: Any) -> Iterator[Mapping[str, Any]]:
    """One frame's, over and over, complete but for what is changed."""
    complete = {"SensorTimestamp": STAMP, "ExposureTime": 10_000, "AnalogueGain": 2.0, "FrameDuration": 33_333}
    return endless(**{**complete, **metadata})


# --- streams -------------------------------------------------------------------------------------------------------


def test_colours_come_from_the_main_stream_and_brightness_from_the_second_without_a_copy() -> None:
    camera = _camera(Sensor(_metadata()))

    frame = next(camera.frames())

    assert camera.buffers_out == 1
    assert frame.bgr.shape == (48, 64, 3)
    assert frame.luma.shape == (48, 64)
    assert np.abs(frame.luma.astype(int) - frame.bgr[:, :, 1]).max() <= 20


def test_one_stream_of_brightness_and_colour_is_of_full_range() -> None:
    camera = _camera(Sensor(_metadata(), properties={}))

    frame = next(camera.frames())
    again = cv2.cvtColor(frame.bgr, cv2.COLOR_BGR2GRAY)

    assert camera.buffers_out == 1
    assert np.abs(again.astype(int) - frame.luma).max() <= 1


def test_a_kept_frame_never_changes_and_the_camera_never_runs_dry() -> None:
    frames = _camera(Sensor(_metadata())).frames()
    kept = [(frame, frame.bgr.copy(), frame.luma.copy()) for frame in islice(frames, 12)]

    more = len(list(islice(frames, 40)))

    assert more == 40
    assert all(np.array_equal(frame.bgr, bgr) and np.array_equal(frame.luma, luma) for frame, bgr, luma in kept)


def test_thirty_frames_a_second_of_our_size_are_asked_for_where_the_camera_can() -> None:
    able, unable = Sensor(_metadata()), Sensor(_metadata(), controls=())

    _camera(able, PiLimits())
    _camera(unable, PiLimits())

    assert able.told == [{"FrameDurationLimits": (33_333, 33_333)}]
    assert unable.told == [{}]


@pytest.mark.parametrize("gives", [{"size": (32, 24)}, {"format": "MJPEG"}])
def test_a_stream_of_another_kind_is_refused_and_the_camera_let_go(gives: Mapping[str, Any]) -> None:
    sensor = Sensor(_metadata(), gives=gives)

    with pytest.raises(CameraFormatError, match="pi:0: its stream main has"):
        _camera(sensor)

    assert sensor.calls == ["stop", "close"]


def test_closing_stops_and_closes_once() -> None:
    sensor = Sensor(_metadata())

    with _camera(sensor) as camera:
        next(camera.frames())
        camera.__exit__(None, None, None)

    assert sensor.calls == ["stop", "close"]


# --- time and exposure ---------------------------------------------------------------------------------------------


def test_the_span_of_an_exposure_holds_both_readings_of_its_stamp_and_all_rows() -> None:
    frame = next(_camera(Sensor(_metadata())).frames())

    assert frame.captured_ns == NOW_NS - 50_000_000 - 10_000_000
    assert frame.exposed_for_ns == 10_000_000 + 33_333_000 + 10_000_000


def test_time_stamps_follow_the_sensor() -> None:
    sensor = Sensor(_metadata(SensorTimestamp=STAMP - 3 * FRAME_NS))

    first, second, third = islice(_camera(sensor).frames(), 3)

    assert (second.captured_ns - first.captured_ns, third.captured_ns - second.captured_ns) == (FRAME_NS, FRAME_NS)


@pytest.mark.parametrize("missing", ["ExposureTime", "FrameDuration"])
def test_without_its_exposure_a_frame_tells_none(missing: str) -> None:
    metadata = {"SensorTimestamp": STAMP, "ExposureTime": 10_000, "FrameDuration": 33_333}
    del metadata[missing]

    frame = next(_camera(Sensor(endless(**metadata))).frames())

    assert frame.captured_ns == NOW_NS - 50_000_000
    assert frame.exposed_for_ns is None


@pytest.mark.parametrize(
    "metadata",
    [{}, {"SensorTimestamp": 0}, {"SensorTimestamp": NOW_NS * 9}, {"SensorTimestamp": "now"}, {"SensorTimestamp": -1}],
)
def test_a_stamp_that_cannot_be_right_gives_the_time_of_arrival_and_no_exposure(metadata: Mapping[str, Any]) -> None:
    told = {"ExposureTime": 10_000, "FrameDuration": 33_333, **metadata}

    frame = next(_camera(Sensor(endless(**told) if "SensorTimestamp" not in told else iter([told]))).frames())

    assert (frame.captured_ns, frame.exposed_for_ns) == (NOW_NS, None)


@pytest.mark.parametrize("exposure", [0, -5, 2_000_000, 10_000.5, "long", None])
def test_an_exposure_that_cannot_be_right_is_none(exposure: object) -> None:
    frame = next(_camera(Sensor(_metadata(ExposureTime=exposure))).frames())

    assert frame.exposed_for_ns is None


def test_a_picture_that_was_on_its_way_for_too_long_is_a_stall() -> None:
    camera = _camera(Sensor(_metadata(SensorTimestamp=STAMP - 5_000_000_000)))

    with pytest.raises(CameraStalledError, match=r"the newest picture is 5\.1 s old"):
        next(camera.frames())


def _exposures(*exposures: tuple[int, float]) -> Iterator[Mapping[str, Any]]:
    for number, (exposure, gain) in enumerate(exposures):
        stamp = STAMP - 10**9 + number * FRAME_NS
        yield {"SensorTimestamp": stamp, "ExposureTime": exposure, "AnalogueGain": gain, "FrameDuration": 33_333}


def test_a_held_exposure_is_that_of_the_next_frame_and_only_frames_that_have_it_tell_it() -> None:
    course = [(9_000, 1.0), (10_000, 2.0), (12_000, 2.0), (10_000, 4.0), (10_000, 2.0), (10_050, 2.01)]
    sensor = Sensor(_exposures(*course))
    camera = _camera(sensor)
    frames = camera.frames()
    free = next(frames).exposed_for_ns

    camera.hold_exposure()
    told = [frame.exposed_for_ns is not None for frame in islice(frames, 5)]

    assert free is not None
    assert sensor.told[1:] == [{"AeEnable": False, "ExposureTime": 10_000, "AnalogueGain": 2.0}]
    assert told == [False, False, False, True, True]


def test_colour_is_held_with_the_exposure_and_all_follow_the_light_again() -> None:
    sensor = Sensor(_metadata(ColourGains=(1.5, 2.5)))
    camera = _camera(sensor)
    frames = camera.frames()

    camera.hold_exposure()
    next(frames)
    camera.follow_light()
    camera.follow_light()
    after = next(frames)

    assert sensor.told[1:] == [
        {"AeEnable": False, "ExposureTime": 10_000, "AnalogueGain": 2.0, "AwbEnable": False, "ColourGains": (1.5, 2.5)},
        {"AeEnable": True, "AwbEnable": True},
    ]
    assert after.exposed_for_ns is not None


def test_a_camera_that_cannot_tell_its_exposure_tells_none_while_it_should_be_held() -> None:
    sensor = Sensor(endless(SensorTimestamp=STAMP, FrameDuration=33_333))
    camera = _camera(sensor)

    camera.hold_exposure()
    told = {frame.exposed_for_ns for frame in islice(camera.frames(), 5)}

    assert told == {None}
    assert len(sensor.told) == 1


# --- opening -------------------------------------------------------------------------------------------------------


def test_without_picamera2_it_is_said_what_to_install() -> None:
    with pytest.raises(
        CameraDriverMissingError,
        match=r"pi:0: there is no picamera2, .*apt install python3-picamera2, .*--system-site-packages",
    ):
        load_picamera2("pi:0")


@pytest.mark.parametrize("fault", ["raise ValueError('numpy.dtype size changed')", "import libcamera_that_is_not_there"])
def test_a_picamera2_that_does_not_load_is_named(fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "picamera2.py").write_text(fault, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(CameraDriverMissingError, match=r"numpy\.dtype size changed|there is no libcamera_that_is_not_there"):
        load_picamera2("pi:0")


def test_a_camera_that_is_not_found_is_named_with_what_to_check() -> None:
    with pytest.raises(CameraNotFoundError, match=r"pi:2: 1 cameras are found; check the ribbon cable at both ends"):
        _open(Sensor(_metadata()), index=2)


@pytest.mark.parametrize("cameras", [0, 1])
def test_no_permission_is_told_from_no_camera(cameras: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "media0").touch()
    monkeypatch.setattr("os.access", lambda path, _mode: Path(path).name != "media0")
    sensor = Sensor(_metadata(), cameras=cameras, fails_opening=RuntimeError("Permission denied"))

    with pytest.raises(CameraDeniedError, match=r"no permission to open .*media0; add this user to the group 'video'"):
        _open(sensor, devices=tmp_path)


def test_a_camera_that_another_program_holds_is_busy() -> None:
    with pytest.raises(CameraBusyError, match="another program may hold it"):
        _open(Sensor(_metadata(), fails_opening=RuntimeError("failed to acquire camera: Device or resource busy")))


def test_a_camera_that_does_not_open_or_start_is_a_fault() -> None:
    with pytest.raises(CameraFaultError, match=r"picamera2 does not open it \(no tuning file\)"):
        _open(Sensor(_metadata(), fails_opening=RuntimeError("no tuning file")))
    with pytest.raises(CameraFaultError, match=r"picamera2 does not start it \(no buffers\)"):
        _open(Sensor(_metadata(), fails_starting=OSError("no buffers")))


def test_silence_is_a_stall_and_nobody_waits_on() -> None:
    sensor = Sensor(islice(_metadata(), 3))

    with _camera(sensor) as camera, pytest.raises(CameraStalledError, match="pi:0: no picture came for 2 s; check the cable"):
        list(camera.frames())

    assert sensor.calls == ["flush", "stop", "close"]
