"""Spoils a frame in one way, as strongly as asked for: what people, rooms and cameras do to a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.evaluate.guidance.paint import TONE, Cover, defocused, lit, mixed, shaken, shape, soft
from edge.evaluate.guidance.seat import Seat, Seated, Sitter, seated
from edge.imaging import Pixels
from edge.stages.landmarks import LEFT_EYE, RIGHT_EYE
from wire.reasons import Reason

STRENGTHS = (1, 2, 3)
"""What one notices, what is plain, what is hopeless."""

# Of the dense landmarks: the outline of the face from the forehead, clockwise (MediaPipe, FACEMESH_FACE_OVAL).
OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136, 172),
    *(58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
# Of the same: from ear to ear along the jaw, and back over cheeks and bridge of the nose.
MASKED = (
    *(234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454),
    *(346, 348, 197, 119, 117),
)
NOSE_TIP, BRIDGE, CHIN = 1, 6, 152
CLOTHS = ((225, 215, 190), (235, 235, 235), (45, 42, 40))
"""Colours of masks, BGR in white light: light blue, white, nearly black."""


@dataclass(frozen=True, slots=True, eq=False)
class Spoiling:
    """What a spoiler works on."""

    sitter: Sitter
    other: Sitter
    """Somebody else, for who else is in the picture."""
    step: int
    """Out of STRENGTHS."""
    dice: np.random.Generator
    frame: Seated
    """The sitter in the usual seat."""

    def of(self, *by_step: float) -> float:
        """The number for this strength."""
        return by_step[self.step - 1]


Spoiler = Callable[[Spoiling], Pixels]


def _oval(frame: Seated, grown: float = 1.0) -> Cover:
    outline = frame.mesh[list(OVAL)]
    middle = outline.mean(axis=0)
    height, width = frame.bgr.shape[:2]
    return shape(height, width, (middle + grown * (outline - middle)).astype(np.float32), 0.05 * frame.eyes_px)


def _person(frame: Seated) -> Cover:
    """Head, neck and shoulders, roughly."""
    height, width = frame.bgr.shape[:2]
    (x, y), eyes = frame.mesh[CHIN], frame.eyes_px
    low = height + eyes
    corners = [[x - 1.1 * eyes, y], [x + 1.1 * eyes, y], [x + 2.6 * eyes, low], [x - 2.6 * eyes, low]]
    return np.maximum(_oval(frame, 1.25), shape(height, width, np.array(corners, np.float32), 0.25 * eyes))


def _face_luma(frame: Seated) -> float:
    cover = _oval(frame, 0.9)
    return float((frame.bgr.mean(axis=2) * cover).sum() / cover.sum())


def _toned(frame: Seated, luma: float) -> float:
    """How much light takes the face to this mean."""
    return float((luma / max(1.0, _face_luma(frame))) ** TONE)


def dark(it: Spoiling) -> Pixels:
    """Too little light on everything."""
    frame = it.frame
    return lit(frame.bgr, _toned(frame, it.of(38, 26, 14)), it.dice, noise=it.of(3, 4, 5))


def bright(it: Spoiling) -> Pixels:
    """Over-exposed: skin runs into white."""
    frame = it.frame
    return lit(frame.bgr, max(1.2, _toned(frame, it.of(228, 240, 250))) * it.of(1.3, 1.8, 2.6), it.dice)


def backlit(it: Spoiling) -> Pixels:
    """A window or a lamp behind the person, whose face lies in the shade."""
    frame = it.frame
    person = _person(frame)[..., None]
    behind = float((frame.bgr.mean(axis=2) * (1 - person[..., 0])).sum() / (1 - person).sum())
    window = max(1.0, (it.of(215, 235, 250) / max(20.0, behind)) ** TONE)
    return lit(frame.bgr, person * _toned(frame, it.of(72, 58, 44)) + (1 - person) * window, it.dice)


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


def shake(it: Spoiling) -> Pixels:
    """The head or the unit moves during the exposure."""
    frame = it.frame
    return shaken(frame.bgr, it.of(0.4, 0.6, 0.9) * frame.eyes_px, it.dice.uniform(0, 180))


def defocus(it: Spoiling) -> Pixels:
    """The lens is set to another distance."""
    frame = it.frame
    return defocused(frame.bgr, it.of(0.09, 0.14, 0.22) * frame.eyes_px)


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


def sunglasses(it: Spoiling) -> Pixels:
    """Dark glasses: brown ones, grey ones, and black ones."""
    frame, eyes = it.frame, it.frame.eyes_px
    cover = np.zeros(frame.bgr.shape[:2], np.float32)
    for middle in _eyes(frame):
        cover = np.maximum(cover, _ellipse(frame, middle + np.array([0, 0.04 * eyes]), 0.40 * eyes, 0.29 * eyes))
    bridge = _ellipse(frame, np.mean(_eyes(frame), axis=0) - np.array([0, 0.06 * eyes]), 0.22 * eyes, 0.035 * eyes)
    colour = np.array(((30, 42, 60), (38, 36, 34), (16, 14, 14))[it.step - 1], np.float32)
    # A lens shows a little of what is behind it and, above, a little of the sky.
    sky = np.clip(np.linspace(25, 0, frame.bgr.shape[0]), 0, 25)[:, None, None]
    lens = colour + sky + it.of(0.18, 0.10, 0.03) * frame.bgr
    return mixed(frame.bgr, lens.astype(np.float32), np.maximum(cover, bridge) * np.float32(0.98))


def glare(it: Spoiling) -> Pixels:
    """Glasses with the reflection of a lamp over one eye or both."""
    frame, eyes = it.frame, it.frame.eyes_px
    bgr, shift = frame.bgr, it.dice.uniform(-0.08, 0.08, 2) * eyes
    for middle in _eyes(frame):
        rim = _ellipse(frame, middle, 0.41 * eyes, 0.30 * eyes) - _ellipse(frame, middle, 0.38 * eyes, 0.27 * eyes)
        bgr = mixed(bgr, np.full_like(bgr, 40), np.clip(rim, 0, 1))
    for middle in _eyes(frame)[: 1 if it.step == 1 else 2]:
        spot = _ellipse(frame, middle + shift, it.of(0.14, 0.18, 0.28) * eyes, it.of(0.09, 0.12, 0.2) * eyes)
        bgr = mixed(bgr, np.full_like(bgr, 252), spot)
    return bgr


def _eyes(frame: Seated) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The middles of both eyes."""
    return frame.mesh[list(RIGHT_EYE)].mean(axis=0), frame.mesh[list(LEFT_EYE)].mean(axis=0)


def _ellipse(frame: Seated, middle: NDArray[np.floating[Any]], wide: float, tall: float) -> Cover:
    """Level with the eyes."""
    right, left = _eyes(frame)
    along = (left - right) / max(1e-6, float(np.hypot(*(left - right))))
    turns = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    outline = middle + np.outer(wide * np.cos(turns), along) + np.outer(tall * np.sin(turns), [-along[1], along[0]])
    height, width = frame.bgr.shape[:2]
    return shape(height, width, outline.astype(np.float32), 0.012 * frame.eyes_px)


def mask(it: Spoiling) -> Pixels:
    """A mask over nose and mouth, light blue, white or black."""
    frame = it.frame
    outline = frame.mesh[list(MASKED)]
    height, width = frame.bgr.shape[:2]
    cover = shape(height, width, outline, 0.03 * frame.eyes_px)
    # Cloth takes the light of the face, without its features, and has folds across.
    middle, down = outline.mean(axis=0), frame.mesh[CHIN] - frame.mesh[BRIDGE]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    along = ((x - middle[0]) * down[0] + (y - middle[1]) * down[1]) / float(down @ down)
    folds = 1 + 0.06 * np.sin(along * it.dice.uniform(22, 34))
    light = np.clip(defocused(frame.bgr, 0.5 * frame.eyes_px).mean(axis=2) / max(1.0, _face_luma(frame)), 0.6, 1.25)
    cloth = np.array(CLOTHS[it.step - 1], np.float32) * (light * folds * np.clip(_face_luma(frame) / 150, 0.5, 1.1))[..., None]
    return mixed(frame.bgr, cloth.astype(np.float32), cover)


CAUSES: Mapping[str, tuple[Reason, Spoiler]] = {
    "dark": (Reason.TOO_DARK, dark),
    "bright": (Reason.TOO_BRIGHT, bright),
    "backlit": (Reason.BACKLIT, backlit),
    "side": (Reason.SIDE_LIT, side),
    "shake": (Reason.HOLD_STILL, shake),
    "defocus": (Reason.HOLD_STILL, defocus),
    "far": (Reason.TOO_FAR, far),
    "near": (Reason.TOO_CLOSE, near),
    "cut": (Reason.CROPPED, cut),
    "aside": (Reason.OFF_CENTRE, aside),
    "second": (Reason.MULTIPLE_FACES, second),
    "mask": (Reason.FACE_MASK, mask),
    "sunglasses": (Reason.SUNGLASSES, sunglasses),
    "glare": (Reason.GLASSES_GLARE, glare),
}
"""Each way to spoil a frame, and what should be said of it."""
