"""Every fault of a unit, one row each: what state it is in, what the screen says, what ends it. The order is that of importance.

A visitor is told only of what keeps the unit from serving; of the rest the operator hears.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from edge.errors import FileNotDurableError, StoreFullError, StoreUnusableError
from firmware.errors import (
    CameraBusyError,
    CameraDeniedError,
    CameraNotFoundError,
    CameraStalledError,
    FirmwareError,
    LampLostError,
    LampRestingError,
    LampTooStrongError,
    LampUnmeasuredError,
    LightInvalidError,
    PartSilentError,
    PinChipError,
    PinLostError,
    PinSpecError,
)
from firmware.ports import LedPattern
from wire.reasons import Reason


class State(StrEnum):
    """What a unit can do just now, from the best to the worst."""

    SERVING = "serving"
    DEGRADED = "degraded"
    """It serves visits, and somebody should look after it."""
    PAUSED = "paused"
    """It serves nobody, and goes on by itself as soon as it can."""
    OUT_OF_SERVICE = "out_of_service"
    """It serves nobody, and a person is needed; it goes on trying."""

    @property
    def serves(self) -> bool:
        """Whether a visit may begin."""
        return self in (State.SERVING, State.DEGRADED)

    @property
    def led(self) -> LedPattern:
        """What the status LED says between visits."""
        return LedPattern.IDLE if self.serves else LedPattern.FAULT


class Fault(StrEnum):
    """What can be wrong with a unit."""

    HOUSING_OPEN = "housing_open"
    IDENTITY_MISSING = "identity_missing"
    IDENTITY_EXPIRED = "identity_expired"
    UNSUPPORTED = "unsupported"
    ENGINE_GIVEN_UP = "engine_given_up"
    CAMERA_GIVEN_UP = "camera_given_up"
    LAMPS_GIVEN_UP = "lamps_given_up"
    STORE_READ_ONLY = "store_read_only"
    STORE_UNUSABLE = "store_unusable"
    STORE_FULL = "store_full"
    STORAGE_FULL = "storage_full"
    CAMERA_MISSING = "camera_missing"
    CAMERA_DENIED = "camera_denied"
    CAMERA_BUSY = "camera_busy"
    CAMERA_SILENT = "camera_silent"
    CAMERA_UNUSABLE = "camera_unusable"
    LAMPS_DEAD = "lamps_dead"
    ENGINE_BROKEN = "engine_broken"
    OVERHEATED = "overheated"
    LAMP_SILENT = "lamp_silent"
    STORAGE_LOW = "storage_low"
    LENS_DIRTY = "lens_dirty"
    LAMP_FADING = "lamp_fading"
    IDENTITY_ENDING = "identity_ending"
    CLOCK_UNSYNCED = "clock_unsynced"
    HOT = "hot"
    SUPPLY_WEAK = "supply_weak"
    NETWORK_LONG_AGO = "network_long_ago"
    RESTARTED = "restarted"


@dataclass(frozen=True, slots=True)
class Row:
    """What a fault means."""

    state: State
    reason: Reason
    """What the screen says, where the state serves nobody; else what the operator reads."""
    cause: str
    recovery: str
    """What ends it."""
    tests: str = ""
    """Rows of the list of faults that it answers, such as F58."""


_PAUSED, _OUT, _DEGRADED = State.PAUSED, State.OUT_OF_SERVICE, State.DEGRADED
_TRIES = "the camera is opened again after 5, then 10 s; sound pictures end it"
_AFTER_THREE = "a person; meanwhile it is tried every minute, and a trial that succeeds ends it"

TABLE: Mapping[Fault, Row] = {
    Fault.HOUSING_OPEN: Row(_OUT, Reason.UNIT_BLOCKED, "the housing was opened", "an administrator, who closes it"),
    Fault.IDENTITY_MISSING: Row(_OUT, Reason.KEY_UNAVAILABLE, "the unit has no key or no certificate", "enrolment"),
    Fault.IDENTITY_EXPIRED: Row(_OUT, Reason.KEY_UNAVAILABLE, "its certificate has expired", "enrolment with a new claim"),
    Fault.UNSUPPORTED: Row(
        _OUT, Reason.HW_UNSUPPORTED, "camera or computer are not fit for service", "other hardware, then a restart", "R5"
    ),
    Fault.ENGINE_GIVEN_UP: Row(
        _OUT, Reason.LIVENESS_UNAVAILABLE, "networks failed in three visits in a row", _AFTER_THREE, "F59, F63"
    ),
    Fault.CAMERA_GIVEN_UP: Row(_OUT, Reason.CAMERA_FAULT, "the camera failed three times in a row", _AFTER_THREE, "F58, F59"),
    Fault.LAMPS_GIVEN_UP: Row(_OUT, Reason.LIGHT_FAULT, "the lamps failed three times in a row", _AFTER_THREE, "F62"),
    Fault.STORE_READ_ONLY: Row(_PAUSED, Reason.STORE_FULL, "the disk is read-only", "a disk that can be written to", "F5"),
    Fault.STORE_UNUSABLE: Row(
        _PAUSED, Reason.STORE_FULL, "the spool cannot be read, or another program holds it", "a spool that answers", "F6, F9"
    ),
    Fault.STORE_FULL: Row(
        _PAUSED, Reason.STORE_FULL, "too many results wait for delivery", "a connection to the centre", "F4, F10"
    ),
    Fault.STORAGE_FULL: Row(
        _PAUSED,
        Reason.STORAGE_LOW,
        "the disk is nearly full, after everything that can be spared was deleted",
        "space on the disk",
        "F4",
    ),
    Fault.CAMERA_MISSING: Row(_PAUSED, Reason.CAMERA_LOST, "there is no camera", _TRIES, "F58"),
    Fault.CAMERA_DENIED: Row(_PAUSED, Reason.CAMERA_DENIED, "the program may not open the camera", _TRIES, "F58"),
    Fault.CAMERA_BUSY: Row(_PAUSED, Reason.CAMERA_BUSY, "another program holds the camera", _TRIES, "F58"),
    Fault.CAMERA_SILENT: Row(_PAUSED, Reason.CAMERA_LOST, "no pictures come, or they come too late", _TRIES, "F58"),
    Fault.CAMERA_UNUSABLE: Row(
        _PAUSED, Reason.CAMERA_FAULT, "the pictures are always the same, all black or white, or of another kind", _TRIES, "F58"
    ),
    Fault.LAMPS_DEAD: Row(
        _PAUSED, Reason.LIGHT_FAULT, "the lamps cannot be switched", "the lamps are tried after 5, then 10 s; success", "F62"
    ),
    Fault.ENGINE_BROKEN: Row(
        _PAUSED, Reason.LIVENESS_UNAVAILABLE, "a network failed in a visit", "5 s, then the next visit", "F59, F63"
    ),
    Fault.OVERHEATED: Row(_PAUSED, Reason.TOO_HOT, "the board is too hot to serve", "five degrees less", "F61"),
    Fault.LAMP_SILENT: Row(
        _DEGRADED, Reason.LIGHT_FAULT, "a lamp has not been seen to shine in several visits", "a visit in which it shines", "F62"
    ),
    Fault.STORAGE_LOW: Row(_DEGRADED, Reason.STORAGE_LOW, "the disk is filling up", "space on the disk", "F4"),
    Fault.LENS_DIRTY: Row(_DEGRADED, Reason.LENS_DIRTY, "a place in the picture is never sharp", "visits after a wipe"),
    Fault.LAMP_FADING: Row(_DEGRADED, Reason.LIGHT_FAULT, "a lamp gives less than it used to", "`lifecert lamps --renewed`"),
    Fault.IDENTITY_ENDING: Row(_DEGRADED, Reason.KEY_UNAVAILABLE, "its certificate ends soon", "enrolment with a new claim"),
    Fault.CLOCK_UNSYNCED: Row(
        _DEGRADED, Reason.CLOCK_UNTRUSTED, "nobody has set the clock: results say so", "a connection", "F11, F12"
    ),
    Fault.HOT: Row(_DEGRADED, Reason.TOO_HOT, "the board is hot or slows itself down: looks are made seldom", "cooling", "F61"),
    Fault.SUPPLY_WEAK: Row(_DEGRADED, Reason.HW_UNSUPPORTED, "the supply gives too low a voltage", "a better supply", "F61"),
    Fault.NETWORK_LONG_AGO: Row(
        _DEGRADED, Reason.NET_DEGRADED, "results wait, and the centre has not answered for a day", "a connection", "F10, F15"
    ),
    Fault.RESTARTED: Row(
        _DEGRADED, Reason.INTERRUPTED, "a visit was cut off: the program hung and was restarted, or lost its power",
        "the next visit that ends", "F60, F63",
    ),
}  # fmt: skip
"""One row for each fault."""

ELSEWHERE: Mapping[str, str] = {
    "F59": "A camera that hangs in native code runs in a process of its own, which is killed; each time is a strike.",
    "F60": "A stage that hangs stops the sign of life, and the service manager restarts the program.",
    "F63": "The service manager limits memory and restarts the program; the spool and the uplink go on.",
    "F64": "The program writes its log to stderr and to no file; the journal limits rate and size.",
    "F65": "The unit files are checked by tests (`tests/test_units.py`).",
    "F66": "A soak is run on a device before a release; nothing of it shows on a screen.",
}
"""Faults that are held off, or mended, where the unit itself cannot tell."""

CAMERA_FAULTS = frozenset(
    {Fault.CAMERA_MISSING, Fault.CAMERA_DENIED, Fault.CAMERA_BUSY, Fault.CAMERA_SILENT, Fault.CAMERA_UNUSABLE}
)

_OF_ERROR: tuple[tuple[type[Exception], Fault], ...] = (
    (CameraNotFoundError, Fault.CAMERA_MISSING),
    (CameraDeniedError, Fault.CAMERA_DENIED),
    (CameraBusyError, Fault.CAMERA_BUSY),
    (CameraStalledError, Fault.CAMERA_SILENT),
    (PartSilentError, Fault.CAMERA_SILENT),
    *((kind, Fault.LAMPS_DEAD) for kind in (LightInvalidError, LampLostError, LampRestingError, LampUnmeasuredError)),
    *((kind, Fault.LAMPS_DEAD) for kind in (LampTooStrongError, PinLostError, PinChipError, PinSpecError)),
    (FirmwareError, Fault.CAMERA_UNUSABLE),
    (StoreFullError, Fault.STORE_FULL),
    (StoreUnusableError, Fault.STORE_UNUSABLE),
    (FileNotDurableError, Fault.STORE_UNUSABLE),
)

_OF_REASON: Mapping[Reason, Fault] = {
    Reason.CAMERA_LOST: Fault.CAMERA_SILENT,
    Reason.CAMERA_DENIED: Fault.CAMERA_DENIED,
    Reason.CAMERA_BUSY: Fault.CAMERA_BUSY,
    Reason.CAMERA_FAULT: Fault.CAMERA_UNUSABLE,
    Reason.LIGHT_FAULT: Fault.LAMPS_DEAD,
    Reason.LIVENESS_UNAVAILABLE: Fault.ENGINE_BROKEN,
    Reason.MATCHER_UNAVAILABLE: Fault.ENGINE_BROKEN,
}


def fault_of_error(error: Exception) -> Fault:
    """The fault behind an error of a part or of the disk; of anything else, a broken engine: life could not be judged."""
    return next((fault for kind, fault in _OF_ERROR if isinstance(error, kind)), Fault.ENGINE_BROKEN)


def fault_of_reason(reason: Reason) -> Fault | None:
    """The fault behind the first reason of an aborted visit; None where the equipment is not to blame."""
    return _OF_REASON.get(reason)


def given_up(fault: Fault) -> Fault:
    """What a fault becomes that came three times in a row."""
    if fault in CAMERA_FAULTS:
        return Fault.CAMERA_GIVEN_UP
    return {Fault.LAMPS_DEAD: Fault.LAMPS_GIVEN_UP, Fault.ENGINE_BROKEN: Fault.ENGINE_GIVEN_UP}.get(fault, fault)
