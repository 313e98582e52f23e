"""The camera of a Jetson: which OpenCV it needs, what is asked of Argus, and what is said when it does not open (F58)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import cast

import cv2
import pytest

from firmware.board import open_here
from firmware.clock import SystemClock
from firmware.errors import (
    CameraBusyError,
    CameraDeniedError,
    CameraDriverMissingError,
    CameraNotFoundError,
    CameraStalledError,
)
from firmware.health import HealthLimits
from firmware.jetson.camera import Build, JetsonLimits, open_jetson_camera, pipeline
from tests.firmware.builders import noisy
from tests.firmware.fakes import FakeCapture

JETPACK = "  Video I/O:\n    FFMPEG:                      YES\n    GStreamer:                   YES (1.20.3)\n"
LIMITS = JetsonLimits(health=HealthLimits(stalled_after_s=0.1, least_px=1))


@dataclass
class _Gst(FakeCapture):
    """A capture that says whether it is open."""

    opened: bool = True

    def __post_init__(self) -> None:
        super().__init__(islice(noisy(), 5))

    def isOpened(self) -> bool:  # OpenCV's name
        return self.opened


def _jetson(root: Path, opened: bool = True, asked: list[str] | None = None) -> Build:
    (root / "tmp").mkdir(exist_ok=True)
    (root / "tmp" / "argus_socket").touch()

    def capture(text: str) -> cv2.VideoCapture:
        if asked is not None:
            asked.append(text)
        return cast(cv2.VideoCapture, _Gst(opened))

    return Build(lambda: JETPACK, capture, root)


def test_the_opencv_of_this_machine_is_refused_with_the_build_that_is_needed() -> None:
    assert "GStreamer:                   NO" in cv2.getBuildInformation()

    with pytest.raises(
        CameraDriverMissingError,
        match=r"jetson:0: this OpenCV was built without GStreamer; use JetPack's own OpenCV: .*--system-site-packages",
    ):
        open_here("jetson:0")


def test_frames_come_through_a_pipeline_that_keeps_the_newest_only(tmp_path: Path) -> None:
    asked: list[str] = []

    with open_jetson_camera("jetson:1", 1, SystemClock(), LIMITS, _jetson(tmp_path, asked=asked)) as camera:
        frames = list(islice(camera.frames(), 2))

    assert [frame.sequence for frame in frames] == [0, 1]
    assert asked == [
        "nvarguscamerasrc sensor-id=1 ! video/x-raw(memory:NVMM),width=1280,height=720,format=NV12,framerate=30/1 ! "
        "nvvidconv ! video/x-raw,width=1280,height=720,format=BGRx ! videoconvert ! video/x-raw,format=BGR ! "
        "appsink drop=1 max-buffers=1 sync=0"
    ]


def test_nothing_but_numbers_gets_into_the_pipeline() -> None:
    with pytest.raises(ValueError, match="format code 'd'"):
        pipeline(0, replace(LIMITS, width_px=cast(int, "1280 ! filesink location=x")))


def test_a_machine_without_argus_is_named(tmp_path: Path) -> None:
    build = replace(_jetson(tmp_path), root=tmp_path / "elsewhere")

    with pytest.raises(CameraNotFoundError, match=r"there is no .*tmp/argus_socket; is this a Jetson"):
        open_jetson_camera("jetson", 0, SystemClock(), LIMITS, build)


def test_a_socket_that_may_not_be_used_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build = _jetson(tmp_path)
    monkeypatch.setattr("os.access", lambda _path, _mode: False)

    with pytest.raises(CameraDeniedError, match=r"no permission to open .*argus_socket"):
        open_jetson_camera("jetson", 0, SystemClock(), LIMITS, build)


def test_a_sensor_that_does_not_open_is_busy_and_one_that_cannot_be_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(CameraBusyError, match="jetson:0: /dev/video0 did not open; another program may hold it"):
        open_jetson_camera("jetson:0", 0, SystemClock(), LIMITS, _jetson(tmp_path, opened=False))
    with pytest.raises(CameraNotFoundError, match="jetson:6: a Jetson has sensors 0 to 5"):
        open_jetson_camera("jetson:6", 6, SystemClock(), LIMITS, _jetson(tmp_path))


def test_a_service_that_dies_is_seen_as_silence(tmp_path: Path) -> None:
    with (
        open_jetson_camera("jetson", 0, SystemClock(), LIMITS, _jetson(tmp_path)) as camera,
        pytest.raises(CameraStalledError, match=r"jetson: (no picture came for|the newest picture is)"),
    ):
        list(camera.frames())
