"""Finds faces and their five points with YuNet (Wu et al., Machine Intelligence Research 20, 2023)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from edge.flow import Box, Detection
from edge.imaging import Pixels, Region, Shrunk, pad_around, pad_to_multiple, region_around, shrink, shrink_by_whole
from models.runtime import Network

Floats = NDArray[np.float32]

LONGEST_PX = 320
"""The frame is shrunk to this; YuNet is made for faces of about 10 to 300 px, so a large face must be shrunk too."""

SEARCH_PX = 200
"""While nobody is there, this will do: a face that can be used is 27 pixels large in it, or more."""

LONE_PX = 54
"""In a coarse look the only face must be so large: whoever matters beside it is half as large, and is seen from 27 pixels on."""

MAX_OVERLAP = 0.3
STRIDES = (8, 16, 32)
NEAR, NEAR_PX = 2.0, 96
"""A face is looked for again in a square of so many times its size, shrunk to so many pixels or less: there it is up to 48 px
large. On footage, 0.2 s later, its box overlaps that in the whole frame by 0.90 (mean IoU; none missed of 137)."""
STILL_MARGIN = 0.6
"""A portrait cut tight at the face is padded by this share before a second look."""


class Detector:
    """Finds faces in a frame. The network's contract stands in its card `yunet_n`."""

    def __init__(self, network: Network, min_confidence: float) -> None:
        """`min_confidence` is the threshold of the card, 0 to 1: below it there is no face."""
        self._network, self._min_confidence = network, min_confidence

    def find(self, bgr: Pixels) -> tuple[Detection, ...]:
        """All faces in a (height, width, 3) BGR picture, largest first."""
        return self._found(shrink(bgr, LONGEST_PX))

    def find_in_frame(self, bgr: Pixels, about_px: int = LONGEST_PX) -> tuple[Detection, ...]:
        """As `find`, for frames of a camera: shrunk by a whole number, which is cheaper, to `about_px` or so."""
        return self._found(shrink_by_whole(bgr, about_px))

    def _found(self, small: Shrunk | Region) -> tuple[Detection, ...]:
        padded = pad_to_multiple(small.pixels, max(STRIDES))
        outputs = self._network.run(np.ascontiguousarray(padded.transpose(2, 0, 1)[None], dtype=np.float32))
        rows = _decode(outputs, padded.shape[1], self._min_confidence)
        faces = [_detection(row / small.factor, float(row[14])) for row in _without_doubles(rows)]
        return tuple(sorted(faces, key=lambda face: -face.box.side_px))

    def find_near(self, bgr: Pixels, face: Box) -> tuple[Detection, ...]:
        """The faces in and about a box where one was a moment ago, largest first: a tenth of the work of the whole picture."""
        near = region_around(bgr, face.centre, NEAR * face.side_px, NEAR_PX)
        return tuple(_shifted(face, near.left_px, near.top_px) for face in self._found(near))

    def find_alone(self, bgr: Pixels, about_px: int) -> tuple[Detection, ...]:
        """The only face of a coarse look in a frame shrunk to `about_px` or so, seen again where it is, as `find_near` does.

        Empty where such a look cannot tell: it finds none, or several, or one that is too small for others to be seen beside it.
        """
        small = shrink_by_whole(bgr, about_px)
        faces = self._found(small)
        if len(faces) != 1 or faces[0].box.side_px * small.factor < LONE_PX:
            return ()
        return self.find_near(bgr, faces[0].box)

    def find_in_still(self, bgr: Pixels) -> tuple[Detection, ...]:
        """As `find`, but a tightly cut portrait is padded with grey and looked at again when nothing was found."""
        found = self.find(bgr)
        if found:
            return found
        padded, margin = pad_around(bgr, STILL_MARGIN)
        return tuple(_shifted(face, -margin, -margin) for face in self.find(padded))


def _decode(outputs: Sequence[Floats], width: int, least: float) -> Floats:
    """Rows of left, top, width, height, five points, confidence, in pixels of the padded picture, `width` wide."""
    classes, objects, boxes, points = (
        np.concatenate([each[0] for each in outputs[first : first + len(STRIDES)]])
        for first in range(0, 4 * len(STRIDES), len(STRIDES))
    )
    # Both are shares, as the card promises; rounding may take them a little beyond, which the root of the product forgives.
    product = classes[:, 0] * objects[:, 0]
    kept = np.flatnonzero(product >= least * least)
    cells, strides = (grid[kept] for grid in _grid(width, tuple(each.shape[1] for each in outputs[: len(STRIDES)])))
    centres = (cells + boxes[kept, :2]) * strides
    sizes = np.exp(np.clip(boxes[kept, 2:], -8, 8)) * strides
    places = (points[kept].reshape(-1, 5, 2) + cells[:, None, :]) * strides[:, None]
    confidence = np.sqrt(np.minimum(product[kept, None], 1))
    return np.concatenate([centres - sizes / 2, sizes, places.reshape(-1, 10), confidence], axis=1)


@lru_cache(maxsize=16)
def _grid(width: int, counts: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Column and row of each cell, and how many pixels it is wide, (cells, 2) and (cells, 1); `counts` cells of each stride."""
    numbers = [np.divmod(np.arange(count), width // stride) for stride, count in zip(STRIDES, counts, strict=True)]
    cells = np.concatenate([np.stack([columns, rows], axis=1) for rows, columns in numbers])
    strides = np.repeat(np.array(STRIDES), counts)[:, None]
    return cells.astype(np.float32), strides.astype(np.float32)


def _without_doubles(rows: Floats) -> list[Floats]:
    """Non-maximum suppression: the most confident row stays, rows that overlap it go."""
    kept: list[tuple[Box, Floats]] = []
    for row in rows[np.argsort(-rows[:, 14], kind="stable")]:
        box = _box(row)
        if all(box.overlap(other) <= MAX_OVERLAP for other, _ in kept):
            kept.append((box, row))
    return [row for _, row in kept]


def _box(row: Floats) -> Box:
    return Box(float(row[0]), float(row[1]), float(row[2]), float(row[3]))


def _detection(row: Floats, confidence: float) -> Detection:
    points = row[4:14].reshape(5, 2).astype(np.float32)
    points.setflags(write=False)
    return Detection(_box(row), points, min(1.0, confidence))


def _shifted(face: Detection, right_px: int, down_px: int) -> Detection:
    points = face.points + np.array([right_px, down_px], np.float32)
    points.setflags(write=False)
    box = Box(face.box.left_px + right_px, face.box.top_px + down_px, face.box.width_px, face.box.height_px)
    return Detection(box, points, face.confidence)
