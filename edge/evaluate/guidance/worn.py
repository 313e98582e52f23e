"""What is worn on a face, and hair that hangs into it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.evaluate.guidance.features import (
    CHEEK_LEFT,
    CHEEK_RIGHT,
    CHIN,
    FOREHEAD,
    NOSE_TIP,
    UPPER_LIP,
    area,
    axes_of,
    brows_of,
    ellipse,
    eyes_of,
    face_luma,
    hair_of,
    half_width_px,
    light_on,
    within,
)
from edge.evaluate.guidance.paint import mixed, strand
from edge.evaluate.guidance.seat import Seated
from edge.evaluate.guidance.spoiling import Spoiling
from edge.imaging import Pixels

# Of the dense landmarks: from ear to ear along the jaw, and back over cheeks and bridge of the nose.
MASKED = (
    *(234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454),
    *(346, 348, 197, 119, 117),
)
BRIDGE = 6
CLOTHS = ((225, 215, 190), (235, 235, 235), (45, 42, 40))
"""Colours of masks, BGR in white light: light blue, white, nearly black."""
SCARVES = ((52, 48, 150), (120, 112, 108), (80, 50, 36))
HATS = ((60, 58, 56), (110, 70, 40), (40, 38, 120))
STRANDS = 170


def sunglasses(it: Spoiling) -> Pixels:
    """Dark glasses: brown ones, grey ones, and black ones."""
    frame, eyes = it.frame, it.frame.eyes_px
    cover = np.zeros(frame.bgr.shape[:2], np.float32)
    for middle in eyes_of(frame):
        cover = np.maximum(cover, ellipse(frame, middle + np.array([0, 0.04 * eyes]), 0.40 * eyes, 0.29 * eyes))
    bridge = ellipse(frame, np.mean(eyes_of(frame), axis=0) - np.array([0, 0.06 * eyes]), 0.22 * eyes, 0.035 * eyes)
    colour = np.array(((30, 42, 60), (38, 36, 34), (16, 14, 14))[it.step - 1], np.float32)
    # A lens shows a little of what is behind it and, above, a little of the sky.
    sky = np.clip(np.linspace(25, 0, frame.bgr.shape[0]), 0, 25)[:, None, None]
    lens = colour + sky + it.of(0.18, 0.10, 0.03) * frame.bgr
    return mixed(frame.bgr, lens.astype(np.float32), np.maximum(cover, bridge) * np.float32(0.98))


def glare(it: Spoiling) -> Pixels:
    """Glasses with the reflection of a lamp over one eye or both."""
    frame, eyes = it.frame, it.frame.eyes_px
    bgr, shift = frame.bgr, it.dice.uniform(-0.08, 0.08, 2) * eyes
    for middle in eyes_of(frame):
        rim = ellipse(frame, middle, 0.41 * eyes, 0.30 * eyes) - ellipse(frame, middle, 0.38 * eyes, 0.27 * eyes)
        bgr = mixed(bgr, np.full_like(bgr, 40), np.clip(rim, 0, 1))
    for middle in eyes_of(frame)[: 1 if it.step == 1 else 2]:
        spot = ellipse(frame, middle + shift, it.of(0.14, 0.18, 0.28) * eyes, it.of(0.09, 0.12, 0.2) * eyes)
        bgr = mixed(bgr, np.full_like(bgr, 252), spot)
    return bgr


def mask(it: Spoiling) -> Pixels:
    """A mask over nose and mouth, light blue, white or black."""
    frame = it.frame
    outline = frame.mesh[list(MASKED)]
    cover = area(frame, outline, 0.03 * frame.eyes_px)
    # Cloth takes the light of the face, without its features, and has folds across.
    down = frame.mesh[CHIN] - frame.mesh[BRIDGE]
    along = _from(frame, outline.mean(axis=0)) @ (down / float(down @ down))
    folds = 1 + 0.06 * np.sin(along * it.dice.uniform(22, 34))
    tone = light_on(frame) * folds * np.clip(face_luma(frame) / 150, 0.5, 1.1)
    return mixed(frame.bgr, _cloth(CLOTHS[it.step - 1], tone), cover)


def scarf(it: Spoiling) -> Pixels:
    """A knitted scarf, up to below the nose, over its tip, over half of it."""
    frame, eyes, dice = it.frame, it.frame.eyes_px, it.dice
    along, down = axes_of(frame)
    nose, chin = frame.mesh[NOSE_TIP], frame.mesh[CHIN]
    right, left = frame.mesh[CHEEK_RIGHT], frame.mesh[CHEEK_LEFT]
    edge = nose + it.of(0.45, 0.0, -0.35) * (frame.mesh[UPPER_LIP] - nose)
    low = 0.35 * (chin - edge) + 0.1 * eyes * down
    across = np.linspace(0.08, 0.92, 9)[:, None]
    middle = edge + ((right + across * (left - right) - edge) @ along)[:, None] * along
    ends = [cheek + low + 0.15 * eyes * out for cheek, out in ((right, -along), (left, along))]
    corners = [chin + eyes * (wide * along + deep * down) for wide, deep in ((1.3, 0.5), (1.9, 5), (-1.9, 5), (-1.3, 0.5))]
    outline = np.vstack([ends[0], middle - 0.16 * eyes * (2 * across - 1) ** 2 * down, ends[1], *corners])
    place = _from(frame, edge) / eyes
    x, y = place @ along, place @ down
    folds = 1 + 0.22 * np.sin(2 * np.pi * (y * it.of(1.6, 1.3, 1.9) + 0.5 * x**2 + dice.uniform()))
    knit = 1 + 0.1 * np.sin(2 * np.pi * (x + 0.3 * y) * dice.uniform(11, 15)) * np.sin(2 * np.pi * 14 * y)
    tone = light_on(frame) * folds * knit * np.clip(face_luma(frame) / 140, 0.5, 1.2)
    return mixed(frame.bgr, _cloth(SCARVES[int(dice.integers(3))], tone), area(frame, outline, 0.025 * eyes))


def hat(it: Spoiling) -> Pixels:
    """A knitted hat, pulled down to just above the brows, over them, over the lids."""
    frame, eyes = it.frame, it.frame.eyes_px
    along, down = axes_of(frame)
    between = np.mean(eyes_of(frame), axis=0)
    # Its edge, from the eyes: the height of the brows, or so much of it nearer.
    edge = between + it.of(1.5, 1.0, 0.45) * float((brows_of(frame) - between) @ down) * down
    wide, tall = 1.16 * half_width_px(frame), abs(float((frame.mesh[FOREHEAD] - 0.85 * eyes * down - edge) @ down))
    turns, back = np.linspace(np.pi, 2 * np.pi, 40)[:, None], np.linspace(1, -1, 15)[:, None]
    brim = edge + wide * back * along + 0.14 * eyes * (1 - back**2) * down
    cover = area(frame, np.vstack([edge + wide * np.cos(turns) * along + tall * np.sin(turns) * down, brim]), 0.02 * eyes)
    place = _from(frame, edge)
    x, y = place @ along / wide, place @ down / eyes
    knit = 1 + 0.12 * np.sin(2 * np.pi * np.arcsin(np.clip(x, -1, 1)) * eyes / 9)
    turned_up = np.where(y > -0.42, 1.12, 1.0) * (1 - 0.35 * np.exp(-(((y + 0.42) / 0.03) ** 2)))
    tone = np.sqrt(np.clip(1 - (0.95 * x) ** 2, 0.1, 1)) * knit * turned_up * np.clip(face_luma(frame) / 130, 0.5, 1.2)
    shade = np.vstack([edge + 0.85 * (brim - edge) + 0.13 * eyes * down, edge - wide * along, edge + wide * along])
    shaded = area(frame, shade, 0.07 * eyes)
    below = np.asarray(frame.bgr * (1 - 0.45 * shaded)[..., None], np.uint8)
    return mixed(below, _cloth(HATS[int(it.dice.integers(3))], tone), cover)


def fringe(it: Spoiling) -> Pixels:
    """Hair that hangs to the brows, over the eyes, below them."""
    frame, eyes, dice = it.frame, it.frame.eyes_px, it.dice
    along, down = axes_of(frame)
    root, hair, wide = frame.mesh[FOREHEAD], hair_of(frame), 0.85 * half_width_px(frame)
    low = brows_of(frame) + it.of(0.15, 1.0, 1.5) * (np.mean(eyes_of(frame), axis=0) - brows_of(frame))
    falls = float((low - root) @ down)
    rows, columns = within(frame, np.array([root - 2.2 * eyes, root + 2.6 * eyes], np.float32))
    part, corner = frame.bgr[rows, columns], np.array([columns.start, rows.start])
    for _ in range(STRANDS):
        at, (swing, longer) = dice.uniform(-1, 1), dice.normal(0, (0.12, 0.1))
        tone, thick = dice.uniform(0.65, 1.3), 0.07 * eyes * dice.uniform(0.5, 1.1)
        top = root + 0.65 * wide * at * along - eyes * (0.7 - 0.4 * at**2) * down
        end = root + (wide * at + eyes * swing) * along + (falls * (1 + longer) + 0.35 * eyes * at**2) * down
        bend = (top + end) / 2 + 0.08 * eyes * (np.sign(at) * along - 1.25 * down)
        drawn = strand(part.shape[0], part.shape[1], np.stack([top, bend, end]) - corner, thick)
        part = mixed(part, tone * hair, 0.85 * drawn)
    whole = frame.bgr.copy()
    whole[rows, columns] = part
    return whole


def _from(frame: Seated, point: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """(height, width, 2) how far each pixel is from a point, to the right and down."""
    y, x = np.mgrid[: frame.bgr.shape[0], : frame.bgr.shape[1]].astype(np.float32)
    return np.stack([x - np.float32(point[0]), y - np.float32(point[1])], axis=-1)


def _cloth(colour: tuple[int, int, int], tone: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """(height, width, 3) BGR."""
    return np.asarray(np.clip(np.array(colour) * tone[..., None], 0, 255), np.float32)
