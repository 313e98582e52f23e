"""Geometry and colour on pixels: the unit's door to OpenCV. It knows nothing about faces."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.flow import Box

cv2.setNumThreads(1)

Pixels = NDArray[np.uint8]
"""(height, width, 3) BGR or (height, width) luma."""

Matrix = NDArray[np.float64]
"""(2, 3) affine map from frame pixels to crop pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Shrunk:
    """A picture made smaller, and by how much."""

    pixels: Pixels
    factor: float
    """Size in `pixels` over size in the original, at most 1."""


def shrink(bgr: Pixels, longest_px: int) -> Shrunk:
    """Shrink a picture so that its longer side has at most `longest_px`; never enlarges."""
    factor = min(1.0, longest_px / max(bgr.shape[:2]))
    if factor == 1.0:
        return Shrunk(bgr, 1.0)
    size = max(1, round(bgr.shape[1] * factor)), max(1, round(bgr.shape[0] * factor))
    return Shrunk(_pixels(cv2.resize(bgr, size, interpolation=cv2.INTER_AREA)), factor)


def shrink_by_whole(bgr: Pixels, about_px: int) -> Shrunk:
    """As `shrink`, by the whole number that brings the longer side nearest to `about_px`: that costs a tenth of any other.

    Fewer pixels than that number are left out at the right and at the bottom; never enlarges.
    """
    by = max(1, round(max(bgr.shape[:2]) / about_px))
    tall, wide = (max(1, length // by) for length in bgr.shape[:2])
    if by == 1:
        return Shrunk(bgr, 1.0)
    return Shrunk(_by_whole(bgr[: tall * by, : wide * by], by), 1 / by)


def _by_whole(pixels: Pixels, by: int) -> Pixels:
    """A picture shrunk by a whole number; one that is shorter than that becomes one pixel.

    It is halved as often as that is even, which costs a third of one step.
    """
    if by % 2 == 0 and min(pixels.shape[:2]) >= by:
        half = pixels.shape[1] // 2, pixels.shape[0] // 2
        return _by_whole(_pixels(cv2.resize(pixels, half, interpolation=cv2.INTER_AREA)), by // 2)
    if by == 1:
        return pixels
    size = max(1, pixels.shape[1] // by), max(1, pixels.shape[0] // by)
    return _pixels(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))


def tile_means(luma: Pixels, by: int) -> Pixels:
    """Means of the whole tiles of `by` times `by` values of a brightness plane, at least one, rounded."""
    rows, columns = (max(1, length // by) for length in luma.shape)
    return _pixels(cv2.resize(luma[: rows * by, : columns * by], (columns, rows), interpolation=cv2.INTER_AREA))


def pad_to_multiple(bgr: Pixels, of: int) -> Pixels:
    """Pad with black at right and bottom until both sides are multiples."""
    bottom, right = -bgr.shape[0] % of, -bgr.shape[1] % of
    if not bottom and not right:
        return bgr
    return _pixels(cv2.copyMakeBorder(bgr, 0, bottom, 0, right, cv2.BORDER_CONSTANT, value=(0, 0, 0)))


def pad_around(bgr: Pixels, share: float) -> tuple[Pixels, int]:
    """Pad all four sides with mid grey by a share of the longer side; also returns the width of the margin in pixels."""
    margin = round(max(bgr.shape[:2]) * share)
    grey = (127, 127, 127)
    return _pixels(cv2.copyMakeBorder(bgr, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=grey)), margin


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A part of a picture, made smaller."""

    pixels: Pixels
    """(height, width, 3)."""
    left_px: int
    top_px: int
    """Where the part begins in the picture."""
    factor: float
    """Size in `pixels` over size in the picture."""


EVEN_FROM = 5
"""Who shrinks by so much does it by an even number, for halving costs next to nothing."""


def region_around(bgr: Pixels, centre: tuple[float, float], side_px: float, size_px: int) -> Region:
    """Cut a square out of a picture and fit it into one of `size_px`; less of it where the picture ends before.

    The square is as large as was asked for, or a little larger, so that it shrinks by a whole number: that costs a tenth of any
    other shrinking. It is moved into the picture where it reaches out of it.
    """
    by = max(1, math.ceil(side_px / size_px))
    by += by % 2 if by >= EVEN_FROM else 0
    height, width = bgr.shape[:2]
    wide, tall = (min(by * size_px, length // by * by) for length in (width, height))
    if not (wide and tall):
        by, wide, tall = 1, min(width, size_px), min(height, size_px)
    left, top = (
        max(0, min(round(at - cut / 2), length - cut))
        for at, cut, length in zip(centre, (wide, tall), (width, height), strict=True)
    )
    return Region(_by_whole(bgr[top : top + tall, left : left + wide], by), left, top, 1 / by)


def crop_resized(pixels: Pixels, box: Box, size_px: int) -> Pixels:
    """Cut out a box, in whole pixels and clipped to the frame, and resize it to a square. The box must touch the frame."""
    return _fitted(_cut(pixels, box), size_px)


def crop_shrunk(pixels: Pixels, box: Box, size_px: int) -> Pixels:
    """As `crop_resized`, for a box several times as large: first to a whole multiple of the size, which costs a quarter."""
    cut = _cut(pixels, box)
    by = min(cut.shape[:2]) // size_px
    if by > 1:
        cut = _pixels(cv2.resize(cut, (by * size_px, by * size_px), interpolation=cv2.INTER_LINEAR))
    return _fitted(cut, size_px)


def crop_shrunk_upright(pixels: Pixels, box: Box, tilt_deg: float, centre: tuple[float, float], size_px: int) -> Pixels:
    """As `crop_shrunk`, from a picture that is turned back about a point by so much; what lies outside it is as its border."""
    to_corner = np.array([[0.0, 0.0, box.left_px], [0.0, 0.0, box.top_px]])
    matrix = cv2.getRotationMatrix2D(centre, tilt_deg, 1.0) - to_corner
    size = (round(box.width_px), round(box.height_px))
    upright = cv2.warpAffine(pixels, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return crop_shrunk(_pixels(upright), Box(0.0, 0.0, *size), size_px)


def _cut(pixels: Pixels, box: Box) -> Pixels:
    """The box in whole pixels, clipped to the frame; one pixel at least."""
    height, width = pixels.shape[:2]
    left, top = max(0, round(box.left_px)), max(0, round(box.top_px))
    right = min(width, max(left + 1, round(box.left_px + box.width_px)))
    bottom = min(height, max(top + 1, round(box.top_px + box.height_px)))
    return pixels[min(top, height - 1) : bottom, min(left, width - 1) : right]


MUCH = 4
"""Whoever shrinks by this or more may halve the picture before: means of means, at a third of the work of one step."""


def _fitted(cut: Pixels, size_px: int) -> Pixels:
    while min(cut.shape[:2]) >= MUCH * size_px:
        cut = _by_whole(cut[: cut.shape[0] // 2 * 2, : cut.shape[1] // 2 * 2], 2)
    shrinking = cut.shape[0] > size_px
    return _pixels(cv2.resize(cut, (size_px, size_px), interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR))


def surroundings(box: Box, scale: float, height: int, width: int) -> Box:
    """The box enlarged about its centre, less where the frame is too small, and shifted, not padded, at the border."""
    scale = min((height - 1) / box.height_px, (width - 1) / box.width_px, scale)
    wide, tall = box.width_px * scale, box.height_px * scale
    x, y = box.centre
    left = min(max(0.0, x - wide / 2), width - 1 - wide)
    top = min(max(0.0, y - tall / 2), height - 1 - tall)
    return Box(left, top, wide, tall)


def warp(bgr: Pixels, matrix: Matrix, size_px: int) -> Pixels:
    """Warp into a square crop; what lies outside the frame is black."""
    return warp_to(bgr, matrix, size_px, size_px)


def warp_to(pixels: Pixels, matrix: Matrix, width_px: int, height_px: int) -> Pixels:
    """Warp into a crop of any size; what lies outside the frame is black."""
    return _pixels(cv2.warpAffine(pixels, matrix, (width_px, height_px), flags=cv2.INTER_LINEAR))


def similarity_map(source: NDArray[np.float32], target: NDArray[np.float32]) -> Matrix:
    """Least-squares rotation, scale and shift that takes the source points to the target points.

    Both are (n, 2). Umeyama, IEEE TPAMI 13(4), 1991, without reflection.
    """
    one, other = _complex(source), _complex(target)
    centre, other_centre = one.sum() / len(one), other.sum() / len(other)
    one, other = one - centre, other - other_centre
    variance = float(np.vdot(one, one).real)
    if variance == 0.0:
        return np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    # Rotation and scale of the plane are one complex number.
    turn = np.vdot(one, other) / variance
    shift = other_centre - turn * centre
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


def _complex(points: NDArray[np.float32]) -> NDArray[np.complex128]:
    return np.ascontiguousarray(points, np.float64).view(np.complex128)[:, 0]


def apply_map(matrix: Matrix, points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Map (n, 2) points."""
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2], dtype=np.float32)


def entropy_bits(luma: Pixels) -> float:
    """Shannon entropy of the histogram, 0 (one grey) to 8 bits."""
    shares = np.bincount(luma.ravel(), minlength=256) / luma.size
    shares = shares[shares > 0]
    return float(-(shares * np.log2(shares)).sum())


def rgb_shares(bgr: Pixels) -> NDArray[np.float32]:
    """(height, width, 3) red, green and blue of a BGR picture, 0 to 1: eight times as quickly as by slices of numpy."""
    return np.asarray(np.divide(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.float32(255), dtype=np.float32))


_LINEAR = np.array([v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (np.arange(256) / 255)], np.float32)
"""Light of each value of sRGB (IEC 61966-2-1)."""
_TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
_BGR_TO_XYZ = (_TO_XYZ / _TO_XYZ.sum(axis=1, keepdims=True))[:, ::-1].astype(np.float32)
"""Over white (D65)."""
_STEEP = (6 / 29) ** 3


def cielab(bgr: Pixels) -> NDArray[np.float32]:
    """(..., 3) CIELAB of BGR pixels, D65: L* 0 to 100, a* and b* about -127 to 127 (CIE 15:2004).

    Written out, because OpenCV fills tables for a fifth of a second before its first answer.
    """
    xyz = _LINEAR[bgr] @ _BGR_TO_XYZ.T
    roots = np.where(xyz > _STEEP, np.cbrt(xyz), xyz * np.float32((29 / 6) ** 2 / 3) + np.float32(4 / 29))
    x, y, z = roots[..., 0], roots[..., 1], roots[..., 2]
    return np.asarray(np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1), np.float32)


def png_bytes(bgr: Pixels) -> bytes:
    """A (height, width, 3) picture as a PNG file, without loss."""
    done, png = cv2.imencode(".png", bgr)
    if not done:
        raise ValueError("OpenCV cannot write a PNG of this picture")
    return png.tobytes()


JPEG_QUALITY = 70
"""Of a picture that is looked at for a fifth of a second."""


def mirrored_jpeg(bgr: Pixels, width_px: int) -> bytes:
    """A small JPEG (ITU-T T.81) of a frame, left and right exchanged, about so wide and never enlarged."""
    whole = cv2.flip(shrink_by_whole(bgr, width_px * max(bgr.shape[:2]) // bgr.shape[1]).pixels, 1)
    found, coded = cv2.imencode(".jpg", whole, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not found:
        raise ValueError("OpenCV does not write JPEG")
    return bytes(coded.tobytes())


SHARP = np.array([0.0078, 0.0080, 0.0111, 0.0177, 0.0214, 0.0177, 0.0111, 0.0080])
"""Of sharp faces of 112 px the variance of the second derivative over that of the luma, in eight directions from across to down
and on (geometric mean of 40 development portraits). Brows, eyes and lips lie across: most of the detail is up and down."""


def sharpness(luma: Pixels) -> float:
    """Fine detail of a face of 112 px, over that of a sharp portrait, in the direction that has least of it.

    About 1 for a sharp face, 0 for none. A shake wipes out the detail along its own direction only, so a sum over directions
    would not see it.
    """
    smooth = cv2.GaussianBlur(luma.astype(np.float32), (0, 0), 1.0)
    contrast = float(smooth.std())
    if contrast < 1.0:
        return 0.0
    across, aslant, down = (cv2.Sobel(smooth, cv2.CV_32F, dx, dy, ksize=3, scale=0.25) for dx, dy in ((2, 0), (1, 1), (0, 2)))
    pairs = ((across, across), (aslant, aslant), (down, down), (across, aslant), (across, down), (aslant, down))
    together = np.array([np.vdot(one, other) for one, other in pairs]) / smooth.size
    return float((together @ _DIRECTIONS / SHARP).min() / contrast**2)


def _directions() -> NDArray[np.float64]:
    """(6, 8) how much each product of two second derivatives adds to the square of the one along a direction."""
    angles = np.arange(len(SHARP)) * np.pi / len(SHARP)
    a, b, c = np.cos(angles) ** 2, 2 * np.cos(angles) * np.sin(angles), np.sin(angles) ** 2
    return np.stack([a * a, b * b, c * c, 2 * a * b, 2 * a * c, 2 * b * c])


_DIRECTIONS = _directions()

CELL_PX = 40
COARSE_LEAST = 12.0
"""Variance of the coarse structure, in squares of luma, from which on there is something to see."""


def fineness(luma: Pixels, rows: int, columns: int) -> NDArray[np.float32]:
    """(rows, columns) fine detail of each part of a picture over its coarse structure; NaN where there is none.

    About 0.2 to 1 where it is sharp, the same for strong and for weak contrast. Fine is what a blur of one pixel takes away of
    a picture of 40 pixels for each part, coarse what lies between a blur of two pixels and one of six.
    """
    small = cv2.resize(luma, (columns * CELL_PX, rows * CELL_PX), interpolation=cv2.INTER_AREA).astype(np.float32)
    fine = (small - cv2.GaussianBlur(small, (0, 0), 1.0)) ** 2
    # What is coarse is seen as well in a picture of half the size, at a tenth of the work.
    half = cv2.resize(small, (columns * CELL_PX // 2, rows * CELL_PX // 2), interpolation=cv2.INTER_AREA)
    coarse = (cv2.GaussianBlur(half, (0, 0), 1.0) - cv2.GaussianBlur(half, (0, 0), 3.0)) ** 2
    there, of_it = (np.asarray(cv2.resize(band, (columns, rows), interpolation=cv2.INTER_AREA)) for band in (coarse, fine))
    return np.where(there >= COARSE_LEAST, of_it / np.maximum(there, 1e-6), np.nan).astype(np.float32)


def _pixels(picture: object) -> Pixels:
    return np.asarray(picture, dtype=np.uint8)
