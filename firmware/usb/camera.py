"""A USB camera on Linux (V4L2), read through OpenCV."""

import os
from dataclasses import dataclass, field
from pathlib import Path

import cv2

from firmware.capture import CLOSING_S, Capture, CaptureCamera
from firmware.errors import CameraBusyError, CameraDeniedError, CameraFormatError, CameraNotFoundError
from firmware.health import HealthLimits
from firmware.ports import Clock

# MJPG first: USB 2 carries YUYV of this size at about 10 frames a second only.
FOURCCS = ("MJPG", "YUYV")


@dataclass(frozen=True, slots=True)
class UsbLimits:
    """What is asked of a USB camera."""

    width_px: int = 1280
    height_px: int = 720
    frames_per_s: int = 30
    closing_s: float = CLOSING_S
    health: HealthLimits = field(default_factory=HealthLimits)


def open_usb_camera(index: int, clock: Clock, devices: Path = Path("/dev"), limits: UsbLimits | None = None) -> "UsbCamera":
    """Open /dev/videoN.

    Raises CameraNotFoundError, CameraDeniedError, CameraBusyError (it does not open) or CameraFormatError (it has none of
    the pixel formats that are understood).
    """
    name, node = f"usb:{index}", devices / f"video{index}"
    if not node.exists():
        raise CameraNotFoundError(name, f"there is no {node}; check the cable, and see which nodes exist: ls {devices}/video*")
    if not os.access(node, os.R_OK | os.W_OK):
        raise CameraDeniedError(name, str(node))
    capture = cv2.VideoCapture(str(node), cv2.CAP_V4L2)
    # False is to be believed; True says nothing.
    if not capture.isOpened():
        raise CameraBusyError(name, str(node))
    return UsbCamera(name, capture, clock, limits or UsbLimits())


class UsbCamera(CaptureCamera):
    """A live camera. What it asks for is not always granted, so its frames may have another size."""

    def __init__(self, name: str, capture: Capture, clock: Clock, limits: UsbLimits) -> None:
        """Takes the open capture over; raises CameraFormatError if it has no pixel format that is understood."""
        super().__init__(name, capture, clock, limits.health, limits.closing_s)
        # Pixel format first: without it some drivers hand out raw bytes in one row.
        if not any(_accepts(capture, fourcc) for fourcc in FOURCCS):
            capture.release()
            raise CameraFormatError(name, f"the camera has none of the pixel formats {', '.join(FOURCCS)}")
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, limits.width_px)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, limits.height_px)
        capture.set(cv2.CAP_PROP_FPS, limits.frames_per_s)


def _accepts(capture: Capture, fourcc: str) -> bool:
    code = int.from_bytes(fourcc.encode("ascii"), "little")
    capture.set(cv2.CAP_PROP_FOURCC, code)
    return capture.get(cv2.CAP_PROP_FOURCC) == code
