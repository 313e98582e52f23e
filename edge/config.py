"""The unit's settings: one TOML file, read once, bounds checked, frozen. An unknown key is an error, not a comment.

Thresholds are not here: they ship with their models. Every field stands in docs/settings.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TypeVar, cast

from edge.consent import ConsentSetting
from edge.errors import ConfigInvalidError
from edge.fittings_file import FITTING_SECTIONS, read_section
from edge.health.storage import StorageLimits
from edge.heat import HeatLimits
from edge.panel.settings import PanelSettings, read_panel_settings
from edge.prompts.catalogue import LANGUAGES
from edge.rules import GradeLimits, Times
from edge.settings_file import settings_tables, settings_text
from firmware.board import BoardKind
from firmware.dose import LightLimits
from firmware.errors import LampsUnknownError
from firmware.pins import PinSettings
from firmware.screen_settings import ScreenKind, ScreenSettings
from firmware.strobe import read_lamps
from firmware.voice_folder import SoundSettings
from models.matcher import DEFAULT_MATCHER

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class UnitSettings:
    """What this unit is."""

    board: BoardKind = BoardKind.TWIN
    camera: str = "usb:0"
    state: Path = Path("/var/lib/lifecert")
    language: str = "zh-CN"
    matcher: str = DEFAULT_MATCHER
    """By its name in the manifest."""
    lamps: str | None = None
    """A light word of the lamps that are fitted, such as LRV; None takes those of the board."""
    consent: ConsentSetting = ConsentSetting.ASK
    sheet: Path | None = None
    """A file of what the programme tells its visitors here (docs/settings.md); None says nothing of the kind."""
    texture: Path | None = None
    """A file of `lifecert pad calibrate` for this unit's camera; None takes the thresholds that ship."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a unit."""

    unit: UnitSettings = field(default_factory=UnitSettings)
    times: Times = field(default_factory=Times)
    grade: GradeLimits = field(default_factory=GradeLimits)
    heat: HeatLimits = field(default_factory=HeatLimits)
    pins: PinSettings = field(default_factory=PinSettings)
    light: LightLimits = field(default_factory=LightLimits)
    screen: ScreenSettings = field(default_factory=ScreenSettings)
    sound: SoundSettings = field(default_factory=SoundSettings)
    storage: StorageLimits = field(default_factory=StorageLimits)
    panel: PanelSettings = field(default_factory=PanelSettings)

    @property
    def stage(self) -> Path | None:
        """The socket at which the panel gets what is shown; None for a unit without one."""
        return self.panel.socket if self.screen.kind is ScreenKind.PANEL else None

    @property
    def digest(self) -> bytes:
        """SHA-256 of all settings in a fixed spelling: every result names the settings it was made with."""
        spelled = "\n".join(
            f"{section}.{key}={value}"
            for section, fields in sorted(asdict(self).items())
            for key, value in sorted(fields.items())
        )
        return hashlib.sha256(spelled.encode()).digest()


@dataclass(frozen=True, slots=True)
class Bound:
    """The least and the most that a number may be. The narrow side is the safe side."""

    low: float
    high: float


BOUNDS: Mapping[str, Mapping[str, Bound]] = {
    "times": {
        "consent_ms": Bound(15_000, 600_000),
        "attempt_ms": Bound(5_000, 300_000),
        "action_ms": Bound(3_000, 60_000),
        "lost_after_ms": Bound(200, 2_000),
        "probe_apart_ms": Bound(100, 1_000),
        "shot_apart_ms": Bound(100, 2_000),
    },
    "grade": {
        "eye_distance_px": Bound(30, 400),
        "largest_share": Bound(0.3, 1.0),
        "off_centre_share": Bound(0.05, 0.4),
        "outside_share": Bound(0.01, 0.1),
        "darkest_luma": Bound(30, 120),
        "brightest_luma": Bound(150, 250),
        "clipped_share": Bound(0.01, 0.5),
        "behind_ratio": Bound(1.2, 10.0),
        "shaded_luma": Bound(30, 150),
        "side_ratio": Bound(1.2, 5.0),
        "eyes_visible": Bound(0.1, 0.8),
        "glare_share": Bound(0.02, 0.5),
        "sharpness": Bound(0.005, 1.0),
        "least_sharpness": Bound(0.001, 0.1),
        "yaw_deg": Bound(5, 30),
        "pitch_deg": Bound(5, 30),
        "roll_deg": Bound(5, 30),
        "focal_widths": Bound(0.3, 3.0),
        "nearest_cm": Bound(10, 25),
        "farthest_cm": Bound(30, 120),
    },
    "heat": {
        "warm_celsius": Bound(40, 74),
        "hot_celsius": Bound(75, 100),
        "pause_celsius": Bound(78, 105),
    },
    "storage": {
        "warn_percent": Bound(50, 90),
        "refuse_percent": Bound(80, 98),
        "reserve_mib": Bound(8, 4_096),
    },
    "light": {
        "left_mw_sr": Bound(1, 20_000),
        "right_mw_sr": Bound(1, 20_000),
        "top_mw_sr": Bound(1, 20_000),
        "nearest_cm": Bound(10, 50),
        "longest_on_ms": Bound(5_000, 300_000),
        "rest_ms": Bound(5_000, 300_000),
    },
}


SECTIONS = ("unit", *BOUNDS, *FITTING_SECTIONS, "panel")


def load_settings(path: Path | None) -> Settings:
    """Read the settings file, or the defaults without one; `ConfigInvalidError` names file, key and range."""
    if path is None:
        return Settings()
    return read_settings(str(path), settings_text(path))


def read_settings(where: str, text: str) -> Settings:
    """Check the text of a settings file."""
    tables = settings_tables(where, text)
    for name, table in tables.items():
        if name not in SECTIONS or not isinstance(table, dict):
            known = ", ".join(f"[{section}]" for section in SECTIONS)
            raise ConfigInvalidError(where, f"[{name}]", f"unknown; known are {known}")
    return Settings(
        unit=_unit(where, tables.get("unit", {})),
        times=Times(**_whole(where, "times", tables.get("times", {}))),
        grade=GradeLimits(**_numbers(where, "grade", tables.get("grade", {}))),
        heat=HeatLimits(**_numbers(where, "heat", tables.get("heat", {}))),
        pins=_fitting(where, "pins", tables, PinSettings),
        light=_light(where, tables.get("light", {})),
        screen=_fitting(where, "screen", tables, ScreenSettings),
        sound=_fitting(where, "sound", tables, SoundSettings),
        storage=StorageLimits(**_numbers(where, "storage", tables.get("storage", {}))),
        panel=read_panel_settings(where, tables.get("panel", {})),
    )


def _fitting(where: str, section: str, tables: Mapping[str, object], kind: Callable[..., Made]) -> Made:
    return kind(**read_section(where, section, cast(Mapping[str, object], tables.get(section, {}))))


def _light(where: str, table: Mapping[str, object]) -> LightLimits:
    times = {key: value for key, value in table.items() if key.endswith("_ms")}
    strengths = {key: value for key, value in table.items() if key not in times}
    limits = LightLimits(**_numbers(where, "light", strengths))  # type: ignore[arg-type]  # no time is among them
    return replace(limits, **_whole(where, "light", times))


def _unit(where: str, table: Mapping[str, object]) -> UnitSettings:
    readers: Mapping[str, Callable[[str], object]] = {
        "board": _board,
        "camera": str,
        "state": Path,
        "language": _language,
        "matcher": str,
        "lamps": _lamps,
        "texture": Path,
        "consent": _consent,
        "sheet": Path,
    }
    values: dict[str, object] = {}
    for key, value in table.items():
        if key not in readers:
            raise ConfigInvalidError(where, f"unit.{key}", f"unknown; known are {', '.join(readers)}")
        if not isinstance(value, str) or not value:
            raise ConfigInvalidError(where, f"unit.{key}", "must be a text")
        try:
            values[key] = readers[key](value)
        except ValueError as error:
            raise ConfigInvalidError(where, f"unit.{key}", str(error)) from error
    return UnitSettings(**values)  # type: ignore[arg-type]  # each value was made by the reader of its field


def _board(text: str) -> BoardKind:
    if text not in tuple(BoardKind):
        raise ValueError(f"{text!r} is not one of {', '.join(BoardKind)}")
    return BoardKind(text)


def _consent(text: str) -> ConsentSetting:
    if text not in tuple(ConsentSetting):
        raise ValueError(f"{text!r} is not one of {', '.join(ConsentSetting)}")
    return ConsentSetting(text)


def _lamps(text: str) -> str:
    try:
        return read_lamps(text)
    except LampsUnknownError as error:
        raise ValueError(str(error)) from error


def _language(text: str) -> str:
    if text not in LANGUAGES:
        raise ValueError(f"{text!r} is not one of {', '.join(LANGUAGES)}")
    return text


def _whole(where: str, section: str, table: Mapping[str, object]) -> dict[str, int]:
    numbers = _numbers(where, section, table)
    for key, number in numbers.items():
        if number != int(number):
            raise ConfigInvalidError(where, f"{section}.{key}", "must be a whole number")
    return {key: int(number) for key, number in numbers.items()}


def _numbers(where: str, section: str, table: Mapping[str, object]) -> dict[str, float]:
    values: dict[str, float] = {}
    for key, value in table.items():
        bound = BOUNDS[section].get(key)
        if bound is None:
            raise ConfigInvalidError(where, f"{section}.{key}", f"unknown; known are {', '.join(BOUNDS[section])}")
        # A whole number of any length compares exactly; only afterwards is it sure to fit into a float.
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not bound.low <= value <= bound.high:
            raise ConfigInvalidError(where, f"{section}.{key}", f"must be a number from {bound.low:g} to {bound.high:g}")
        values[key] = float(value)
    return values
