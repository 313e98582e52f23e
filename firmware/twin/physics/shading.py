"""How much light each point of a surface sends to the camera: Lambert, gloss, distance, its own glow, the light of the place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from firmware.frame import Emitter
from firmware.twin.physics.geometry import Lens, Sight, sampled
from firmware.twin.physics.head import EYE_X
from firmware.twin.physics.lights import ARMS_LENGTH, Ambient, Rig
from firmware.twin.physics.motion import Expression, articulate
from firmware.twin.physics.optics import Grid, Vectors, dot, specular, unit
from firmware.twin.physics.raster import enlarged, planes
from firmware.twin.physics.surface import Moves, Surface

MOUTH_INSIDE = np.array([0.02, 0.02, 0.05, 0.05], dtype=np.float32)
"""Reflectance of an open mouth: blue, green, red, near-infrared."""
CORNEA_RADIUS, CORNEA_F0, GLINT_CM = 0.78, 0.025, 0.12
"""Radius of the cornea (7.8 mm) and its reflectance (refractive index 1.376), as in Gullstrand's eye; and how large the mirrored
lamp looks, centimetres."""


@dataclass(frozen=True, slots=True, eq=False)
class Falling:
    """What falls on each point, and what it mirrors to the camera: of the white lamp, and of all near-infrared lamps together."""

    white: Grid
    white_mirrored: Grid
    infrared: Grid
    infrared_mirrored: Grid


def radiance(
    lens: Lens, surface: Surface, sight: Sight, lit: Sequence[Emitter], rig: Rig, ambient: Ambient, face: Expression
) -> tuple[Grid, Grid]:
    """(3, h, w) light that reaches the camera from the surface, and (h, w) how much of each pixel the surface covers."""
    x, y, place = (enlarged(grid, lens.width_px, lens.height_px) for grid in (sight.x, sight.y, _of_the_place(sight, ambient)))
    now = articulate(x, y, face, surface.moves)
    reflectance = planes(sampled(surface.reflectance, now.x, now.y))
    if now.hole is not None and surface.glow is None:
        reflectance += (MOUTH_INSIDE[:, None, None] - reflectance) * now.hole
    falling = _falling(sight, surface, lit, rig)
    white, white_mirrored, infrared, mirrored = (
        enlarged(part, lens.width_px, lens.height_px)
        for part in (falling.white, falling.white_mirrored, falling.infrared, falling.infrared_mirrored)
    )
    unseen = reflectance[3] * (place * np.float32(ambient.infrared) + infrared) + white_mirrored + mirrored
    if surface.moves in (Moves.FACE, Moves.EYES_BEHIND):
        unseen += _glints(x, y, [lamp for lamp in lit if lamp is not Emitter.VISIBLE], rig, face)
    sent = place * np.array(ambient.visible, dtype=np.float32)[:, None, None]
    sent += white
    sent *= reflectance[:3]
    sent += unseen
    if surface.glow is not None:
        glow = planes(sampled(surface.glow, now.x, now.y))
        sent += glow if now.hole is None else glow * (1 - 0.9 * now.hole)
    return sent, sampled(surface.coverage, x, y)


def _falling(sight: Sight, surface: Surface, lit: Sequence[Emitter], rig: Rig) -> Falling:
    none = np.zeros_like(sight.x)
    parts = {emitter: _of_the_lamp(sight, surface, emitter, rig) for emitter in lit}
    white = parts.pop(Emitter.VISIBLE, (none, none))
    infrared = sum((falls for falls, _ in parts.values()), none)
    return Falling(*white, infrared, sum((mirrored for _, mirrored in parts.values()), none))


def _of_the_place(sight: Sight, ambient: Ambient) -> Grid:
    """Share of the ambient irradiance that falls on each point."""
    right, down, towards = (np.float32(part) for part in ambient.direction)
    _, normal_down, normal_towards = sight.normal
    straight = np.clip(sight.normal[0] * right + normal_down * down + normal_towards * towards, 0, None)
    around = 0.6 + 0.4 * normal_towards - 0.15 * normal_down
    return np.asarray(ambient.diffuse_share * around + (1 - ambient.diffuse_share) * straight, dtype=np.float32)


def _of_the_lamp(sight: Sight, surface: Surface, emitter: Emitter, rig: Rig) -> tuple[Grid, Grid]:
    """Diffuse irradiance, and light mirrored to the camera, of one lamp with the characteristic of Lambert."""
    right, down = (np.float32(part) for part in rig.places[emitter])
    there: Vectors = (right - sight.point[0], down - sight.point[1], -sight.point[2])
    square = np.maximum(dot(there, there), np.float32(1.0))
    way = unit(there)
    slant = np.clip(dot(sight.normal, way), 0, None)
    reaching = np.float32(rig.power[emitter] * ARMS_LENGTH**2) / square * np.clip(way[2], 0, None)
    back = unit(sight.point)
    half = unit((way[0] - back[0], way[1] - back[1], way[2] - back[2]))
    falls = np.asarray(reaching * slant, dtype=np.float32)
    return falls, np.asarray(specular(surface.gloss, dot(sight.normal, half)) * reaching * (slant > 0), dtype=np.float32)


def _glints(x: Grid, y: Grid, lamps: Sequence[Emitter], rig: Rig, face: Expression) -> Grid:
    """The first Purkinje image of each lamp on each cornea: a small bright spot beside the middle of the pupil."""
    spot = np.zeros_like(x)
    for lamp in lamps:
        right, down = rig.places[lamp]
        for eye in (-EYE_X, EYE_X):
            middle_x = eye + CORNEA_RADIUS / 2 * right / ARMS_LENGTH
            middle_y = CORNEA_RADIUS / 2 * down / ARMS_LENGTH
            near = (np.abs(x - np.float32(middle_x)) < 3 * GLINT_CM) & (np.abs(y - np.float32(middle_y)) < 3 * GLINT_CM)
            off = (x[near] - np.float32(middle_x)) ** 2 + (y[near] - np.float32(middle_y)) ** 2
            spot[near] += np.float32(rig.power[lamp]) * np.exp(-off / np.float32(GLINT_CM**2 / 2))
    return np.asarray(spot * (1 - face.eyes_shut) * CORNEA_F0 * MAGNIFIED, dtype=np.float32)


MAGNIFIED = 40.0
"""Radiance of a mirrored lamp over the irradiance at arm's length: a die and its dome are a few millimetres across."""
