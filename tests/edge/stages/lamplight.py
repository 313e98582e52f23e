"""Faces of simple shapes under single lamps, by Lambert's law and nothing else, and what a camera keeps of them during a code.

Lengths are eye distances, as in `face_grid`: x to the right of the picture, y down, depth towards the camera.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.session.light_code import CODE_BYTES, CODE_PURPOSE, LightCode, light_code
from edge.stages.face_grid import AROUND_COLUMNS, AROUND_ROWS, COLUMNS, ROWS, FaceLight, across, down
from edge.stages.lamp_response import Look, Response
from wire.derive import derived_bytes

Floats = NDArray[np.float64]
Shape = Callable[[Floats, Floats], Floats]
"""The depth at x and y."""

LAMP_X, LAMP_Z = 1.6, 8.0
"""A lamp ten centimetres beside the camera, half a metre before the face. L hangs at the left of the picture."""
FRAMES = 6
"""So many frames does a symbol last."""
SYMBOL_NS = 200_000_000
FRAME_NS = SYMBOL_NS // FRAMES
NOISE = 0.002
"""Standard deviation of the light of a cell from frame to frame."""


def plane(x: Floats, y: Floats) -> Floats:
    return 0 * x


def cylinder(x: Floats, y: Floats) -> Floats:
    return np.asarray(np.sqrt(np.maximum(1.5**2 - x**2, 0.01)))


def head(x: Floats, y: Floats) -> Floats:
    """A ball with a nose on it."""
    ball = np.sqrt(np.maximum(1.8**2 - x**2 - (y - 0.4) ** 2, 0.01))
    return np.asarray(ball + 0.35 * np.exp(-((x / 0.17) ** 2) - ((y - 0.4) / 0.28) ** 2))


def hollow(shape: Shape) -> Shape:
    """The same, seen from behind."""
    return lambda x, y: -shape(x, y)


def shaded(shape: Shape, lamp: str, strength: float = 0.3) -> Floats:
    """(ROWS, COLUMNS) light that a white shape sends under one lamp; `strength` is that of a plane right before it."""
    return shaded_at(shape, lamp, across().astype(np.float64), down().astype(np.float64), strength)


def shaded_at(shape: Shape, lamp: str, x: Floats, y: Floats, strength: float = 0.3) -> Floats:
    """The same at any x and y, both of the rows and columns of an even grid."""
    depth = shape(x, y)
    tall, wide = np.gradient(depth, x[0, 1] - x[0, 0])
    normal = np.stack([-wide, -tall, np.ones_like(depth)])
    normal /= np.linalg.norm(normal, axis=0)
    to_lamp = np.stack([{"L": -LAMP_X, "R": LAMP_X}[lamp] - x, -y, LAMP_Z - depth])
    away = np.linalg.norm(to_lamp, axis=0)
    return np.asarray(strength * LAMP_Z**2 * np.maximum((normal * to_lamp).sum(axis=0), 0) / away**3)


def both_sides(shape: Shape, strength: float = 0.3) -> dict[str, Floats]:
    """What each of the lamps L and R adds to a shape."""
    return {lamp: shaded(shape, lamp, strength) for lamp in "LR"}


def response_of(lamps: Mapping[str, Floats], clipped: float = 0.0) -> Response:
    """A response without any error."""
    grids = {lamp: np.asarray(light, dtype=np.float32) for lamp, light in lamps.items()}
    nothing = np.zeros((ROWS, COLUMNS), dtype=np.float32)
    return Response(nothing, grids, dict.fromkeys(grids, nothing), np.full_like(nothing, clipped))


def code_of(visit: int, lamps: str = "LR", symbol_ns: int = SYMBOL_NS) -> LightCode:
    """The code of any visit."""
    return light_code(derived_bytes(visit.to_bytes(32, "big"), CODE_PURPOSE, CODE_BYTES), lamps, symbol_ns)


@dataclass(frozen=True, slots=True, eq=False)
class Filmed:
    """What was kept of a face during a code."""

    looks: list[Look]
    places: list[int]
    begins_ns: list[int]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """How a face and its place answer a code."""

    lamps: Mapping[str, Floats]
    """What each lamp adds to the face."""
    place: float = 0.05
    drift: float = 0.0
    """What the place gains from the first frame to the last."""
    noise: float = NOISE
    late: float = 0.0
    """The lamps obey late by so many symbols."""
    obeys: LightCode | None = None
    """Another code that the face answers to instead of the one that is played."""
    around: float = 0.0
    """What each lamp adds to everything around the face."""
    clipped: float = 0.0
    """Share of the cells that are too bright to tell in each frame."""

    def film(self, code: LightCode, symbols: int = 16, frames: int = FRAMES) -> Filmed:
        """The frames of the first symbols of a code."""
        dice, count = np.random.default_rng(7), symbols * frames
        filmed = Filmed([], [], [])
        for number in range(count):
            asked, obeyed = number // frames, int((number + 0.5) / frames - self.late + len(code.symbols))
            shone = (self.obeys or code).symbols[obeyed % len((self.obeys or code).symbols)]
            place = self.place + self.drift * number / max(1, count - 1)
            light = self._light(shone, place + self.noise * dice.standard_normal((ROWS, COLUMNS)), place)
            filmed.looks.append(Look(number * FRAME_NS, code.symbols[asked % len(code.symbols)], light))
            filmed.places.append(asked % len(code.symbols))
            filmed.begins_ns.append(asked * frames * FRAME_NS)
        return filmed

    def _light(self, shone: str, cells: Floats, place: float) -> FaceLight:
        lit = [lamp for lamp in shone if lamp in self.lamps]
        clipped = np.arange(ROWS * COLUMNS).reshape(ROWS, COLUMNS) < self.clipped * ROWS * COLUMNS
        around = np.full((AROUND_ROWS, AROUND_COLUMNS), place + self.around * len(lit), dtype=np.float32)
        return FaceLight((cells + sum(self.lamps[lamp] for lamp in lit)).astype(np.float32), clipped, around)
