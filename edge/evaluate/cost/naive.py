"""The usual loop, which ours is measured against: detector, both texture networks and the embedder on every frame.

What finds and what runs the networks is given (`Runner`); the crops, the alignment and the decisions are the same for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edge.flow import Detection
from edge.imaging import Pixels, crop_resized, similarity_map, surroundings, warp
from models.card import FaceInput

Vector = NDArray[np.float32]
"""(d,) of unit length."""

TEXTURES = {"minifasnet_v2": 2.7, "minifasnet_v1se": 4.0}
"""Texture networks by their names in the manifest, each with how much of the surroundings it sees."""
EMBEDDER = "embedder"
TEXTURE_CROP_PX = 80


class Runner(Protocol):
    """One way to find faces and to run networks, one thread."""

    @property
    def name(self) -> str:
        """`opencv` or `onnxruntime`."""
        ...

    @property
    def version(self) -> str:
        """The library with its version."""
        ...

    def find(self, bgr: Pixels) -> tuple[Detection, ...]:
        """All faces of a (height, width, 3) BGR picture, in its pixels."""
        ...

    def real(self, texture: str, crop: Pixels) -> float:
        """Probability, 0 to 1, that an (80, 80, 3) BGR crop shows a living face, by one texture network."""
        ...

    def embed(self, crop: Pixels) -> NDArray[np.float32]:
        """What the embedder says of an aligned (side, side, 3) BGR crop, of any length."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What the loop sees of the largest face of a frame."""

    face: Detection
    texture: float
    """0 picture, 1 living face: the mean of both networks."""
    embedding: Vector


class NaiveLoop:
    """Everything on every frame, nothing remembered. Only one thread may use it."""

    def __init__(self, runner: Runner, face: FaceInput) -> None:
        """`face` is how the embedder wants a face to lie."""
        self.runner = runner
        self._crop_px = face.crop_px
        self._points = np.array(face.points, dtype=np.float32)

    def find(self, bgr: Pixels) -> Detection | None:
        """The largest face of a (height, width, 3) BGR frame; None where there is none."""
        return max(self.runner.find(bgr), key=lambda face: face.box.side_px, default=None)

    def look(self, bgr: Pixels) -> Sight | None:
        """Find, probe and embed the largest face; None where there is none."""
        face = self.find(bgr)
        if face is None:
            return None
        scores = [self._real(name, scale, bgr, face) for name, scale in TEXTURES.items()]
        # The least-squares similarity transform is what cv2.FaceRecognizerSF.alignCrop uses, too.
        crop = warp(bgr, similarity_map(face.points, self._points), self._crop_px)
        return Sight(face, float(np.mean(scores)), unit(self.runner.embed(crop)))

    def _real(self, name: str, scale: float, bgr: Pixels, face: Detection) -> float:
        box = surroundings(face.box, scale, bgr.shape[0], bgr.shape[1])
        return self.runner.real(name, crop_resized(bgr, box, TEXTURE_CROP_PX))


def unit(vector: NDArray[np.float32]) -> Vector:
    """A vector, flattened, of length 1; one without a direction stays as it is and is like nothing."""
    flat = vector.reshape(-1)
    length = float(np.linalg.norm(flat))
    return np.asarray(flat / length if length > 0 else flat, dtype=np.float32)


def mean_texture(sights: Sequence[Sight]) -> float | None:
    """The mean texture score of all frames with a face; None without any."""
    return float(np.mean([sight.texture for sight in sights])) if sights else None


def likeness(sights: Sequence[Sight], reference: Vector) -> float | None:
    """Cosine of the mean of all embeddings with a reference; None without any face."""
    if not sights:
        return None
    return float(unit(np.mean([sight.embedding for sight in sights], axis=0)) @ reference)
