"""What a face does: eyes and mouth, and how the head is turned, such that a flat picture that is turned or tilted does nothing.

The mean face in space is laid onto the mesh by the affine camera that fits best (Koenderink and van Doorn, J. Opt. Soc. Am. A
8, 1991): two rows of three numbers. The columns for width and height tell how the face is foreshortened; the column for depth
tells how far what stands out is displaced against what lies back. A head that turns by an angle shows its sine there. The
motion of a flat picture, however it is held, is a homography whose affine part leaves that column as it is, so its parallax
stays that of the photo.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.flow import Expression
from edge.stages.landmarks import Mesh, openness

MOVING_FROM = 2.5
"""Centimetres below the tip of the nose: what lies there moves with the jaw, and lips by themselves, not with the head."""
LIPS = (
    *(0, 13, 14, 17, 37, 39, 40, 42, 61, 78, 80, 81, 82, 84, 87, 88, 91, 95, 146, 178, 181, 183, 185, 191, 267, 269, 270),
    *(291, 308, 310, 311, 312, 314, 317, 318, 321, 324, 375, 402, 405, 409, 415),
)
NOSE_TIP = 1


class Expresser:
    """Reads expressions off meshes."""

    def __init__(self, mean_face: NDArray[np.float64]) -> None:
        """`mean_face` as `models.face_shape` gives it: (468, 3) cm, right, down, towards the camera."""
        steady = mean_face[:, 1] - mean_face[NOSE_TIP, 1] < MOVING_FROM
        steady[list(LIPS)] = False
        self._kept = np.flatnonzero(steady)
        face = mean_face[self._kept] - mean_face[self._kept].mean(axis=0)
        self._solver = np.linalg.pinv(np.hstack([face, np.ones((len(face), 1))]))[:3]

    def express(self, mesh: Mesh, captured_ns: int) -> Expression:
        """What the face of a mesh does; all numbers are NaN where the mesh is degenerate."""
        camera = (self._solver @ mesh.points[self._kept, :2].astype(np.float64)).T
        (wide, tall), rows = np.linalg.norm(camera[:, :2], axis=0), np.linalg.norm(camera, axis=1)
        if not min(wide, tall, *rows) > 1e-6:
            return Expression(np.nan, np.nan, captured_ns, np.nan, np.nan)
        # Rows of a rotation, times a scale: the longer row is the less foreshortened one with its parallax.
        scale = float(np.sqrt(np.prod(rows)))
        yaw, pitch = np.degrees(np.arcsin(np.clip(camera[:, 2] / scale, -1.0, 1.0)))
        opened, upright = openness(mesh), float(wide / tall)
        return Expression(opened.eyes * upright, opened.mouth * upright, captured_ns, float(yaw), float(pitch))
