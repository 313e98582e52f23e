"""Fits a dense mesh to a face (MediaPipe Face Landmarks, 478 points) and measures how far its eyes and mouth are open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.errors import LivenessBrokenError
from edge.flow import Detection
from edge.imaging import Matrix, Pixels, rgb_shares, warp
from models.runtime import Network

CROP_PX = 256
REGION = 1.5
"""Side of the region over the longer side of the face box."""
MIN_PRESENCE = 0.0
"""Presence logit; about 20 on faces, below 0 elsewhere."""

# Points of the mesh: outer corner, two of the upper lid, inner corner, two of the lower lid (Soukupova and Cech, CVWW 2016).
RIGHT_EYE = (33, 160, 158, 133, 153, 144)
LEFT_EYE = (362, 385, 387, 263, 373, 380)
UPPER_LIP, LOWER_LIP, MOUTH_RIGHT, MOUTH_LEFT = 13, 14, 78, 308
CORNER_RIGHT, CORNER_LEFT = 61, 291


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """The dense points of one face."""

    points: NDArray[np.float32]
    """(478, 3) in pixels of the levelled crop; depth in the same unit."""


class MeshFitter:
    """Fits the mesh with the network of card `landmarks478`."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def fit(self, bgr: Pixels, face: Detection) -> Mesh | None:
        """The mesh, or None when the network does not see a face there; `LivenessBrokenError` when it says nothing at all."""
        crop = rgb_shares(warp(bgr, _levelled(face), CROP_PX))
        points, presence = self._network.run(crop[None])[:2]
        logit = float(presence.reshape(-1)[0])
        if not np.isfinite(logit):
            raise LivenessBrokenError("action")
        if logit < MIN_PRESENCE:
            return None
        return Mesh(points.reshape(478, 3))


def in_frame(mesh: Mesh, face: Detection) -> NDArray[np.float32]:
    """(478, 2) points of a mesh that was fitted to this face, in pixels of its frame."""
    matrix = _levelled(face)
    return np.asarray((mesh.points[:, :2] - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T, np.float32)


@dataclass(frozen=True, slots=True)
class Openness:
    """Ratios of lengths as they are seen; without unit."""

    eyes: float
    """Eye aspect ratio, mean of both eyes; about 0.05 closed, 0.25 open."""
    mouth: float
    """Inner lip distance over mouth width; about 0 closed, over 0.5 wide open."""


def openness(mesh: Mesh) -> Openness:
    """Eye aspect ratio, mean of both eyes, and inner mouth height over width."""
    eyes = (_eye_ratio(mesh, RIGHT_EYE) + _eye_ratio(mesh, LEFT_EYE)) / 2
    mouth = _distance(mesh, UPPER_LIP, LOWER_LIP) / max(1e-6, _distance(mesh, MOUTH_RIGHT, MOUTH_LEFT))
    return Openness(eyes, mouth)


def mouth_width(mesh: Mesh) -> float:
    """From corner to corner, over the distance of the eyes: 0.7 to 0.9 at rest, 1.1 in a broad smile."""
    right, left = (mesh.points[list(eye), :2].mean(axis=0) for eye in (RIGHT_EYE, LEFT_EYE))
    corners = mesh.points[CORNER_RIGHT, :2] - mesh.points[CORNER_LEFT, :2]
    return float(np.hypot(*corners)) / max(1e-6, float(np.hypot(*(left - right))))


def best_eye(mesh: Mesh) -> float:
    """Eye aspect ratio of the eye that is wider open."""
    return max(_eye_ratio(mesh, RIGHT_EYE), _eye_ratio(mesh, LEFT_EYE))


def _eye_ratio(mesh: Mesh, eye: tuple[int, ...]) -> float:
    outer, upper_one, upper_two, inner, lower_two, lower_one = eye
    height = _distance(mesh, upper_one, lower_one) + _distance(mesh, upper_two, lower_two)
    return height / max(1e-6, 2 * _distance(mesh, outer, inner))


def _distance(mesh: Mesh, one: int, other: int) -> float:
    return float(np.linalg.norm(mesh.points[one, :2] - mesh.points[other, :2]))


def _levelled(face: Detection) -> Matrix:
    """The map from the frame to a crop in which the eye line is level."""
    dx, dy = face.points[1] - face.points[0]
    length = max(1e-6, float(np.hypot(dx, dy)))
    cos, sin = float(dx) / length, float(dy) / length
    scale = CROP_PX / (REGION * face.box.side_px)
    linear = scale * np.array([[cos, sin], [-sin, cos]])
    shift = np.array([CROP_PX / 2, CROP_PX / 2]) - linear @ np.array(face.box.centre)
    return np.hstack([linear, shift[:, None]])
