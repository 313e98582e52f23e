"""A USB camera on Linux (V4L2), read through OpenCV.

Its health is judged by frames and their age alone: an unplugged camera goes on to call itself open, and even opens again
(seen with the kernel's vivid driver and `disconnect=1`).
"""

import logging
import math
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware.errors import (
    CameraBusyError,
    CameraClosedError,
    CameraDeniedError,
    CameraFormatError,
    CameraNotFoundError,
    CameraStalledError,
    FrameShapeError,
)
from firmware.frame import UNKNOWN_LIGHT, Frame, frame_from_bgr
from firmware.ports import Clock
from firmware.slot import NewestSlot

log = logging.getLogger(__name__)

# MJPG first: USB 2 carries YUYV of this size at about 10 frames a second only.
FOURCCS = ("MJPG", "YUYV")
RETRY_PAUSE_S = 0.05


class Capture(Protocol):
    """The four calls of cv2.VideoCapture that are used; numbers of properties and names of arguments are OpenCV's."""

    def read(self) -> tuple[bool, Any]:  # Any: whatever array OpenCV hands out; its shape is checked on arrival.
        """Wait for the next picture; False where none came. The reader thread calls."""
        ...

    def set(self, propId: int, value: float) -> bool:
        """Ask for a property; True does not mean that it was granted."""
        ...

    def get(self, propId: int) -> float:
        """The property as it is."""
        ...

    def release(self) -> None:
        """Let go of the device. The reader thread calls, so that it never happens during a read."""
        ...


@dataclass(frozen=True, slots=True)
class UsbLimits:
    """What is asked of a USB camera."""

    width_px: int = 1280
    height_px: int = 720
    frames_per_s: int = 30
    first_within_s: float = 5.0
    """How long the very first picture may take: many cameras start slowly."""
    stalled_after_s: float = 2.0
    """Without a picture for so long, or with pictures older than this, the camera counts as stalled."""
    frozen_after_frames: int = 20
    """So many pictures in a row without a single differing value: a real sensor always has noise."""
    closing_s: float = 3.0
    """How long to wait for a camera that does not answer while it is closed."""


@dataclass(frozen=True, slots=True, eq=False)
class _Arrival:
    """A picture as the reader thread left it."""

    picture: NDArray[np.uint8]
    captured_ns: int


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


class UsbCamera:
    """A live camera. A thread of its own reads it all the time; `frames` hands out the newest picture."""

    def __init__(self, name: str, capture: Capture, clock: Clock, limits: UsbLimits) -> None:
        """Takes the open capture over; raises CameraFormatError if it has no pixel format that is understood."""
        self._name = name
        self._capture = capture
        self._clock = clock
        self._limits = limits
        self._slot: NewestSlot[_Arrival] = NewestSlot()
        self._stopped = threading.Event()
        self._reader = threading.Thread(target=self._read_on, name=name, daemon=True)
        self._configure()

    @property
    def name(self) -> str:
        """The words by which it was opened."""
        return self._name

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._stopped.is_set():
            return
        self._stopped.set()
        self._slot.close()
        if self._reader.ident is None:
            self._capture.release()
            return
        self._reader.join(self._limits.closing_s)
        if self._reader.is_alive():
            log.warning("camera does not answer; it is left behind", extra={"camera": self._name})

    def frames(self) -> Iterator[Frame]:
        """Hand out live frames until the camera is closed; pictures that nobody asked for in time are dropped.

        Raises CameraStalledError (silent, late or frozen) or CameraFormatError (not 8-bit colour).
        """
        if self._reader.ident is None and not self._stopped.is_set():
            self._reader.start()
        sequence, last_ns, patience_s = 0, -1, self._limits.first_within_s
        watch = _FreezeWatch(self._name, self._limits.frozen_after_frames)
        while (arrival := self._next_arrival(patience_s)) is not None:
            last_ns = max(arrival.captured_ns, last_ns + 1)
            frame = self._frame(arrival.picture, last_ns, sequence)
            watch.check(frame)
            yield frame
            sequence, patience_s = sequence + 1, self._limits.stalled_after_s

    def _next_arrival(self, patience_s: float) -> _Arrival | None:
        """The newest picture; None once the camera is closed."""
        try:
            arrival = self._slot.take(patience_s)
        except CameraClosedError:
            return None  # Closing is how a live camera ends; it is no fault.
        if arrival is None:
            raise CameraStalledError(self._name, f"no picture came for {patience_s:g} s")
        age_s = (self._clock.now_ns() - arrival.captured_ns) / 1e9
        if age_s > self._limits.stalled_after_s:
            raise CameraStalledError(self._name, f"the newest picture is {age_s:.1f} s old")
        return arrival

    def _frame(self, picture: NDArray[np.uint8], captured_ns: int, sequence: int) -> Frame:
        try:
            return frame_from_bgr(picture, captured_ns, sequence, UNKNOWN_LIGHT)
        except FrameShapeError as error:
            raise CameraFormatError(self._name, str(error)) from error

    def _configure(self) -> None:
        """Pixel format first: without it some drivers hand out raw bytes in one row."""
        if not any(self._accepts(fourcc) for fourcc in FOURCCS):
            self._capture.release()
            raise CameraFormatError(self._name, f"the camera has none of the pixel formats {', '.join(FOURCCS)}")
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._limits.width_px)
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._limits.height_px)
        self._capture.set(cv2.CAP_PROP_FPS, self._limits.frames_per_s)

    def _accepts(self, fourcc: str) -> bool:
        code = int.from_bytes(fourcc.encode("ascii"), "little")
        self._capture.set(cv2.CAP_PROP_FOURCC, code)
        return self._capture.get(cv2.CAP_PROP_FOURCC) == code

    def _read_on(self) -> None:
        """Runs in the reader thread until the camera is closed."""
        try:
            while not self._stopped.is_set():
                picture = self._read()
                if picture is None:
                    self._stopped.wait(RETRY_PAUSE_S)
                else:
                    self._slot.put(_Arrival(picture, self._captured_ns()))
        finally:
            self._capture.release()

    def _read(self) -> NDArray[np.uint8] | None:
        try:
            found, picture = self._capture.read()
        except cv2.error:
            log.warning("camera read failed", extra={"camera": self._name})
            return None  # The main loop sees it as silence and names it after `stalled_after_s`.
        return cast(NDArray[np.uint8], picture) if found else None

    def _captured_ns(self) -> int:
        """The driver's time of capture where it is on our clock and believable, else now."""
        now_ns = self._clock.now_ns()
        stated_ms = self._capture.get(cv2.CAP_PROP_POS_MSEC)
        stated_ns = round(stated_ms * 1e6) if math.isfinite(stated_ms) else 0
        return stated_ns if now_ns - 60_000_000_000 <= stated_ns <= now_ns else now_ns


class _FreezeWatch:
    """Counts pictures that are the same as the one before, value for value."""

    def __init__(self, name: str, frozen_after_frames: int) -> None:
        self._name = name
        self._frozen_after_frames = frozen_after_frames
        self._luma: NDArray[np.uint8] | None = None
        self._same = 1

    def check(self, frame: Frame) -> None:
        """Raises CameraStalledError once too many are the same. Brightness alone is compared, to keep it cheap."""
        same = self._luma is not None and np.array_equal(self._luma, frame.luma)
        self._same = self._same + 1 if same else 1
        self._luma = frame.luma
        if self._same >= self._frozen_after_frames:
            raise CameraStalledError(self._name, f"the last {self._same} pictures are the same, value for value")
