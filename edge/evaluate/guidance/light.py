"""What light does to the frame of a face: too little, too much, from behind, from one side."""

from __future__ import annotations

import numpy as np

from edge.evaluate.guidance.features import CHIN, NOSE_TIP, area, oval_of, toned
from edge.evaluate.guidance.paint import TONE, Cover, lit
from edge.evaluate.guidance.seat import Seated
from edge.evaluate.guidance.spoiling import Spoiling
from edge.imaging import Pixels


def dark(it: Spoiling) -> Pixels:
    """Too little light on everything."""
    frame = it.frame
    return lit(frame.bgr, toned(frame, it.of(38, 26, 14)), it.dice, noise=it.of(3, 4, 5))


def bright(it: Spoiling) -> Pixels:
    """Over-exposed: skin runs into white."""
    frame = it.frame
    return lit(frame.bgr, max(1.2, toned(frame, it.of(228, 240, 250))) * it.of(1.3, 1.8, 2.6), it.dice)


def backlit(it: Spoiling) -> Pixels:
    """A window or a lamp behind the person, whose face lies in the shade."""
    frame = it.frame
    person = _person(frame)[..., None]
    behind = float((frame.bgr.mean(axis=2) * (1 - person[..., 0])).sum() / (1 - person).sum())
    window = max(1.0, (it.of(215, 235, 250) / max(20.0, behind)) ** TONE)
    return lit(frame.bgr, person * toned(frame, it.of(72, 58, 44)) + (1 - person) * window, it.dice)


def side(it: Spoiling) -> Pixels:
    """One lamp or window at a side; the other half of the face lies in the shade."""
    frame = it.frame
    height, width = frame.bgr.shape[:2]
    _, x = np.mgrid[:height, :width].astype(np.float32)
    away = (x - frame.mesh[NOSE_TIP, 0]) / frame.eyes_px * (1 if it.dice.random() < 0.5 else -1)
    shade = it.of(0.2, 0.1, 0.05)
    person = _person(frame)
    light = person * (shade + (1.1 - shade) / (1 + np.exp(-away / 0.12))) + (1 - person) * 0.7
    return lit(frame.bgr, light[..., None], it.dice)


def _person(frame: Seated) -> Cover:
    """Head, neck and shoulders, roughly."""
    (x, y), eyes = frame.mesh[CHIN], frame.eyes_px
    low = frame.bgr.shape[0] + eyes
    corners = np.array([[x - 1.1 * eyes, y], [x + 1.1 * eyes, y], [x + 2.6 * eyes, low], [x - 2.6 * eyes, low]])
    return np.maximum(oval_of(frame, 1.25), area(frame, corners, 0.25 * eyes))
