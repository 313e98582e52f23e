"""One picture with its time and its light: what every camera hands out.

The light travels with the frame, so no stage has to ask the hardware what it was doing.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware.errors import FrameShapeError, LightInvalidError


class Emitter(StrEnum):
    """One lamp of the unit, as seen from the unit towards the person."""

    LEFT = "L"
    """Near-infrared, on the unit's left."""
    RIGHT = "R"
    """Near-infrared, on the unit's right."""
    VISIBLE = "V"
    """White light."""
    TOP = "T"
    """Near-infrared, above the camera."""


NONE_LIT = "0"
NOBODY_KNOWS = "?"


@dataclass(frozen=True, slots=True)
class Light:
    """Which emitters were on while a frame was exposed, and how strongly."""

    word: str
    """The lit emitters in the order L, R, V, T (such as "L" or "LR"); "0" for none, "?" for not known."""
    duty_percent: int
    """Strength of the lit emitters, 1 to 100; 0 where none is lit or nothing is known."""

    def __post_init__(self) -> None:
        if self.word in (NONE_LIT, NOBODY_KNOWS):
            if self.duty_percent != 0:
                raise LightInvalidError(self.word, "a light that is off or not known has a duty of 0 percent")
            return
        if not self.word or self.word != "".join(emitter for emitter in Emitter if emitter in self.word):
            raise LightInvalidError(self.word, "the word must be 0, ?, or emitters out of L, R, V, T in this order")
        if not 1 <= self.duty_percent <= 100:
            raise LightInvalidError(self.word, f"the duty must be 1 to 100 percent, not {self.duty_percent}")

    @classmethod
    def parse(cls, word: str, duty_percent: int = 100) -> Self:
        """Read a light word such as "L", "LR", "V", "0" or "?"; the duty counts only where an emitter is lit.

        Raises LightInvalidError for any other word, or a duty outside 1 to 100 of a lit emitter.
        """
        return cls(word, 0 if word in (NONE_LIT, NOBODY_KNOWS) else duty_percent)

    @property
    def known(self) -> bool:
        """Whether the source knows its light at all."""
        return self.word != NOBODY_KNOWS

    @property
    def emitters(self) -> frozenset[Emitter]:
        """The lit emitters; empty where none is lit and where nothing is known."""
        return frozenset(emitter for emitter in Emitter if emitter in self.word)


DARK = Light(NONE_LIT, 0)
UNKNOWN_LIGHT = Light(NOBODY_KNOWS, 0)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of a camera. Its arrays cannot be written to."""

    bgr: NDArray[np.uint8]
    """Pixels, shape (height, width, 3), blue first, 0 to 255."""
    luma: NDArray[np.uint8]
    """Brightness plane, shape (height, width), 0 to 255 (ITU-R BT.601 weights)."""
    captured_ns: int
    """When it was exposed, in nanoseconds of the source's own monotonic time; strictly increasing within one source."""
    sequence: int
    """Counts the frames that the source handed out, from 0."""
    light: Light
    """What was lit during the exposure."""
    exposed_for_ns: int | None = None
    """For so long from `captured_ns` on, light can have fallen into it, from its first row to its last; None where the camera
    does not tell. Only with it can a light that was switched meanwhile be attributed to a frame."""

    @property
    def width_px(self) -> int:
        """Width in pixels."""
        return self.bgr.shape[1]

    @property
    def height_px(self) -> int:
        """Height in pixels."""
        return self.bgr.shape[0]


def frame_from_bgr(bgr: NDArray[np.uint8], captured_ns: int, sequence: int, light: Light) -> Frame:
    """Make a frame of pixels of shape (height, width, 3), uint8, blue first.

    The frame takes the pixels over: the array given is write-protected, not copied.
    Raises FrameShapeError if they are of another shape or type, or empty.
    """
    check_colour(bgr)
    luma = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    bgr.setflags(write=False)
    luma.setflags(write=False)
    return Frame(bgr, luma, captured_ns, sequence, light)


def check_colour(bgr: NDArray[np.uint8]) -> None:
    """Pass pixels of shape (height, width, 3), uint8; raises FrameShapeError for others."""
    if bgr.ndim != 3 or bgr.shape[2] != 3 or bgr.dtype != np.uint8 or bgr.size == 0:
        raise FrameShapeError(bgr.shape, str(bgr.dtype))
