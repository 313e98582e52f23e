"""How well the distance of a face is told, on drawn faces whose distance is known. All of it is simulated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from edge.engine import Engine
from edge.evaluate.simulated.faces import Faces, worn_for
from edge.stages.distance import distance_cm, seen_eyes_px
from edge.stages.grade import head_pose
from firmware.frame import Frame
from firmware.twin.physics.geometry import Lens
from firmware.twin.physics.head import EYE_X
from firmware.twin.physics.lights import Place
from firmware.twin.physics.optics import Grid
from firmware.twin.physics.species import Species
from firmware.twin.physics.surface import CELL, LEFT, TOP
from firmware.twin.scene import Lamps, SceneCamera, Staging
from firmware.twin.staging import Casting, stage
from models.calibration.rates import Rate, rate

AWAY_CM = (15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 65.0, 80.0, 100.0, 120.0)
LENS = Lens(640, 640, focal_px=493.0, down_px=0.0)
"""Sees 66 degrees across, as wide-angle modules do, and as much upwards: a near face is tall."""
WANTED = 0.10
"""An estimate is right when it is off by no more."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """One drawn face."""

    away_cm: float
    """From the lens to its eyes."""
    told_cm: float | None
    """None when no face was found."""

    @property
    def off(self) -> float | None:
        """How far it is off, as a share of the distance; above 0 is too far."""
        return None if self.told_cm is None else self.told_cm / self.away_cm - 1


@dataclass(frozen=True, slots=True)
class DistanceRate:
    """The faces at one distance."""

    away_cm: float
    """As it was asked for; eyes lie a little behind that."""
    right: Rate
    """Share within WANTED, of all that were drawn."""
    median_off: float | None
    worst_off: float | None
    """The largest either way; None when no face was found."""


def estimate_all(faces: Faces, people: int, engine: Engine, progress: Callable[[int, int], None]) -> tuple[DistanceRate, ...]:
    """Draw so many people at each distance, each with a head of their own, and estimate; raises `ModelError`."""
    worn = [face for face in (worn_for(faces, person, engine.eyes) for person in faces.people[:people]) if face is not None]
    rates = []
    for number, away_cm in enumerate(AWAY_CM, start=1):
        rates.append(rate_of(away_cm, tuple(_estimates(worn, away_cm, engine))))
        progress(number, len(AWAY_CM))
    return tuple(rates)


def rate_of(away_cm: float, estimates: tuple[Estimate, ...]) -> DistanceRate:
    """Count the estimates at one distance."""
    off = [one.off for one in estimates if one.off is not None]
    right = rate(sum(abs(share) <= WANTED for share in off), len(estimates))
    return DistanceRate(away_cm, right, float(np.median(off)) if off else None, max(off, key=abs) if off else None)


def _estimates(worn: list[Grid], away_cm: float, engine: Engine) -> Iterator[Estimate]:
    for number, face in enumerate(worn):
        casting = Casting(Species.LIVE, number, face, face, Place.OFFICE, number, seed=number, lens=LENS)
        nearest = stage(casting)
        # The size of the head belongs to the variant; what is asked for is a distance.
        eyes_px = LENS.focal_px * 2 * EYE_X * nearest.surface.scale / away_cm
        staged = stage(replace(casting, eye_distance_px=eyes_px))
        frame = next(iter(SceneCamera("scene", staged, Lamps(), lambda: "").frames()))
        yield Estimate(_to_the_eyes(staged), _told(frame, engine))


def _to_the_eyes(staged: Staging) -> float:
    """From the lens to the eyes: they lie behind the frontal plane of the head."""
    height = staged.surface.height
    column, row = (round((EYE_X - LEFT) / CELL), round((0.0 - TOP) / CELL))
    return staged.rest.away_cm - float(height[row, column]) * staged.surface.scale


def _told(frame: Frame, engine: Engine) -> float | None:
    found = engine.detector.find(frame.bgr)
    if not found:
        return None
    points = engine.aligner.points(frame.bgr, found[0])
    return distance_cm(seen_eyes_px(found[0], points), head_pose(found[0], points).yaw_deg, LENS.focal_px)
