"""A hand before the face: over the mouth, or over an eye."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.evaluate.guidance.features import UPPER_LIP, Point, axes_of, eyes_of, light_on, skin_of, within
from edge.evaluate.guidance.paint import Cover, mixed, soft
from edge.evaluate.guidance.seat import Seated
from edge.evaluate.guidance.spoiling import Spoiling
from edge.imaging import Pixels

# In eye distances along and across a hand that lies flat, from the middle of its back, and the radius at either end: a palm of
# 80 mm and fingers of 75 mm, where eyes are 63 mm apart. Thumb and knuckles come last, for they lie on top.
ARM_AND_BACK = (
    ((-4.0, 0.0), (-0.8, 0.0), 0.50, 0.45),
    ((-0.7, -0.3), (0.55, -0.42), 0.42, 0.20),
    ((-0.7, 0.25), (0.55, 0.42), 0.42, 0.20),
    ((-0.6, 0.0), (0.55, 0.0), 0.45, 0.40),
    ((-0.3, -0.55), (0.45, -0.95), 0.22, 0.15),
)
FINGERS = ((-0.5, 0.95), (-0.17, 1.15), (0.16, 1.1), (0.47, 0.85))
"""How far across, and how long."""
KNUCKLES = (0.38, 0.7)
"""Where on a finger, from its root."""


@dataclass(frozen=True, slots=True, eq=False)
class _Limb:
    """A round part of a hand, in pixels of the frame."""

    root: Point
    tip: Point
    root_px: float
    tip_px: float
    """Its radius at either end."""
    finger: bool

    def grown(self, px: float) -> _Limb:
        return _Limb(self.root, self.tip, self.root_px + px, self.tip_px + px, self.finger)


def hand(it: Spoiling) -> Pixels:
    """Two times of three over the mouth, else over an eye: its fingers, all of it, and a larger one over more."""
    frame, eyes, dice = it.frame, it.frame.eyes_px, it.dice
    limbs = list(_limbs(it))
    rough = soft(dice.normal(0, 1, frame.bgr.shape[:2]).astype(np.float32), 0.06 * eyes)
    tone = skin_of(frame) * dice.uniform(0.85, 1.0)
    light = light_on(frame) * (1 + 0.03 * rough / max(1e-6, float(rough.std())))
    bgr = frame.bgr.copy()
    for limb in limbs:
        part, cover, _ = _painted(frame, limb.grown(0.1 * eyes))
        bgr[part] = mixed(bgr[part], np.zeros(3, np.float32), 0.1 * cover)
    for limb in limbs:
        part, cover, shade = _painted(frame, limb)
        bgr[part] = mixed(bgr[part], np.asarray(tone * (light[part] * shade)[..., None], np.float32), cover)
    return bgr


def _limbs(it: Spoiling) -> Iterator[_Limb]:
    frame, eyes, dice = it.frame, it.frame.eyes_px, it.dice
    along, down = axes_of(frame)
    side = 1 if dice.random() < 0.5 else -1
    if dice.random() < 2 / 3:
        over, lean, reach = frame.mesh[UPPER_LIP], dice.uniform(15, 50), it.of(1.0, 0.6, 0.25)
    else:
        over, lean, reach = eyes_of(frame)[0 if side < 0 else 1], dice.uniform(70, 100), it.of(1.1, 0.8, 0.4)
    # Fingers point up and to the other side.
    out = -side * np.cos(np.radians(lean)) * along - np.sin(np.radians(lean)) * down
    across = side * np.array([-out[1], out[0]])
    middle = over - reach * eyes * out + dice.uniform(-0.1, 0.1) * eyes * across
    unit = it.of(1.0, 1.05, 1.15) * eyes
    for (root, tip, wide, narrow), finger in (
        *((part, False) for part in ARM_AND_BACK),
        *((((0.5, at), (0.6 + long, 1.15 * at), 0.18, 0.145), True) for at, long in FINGERS),
    ):
        begins, ends = (middle + unit * (far * out + aside * across) for far, aside in (root, tip))
        yield _Limb(begins, ends, unit * wide, unit * narrow, finger)


def _painted(frame: Seated, limb: _Limb) -> tuple[tuple[slice, slice], Cover, NDArray[np.float32]]:
    """Which part of the frame it lies in, how much it covers there, and how bright it is: rounded, with creased knuckles."""
    reach = max(limb.root_px, limb.tip_px) + 2
    ends = np.stack([limb.root, limb.tip])
    part = within(frame, np.vstack([ends - reach, ends + reach]).astype(np.float32))
    y, x = np.mgrid[part].astype(np.float32)
    dx, dy = limb.tip - limb.root
    share = np.clip(((x - limb.root[0]) * dx + (y - limb.root[1]) * dy) / (dx**2 + dy**2), 0, 1)
    radius = limb.root_px + (limb.tip_px - limb.root_px) * share
    away = np.hypot(x - limb.root[0] - share * dx, y - limb.root[1] - share * dy) / radius
    shade = 0.62 + 0.38 * np.sqrt(np.clip(1 - away**2, 0, 1))
    for knuckle in KNUCKLES if limb.finger else ():
        shade = shade * (1 - 0.1 * np.exp(-(((share - knuckle) / 0.02) ** 2)))
    return part, np.clip((1 - away) * radius / 1.5 + 0.5, 0, 1).astype(np.float32), shade.astype(np.float32)
