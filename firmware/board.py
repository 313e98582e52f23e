"""The only place where real parts are built: from words such as "usb:0" to objects that obey the ports."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from firmware.absent import NO_MIRROR, NO_TOUCHES
from firmware.clock import SystemClock
from firmware.errors import BoardUnsupportedError, CameraSpecError
from firmware.picture import quiet_decoders
from firmware.ports import (
    Button,
    Camera,
    Clock,
    Illuminator,
    LedPattern,
    Mirror,
    Screen,
    Speaker,
    StatusLed,
    Thermometer,
    Touches,
)
from firmware.strobe import NO_STROBE, Strobe
from firmware.thermal import NO_THERMOMETER, SysfsThermometer
from firmware.twin.pace import Pace, Pacer
from firmware.twin.parts import (
    Recorder,
    RecordingButton,
    RecordingIlluminator,
    RecordingLed,
    RecordingMirror,
    RecordingScreen,
    RecordingSpeaker,
    RecordingThermometer,
    RecordingTouches,
)

_NO_DRIVER = {
    "pi": "this version has no driver for the Raspberry Pi's pins",
    "jetson": "this version has no driver for the Jetson's pins",
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
    touches: Touches = NO_TOUCHES
    mirror: Mirror = NO_MIRROR
    strobe: Strobe = NO_STROBE
    """Its lamps, as far as its camera knows when they are lit."""
    thermometer: Thermometer = NO_THERMOMETER
    live: bool = False
    """Whether its camera waits for nobody. A recording does, and must look the same on every machine, however slow or hot."""

    def __enter__(self) -> Self:
        self.camera.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self.illuminator.off()
            self.led.show(LedPattern.OFF)
        finally:
            self.camera.__exit__(kind, error, trace)


STROBES: Mapping[BoardKind, Strobe] = {
    BoardKind.TWIN: Strobe("LRV", 30.0, 6),
    BoardKind.USB: NO_STROBE,
    BoardKind.PI: Strobe("LRV", 30.0, 8),
    BoardKind.JETSON: Strobe("LRV", 30.0, 1),
}
"""What each board can do with light. Software switches the lamps of a Pi, the strobe of its camera those of a Jetson."""

AGREEABLE: Mapping[str, str] = {"CONSENT": "AGREE"}
"""What the visitor of a twin touches by themselves, for nobody else is there to agree. No other board has such a visitor."""

LIVE = ("usb", "pi", "jetson", "apart")
"""The cameras that see the present, or wait for nobody; all others replay."""

ALWAYS_APART = ("pi", "jetson")
"""The cameras whose drivers are known to hang for ever inside native code: they run in a process of their own."""

LIGHT_IS_TOLD = ("folder", "scene")
"""The replayed cameras whose frames tell their light."""


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
    """Open the camera of a word (docs/cameras.md has the list); use it in a `with` block.

    `asked` tells an actor the word now on the screen; `pace` concerns recordings only; without a clock the machine's is
    used. A scene that is opened without its board stays in the light of its place. Raises CameraSpecError, and what the camera
    itself raises: CameraNotFoundError, CameraFormatError, CameraDeniedError, CameraBusyError, CameraFaultError,
    CameraDriverMissingError, FrameTableInvalidError, FootageInvalidError, SceneInvalidError.
    """
    kind, _, inner = spec.partition(":")
    apart = inner if kind == "apart" else spec
    if kind in (*ALWAYS_APART, "apart") and apart.partition(":")[0] != "apart":
        _check(apart)
        from firmware.apart.camera import ApartCamera

        return ApartCamera(spec, apart, clock or SystemClock())
    return open_here(spec, asked=asked, pace=pace, clock=clock, sleep=sleep)


def open_here(
    spec: str,
    *,
    asked: Callable[[], str] = nobody_asks,
    pace: Pace = Pace.AS_FAST_AS_ASKED,
    clock: Clock | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Camera:
    """Like `open_camera`, but in this very process, whatever it is known to do to it."""
    quiet_decoders()
    _check(spec)
    clock = clock or SystemClock()
    pacer = Pacer(pace, clock, sleep)
    # Each kind loads when it is wanted: a unit has one, and does not wait for the others at every start.
    match spec.partition(":"):
        case ("clip", ":", file) if file:
            from firmware.twin.camera import ClipCamera

            return ClipCamera(Path(file), pacer)
        case ("folder", ":", folder) if folder:
            from firmware.twin.camera import FolderCamera

            return FolderCamera(Path(folder), pacer)
        case ("actor", ":", file) if file:
            from firmware.twin.actor import ActorCamera

            return ActorCamera(Path(file), asked, pacer)
        case ("scene", ":", file) if file:
            from firmware.twin.scene import Lamps, SceneCamera
            from firmware.twin.scene_file import read_scene
            from firmware.twin.staging import stage

            scene = read_scene(Path(file))
            return SceneCamera(spec, stage(scene.casting), Lamps(scene.faults), asked)
        case ("ailing", ":", rest):
            from firmware.twin.ailing import AilingCamera, read_ailment

            ailment = read_ailment(spec, rest)
            return AilingCamera(spec, open_here(ailment.word, asked=asked, pace=pace, clock=clock, sleep=sleep), ailment)
        case _:
            return _open_live(spec, clock)


def _open_live(spec: str, clock: Clock) -> Camera:
    match spec.partition(":"):
        case ("usb", ":", number) if _is_number(number):
            from firmware.usb.camera import open_usb_camera

            return open_usb_camera(int(number), clock)
        case ("pi", _, number):
            from firmware.pi.camera import open_pi_camera

            return open_pi_camera(spec, int(number or "0"), clock)
        case ("jetson", _, number):
            from firmware.jetson.camera import open_jetson_camera

            return open_jetson_camera(spec, int(number or "0"), clock)
        case _:
            raise CameraSpecError(spec)


def _check(spec: str) -> None:
    """Raises CameraSpecError for what can be no word of a camera."""
    kind, colon, number = spec.partition(":")
    if "\0" in spec or (kind in ALWAYS_APART and colon and not _is_number(number)):
        raise CameraSpecError(spec)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3


def open_board(
    kind: BoardKind,
    camera: str,
    recorder: Recorder,
    *,
    lamps: str | None = None,
    pace: Pace = Pace.AS_FAST_AS_ASKED,
    clock: Clock | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Board:
    """Build all parts of a board; an actor before its camera watches its screen.

    `recorder` collects what the recording parts are told; `lamps` are those that are fitted, None for the board's. Raises
    BoardUnsupportedError for pi and jetson, and what `open_camera` raises.
    """
    if kind in _NO_DRIVER:
        raise BoardUnsupportedError(kind, _NO_DRIVER[kind])
    clock = clock or SystemClock()
    screen = RecordingScreen(recorder)
    opened = open_camera(camera, asked=screen.word, pace=pace, clock=clock, sleep=sleep)
    live = is_live(camera)
    return Board(
        kind=kind,
        camera=opened,
        illuminator=_illuminator(camera, opened, recorder),
        led=RecordingLed(recorder),
        screen=screen,
        speaker=RecordingSpeaker(recorder),
        button=RecordingButton(recorder),
        clock=clock,
        touches=RecordingTouches(recorder, screen.word, AGREEABLE if kind is BoardKind.TWIN else None),
        mirror=RecordingMirror(),
        strobe=strobe_of(kind, lamps) if camera.partition(":")[0] in LIGHT_IS_TOLD else NO_STROBE,
        thermometer=thermometer_of(kind, recorder, live=live),
        live=live,
    )


def is_live(camera: str) -> bool:
    """Whether the camera of these words sees the present."""
    return camera.partition(":")[0] in LIVE


def thermometer_of(kind: BoardKind, recorder: Recorder, *, live: bool) -> Thermometer:
    """A replay is as hot as its script says, not as the machine that it runs on."""
    return RecordingThermometer(recorder) if kind is BoardKind.TWIN or not live else SysfsThermometer()


def _illuminator(spec: str, opened: Camera, recorder: Recorder) -> Illuminator:
    """The lamps of a drawn scene light it; all others only remember."""
    if spec.partition(":")[0] == "scene":
        from firmware.twin.scene import SceneCamera, SceneLamp

        if isinstance(opened, SceneCamera):
            return SceneLamp(opened.lamps, recorder)
    return RecordingIlluminator(recorder)


def strobe_of(kind: BoardKind, lamps: str | None) -> Strobe:
    """What a board can do with light when these lamps are fitted; None for those that it usually has."""
    strobe = STROBES[kind]
    return strobe if lamps is None else replace(strobe, lamps=lamps)
