"""A camera on the connector of a Jetson: NVIDIA's Argus through GStreamer, read through OpenCV.

OpenCV of PyPI is built without GStreamer. JetPack's own is built with it; a virtual environment sees it with
`--system-site-packages`, as long as no other OpenCV is installed there. Argus hangs when its service does, so this camera runs in
a process of its own (`firmware.apart`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import cv2

from firmware.capture import Capture, CaptureCamera
from firmware.errors import CameraBusyError, CameraDeniedError, CameraDriverMissingError, CameraNotFoundError
from firmware.health import HealthLimits
from firmware.ports import Clock

GSTREAMER = re.compile(r"^\s*GStreamer:\s*YES", re.MULTILINE)
REMEDY = (
    "use JetPack's own OpenCV: make the virtual environment with --system-site-packages and remove opencv-python-headless from it"
)
ARGUS_SOCKET = Path("tmp/argus_socket")
"""Where NVIDIA's service `nvargus-daemon` listens. A unit file with PrivateTmp=yes hides it: see docs/cameras.md."""
MOST_SENSORS = 6


@dataclass(frozen=True, slots=True)
class JetsonLimits:
    """What is asked of the camera; of sensor modes Argus takes the nearest."""

    width_px: int = 1280
    height_px: int = 720
    frames_per_s: int = 30
    health: HealthLimits = field(default_factory=HealthLimits)


@dataclass(frozen=True, slots=True)
class Build:
    """What there is of OpenCV and of the machine."""

    information: Callable[[], str] = cv2.getBuildInformation
    capture: Callable[[str], cv2.VideoCapture] = lambda pipeline: cv2.VideoCapture(pipeline, cv2.CAP_GSTREAMER)
    root: Path = Path("/")


def open_jetson_camera(
    name: str, index: int, clock: Clock, limits: JetsonLimits | None = None, build: Build | None = None
) -> CaptureCamera:
    """Open the sensor of this number, counted from 0 as Argus does.

    Raises CameraDriverMissingError (OpenCV without GStreamer), CameraNotFoundError (no Jetson, no service, no such sensor),
    CameraDeniedError (the service's socket may not be used) or CameraBusyError (it does not open).
    """
    build, limits = build or Build(), limits or JetsonLimits()
    if not GSTREAMER.search(build.information()):
        raise CameraDriverMissingError(name, "this OpenCV was built without GStreamer", REMEDY)
    if index >= MOST_SENSORS:
        raise CameraNotFoundError(name, f"a Jetson has sensors 0 to {MOST_SENSORS - 1}")
    socket = build.root / ARGUS_SOCKET
    if not socket.exists():
        raise CameraNotFoundError(name, f"there is no {socket}; is this a Jetson, and does nvargus-daemon run on it?")
    if not os.access(socket, os.R_OK | os.W_OK):
        raise CameraDeniedError(name, str(socket))
    capture = build.capture(pipeline(index, limits))
    # False is to be believed; True says nothing.
    if not capture.isOpened():
        raise CameraBusyError(name, f"/dev/video{index}")
    return JetsonCamera(name, capture, clock, limits)


def pipeline(index: int, limits: JetsonLimits) -> str:
    """The GStreamer pipeline: pixels leave NVIDIA's memory as BGRx and reach OpenCV as BGR, the newest only.

    Every number is one, so nothing can be slipped into the text (source: NVIDIA, Accelerated GStreamer).
    """
    size = f"width={limits.width_px:d},height={limits.height_px:d}"
    return (
        f"nvarguscamerasrc sensor-id={index:d} ! "
        f"video/x-raw(memory:NVMM),{size},format=NV12,framerate={limits.frames_per_s:d}/1 ! "
        f"nvvidconv ! video/x-raw,{size},format=BGRx ! videoconvert ! video/x-raw,format=BGR ! "
        "appsink drop=1 max-buffers=1 sync=0"
    )


class JetsonCamera(CaptureCamera):
    """A live camera. OpenCV passes no exposure on, so software cannot attribute the unit's light to its frames."""

    def __init__(self, name: str, capture: Capture, clock: Clock, limits: JetsonLimits) -> None:
        """Takes the open capture over."""
        super().__init__(name, capture, clock, limits.health)
