"""Puts a scene together: who or what sits there, how far away, in which light, before which lamps."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from firmware.twin.physics.geometry import Lens
from firmware.twin.physics.head import EYE_X
from firmware.twin.physics.lights import Place, Rig, ambient_of
from firmware.twin.physics.motion import Pose
from firmware.twin.physics.optics import Grid
from firmware.twin.physics.sensor import Sensor
from firmware.twin.physics.species import Species, surface_of
from firmware.twin.scene import Staging, room_of
from firmware.twin.sitter import sitter_of


@dataclass(frozen=True, slots=True, eq=False)
class Casting:
    """One presentation: what is presented, where, and to which unit."""

    species: Species
    variant: int
    face: Grid
    """The face that is shown, from `texture_of`."""
    behind: Grid
    """The face of whoever holds a cut-out."""
    place: Place
    place_variant: int
    seed: int
    """Of pose, movement and noise."""
    eye_distance_px: float = 55.0
    rig: Rig = field(default_factory=Rig)
    lens: Lens = field(default_factory=Lens)
    sensor: Sensor = field(default_factory=Sensor)
    frames_per_second: float = 30.0
    ends_after_s: float = 60.0


def stage(casting: Casting) -> Staging:
    """Put it before the camera, so far away that the eyes lie as far apart in the picture as asked for."""
    dice = np.random.default_rng(casting.seed)
    surface = surface_of(casting.species, casting.variant, casting.face, casting.behind)
    away_cm = casting.lens.focal_px * 2 * EYE_X * surface.scale / casting.eye_distance_px
    rest = Pose(dice.normal(0, 3), dice.normal(0, 3), dice.normal(0, 2), dice.normal(0, 0.4), dice.normal(0, 0.4), away_cm)
    return Staging(
        surface=surface,
        sitter=sitter_of(casting.species, dice, rest),
        rest=rest,
        room=room_of(casting.lens, dice),
        ambient=ambient_of(casting.place, casting.place_variant),
        rig=casting.rig,
        lens=casting.lens,
        sensor=casting.sensor,
        frames_per_second=casting.frames_per_second,
        ends_after_s=casting.ends_after_s,
        seed=casting.seed,
    )
