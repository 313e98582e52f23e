"""The only place where real parts are built: from words such as "usb:0" to objects that obey the ports."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from firmware.clock import SystemClock
from firmware.errors import BoardUnsupportedError, CameraSpecError
from firmware.picture import quiet_decoders
from firmware.ports import Button, Camera, Clock, Illuminator, LedPattern, Screen, Speaker, StatusLed
from firmware.twin.actor import ActorCamera
from firmware.twin.camera import ClipCamera, FolderCamera
from firmware.twin.pace import Pace, Pacer
from firmware.twin.parts import (
    Recorder,
    RecordingButton,
    RecordingIlluminator,
    RecordingLed,
    RecordingScreen,
    RecordingSpeaker,
)
from firmware.usb.camera import open_usb_camera

_NO_DRIVER = {
    "pi": "this version has no driver for the Raspberry Pi's camera connector and pins",
    "jetson": "this version has no driver for the Jetson's camera connector and pins",
}


class BoardKind(StrEnum):
    """The boards of this product."""

    TWIN = "twin"
    """No hardware at all: every part remembers what it was told."""
    USB = "usb"
    """A Linux computer with a USB camera; it has no light, LED or button of its own, so these remember, too."""
    PI = "pi"
    JETSON = "jetson"


@dataclass(frozen=True, slots=True)
class Board:
    """The parts of one unit. Leaving its `with` block goes dark and closes the camera, also after an error."""

    kind: BoardKind
    camera: Camera
    illuminator: Illuminator
    led: StatusLed
    screen: Screen
    speaker: Speaker
    button: Button
    clock: Clock

    def __enter__(self) -> Self:
        self.camera.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self.illuminator.off()
            self.led.show(LedPattern.OFF)
        finally:
            self.camera.__exit__(kind, error, trace)


def nobody_asks() -> str:
    """The word of a screen that is not there."""
    return ""


def open_camera(
    spec: str,
    *,
    asked: Callable[[], str] = nobody_asks,
    pace: Pace = Pace.AS_FAST_AS_ASKED,
    clock: Clock | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Camera:
    """Open clip:FILE, folder:DIR, usb:N or actor:FILE.toml (see docs/cameras.md); use it in a `with` block.

    `asked` tells an actor the word now on the screen; `pace` concerns recordings only; without a clock the machine's is
    used. Raises CameraSpecError, BoardUnsupportedError (pi, jetson), and what the camera itself raises: CameraNotFoundError,
    CameraFormatError, CameraDeniedError, CameraBusyError, FrameTableInvalidError, FootageInvalidError.
    """
    quiet_decoders()
    if "\0" in spec:
        raise CameraSpecError(spec)
    clock = clock or SystemClock()
    pacer = Pacer(pace, clock, sleep)
    match spec.partition(":"):
        case ("clip", ":", file) if file:
            return ClipCamera(Path(file), pacer)
        case ("folder", ":", folder) if folder:
            return FolderCamera(Path(folder), pacer)
        case ("actor", ":", file) if file:
            return ActorCamera(Path(file), asked, pacer)
        case ("usb", ":", number) if number.isascii() and number.isdigit() and len(number) <= 3:
            return open_usb_camera(int(number), clock)
        case ("pi" | "jetson" as board, "", ""):
            raise BoardUnsupportedError(board, _NO_DRIVER[board])
        case _:
            raise CameraSpecError(spec)


def open_board(
    kind: BoardKind,
    camera: str,
    recorder: Recorder,
    *,
    pace: Pace = Pace.AS_FAST_AS_ASKED,
    clock: Clock | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Board:
    """Build all parts of a board; an actor before its camera watches its screen.

    `recorder` collects what the recording parts are told. Raises BoardUnsupportedError for pi and jetson, and what
    `open_camera` raises.
    """
    if kind in _NO_DRIVER:
        raise BoardUnsupportedError(kind, _NO_DRIVER[kind])
    clock = clock or SystemClock()
    screen = RecordingScreen(recorder)
    return Board(
        kind=kind,
        camera=open_camera(camera, asked=screen.word, pace=pace, clock=clock, sleep=sleep),
        illuminator=RecordingIlluminator(recorder),
        led=RecordingLed(recorder),
        screen=screen,
        speaker=RecordingSpeaker(recorder),
        button=RecordingButton(recorder),
        clock=clock,
    )
