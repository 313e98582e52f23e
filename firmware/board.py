"""The only place where real parts are built: from words such as "usb:0" to objects that obey the ports."""

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from firmware.absent import NO_BUZZER, NO_MIRROR, NO_TAMPER_SWITCH, NO_TOUCHES, AbsentCamera
from firmware.clock import SystemClock
from firmware.errors import CameraSpecError, FirmwareError
from firmware.fitted import Fitted, fit
from firmware.fittings import NO_FITTINGS, Fittings
from firmware.picture import quiet_decoders
from firmware.pin_drivers import PinDriver
from firmware.ports import (
    Button,
    Buzzer,
    Camera,
    Clock,
    Illuminator,
    LedPattern,
    Mirror,
    Screen,
    Speaker,
    StatusLed,
    TamperSwitch,
    Thermometer,
    Touches,
)
from firmware.strobe import NO_STROBE, Strobe
from firmware.thermal import NO_THERMOMETER, SysfsThermometer
from firmware.twin.pace import Pace, Pacer
from firmware.twin.parts import (
    Recorder,
    RecordingButton,
    RecordingBuzzer,
    RecordingIlluminator,
    RecordingLed,
    RecordingMirror,
    RecordingScreen,
    RecordingSpeaker,
    RecordingTamperSwitch,
    RecordingThermometer,
    RecordingTouches,
)


class BoardKind(StrEnum):
    """The boards of this product."""

    TWIN = "twin"
    """No hardware at all: every part remembers what it was told."""
    USB = "usb"
    """A Linux computer with a USB camera; parts that no setting names only remember."""
    PI = "pi"
    JETSON = "jetson"


def nothing_is_wrong() -> Mapping[str, FirmwareError]:
    """For a board whose parts only remember."""
    return {}


def nothing_to_let_go() -> None:
    """For the same."""


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
    buzzer: Buzzer = NO_BUZZER
    tamper: TamperSwitch = NO_TAMPER_SWITCH
    lamps: str = "LR"
    """The emitters that its illuminator can light; one that only remembers lights any."""
    faults: Callable[[], Mapping[str, FirmwareError]] = nothing_is_wrong
    """Part -> what is wrong with it now: it is fitted, and cannot be had or failed. The unit lives on without it."""
    let_go: Callable[[], None] = nothing_to_let_go
    """Lets go of lines, buses and processes."""
    outlived: bool = False
    """Whether LED, screen and voice were open before and stay so: they go on saying how the visit ended."""
    live: bool = False
    """Whether its camera waits for nobody. A recording does, and must look the same on every machine, however slow or hot."""

    def __enter__(self) -> Self:
        self.camera.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self.illuminator.off()
            if not self.outlived:
                self.led.show(LedPattern.OFF)
        finally:
            try:
                self.camera.__exit__(kind, error, trace)
            finally:
                self.let_go()


STROBES: Mapping[BoardKind, Strobe] = {
    BoardKind.TWIN: Strobe("LRV", 30.0, 6),
    BoardKind.USB: NO_STROBE,
    BoardKind.PI: Strobe("LRV", 30.0, 8),
    BoardKind.JETSON: Strobe("LRV", 30.0, 1),
}
"""What each board can do with light. Software switches the lamps of a Pi, the strobe of its camera those of a Jetson."""

AGREEABLE: Mapping[str, str] = {"CONSENT": "AGREE"}
"""What the visitor of a twin's recording touches, for nobody else is there to agree. No other camera has such a visitor."""

LIVE = ("usb", "pi", "jetson", "apart")
"""The cameras that see the present, or wait for nobody; all others replay."""

ALWAYS_APART = ("pi", "jetson")
"""The cameras whose drivers are known to hang for ever inside native code: they run in a process of their own."""

LIGHT_IS_TOLD = ("folder", "scene")
"""The replayed cameras whose frames tell their light."""

EXPOSURE_IS_TOLD = ("pi", "apart:pi")
"""The live cameras whose frames tell their exposure, so that the light of lamps that are fitted is known in them."""


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
    fittings: Fittings | Fitted = NO_FITTINGS,
    lamps: str | None = None,
    pace: Pace = Pace.AS_FAST_AS_ASKED,
    clock: Clock | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Board:
    """Build all parts of a board; an actor before its camera watches its screen.

    `recorder` collects what all parts are told, real ones too. `fittings` are the real parts behind them: in words, then they are
    opened here and closed with the board; or open already, then they stay so. One that cannot be had is in `Board.faults`, and
    lamps that cannot be had raise at the first light. `lamps` are those that are fitted, None for the board's. Raises what
    `open_camera` raises, and then nothing stays open that was opened here.
    """
    clock = clock or SystemClock()
    with ExitStack() as unless_all_is_well:
        real = fittings if isinstance(fittings, Fitted) else fit_board(kind, fittings, clock)
        outlived = real is fittings
        unless_all_is_well.callback(nothing_to_let_go if outlived else real.close)
        screen = RecordingScreen(recorder, real.screen)
        opened = open_camera(camera, asked=screen.word, pace=pace, clock=clock, sleep=sleep)
        unless_all_is_well.pop_all()
    board = _assembled(kind, camera, opened, screen, recorder, real, clock)
    told = camera.partition(":")[0] in LIGHT_IS_TOLD or _light_is_known(camera, real)
    strobe = strobe_of(kind, lamps) if told else NO_STROBE
    return replace(board, strobe=strobe, let_go=nothing_to_let_go if outlived else real.close, outlived=outlived)


def open_blind_board(kind: BoardKind, camera: str, why: FirmwareError, recorder: Recorder, fittings: Fittings) -> Board:
    """The parts of a board whose camera could not be opened, so that they can be tried all the same; its frames raise `why`."""
    clock = SystemClock()
    real = fit_board(kind, fittings, clock)
    screen = RecordingScreen(recorder, real.screen)
    return _assembled(kind, camera, AbsentCamera(camera, why), screen, recorder, real, clock)


def _assembled(
    kind: BoardKind, camera: str, opened: Camera, screen: RecordingScreen, recorder: Recorder, real: Fitted, clock: Clock
) -> Board:
    live, lamps = is_live(camera), real.illuminator
    if lamps is not None and _light_is_known(camera, real):
        from firmware.lit_camera import lit

        opened, lamps = lit(opened, lamps, clock, real.log)
    return Board(
        kind=kind,
        camera=opened,
        illuminator=_illuminator(camera, opened, recorder, lamps),
        led=RecordingLed(recorder, real.led),
        screen=screen,
        speaker=RecordingSpeaker(recorder, real.speaker),
        button=RecordingButton(recorder, real.button),
        clock=clock,
        touches=RecordingTouches(recorder, screen.word, AGREEABLE if has_imagined_visitor(kind, camera) else None),
        mirror=RecordingMirror(),
        thermometer=thermometer_of(kind, recorder, live=live),
        buzzer=RecordingBuzzer(recorder, real.buzzer),
        tamper=RecordingTamperSwitch(recorder, real.tamper),
        lamps=real.lamps or "LR",
        faults=real.faults,
        let_go=real.close,
        live=live,
    )


def _light_is_known(camera: str, real: Fitted) -> bool:
    """Whether the frames of this camera can tell the light of lamps that are fitted."""
    word = camera.rstrip("0123456789").removesuffix(":")
    return real.illuminator is not None and word in EXPOSURE_IS_TOLD


def fit_board(kind: BoardKind, fittings: Fittings, clock: Clock) -> Fitted:
    """Open the real parts of a board. A twin has none but a screen and a loudspeaker that somebody else serves."""
    if kind is BoardKind.TWIN:
        fittings = Fittings(own_screen=fittings.own_screen, own_speaker=fittings.own_speaker)
    return fit(fittings, PinDriver.GPIOZERO if kind is BoardKind.PI else PinDriver.GPIOD, clock)


def is_live(camera: str) -> bool:
    """Whether the camera of these words sees the present."""
    return camera.partition(":")[0] in LIVE


def has_imagined_visitor(kind: BoardKind, camera: str) -> bool:
    """Whether the visitor is the twin's own: somebody who is really before a camera touches for themselves."""
    return kind is BoardKind.TWIN and not is_live(camera)


def thermometer_of(kind: BoardKind, recorder: Recorder, *, live: bool) -> Thermometer:
    """A replay is as hot as its script says, not as the machine that it runs on."""
    return RecordingThermometer(recorder) if kind is BoardKind.TWIN or not live else SysfsThermometer()


def _illuminator(spec: str, opened: Camera, recorder: Recorder, real: Illuminator | None) -> Illuminator:
    """The lamps of a drawn scene light it; all others remember, and real ones shine as well."""
    if spec.partition(":")[0] == "scene":
        from firmware.twin.scene import SceneCamera, SceneLamp

        if isinstance(opened, SceneCamera):
            return SceneLamp(opened.lamps, recorder)
    return RecordingIlluminator(recorder, real)


def strobe_of(kind: BoardKind, lamps: str | None) -> Strobe:
    """What a board can do with light when these lamps are fitted; None for those that it usually has."""
    strobe = STROBES[kind]
    return strobe if lamps is None else replace(strobe, lamps=lamps)
