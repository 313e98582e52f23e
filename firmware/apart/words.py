"""What a camera's process says, one line of JSON each, and what it is told, one byte each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from firmware.errors import (
    CameraBusyError,
    CameraDeniedError,
    CameraDriverMissingError,
    CameraFaultError,
    CameraFormatError,
    CameraNotFoundError,
    CameraSpecError,
    CameraStalledError,
    FirmwareError,
)

STOP, HOLD, FOLLOW = b"S", b"H", b"F"
"""Orders: close the camera and end; keep the exposure as it is; let it follow the light. Any other byte is the number of a slot
that may be written to again."""

RELAYED: Mapping[str, type[FirmwareError]] = {
    kind.__name__: kind
    for kind in (
        *(CameraNotFoundError, CameraDeniedError, CameraBusyError, CameraStalledError, CameraFormatError),
        *(CameraFaultError, CameraDriverMissingError, CameraSpecError),
    )
}
"""The errors that arrive as what they are. Each keeps what it was made of under the names of its parameters."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The camera is open."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The recording is over."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A frame lies in a slot."""

    slot: int
    height_px: int
    width_px: int
    captured_ns: int
    exposed_for_ns: int | None
    light: str
    duty_percent: int
    told_ns: int
    """When this was said, by the machine's clock."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The camera failed and said why."""

    camera: str
    kind: str
    """Name of the error."""
    sentence: str
    made_of: Mapping[str, str]
    """Name of each parameter of the error, and what it was; empty for an error that is not of a camera."""

    @classmethod
    def by(cls, camera: str, error: FirmwareError) -> Failed:
        """What to say of an error."""
        made_of = {name: value for name, value in vars(error).items() if isinstance(value, str)}
        return cls(camera, type(error).__name__, str(error), made_of)

    def error(self) -> FirmwareError:
        """The error to raise; one of another kind than a camera's is a fault of the camera."""
        kind = RELAYED.get(self.kind)
        return kind(**self.made_of) if kind else CameraFaultError(self.camera, self.sentence)


Word = Opened | Ended | Placed | Failed
_KINDS: Mapping[str, type[Word]] = {kind.__name__: kind for kind in (Opened, Ended, Placed, Failed)}


def spell(word: Word) -> bytes:
    """One line."""
    return json.dumps({type(word).__name__: asdict(word)}, ensure_ascii=True).encode() + b"\n"


def read_word(line: bytes) -> Word | None:
    """The word of a line; None for one that was cut off or is none. Both ends are of the same installation."""
    try:
        ((kind, fields),) = json.loads(line).items()
        return _KINDS[kind](**fields)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
