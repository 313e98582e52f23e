"""Finds the same picture twice: by its pixels alone, whatever the matcher thinks, also mirrored, recoloured or saved anew.

Faces are laid over one another by their five points, shrunk to 24 pixels, freed of broad light and shade, and correlated.
Looked at by eye (development sets): the same picture has 0.86 to 0.99; two pictures of one person, taken a moment apart,
reach 0.91; of 1.4 million pairs of two persons the closest has 0.861.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.evaluate.joining import Joined
from edge.imaging import Pixels, similarity_map, warp

LIMIT = 0.88
"""From this correlation on two pictures count as the same."""

SIDE = 24
_FINE = 4
"""The face is cut out at so many times the final size, and averaged."""
_BROAD = 3.0
"""Deviation of the blur that is taken away, in pixels of the small picture."""
_BLOCK_ROWS = 512
_GREY = np.array([0.114, 0.587, 0.299], dtype=np.float32)
"""Luma of blue, green and red (ITU-R BT.601)."""

PLACES = np.array([[0.237, 0.302], [0.763, 0.302], [0.5, 0.558], [0.285, 0.821], [0.715, 0.821]], dtype=np.float32)
"""Where the five points come to lie, shares of the side: brows, cheeks and chin fill the square, hair and background stay out."""

Trace = NDArray[np.float32]
"""(576,) what is left of a face: mean 0, length 1. Personal data, as a picture is."""


@dataclass(frozen=True, slots=True)
class SamePicture:
    """Two pictures that are one, by their places in the list."""

    one: int
    other: int
    correlation: float
    mirrored: bool


def trace(bgr: Pixels, points: NDArray[np.float32]) -> Trace:
    """What is left of the face with these (5, 2) points; all zero for an even surface, which resembles nothing."""
    fine = warp(bgr, similarity_map(points, PLACES * (SIDE * _FINE)), SIDE * _FINE).astype(np.float32) @ _GREY
    small = fine.reshape(SIDE, _FINE, SIDE, _FINE).mean(axis=(1, 3))
    detail = small - _BLUR @ small @ _BLUR.T
    detail -= detail.mean()
    length = float(np.linalg.norm(detail))
    return np.asarray(detail.reshape(-1) / length if length > 1.0 else np.zeros(SIDE * SIDE), dtype=np.float32)


def _blur_matrix() -> NDArray[np.float32]:
    """(24, 24) Gaussian weights, each row adding up to 1, also at the border."""
    place = np.arange(SIDE)
    weights = np.exp(-((place[:, None] - place[None, :]) ** 2) / (2 * _BROAD**2))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float32)


_BLUR = _blur_matrix()


def find_same_pictures(traces: Sequence[Trace]) -> tuple[SamePicture, ...]:
    """The pairs that are the same picture, most alike first. Of pictures that are there more than twice, each joins once:
    n copies make n - 1 pairs, whose chains hold them all together.
    """
    joined: Joined[int] = Joined()
    found = []
    for pair in _alike(traces):
        if joined.root(pair.one) != joined.root(pair.other):
            joined.join(pair.one, pair.other)
            found.append(pair)
    return tuple(sorted(found, key=lambda pair: -pair.correlation))


def _alike(traces: Sequence[Trace]) -> Iterator[SamePicture]:
    """All pairs from the limit on, a block of correlations at a time."""
    if not traces:
        return
    plain = np.stack(traces)
    mirrored = plain.reshape(-1, SIDE, SIDE)[:, :, ::-1].reshape(-1, SIDE * SIDE)
    starts = range(0, len(plain), _BLOCK_ROWS)
    for top in starts:
        rows = plain[top : top + _BLOCK_ROWS]
        for left in starts[top // _BLOCK_ROWS :]:
            as_is, turned = (rows @ others[left : left + _BLOCK_ROWS].T for others in (plain, mirrored))
            closest = np.maximum(as_is, turned)
            for row, column in np.argwhere(closest >= LIMIT).tolist():
                if top + row < left + column:
                    is_turned = bool(turned[row, column] > as_is[row, column])
                    yield SamePicture(top + row, left + column, float(closest[row, column]), is_turned)
