"""What an embedder must hold besides its error rates: answers that repeat, answers that stand a small slip, and its speed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from edge.imaging import Pixels
from edge.stages.match import Embedder, Embedding, compare

SLIP_SHARE = 0.05
"""By how much the five points are moved, as a share of the distance of the eyes: what `landmarks5` itself is off on average."""

STEADY_SHARE = 0.95
"""Of so many pictures a mirrored and a shifted view must still be taken for the same person."""

SLOWEST_RATIO = 4.0
"""Computing time per face that is still let in, as a multiple of the default matcher's."""

_MIRRORED_ORDER = [1, 0, 2, 4, 3]
"""The five points of a mirrored face: what was at the left is at the right."""


@dataclass(frozen=True, slots=True, eq=False)
class PlacedFace:
    """A picture and where its face is."""

    bgr: Pixels
    """(height, width, 3)."""
    points: NDArray[np.float32]
    """(5, 2) in pixels, in the order of `Detection.points`."""

    @property
    def mirrored(self) -> PlacedFace:
        """The same face as in a mirror."""
        width = self.bgr.shape[1]
        flipped = self.points[_MIRRORED_ORDER].copy()
        flipped[:, 0] = width - 1 - flipped[:, 0]
        return PlacedFace(np.ascontiguousarray(self.bgr[:, ::-1]), flipped)

    @property
    def shifted(self) -> PlacedFace:
        """The same picture with points that are a little off, to the right and down."""
        slip = SLIP_SHARE * float(np.linalg.norm(self.points[1] - self.points[0]))
        return PlacedFace(self.bgr, self.points + np.float32(slip))


@dataclass(frozen=True, slots=True)
class Steadiness:
    """How an embedder answers when next to nothing has changed."""

    faces: int
    repeats: bool
    """Whether the same picture twice gives the very same numbers."""
    mirrored: float
    """Similarity with the mirror image that 95 % of the faces reach."""
    shifted: float
    """Similarity with points that are a little off that 95 % of the faces reach."""


@dataclass(frozen=True, slots=True)
class Speed:
    """Computing time per face, crops included, each the median of all rounds."""

    candidate_ms: float
    default_ms: float

    @property
    def ratio(self) -> float:
        """How many times the default matcher's time the candidate takes."""
        return self.candidate_ms / self.default_ms


def measure_steadiness(embedder: Embedder, faces: Sequence[PlacedFace]) -> Steadiness:
    """Embed each face twice, mirrored, and with points that are off; `faces` is not empty.

    Raises `EmbeddingInvalidError`, and `ModelError` when the engine fails.
    """
    as_they_are = [_embed(embedder, face) for face in faces]
    again = [_embed(embedder, face) for face in faces]
    mirrored = [compare(one, _embed(embedder, face.mirrored)) for one, face in zip(as_they_are, faces, strict=True)]
    shifted = [compare(one, _embed(embedder, face.shifted)) for one, face in zip(as_they_are, faces, strict=True)]
    return Steadiness(
        faces=len(faces),
        repeats=all(np.array_equal(one, other) for one, other in zip(as_they_are, again, strict=True)),
        mirrored=_reached_by_most(mirrored),
        shifted=_reached_by_most(shifted),
    )


def compare_speed(
    candidate: Embedder, default: Embedder, faces: Sequence[PlacedFace], rounds: int, spent_ns: Callable[[], int]
) -> Speed:
    """Time two embedders by turns on the same faces, so that whatever else the machine does falls on both.

    `spent_ns` tells the computing time of this process. `faces` is not empty.
    """
    for embedder in (candidate, default):
        _embed(embedder, faces[0])
    times: dict[bool, list[int]] = {True: [], False: []}
    for number in range(rounds):
        for face in faces:
            # Who goes first changes with the round: the second one finds the picture in the processor's cache.
            for is_candidate in (number % 2 == 0, number % 2 == 1):
                began_ns = spent_ns()
                _embed(candidate if is_candidate else default, face)
                times[is_candidate].append(spent_ns() - began_ns)
    return Speed(median(times[True]) / 1e6, median(times[False]) / 1e6)


def _embed(embedder: Embedder, face: PlacedFace) -> Embedding:
    return embedder.embed_still(embedder.crops(face.bgr, face.points))


def _reached_by_most(similarities: Sequence[float]) -> float:
    return float(np.quantile(similarities, 1 - STEADY_SHARE, method="lower"))
