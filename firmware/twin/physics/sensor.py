"""From light to eight bits: exposure, shot and read noise, saturation, tone curve, rounding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware.twin.physics.optics import Grid
from firmware.twin.physics.surface import TONE

_CODES = 4096
_SLACK = 97


@dataclass(frozen=True, slots=True)
class Sensor:
    """A small silicon sensor (noise model of EMVA 1288)."""

    full_well: float = 8000.0
    """Electrons of a white pixel; 3 um pixels hold about ten thousand."""
    read_noise: float = 4.0
    """Electrons."""
    black: float = 0.002
    """Offset as a share of white: what a black thing gives."""
    tone: float = TONE
    """Exponent of the tone curve; 1 for none."""


class Noise:
    """Noise without end out of one piece of it: two places of it, chosen anew for each frame, added."""

    def __init__(self, height: int, width: int, dice: np.random.Generator) -> None:
        self._dice, self._shape = dice, (height, width)
        self._piece = dice.standard_normal((3, height + _SLACK, width + _SLACK), dtype=np.float32) / np.float32(np.sqrt(2))

    def next(self) -> Grid:
        """(3, h, w) standard normal numbers."""
        (a, b), (c, d) = self._dice.integers(0, _SLACK, (2, 2))
        height, width = self._shape
        return self._piece[:, a : a + height, b : b + width] + self._piece[:, c : c + height, d : d + width]


def develop(light: Grid, gain: float, sensor: Sensor, noise: Grid) -> NDArray[np.uint8]:
    """(3, h, w) radiance to (h, w, 3) pixels, BGR; `gain` is the exposure: white is 1 / gain."""
    signal = light * np.float32(gain)
    spread = np.sqrt(signal * np.float32(1 / sensor.full_well) + np.float32((sensor.read_noise / sensor.full_well) ** 2))
    spread *= noise
    signal += spread
    signal += np.float32(sensor.black)
    np.clip(signal, 0, 1, out=signal)
    signal *= np.float32(_CODES - 1)
    curve = np.round(255 * np.linspace(0, 1, _CODES) ** (1 / sensor.tone)).astype(np.uint8)
    return np.ascontiguousarray(np.moveaxis(curve[signal.astype(np.uint16)], 0, 2))
