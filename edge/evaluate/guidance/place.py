"""Where somebody is, and who else."""

from __future__ import annotations

import numpy as np

from edge.evaluate.guidance.paint import mixed, soft
from edge.evaluate.guidance.seat import Seat, seated
from edge.evaluate.guidance.spoiling import Spoiling
from edge.imaging import Pixels


def far(it: Spoiling) -> Pixels:
    """An arm's length too far away."""
    return seated(it.sitter, Seat(eyes_px=it.of(31, 25, 18))).bgr


def near(it: Spoiling) -> Pixels:
    """So near that the face fills the picture, but is in it."""
    box = it.sitter.face.box
    fills = it.of(0.88, 0.96, 1.1) * Seat().height_px / box.height_px
    return seated(it.sitter, Seat(eyes_px=fills * it.sitter.face.eye_distance_px)).bgr


def cut(it: Spoiling) -> Pixels:
    """A part of the face is out of the picture, at any side."""
    box, scale = it.sitter.face.box, Seat().eyes_px / it.sitter.face.eye_distance_px
    wide, tall = scale * box.width_px / Seat().width_px, scale * box.height_px / Seat().height_px
    # So much of the face is out.
    x, y = (wide * (0.5 - it.of(0.2, 0.35, 0.5)), tall * (0.5 - it.of(0.2, 0.35, 0.5)))
    x, y = [(0.5, y), (0.5, 1 - y), (x, 0.5), (1 - x, 0.5)][int(it.dice.integers(4))]
    return seated(it.sitter, Seat(x_share=x, y_share=y)).bgr


def aside(it: Spoiling) -> Pixels:
    """All of the face is in the picture, at its edge."""
    away = it.of(0.28, 0.31, 0.34) * (1 if it.dice.random() < 0.5 else -1)
    return seated(it.sitter, Seat(eyes_px=60, x_share=0.5 + away)).bgr


def second(it: Spoiling) -> Pixels:
    """Somebody looks over the shoulder."""
    frame = seated(it.sitter, Seat(x_share=0.36))
    guest = seated(it.other, Seat(eyes_px=it.of(0.65, 0.8, 1.0) * Seat().eyes_px, x_share=0.76, y_share=0.45))
    beside = np.zeros(frame.bgr.shape[:2], np.float32)
    beside[:, int(0.6 * frame.bgr.shape[1]) :] = 1
    return mixed(frame.bgr, guest.bgr, soft(beside, 3))
