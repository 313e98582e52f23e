"""Sits people from portraits down before a camera: a frame of the size that units see, with the face where it is asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.engine import Engine
from edge.evaluate.guidance.paint import moved
from edge.flow import Detection
from edge.imaging import Pixels, apply_map
from edge.stages.landmarks import in_frame

Points = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Sitter:
    """Somebody in a portrait."""

    bgr: Pixels
    face: Detection
    mesh: Points
    """(478, 2) dense landmarks, pixels of the portrait."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Where the face is in the frame."""

    eyes_px: float = 92.0
    """As far apart as at 42 cm before a lens that sees 66 degrees."""
    x_share: float = 0.5
    y_share: float = 0.5
    width_px: int = 800
    height_px: int = 600


@dataclass(frozen=True, slots=True, eq=False)
class Seated:
    """A frame, and where the face is in it."""

    bgr: Pixels
    mesh: Points
    """(478, 2) pixels of the frame."""
    eyes_px: float
    """How far apart the eyes are."""


def sitter_in(bgr: Pixels, face: Detection, engine: Engine) -> Sitter | None:
    """The sitter of a portrait; None when no dense landmarks fit. Raises `ModelError` or `LivenessBrokenError`."""
    mesh = engine.mesh.fit(bgr, face)
    return None if mesh is None else Sitter(bgr, face, in_frame(mesh, face))


def seated(sitter: Sitter, seat: Seat) -> Seated:
    """The frame in which the sitter takes that seat."""
    scale = seat.eyes_px / sitter.face.eye_distance_px
    x, y = sitter.face.box.centre
    matrix = np.array(
        [[scale, 0, seat.x_share * seat.width_px - scale * x], [0, scale, seat.y_share * seat.height_px - scale * y]]
    )
    return Seated(moved(sitter.bgr, matrix, seat.width_px, seat.height_px), apply_map(matrix, sitter.mesh), seat.eyes_px)
