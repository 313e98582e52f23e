"""Opens what is fitted to a board. A part that cannot be opened, or fails later, is named, and the unit lives on without it.

What a visitor could be harmed or deceived by fails closed: lamps that cannot be had raise at the first light, so that no visit is
judged without the light it needs. Everything else is missing and said to be missing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar, runtime_checkable

from firmware.absent import NO_BUZZER, AbsentLamps
from firmware.errors import FirmwareError
from firmware.fittings import Fittings
from firmware.lamp_keeper import KeeperOrder
from firmware.led_language import Channel
from firmware.light_log import GUARD_NS, LightLog
from firmware.pin_drivers import PinDriver, open_bank
from firmware.pin_parts import PinButton, PinBuzzer, PinLed, PinTamperSwitch
from firmware.pins import LAMPS, Line, Output, PinBank, PinFunction, wires_of
from firmware.ports import Button, Buzzer, Clock, Illuminator, Screen, Speaker, StatusLed, TamperSwitch
from firmware.screen_settings import ScreenKind, ScreenSettings

log = logging.getLogger(__name__)

Made = TypeVar("Made")

LED = {PinFunction.LED_RED: Channel.RED, PinFunction.LED_GREEN: Channel.GREEN, PinFunction.LED_BLUE: Channel.BLUE}
PANEL_LINES = (PinFunction.SCREEN_DC, PinFunction.SCREEN_RESET, PinFunction.SCREEN_LIGHT)


@runtime_checkable
class Ailing(Protocol):
    """A part that works in a thread of its own, and keeps what went wrong there."""

    @property
    def fault(self) -> FirmwareError | None:
        """Why it does not do what it should; None while it does."""
        ...


def open_luma(settings: ScreenSettings, outputs: Mapping[PinFunction, Output]) -> Any:  # Any: luma has no types
    """A small screen on its bus. Raises ScreenFaultError."""
    from firmware.pi.screen import open_device

    return open_device(settings, outputs)


@dataclass(frozen=True, slots=True)
class Drivers:
    """What stands between the parts and the metal; a test gives others."""

    bank: Callable[[PinDriver, str, str | None, Clock], PinBank] = open_bank
    display: Callable[[ScreenSettings, Mapping[PinFunction, Output]], Any] = open_luma
    keeper: tuple[str, ...] | None = None
    """The program that keeps the lamps; None for our own."""
    player: tuple[str, ...] | None = None
    """The program that plays sound; None for that of ALSA."""
    sysfs: Path = Path("/sys")


REAL_DRIVERS = Drivers()


@dataclass(slots=True)
class Fitted:
    """The parts of a board that are there; None for one that is not fitted, or cannot be had."""

    illuminator: Illuminator | None = None
    led: StatusLed | None = None
    buzzer: Buzzer | None = None
    button: Button | None = None
    tamper: TamperSwitch | None = None
    screen: Screen | None = None
    speaker: Speaker | None = None
    lamps: str = ""
    """The emitters that hang on its lines, in the order L, R, V, T; empty where none does."""
    missing: dict[str, FirmwareError] = field(default_factory=dict)
    """Part -> why it cannot be had."""
    closing: ExitStack = field(default_factory=ExitStack)
    log: LightLog = field(default_factory=lambda: LightLog(GUARD_NS))
    """When its lamps were switched."""

    def faults(self) -> Mapping[str, FirmwareError]:
        """Part -> what is wrong with it now."""
        ailing: dict[str, FirmwareError] = {}
        for part in ("led", "buzzer", "screen", "speaker"):
            made = getattr(self, part)
            if isinstance(made, Ailing) and made.fault is not None:
                ailing[part] = made.fault
        return {**self.missing, **ailing}

    @property
    def shows(self) -> bool:
        """Whether it has anything that a visitor sees or hears."""
        return any((self.led, self.screen, self.speaker))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of everything, the lamps first; closing twice does no harm."""
        self.closing.close()


def fit(
    fittings: Fittings,
    driver: PinDriver,
    clock: Clock,
    drivers: Drivers = REAL_DRIVERS,
) -> Fitted:
    """Open what is fitted; it never raises for a part."""
    fitted = Fitted()
    opener = _Opener(fitted, clock, drivers)
    wires = opener.tried("illuminator", lambda: wires_of(fittings.pins)) or ()
    if "illuminator" in fitted.missing:
        fitted.illuminator = AbsentLamps(fitted.missing["illuminator"])
    lines = {wire.function: wire for wire in wires if isinstance(wire, Line) and wire.function not in LAMPS}
    if lines:
        opener.open_lines(lines, driver, fittings)
    opener.open_screen(fittings, lines)
    opener.open_speaker(fittings)
    fitted.lamps = "".join(LAMPS[wire.function] for wire in wires if wire.function in LAMPS)
    if fitted.lamps:
        order = KeeperOrder(driver, fittings.pins, fittings.light, fittings.lg_folder, drivers.sysfs)
        opener.open_lamps(order)
    return fitted


class _Opener:
    """Opens part after part; what fails is written down."""

    def __init__(self, fitted: Fitted, clock: Clock, drivers: Drivers) -> None:
        self._fitted, self._clock, self._drivers = fitted, clock, drivers
        self._bank: PinBank | None = None

    def tried(self, part: str, make: Callable[[], Made]) -> Made | None:
        """What was made; None where that failed."""
        try:
            return make()
        except FirmwareError as error:
            log.error("part missing", extra={"part": part, "why": str(error)})
            self._fitted.missing[part] = error
            return None

    def open_lines(self, lines: Mapping[PinFunction, Line], driver: PinDriver, fittings: Fittings) -> None:
        """LED, buzzer, button and tamper switch."""
        fitted, clock = self._fitted, self._clock
        parts = {_part_of(function) for function in lines}
        bank = self.tried("pins", lambda: self._drivers.bank(driver, fittings.pins.chip, fittings.lg_folder, clock))
        if bank is None:
            why = fitted.missing.pop("pins")
            fitted.missing.update(dict.fromkeys(sorted(parts), why))
            return
        self._bank = bank
        fitted.closing.callback(bank.close)
        leds = {LED[function]: line for function, line in lines.items() if function in LED}
        if leds:
            fitted.led = self._closed(
                self.tried("led", lambda: PinLed({channel: bank.output(line) for channel, line in leds.items()}, clock))
            )
        if line := lines.get(PinFunction.BUZZER):
            fitted.buzzer = self._closed(self.tried("buzzer", lambda: PinBuzzer(bank.output(line), clock)))
        if button := lines.get(PinFunction.BUTTON):
            fitted.button = self.tried("button", lambda: PinButton(bank.input(button)))
        if tamper := lines.get(PinFunction.TAMPER):
            fitted.tamper = self.tried("tamper", lambda: PinTamperSwitch(bank.input(tamper), clock))

    def open_screen(self, fittings: Fittings, lines: Mapping[PinFunction, Line]) -> None:
        """The small screen, unless there is another."""
        self._fitted.screen = fittings.own_screen
        if fittings.own_screen is None and fittings.screen.kind not in (ScreenKind.NONE, ScreenKind.PANEL):
            self._fitted.screen = self._closed(self.tried("screen", lambda: self._small_screen(fittings.screen, lines)))

    def open_speaker(self, fittings: Fittings) -> None:
        """The loudspeaker, unless there is another."""
        self._fitted.speaker = fittings.own_speaker
        if fittings.own_speaker is None and fittings.sound.device is not None:
            buzzer = self._fitted.buzzer or NO_BUZZER
            from firmware.sound import PLAYER, AlsaSpeaker  # Starts programs; loaded where there is a loudspeaker.

            player = self._drivers.player or PLAYER
            made = self.tried("speaker", lambda: AlsaSpeaker(fittings.sound, buzzer, player))
            self._fitted.speaker = self._closed(made)

    def open_lamps(self, order: KeeperOrder) -> None:
        """The lamps, last: whatever is closed, they go dark first."""
        from firmware.kept_lamps import KEEPER, KeptLamps  # Starts a program; loaded where there are lamps.

        keeper = self._drivers.keeper or KEEPER
        lamps = self._closed(self.tried("illuminator", lambda: KeptLamps(order, self._fitted.log.switched, keeper)))
        self._fitted.illuminator = lamps or AbsentLamps(self._fitted.missing["illuminator"])

    def _small_screen(self, settings: ScreenSettings, lines: Mapping[PinFunction, Line]) -> Any:
        from firmware.pi.screen import LumaScreen
        from firmware.typeset import find_typeface

        face, bank = find_typeface(settings.font), self._bank
        outputs = {function: bank.output(lines[function]) for function in PANEL_LINES if bank and function in lines}
        return LumaScreen(self._drivers.display(settings, outputs), face, self._clock)

    def _closed(self, made: Any) -> Any:
        """The same, and closed with the board."""
        if made is not None:
            self._fitted.closing.callback(made.close)
        return made


def _part_of(function: PinFunction) -> str:
    if function in LED:
        return "led"
    return "screen" if function in PANEL_LINES else function.value
