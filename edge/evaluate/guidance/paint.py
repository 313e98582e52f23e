"""Brushes: what spoils pictures needs no face to work. A door to OpenCV."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.imaging import Matrix, Pixels

Cover = NDArray[np.float32]
"""(height, width) how much of each pixel is covered, 0 to 1."""

TONE = 2.2
"""Exponent of the tone curve of photos (near sRGB, IEC 61966-2-1): light adds up and is weakened before it."""


def moved(bgr: Pixels, matrix: Matrix, width_px: int, height_px: int) -> Pixels:
    """A picture through an affine map into a frame of this size; its border is continued and blurred, as a plain wall is."""
    scale = float(np.hypot(*matrix[0, :2]))
    if scale < 1:
        # Shrinking first keeps fine detail from turning into noise.
        bgr = np.asarray(cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = np.hstack([matrix[:, :2] / scale, matrix[:, 2:]])
    size = (width_px, height_px)
    frame = cv2.warpAffine(bgr, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    inside = cv2.warpAffine(np.ones(bgr.shape[:2], np.float32), matrix, size)
    small = cv2.resize(frame, (max(1, width_px // 8), max(1, height_px // 8)), interpolation=cv2.INTER_AREA)
    wall = cv2.resize(cv2.GaussianBlur(small, (0, 0), max(width_px, height_px) / (8 * 24)), size)
    return mixed(np.asarray(frame, np.uint8), np.asarray(wall, np.uint8), 1 - soft(np.asarray(inside, np.float32), 4))


def mixed(under: Pixels, over: Pixels | NDArray[np.floating[Any]], cover: Cover) -> Pixels:
    """One picture over another, or over a colour of three numbers."""
    share = cover[..., None]
    return np.clip(under * (1 - share) + over * share, 0, 255).astype(np.uint8)


def shape(height_px: int, width_px: int, outline: NDArray[np.float32], edge_px: float) -> Cover:
    """A filled outline, (n, 2) points, with an edge so soft."""
    filled = np.zeros((height_px, width_px), np.float32)
    cv2.fillPoly(filled, [np.round(outline * 16).astype(np.int32)], (1.0,), lineType=cv2.LINE_AA, shift=4)
    return soft(filled, edge_px)


def soft(cover: Cover, edge_px: float) -> Cover:
    """The same with a softer edge."""
    return np.asarray(cv2.GaussianBlur(cover, (0, 0), max(0.3, edge_px)), np.float32)


def lit(bgr: Pixels, gain: NDArray[np.float32] | float, dice: np.random.Generator, noise: float = 1.5) -> Pixels:
    """The picture in so much more or less light, (height, width, 1) or one number, with a sensor's noise, cut off at white."""
    light = gain * (bgr.astype(np.float32) / 255) ** TONE
    return np.clip(255 * np.clip(light, 0, None) ** (1 / TONE) + dice.normal(0, noise, bgr.shape), 0, 255).astype(np.uint8)


def blurred(bgr: Pixels, sigma_px: float) -> Pixels:
    """What is left of a picture without anything that is smaller than this, for a sigma of some eight pixels and more."""
    height, width = bgr.shape[:2]
    small = cv2.resize(bgr, (max(1, width // 8), max(1, height // 8)), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(cv2.GaussianBlur(small, (0, 0), sigma_px / 8), (width, height)), np.uint8)


def strand(height_px: int, width_px: int, bend: NDArray[np.floating[Any]], thick_px: float) -> Cover:
    """A line along the curve that three points, (3, 2), bend."""
    share = np.linspace(0, 1, 14)[:, None]
    curve = (1 - share) ** 2 * bend[0] + 2 * share * (1 - share) * bend[1] + share**2 * bend[2]
    drawn = np.zeros((height_px, width_px), np.uint8)
    points = np.round(curve * 16).astype(np.int32)
    cv2.polylines(drawn, [points], isClosed=False, color=(255,), thickness=max(1, round(thick_px)), lineType=cv2.LINE_AA, shift=4)
    return np.asarray(drawn / np.float32(255), np.float32)


def defocused(bgr: Pixels, sigma_px: float) -> Pixels:
    """Out of focus."""
    return np.asarray(cv2.GaussianBlur(bgr, (0, 0), sigma_px), np.uint8)


def shaken(bgr: Pixels, length_px: float, angle_deg: float) -> Pixels:
    """Blurred along a line, as by a movement during the exposure."""
    side = 2 * int(np.ceil(length_px / 2)) + 3
    line = np.zeros((side, side), np.float32)
    middle = (side - 1) / 2
    reach = length_px / 2 * np.array([np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))])
    ends = [np.round((middle + sign * reach) * 16).astype(int).tolist() for sign in (-1, 1)]
    cv2.line(line, ends[0], ends[1], (1.0,), 1, cv2.LINE_AA, shift=4)
    return np.asarray(cv2.filter2D(bgr, -1, line / line.sum()), np.uint8)
