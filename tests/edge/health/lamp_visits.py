"""Drawn visits before a unit's lamps: a made-up face of plain colours, other poses, places and codes each time. Simulated."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np

from edge.flow import TrackId
from edge.health.emitter_memory import shares_of
from edge.session.light_code import LightCode
from edge.stages.face_grid import LEVEL_FACE
from edge.stages.infrared import InfraredProbe
from edge.stages.match import Points
from edge.stages.relief import ReliefModel
from firmware.frame import Emitter
from firmware.twin.physics.geometry import Lens
from firmware.twin.physics.head import EYE_X
from firmware.twin.physics.lights import Place, Rig
from firmware.twin.scene import LampFaults, Staging
from firmware.twin.staging import stage
from tests.edge.stages.lamplight import code_of
from tests.firmware.scenes import Booth, casting
from tests.models.made_up import made_up_relief

LENS = Lens(192, 160, focal_px=170.0)
EYES_PX = 28.0
FRAMES = 2
"""So many frames a symbol."""
RELIEF = ReliefModel(made_up_relief())
PLACES = (Place.DARK, Place.OFFICE, Place.WINDOW, Place.WARM_LED)
Shares = dict[str, float]


@dataclass(frozen=True)
class DrawnUnit:
    """A unit whose lamps sit and shine in their own way, and what is wrong with them."""

    number: int = 0
    faults: LampFaults = field(default_factory=LampFaults)

    @property
    def rig(self) -> Rig:
        """Lamps differ by a third from each other when they are new."""
        dice = np.random.default_rng([self.number, 7])
        new = Rig().power
        return Rig(power={emitter: float(dice.uniform(0.7, 1.0)) * new[emitter] for emitter in Emitter})

    def visit(self, seed: int) -> Shares:
        """What one visit tells of the lamps, as shares; empty where it could not tell."""
        return _visit(self.number, self.faults, seed)


@cache
def _visit(number: int, faults: LampFaults, seed: int) -> Shares:
    cast = casting(place=PLACES[seed % len(PLACES)], seed=seed, lens=LENS, eye_distance_px=EYES_PX)
    staging = stage(replace(cast, rig=DrawnUnit(number).rig, place_variant=seed % 8, frames_per_second=10.0, ends_after_s=60.0))
    strengths = _played(Booth(staging, faults=faults), code_of(seed), points_of(staging))
    return shares_of(strengths) if strengths else {}


def _played(booth: Booth, code: LightCode, points: Points) -> dict[str, float]:
    probe = InfraredProbe(code, RELIEF)
    word = code.symbols[0]
    booth.shine("0" if word == "0" else word)
    for frame in booth.camera.frames():
        number = (frame.sequence + 1) // FRAMES
        if number > code.needed + 2:
            break
        probe.look(frame, TrackId(1), points)
        if (frame.sequence + 1) % FRAMES == 0:
            booth.shine(code.symbols[number % len(code.symbols)])
    return dict(probe.strengths)


def points_of(staging: Staging) -> Points:
    """Eyes, nose and mouth where the sitter rests, about."""
    rest, lens = staging.rest, staging.lens
    eyes_px = 2 * EYE_X * staging.surface.scale / rest.away_cm * lens.focal_px
    middle = np.array([lens.width_px / 2, lens.height_px / 2 + lens.down_px])
    return (LEVEL_FACE * eyes_px + middle).astype(np.float32)
