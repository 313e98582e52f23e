"""The tables of a settings file that say what is fitted: `[pins]`, `[screen]` and `[sound]`. Words, mostly, each checked here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from edge.errors import ConfigInvalidError
from firmware.errors import PinSpecError
from firmware.pins import PinFunction, PinSettings, wires_of
from firmware.screen_settings import ScreenKind

Reader = Callable[[object], object]

LOUDEST_PERCENT = 400
ROTATIONS = (0, 90, 180, 270)


def read_section(where: str, section: str, table: Mapping[str, object]) -> dict[str, object]:
    """The values of one table, checked. Raises ConfigInvalidError, which names file and key."""
    readers = READERS[section]
    values: dict[str, object] = {}
    for key, value in table.items():
        if key not in readers:
            raise ConfigInvalidError(where, f"{section}.{key}", f"unknown; known are {', '.join(readers)}")
        try:
            values[key] = readers[key](value)
        except ValueError as error:
            raise ConfigInvalidError(where, f"{section}.{key}", str(error)) from error
    if section == "pins":
        _insist_on_wires(where, values)
    return values


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("must be a text")
    return value


def _path(value: object) -> Path:
    return Path(_text(value))


def _chip(value: object) -> str:
    if not re.fullmatch(r"gpiochip[0-9]{1,3}", _text(value)):
        raise ValueError("must be a chip of /dev by its name, such as gpiochip0")
    return str(value)


def _kind(value: object) -> ScreenKind:
    if _text(value) not in tuple(ScreenKind):
        raise ValueError(f"{value!r} is not one of {', '.join(ScreenKind)}")
    return ScreenKind(str(value))


def _bus(value: object) -> str:
    if not re.fullmatch(r"spi[0-9]\.[0-9]|i2c-[0-9]{1,2}/0x[0-9a-f]{2}", _text(value)):
        raise ValueError("must be like spi0.0 or i2c-1/0x3c")
    return str(value)


def _rotation(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value not in ROTATIONS:
        raise ValueError(f"must be one of {', '.join(map(str, ROTATIONS))}")
    return value


def _volume(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= LOUDEST_PERCENT:
        raise ValueError(f"must be a number from 0 to {LOUDEST_PERCENT}")
    return float(value)


READERS: Mapping[str, Mapping[str, Reader]] = {
    "pins": {"chip": _chip, **{function.value: _text for function in PinFunction}, "active_low": _text},
    "screen": {"kind": _kind, "bus": _bus, "rotation": _rotation, "font": _path},
    "sound": {"device": _text, "volume_percent": _volume, "folder": _path},
}
FITTING_SECTIONS = tuple(READERS)


def _insist_on_wires(where: str, values: Mapping[str, object]) -> None:
    try:
        wires_of(PinSettings(**values))  # type: ignore[arg-type]  # each value was made by the reader of its field
    except PinSpecError as error:
        raise ConfigInvalidError(where, f"pins.{error.function}", error.why) from error
