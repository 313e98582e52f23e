"""A live camera that OpenCV reads: a thread of its own reads it all the time, and whoever asks gets the newest picture.

Its health is judged by frames and their age alone: an unplugged camera goes on to call itself open, and even opens again
(seen with the kernel's vivid driver and `disconnect=1`).
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware.errors import CameraClosedError, CameraFormatError, CameraStalledError, FrameShapeError
from firmware.frame import UNKNOWN_LIGHT, Frame, frame_from_bgr
from firmware.health import HealthLimits, HealthWatch
from firmware.ports import Clock
from firmware.slot import NewestSlot

log = logging.getLogger(__name__)

RETRY_PAUSE_S = 0.05
CLOSING_S = 3.0
"""How long to wait for a camera that does not answer while it is closed."""


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


@dataclass(frozen=True, slots=True, eq=False)
class _Arrival:
    """A picture as the reader thread left it."""

    picture: NDArray[np.uint8]
    captured_ns: int


class CaptureCamera:
    """Obeys `firmware.ports.Camera`. Its frames do not tell their exposure, and so no light of the unit's own."""

    def __init__(self, name: str, capture: Capture, clock: Clock, health: HealthLimits, closing_s: float = CLOSING_S) -> None:
        """Takes the open capture over."""
        self._name = name
        self._capture = capture
        self._clock = clock
        self._health = health
        self._closing_s = closing_s
        self._slot: NewestSlot[_Arrival] = NewestSlot()
        self._stopped = threading.Event()
        self._reader = threading.Thread(target=self._read_on, name=name, daemon=True)

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
        self._reader.join(self._closing_s)
        if self._reader.is_alive():
            log.warning("camera does not answer; it is left behind", extra={"camera": self._name})

    def frames(self) -> Iterator[Frame]:
        """Hand out live frames until the camera is closed; pictures that nobody asked for in time are dropped.

        Raises CameraStalledError (silent or late), CameraFormatError (not 8-bit colour) and what `HealthWatch.check` raises.
        """
        if self._reader.ident is None and not self._stopped.is_set():
            self._reader.start()
        sequence, last_ns, patience_s = 0, -1, self._health.first_within_s
        watch = HealthWatch(self._name, self._health)
        while (arrival := self._next_arrival(watch, patience_s)) is not None:
            last_ns = max(arrival.captured_ns, last_ns + 1)
            frame = self._frame(arrival.picture, last_ns, sequence)
            watch.check(frame)
            yield frame
            sequence, patience_s = sequence + 1, self._health.stalled_after_s

    def _next_arrival(self, watch: HealthWatch, patience_s: float) -> _Arrival | None:
        """The newest picture; None once the camera is closed."""
        try:
            arrival = self._slot.take(patience_s)
        except CameraClosedError:
            return None  # Closing is how a live camera ends; it is no fault.
        if arrival is None:
            raise CameraStalledError(self._name, f"no picture came for {patience_s:g} s")
        watch.check_age(arrival.captured_ns, self._clock.now_ns())
        return arrival

    def _frame(self, picture: NDArray[np.uint8], captured_ns: int, sequence: int) -> Frame:
        try:
            return frame_from_bgr(picture, captured_ns, sequence, UNKNOWN_LIGHT)
        except FrameShapeError as error:
            raise CameraFormatError(self._name, str(error)) from error

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
        return stated_ns if believable(stated_ns, now_ns) else now_ns


BELIEVED_NS = 60_000_000_000


def believable(stated_ns: int, now_ns: int) -> bool:
    """Whether a time that a driver states can be that of a picture that arrives now."""
    return now_ns - BELIEVED_NS <= stated_ns <= now_ns
