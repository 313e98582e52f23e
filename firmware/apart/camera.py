"""A camera that runs in a process of its own, watched from outside: what hangs is killed, what crashes is started anew.

A driver can hang for ever inside native code, even while it is being closed, and nothing within its process can end that. So the
deadline for frames is kept here, in the unit's process, which never calls the driver. What the camera itself says of its trouble
is raised as it is; only silence and a sudden end count as strikes.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

from firmware.apart.line import ENVIRONMENT, Arrival, Gone, Line
from firmware.apart.words import FOLLOW, HOLD, Ended, Failed, Opened
from firmware.errors import CameraClosedError, CameraFaultError
from firmware.frame import Frame
from firmware.health import HealthLimits, HealthWatch
from firmware.ports import Clock

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ApartLimits:
    """How long a camera's process may take."""

    opens_within_s: float = 10.0
    """From its start to an open camera: libraries load slowly from a memory card."""
    silent_after_s: float = 2.5
    """A little longer than a driver that still answers needs to say by itself that its camera is silent."""
    strikes: int = 3
    """So many times may it hang or die within one course of frames; then the camera is at fault."""
    forgiven_after_frames: int = 300
    """After so many frames in a row, earlier strikes are forgotten."""
    back_off_s: float = 0.25
    """Before the second start; twice as long before each later one."""
    closing_s: float = 1.0
    """For a camera to close by itself, and for the kernel to end a process that was killed."""
    health: HealthLimits = field(default_factory=HealthLimits)


class ApartCamera:
    """Obeys `firmware.ports.Camera` and `firmware.ports.ExposureHold`. `frames` runs on one thread; any thread may close."""

    def __init__(
        self,
        name: str,
        word: str,
        clock: Clock,
        limits: ApartLimits | None = None,
        environment: Mapping[str, str] = ENVIRONMENT,
    ) -> None:
        """Open the camera of this word in a process with this environment.

        Raises what that camera raises when it does not open, and CameraFaultError where its process does not start, dies, or
        hangs while it opens it.
        """
        self._name, self._word, self._clock, self._environment = name, word, clock, environment
        self._limits = limits or ApartLimits()
        self._closed = threading.Event()
        self._held = False
        self._line: Line | None = None
        self._first = True
        """Whether the next frame is the first of its process."""
        trouble = self._open_line()
        if trouble:
            raise CameraFaultError(self._name, trouble)

    @property
    def name(self) -> str:
        """The words by which it was opened."""
        return self._name

    @property
    def pid(self) -> int | None:
        """Number of the camera's process; None while there is none."""
        return self._line.pid if self._line else None

    def frames(self) -> Iterator[Frame]:
        """Hand out live frames until the camera is closed; those that nobody asked for in time are dropped.

        A process that hangs or dies is replaced, and the frames go on; a fresh call does the same after an error. Raises what
        the camera itself raises, what `HealthWatch` raises, and CameraFaultError after too many strikes.
        """
        sequence, last_ns, strikes, good = 0, -1, 0, 0
        watch = HealthWatch(self._name, self._limits.health)
        while not self._closed.is_set():
            heard = self._hear()
            if isinstance(heard, Arrival):
                last_ns = max(heard.frame.captured_ns, last_ns + 1)
                frame = replace(heard.frame, captured_ns=last_ns, sequence=sequence)
                watch.check(frame)
                yield frame
                sequence, good = sequence + 1, good + 1
            elif heard is None:
                return
            else:
                strikes = strikes + 1 if good < self._limits.forgiven_after_frames else 1
                good = 0
                self._strike(heard, strikes)

    def hold_exposure(self) -> None:
        """Keep exposure, gain and colour as they are, also in a process that is started later."""
        self._held = True
        self._tell(HOLD)

    def follow_light(self) -> None:
        """Let them follow the light again."""
        self._held = False
        self._tell(FOLLOW)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._closed.is_set():
            return
        self._closed.set()
        line, self._line = self._line, None
        if line is not None:
            line.turn_away()
            line.close(self._limits.closing_s)

    def _tell(self, order: bytes) -> None:
        if self._line is not None:
            self._line.tell(order)

    def _hear(self) -> Arrival | str | None:
        """The newest frame; or what is wrong with the process, in words; or None when there will be no more frames.

        Raises what the camera says of its trouble.
        """
        if self._line is None and (trouble := self._open_line()):
            return trouble
        limits = self._limits
        patience_s = limits.health.first_within_s if self._first else limits.silent_after_s
        try:
            heard = self._line.take(patience_s) if self._line else None
        except CameraClosedError:
            return None
        match heard:
            case Arrival():
                age_s = (self._clock.now_ns() - heard.told_ns) / 1e9
                self._first = False
                return heard if age_s <= limits.silent_after_s else f"its newest picture is {age_s:.1f} s old"
            case Failed():
                self._end_line()
                raise heard.error()
            case Ended():
                self._end_line()
                return None
            case Gone():
                return heard.how
        return f"it hung for {patience_s:g} s"

    def _strike(self, trouble: str, strikes: int) -> None:
        """End the process; raises CameraFaultError when that was once too often, else waits a little."""
        log.warning("camera process struck", extra={"camera": self._name, "why": trouble, "strikes": strikes})
        self._end_line()
        if strikes >= self._limits.strikes:
            raise CameraFaultError(self._name, f"its driver failed {strikes} times, at last because {trouble}")
        self._closed.wait(self._limits.back_off_s * 2 ** (strikes - 1))

    def _open_line(self) -> str:
        """Start a process and let it open the camera; what is wrong with the process, in words, or nothing.

        Raises what the camera says of its trouble.
        """
        try:
            line = Line(self._word, self._environment)
        except OSError as error:
            return f"its process does not start ({error.strerror})"
        self._line, self._first = line, True
        if self._closed.is_set():
            line.turn_away()
        try:
            heard = line.await_opening(self._limits.opens_within_s)
        except CameraClosedError:
            self._end_line()
            return "it was closed"
        if isinstance(heard, Opened):
            if self._held:
                line.tell(HOLD)
            return ""
        self._end_line()
        if isinstance(heard, Failed):
            raise heard.error()
        return heard.how if isinstance(heard, Gone) else f"it did not open within {self._limits.opens_within_s:g} s"

    def _end_line(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.kill(self._limits.closing_s)
