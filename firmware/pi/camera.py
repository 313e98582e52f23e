"""A camera on the connector of a Raspberry Pi, read through picamera2.

picamera2 can hang for ever inside native code, even while it is closed: this camera runs in a process of its own
(`firmware.apart`), which also judges its pictures. No pixel is copied here but where a camera has no colours of our kind: frames
look into the camera's own buffers and give them back when nobody looks any more.
"""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware.clock import BootClock
from firmware.errors import (
    CameraBusyError,
    CameraDeniedError,
    CameraDriverMissingError,
    CameraFaultError,
    CameraFormatError,
    CameraNotFoundError,
    CameraStalledError,
    FrameShapeError,
)
from firmware.frame import UNKNOWN_LIGHT, Frame, check_colour
from firmware.health import HealthLimits, HealthWatch
from firmware.lending import Lender
from firmware.pi.exposure import FOLLOWING, Held, Stamps, told_exposure
from firmware.ports import Clock

log = logging.getLogger(__name__)

Pixels = NDArray[np.uint8]
REMEDY = "apt install python3-picamera2, and make the unit's virtual environment with --system-site-packages"
MAIN, LORES = "main", "lores"
KEPT_FREE = 3
"""So many buffers stay with the camera, or it would drop frames: one is filled, one is next, and picamera2 keeps the newest."""


class Request(Protocol):
    """One frame of picamera2 with its buffers, which are ours until we release it."""

    def get_metadata(self) -> Mapping[str, Any]:
        """What libcamera tells of the frame."""
        ...

    def release(self) -> None:
        """Give its buffers back to the camera."""
        ...


class Picamera(Protocol):
    """The calls of `picamera2.Picamera2` that are used, under its names."""

    camera_properties: Mapping[str, Any]
    camera_controls: Mapping[str, Any]
    allocator: Any  # It tells the buffers of a stream.
    streams: Sequence[Any]

    def create_preview_configuration(self, **wishes: Any) -> Any:  # Any: its configurations are dictionaries of all sorts.
        """A configuration with full-range BT.601 brightness."""
        ...

    def configure(self, camera_config: Any) -> None:
        """Take a configuration on, as far as the camera can."""
        ...

    def stream_configuration(self, name: str) -> Any:
        """What was taken on for a stream; None where there is no such stream."""
        ...

    def start(self) -> None:
        """Let frames come."""
        ...

    def capture_request(self, wait: float) -> Request:
        """The newest frame, or the next; TimeoutError when none comes within so many seconds."""
        ...

    def set_controls(self, controls: Mapping[str, Any]) -> None:
        """Ask for controls; a few frames later they hold."""
        ...

    def cancel_all_and_flush(self) -> None:
        """Forget who waits for a frame."""
        ...

    def stop(self) -> None:
        """Let no more frames come."""
        ...

    def close(self) -> None:
        """Let go of the camera."""
        ...


@dataclass(frozen=True, slots=True)
class PiLimits:
    """What is asked of a camera of a Raspberry Pi."""

    width_px: int = 1280
    height_px: int = 720
    frames_per_s: int = 30
    buffers: int = 6
    health: HealthLimits = field(default_factory=HealthLimits)


def load_picamera2(name: str) -> Any:  # Any: picamera2 has no types.
    """The library, which loads where it is used; raises CameraDriverMissingError, which says what to install."""
    try:
        import picamera2
    except ModuleNotFoundError as error:
        raise CameraDriverMissingError(name, f"there is no {error.name}, which reads this camera", REMEDY) from error
    except (ImportError, OSError, ValueError, AttributeError) as error:
        # Such as "numpy.dtype size changed": it was built for another numpy than that of the virtual environment.
        raise CameraDriverMissingError(name, f"picamera2 does not load ({error})", REMEDY) from error
    return picamera2


def open_pi_camera(
    name: str, index: int, clock: Clock, limits: PiLimits | None = None, library: Any = None, devices: Path = Path("/dev")
) -> PiCamera:
    """Open the camera of this number, as `rpicam-hello --list-cameras` counts them.

    `library` is picamera2, which is loaded here if it is not given. Raises CameraDriverMissingError, CameraDeniedError,
    CameraNotFoundError, CameraBusyError, CameraFormatError (it gives no pictures of our kind) or CameraFaultError.
    """
    library = library or load_picamera2(name)
    closed = [node for node in (*devices.glob("media*"), *devices.glob("dma_heap/*")) if not os.access(node, os.R_OK | os.W_OK)]
    try:
        found = len(library.Picamera2.global_camera_info())
        if index >= found and closed:
            raise CameraDeniedError(name, str(closed[0]))
        if index >= found:
            hint = f"{found} cameras are found; check the ribbon cable at both ends, and see: rpicam-hello --list-cameras"
            raise CameraNotFoundError(name, hint)
        picamera = library.Picamera2(index)
    except (RuntimeError, OSError) as error:
        raise _not_opened(name, error, closed) from error
    return PiCamera(name, picamera, library.MappedArray, Stamps(clock, BootClock()), clock, limits or PiLimits())


def _not_opened(name: str, error: Exception, closed: Sequence[Path]) -> CameraDeniedError | CameraBusyError | CameraFaultError:
    """picamera2 says why at the end of a chain of causes."""
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    if closed:
        return CameraDeniedError(name, str(closed[0]))
    if "busy" in str(cause).lower():
        return CameraBusyError(name, "/dev/media*")
    return CameraFaultError(name, f"picamera2 does not open it ({cause})")


class PiCamera:
    """Obeys `firmware.ports.Camera` and `firmware.ports.ExposureHold`, on one thread. It streams from the moment it is built.

    Where the camera can, its main stream has our colours and its second one, of the same size, our brightness, both made by the
    camera's own processor. Else one stream holds brightness and colour apart, and the colours are converted here.
    """

    def __init__(self, name: str, picamera: Picamera, mapped: Any, stamps: Stamps, clock: Clock, limits: PiLimits) -> None:
        """Takes the open camera over; `mapped` is picamera2's MappedArray. Raises CameraFormatError or CameraFaultError."""
        self._name, self._picamera, self._mapped = name, picamera, mapped
        self._stamps, self._clock, self._limits = stamps, clock, limits
        self._watch = HealthWatch(name, limits.health)
        self._lender = Lender(0)
        self._returned: deque[Request] = deque()
        self._closed, self._wanted, self._held = False, False, None
        self._two_streams = "ColorFilterArrangement" in picamera.camera_properties
        try:
            self._configure()
            picamera.start()
        except (RuntimeError, OSError) as error:
            self._let_go()
            raise CameraFaultError(name, f"picamera2 does not start it ({error})") from error
        except CameraFormatError:
            self._let_go()
            raise

    _held: Held | None

    @property
    def name(self) -> str:
        """The words by which it was opened."""
        return self._name

    @property
    def buffers_out(self) -> int:
        """So many of the camera's buffers are looked into at present."""
        return self._lender.out

    def frames(self) -> Iterator[Frame]:
        """Hand out live frames until the camera is closed; those that nobody asked for in time are dropped.

        Raises CameraStalledError (silent or late), CameraFormatError (not 8-bit colour) or CameraFaultError.
        """
        sequence, last_ns, patience_s = 0, -1, self._limits.health.first_within_s
        while not self._closed:
            frame = self._frame(self._capture(patience_s), sequence, last_ns)
            last_ns = frame.captured_ns
            yield frame
            del frame  # Or a buffer would be kept from the camera for as long as the next frame takes.
            sequence, patience_s = sequence + 1, self._limits.health.stalled_after_s

    def hold_exposure(self) -> None:
        """Keep exposure, gain and colour as the next frame tells them; until they are held, frames do not tell their exposure."""
        self._wanted = True

    def follow_light(self) -> None:
        """Let them follow the light again."""
        if self._held is not None:
            self._picamera.set_controls(self._known(FOLLOWING))
        self._wanted, self._held = False, None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._closed:
            return
        self._closed = True
        self._let_go()

    def _configure(self) -> None:
        limits, picamera = self._limits, self._picamera
        size, frame_us = (limits.width_px, limits.height_px), 1_000_000 // limits.frames_per_s
        # picamera2's RGB888 is blue first in memory.
        streams: dict[str, Any] = {MAIN: {"size": size, "format": "RGB888"}, LORES: {"size": size, "format": "YUV420"}}
        if not self._two_streams:
            streams = {MAIN: {"size": size, "format": "NV12"}}
        controls = self._known({"FrameDurationLimits": (frame_us, frame_us)})
        picamera.configure(picamera.create_preview_configuration(**streams, buffer_count=limits.buffers, controls=controls))
        for stream, wish in streams.items():
            given = picamera.stream_configuration(stream) or {}
            if (given.get("format"), given.get("size")) != (wish["format"], wish["size"]):
                offered = f"{given.get('format')} of {given.get('size')}"
                raise CameraFormatError(self._name, f"its stream {stream} has {offered}, not {wish['format']} of {wish['size']}")
        # Some pipelines have fewer buffers than were asked for; picamera2 makes as many requests as the poorest stream has.
        buffers = min(len(picamera.allocator.buffers(stream)) for stream in picamera.streams)
        self._lender = Lender(max(0, buffers - KEPT_FREE))

    def _capture(self, patience_s: float) -> Request:
        self._give_back()
        try:
            return self._picamera.capture_request(wait=patience_s)
        except TimeoutError as error:
            self._picamera.cancel_all_and_flush()
            raise CameraStalledError(self._name, f"no picture came for {patience_s:g} s") from error
        except (RuntimeError, OSError) as error:
            raise CameraFaultError(self._name, f"picamera2 gives no picture ({error})") from error

    def _frame(self, request: Request, sequence: int, last_ns: int) -> Frame:
        metadata = request.get_metadata()
        span = self._stamps.span(metadata)
        self._watch.check_age(span.begin_ns, self._clock.now_ns())
        steady = self._hold(metadata)
        bgr, luma = self._planes(request)
        exposed_for_ns = span.lasts_ns if steady else None
        return Frame(bgr, luma, max(span.begin_ns, last_ns + 1), sequence, UNKNOWN_LIGHT, exposed_for_ns)

    def _planes(self, request: Request) -> tuple[Pixels, Pixels]:
        """Colour and brightness, which look into the buffers of the request where they can."""
        height_px, width_px = self._limits.height_px, self._limits.width_px
        with self._mapped(request, MAIN, write=False) as main:
            if not self._two_streams:
                bgr = _colours(main.array, height_px)
                (luma,) = self._lend(request, main.array[:height_px, :width_px])
            else:
                with self._mapped(request, LORES, write=False) as lores:
                    bgr, luma = self._lend(request, main.array, lores.array[:height_px, :width_px])
        try:
            check_colour(bgr)
        except FrameShapeError as error:
            raise CameraFormatError(self._name, str(error)) from error
        return bgr, luma

    def _lend(self, request: Request, *planes: Pixels) -> tuple[Pixels, ...]:
        """Whichever thread lets go of a frame only leaves its request behind: picamera2 is called from ours alone."""
        return self._lender.lend(planes, lambda: self._returned.append(request))

    def _give_back(self) -> None:
        while self._returned:
            self._returned.popleft().release()

    def _hold(self, metadata: Mapping[str, Any]) -> bool:
        """Whether the exposure of this frame is what is wanted of it."""
        if not self._wanted:
            return True
        if self._held is None:
            self._held = told_exposure(metadata)
            if self._held is not None:
                self._picamera.set_controls(self._known(self._held.controls()))
            return False
        return self._held.holds(metadata)

    def _known(self, controls: Mapping[str, Any]) -> dict[str, Any]:
        """Those that this camera has; picamera2 raises for others."""
        return {name: value for name, value in controls.items() if name in self._picamera.camera_controls}

    def _let_go(self) -> None:
        try:
            self._give_back()
            self._picamera.stop()
            self._picamera.close()
        except (RuntimeError, OSError) as error:
            log.warning("camera did not close well", extra={"camera": self._name, "error": type(error).__name__})


def _colours(nv12: Pixels, height_px: int) -> Pixels:
    """Blue, green and red of rows of brightness above rows of half-size colour, of full range, which OpenCV's own NV12 is not."""
    width_px = nv12.shape[1]
    half = nv12[height_px:].reshape(height_px // 2, width_px // 2, 2)
    blue_red = cv2.resize(half, (width_px, height_px), interpolation=cv2.INTER_LINEAR)
    ycrcb = cv2.merge((nv12[:height_px], blue_red[:, :, 1], blue_red[:, :, 0]))
    bgr = np.asarray(cv2.cvtColor(ycrcb, cv2.COLOR_YCrCb2BGR), dtype=np.uint8)
    bgr.setflags(write=False)
    return bgr
