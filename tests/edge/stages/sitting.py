"""Pictures of a shape that sits before the unit under known light, with the tone curve of a camera."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from edge.session.light_code import LightCode
from edge.stages.face_grid import LEVEL_FACE, TONE
from edge.stages.match import Points
from firmware.frame import UNKNOWN_LIGHT, Frame, Light, frame_from_bgr
from tests.edge.stages.lamplight import FRAME_NS, FRAMES, Floats, Shape, head, shaded_at

WIDTH_PX, HEIGHT_PX, EYES_PX = 200, 160, 48
MIDDLE = (100.0, 60.0)
POINTS: Points = (LEVEL_FACE * EYES_PX + MIDDLE).astype(np.float32)
"""Where the face is, pixels."""


@cache
def lit_by(shape: Shape, lamp: str) -> Floats:
    """(HEIGHT_PX, WIDTH_PX) what a lamp adds to the whole picture."""
    y, x = np.mgrid[:HEIGHT_PX, :WIDTH_PX].astype(np.float64)
    return shaded_at(shape, lamp, (x - MIDDLE[0]) / EYES_PX, (y - MIDDLE[1]) / EYES_PX)


@dataclass(frozen=True, slots=True)
class Sitter:
    """A shape before the unit."""

    shape: Shape = head
    place: float = 0.05
    shift_px: int = 0
    """To the right."""

    def frame(self, shone: str, number: int, light: Light | None = None) -> Frame:
        """The frame with this number, taken while these lamps shone; `light` is what the camera says, if not the truth."""
        whole = self.place + sum(lit_by(self.shape, lamp) for lamp in shone if lamp in "LR")
        tone = np.rint(255 * np.clip(whole * np.ones((HEIGHT_PX, WIDTH_PX)), 0, 1) ** (1 / TONE)).astype(np.uint8)
        pixels = np.repeat(np.roll(tone, self.shift_px, axis=1)[:, :, None], 3, axis=2)
        return frame_from_bgr(pixels, number * FRAME_NS, number, light or Light.parse(shone))

    def film(self, words: Sequence[str], frames: int = FRAMES) -> Iterator[Frame]:
        """Frames under these words, each for as long as a symbol lasts."""
        for number in range(len(words) * frames):
            yield self.frame(words[number // frames], number)


def unsure(frame: Frame) -> Frame:
    """The same frame from a camera that does not know its light."""
    return Frame(frame.bgr, frame.luma, frame.captured_ns, frame.sequence, UNKNOWN_LIGHT)


def words_of(code: LightCode, count: int, start: int = 0) -> list[str]:
    """So many words of a code that goes on and on."""
    return [code.symbols[(start + number) % len(code.symbols)] for number in range(count)]
