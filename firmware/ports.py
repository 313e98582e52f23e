"""The Protocols that the rest of the unit speaks to: one per capability, with its contract.

Every part of every board obeys them; the same contract tests run on all. Unless a docstring says otherwise, the main loop calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, runtime_checkable

if TYPE_CHECKING:  # The panel speaks these words and must not load what reads pictures.
    from firmware.frame import Frame, Light


class Clock(Protocol):
    """Tells monotonic time. It never goes back and is not the time of day."""

    def now_ns(self) -> int:
        """Nanoseconds since an arbitrary start."""
        ...


class Camera(Protocol):
    """A source of frames, open from the moment it is built until its `with` block ends.

    `captured_ns` strictly increases and `sequence` counts up from 0 within one call of `frames`.
    A recording starts from its beginning at each call; a live camera goes on.
    """

    @property
    def name(self) -> str:
        """The words by which it was opened, such as "usb:0"."""
        ...

    def frames(self) -> Iterator[Frame]:
        """Hand out frames until the recording ends or the camera is closed.

        Raises CameraStalledError when a live camera falls silent, CameraFormatError or PictureUnreadableError when a
        recording breaks off.
        """
        ...

    def __enter__(self) -> Self:
        """Use the camera."""
        ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /) -> None:
        """Close the camera; closing twice does no harm."""
        ...


@runtime_checkable
class ExposureHold(Protocol):
    """A camera whose exposure can be held. It follows the light when it is opened."""

    def hold_exposure(self) -> None:
        """Keep exposure, gain and colour as they are now; returns at once, and a few frames may pass before it is so.

        Until it is so, frames do not tell their exposure.
        """
        ...

    def follow_light(self) -> None:
        """Let them follow the light again; doing so twice does no harm."""
        ...


class Illuminator(Protocol):
    """The unit's own light. It is dark when built and after `off`."""

    def shine(self, light: Light) -> None:
        """Light exactly these emitters; raises LightInvalidError for a light that is not known."""
        ...

    def off(self) -> None:
        """Go dark; doing so twice does no harm."""
        ...


class LedPattern(StrEnum):
    """What the status LED says, not how it blinks."""

    OFF = "OFF"
    IDLE = "IDLE"
    LOOK_HERE = "LOOK_HERE"
    HOLD_STILL = "HOLD_STILL"
    DO_ACTION = "DO_ACTION"
    DONE = "DONE"
    REFUSED = "REFUSED"
    FAULT = "FAULT"
    NO_NETWORK = "NO_NETWORK"
    """Nobody is being served, and results wait for the network."""
    WAIT = "WAIT"
    """The unit is busy with itself, and will be ready by itself."""


class StatusLed(Protocol):
    """The status LED. It is OFF when built and keeps its pattern by itself."""

    def show(self, pattern: LedPattern) -> None:
        """Show this pattern until told otherwise; returns at once."""
        ...


class Mood(StrEnum):
    """What a screenful is about: it chooses colour and lay-out, never words."""

    IDLE = "idle"
    CONSENT = "consent"
    LOOK = "look"
    """The visitor should come right, or put something right."""
    HOLD = "hold"
    ACTION = "action"
    DONE = "done"
    REFUSED = "refused"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a visitor can touch."""

    code: str
    """A word for machines, such as "AGREE": 1 to 32 ASCII letters, digits, and any of `_:.-`."""
    words: str
    """What stands on it, in the language of its view."""


@dataclass(frozen=True, slots=True)
class View:
    """One screenful: one instruction at a time, already in the visitor's language."""

    code: str
    """A word for machines, such as "ASK_BLINK"; the screen only passes it on."""
    title: str
    """What to do or what happened, in a few words."""
    remedy: str
    """What helps; empty where nothing is needed."""
    language: str
    """BCP 47 tag of all its words, such as "zh-CN"."""
    mood: Mood = Mood.LOOK
    lines: tuple[str, ...] = ()
    """What may be read at leisure, one thought each: notices, next steps, what is agreed to. Small screens leave them out."""
    choices: tuple[Choice, ...] = ()
    """What can be touched, the usual one first; the one button stands for the first."""
    until_ns: int | None = None
    """When the time for this view is over, on the unit's monotonic clock; None where it waits for nobody."""
    number: int = field(default=0, compare=False)
    """Which showing this is, so that a touch tells on which it was made; 0 where nobody counts. It says nothing to a visitor."""


class Screen(Protocol):
    """The screen. It is blank when built."""

    def show(self, view: View) -> None:
        """Replace what is shown by this view; returns at once."""
        ...

    def progress(self, done: float) -> None:
        """How much of the visit is done, 0 to 1, beside the view that stands; returns at once. A screen may leave it out."""
        ...


class Mirror(Protocol):
    """Shows visitors what the camera sees of them, as in a mirror. Nothing that it is given is ever kept."""

    def wanted(self) -> bool:
        """Whether somebody would see a picture now; asking costs nothing."""
        ...

    def reflect(self, jpeg: bytes) -> None:
        """Show this picture, a small JPEG, already mirrored; returns at once."""
        ...


class Touches(Protocol):
    """What visitors touch on the screen."""

    def taken(self) -> Iterable[str]:
        """Hand over the codes of the choices touched since the last call, oldest first, as far as they still stand; each once."""
        ...


class Speaker(Protocol):
    """The voice of the unit."""

    def say(self, text: str, language: str) -> None:
        """Speak this text, tagged with its BCP 47 language; returns at once and cuts off what is still being said."""
        ...


@runtime_checkable
class Loudness(Protocol):
    """A speaker that can be made louder and quieter."""

    @property
    def volume_percent(self) -> float:
        """How loud it speaks now, per cent of what was rendered."""
        ...

    def set_volume(self, percent: float) -> None:
        """Speak so loud from the next sentence on, 0 or more per cent; above 100 loud parts are flattened."""
        ...


class Button(Protocol):
    """The one button of the unit."""

    def presses(self) -> Iterable[int]:
        """Hand over the presses since the last call, as clock times in nanoseconds, oldest first; each is told once."""
        ...


class Tune(StrEnum):
    """What the buzzer says, not how it sounds."""

    DONE = "DONE"
    REFUSED = "REFUSED"
    FAULT = "FAULT"
    NO_WORDS = "NO_WORDS"
    """The screen says something that the voice has no words for."""


class Buzzer(Protocol):
    """The buzzer. It is silent when built."""

    def play(self, tune: Tune) -> None:
        """Play this tune once; returns at once and cuts off a tune that is still sounding."""
        ...


class TamperSwitch(Protocol):
    """The switch that notices when the housing is opened. A cut wire counts as opened."""

    def opened_since_ns(self) -> int | None:
        """When the housing was opened, in clock time, or when the unit first looked; None while it is closed."""
        ...


class Slowdown(StrEnum):
    """Why a board runs slower than it could."""

    WEAK_SUPPLY = "weak supply"
    """Its supply gives too low a voltage."""
    CAPPED = "clock capped"
    THROTTLED = "throttled"
    SOFT_LIMIT = "soft temperature limit"
    """A Raspberry Pi 3 Model B+ runs slower from here on, long before it must."""


class Thermometer(Protocol):
    """Tells how hot the board is. Asking reads files, so nobody asks in every frame. It never raises for a missing sensor."""

    def celsius(self) -> float | None:
        """The hottest sensor of the board, degrees Celsius; None where there is none, or none that answers."""
        ...

    def slowdowns(self) -> frozenset[Slowdown]:
        """What slows the board down at this moment; empty also where it does not say."""
        ...
