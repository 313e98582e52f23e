"""How a head or a thing is held, and what the face on it does, at one time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmware.twin.physics.head import EYE_X, MOUTH_Y, HeadShape, height_of
from firmware.twin.physics.optics import Grid
from firmware.twin.physics.surface import Moves

MOUTH_DROPS = 4.0
"""How far the lower lip goes down when the mouth is open as one is asked to, centimetres; at most it would be four to six."""
EYE_HALF_WIDTH, LID_ABOVE, LID_SHUT = 1.9, -0.55, 0.65
"""The eye as seen from in front, centimetres from its middle: half width, upper lid open, lid when shut. The opening is 8 to 11
mm high, and the folds about it belong to it."""
LASHES, BELOW_LASHES, SKIN_PER_LID = 0.35, 0.2, 0.6
"""How wide the edge of the lid with its lashes is; how far below the eye the skin begins that the lid is made of, and how much
of it goes into a centimetre of lid."""


@dataclass(frozen=True, slots=True)
class Pose:
    """How something is held."""

    yaw_deg: float = 0.0
    """Positive turns the nose to the right of the picture."""
    pitch_deg: float = 0.0
    """Positive bows the head."""
    roll_deg: float = 0.0
    x_cm: float = 0.0
    y_cm: float = 0.0
    away_cm: float = 35.0
    """From the camera to the plane of the eyes."""


@dataclass(frozen=True, slots=True)
class Expression:
    """What the face does."""

    eyes_shut: float = 0.0
    """0 open to 1 shut."""
    mouth_open: float = 0.0
    """0 shut to 1 wide open."""
    film_yaw_deg: float = 0.0
    """How far a filmed head is turned, whatever the screen does that shows it; see `Pose`."""
    film_pitch_deg: float = 0.0


def turn(pose: Pose) -> Grid:
    """(3, 3) rotation of the surface's axes: x right, y down, z towards the camera."""
    yaw, pitch, roll = np.radians([pose.yaw_deg, pose.pitch_deg, pose.roll_deg])
    about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]])
    about_z = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    return np.asarray(about_z @ about_y @ about_x, dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Skin:
    """Where on the resting face the skin comes from that a point shows now."""

    x: Grid
    y: Grid
    hole: Grid | None
    """How much of the point is the inside of the mouth, 0 to 1; None where no mouth is open."""


def articulate(x: Grid, y: Grid, face: Expression, moves: Moves) -> Skin:
    """What the points x, y show now, as far as the face on this surface can move."""
    hole = None
    if moves is Moves.FILM and (face.film_yaw_deg or face.film_pitch_deg):
        x, y = _filmed_turn(x, y, face)
    if moves in (Moves.FACE, Moves.FILM) and face.mouth_open > 0:
        y, hole = _drop_jaw(x, y, face.mouth_open * MOUTH_DROPS)
    if moves is not Moves.NOTHING and face.eyes_shut > 0:
        y = _draw_lids(x, y, face.eyes_shut)
    return Skin(x, y, hole)


def _filmed_turn(x: Grid, y: Grid, face: Expression) -> tuple[Grid, Grid]:
    """A head that turned while it was filmed: what stands out moves most. Seen on the flat screen, as a picture."""
    height = height_of(HeadShape(), x, y)
    right, down = np.sin(np.radians([face.film_yaw_deg, face.film_pitch_deg])).astype(np.float32)
    return x - right * height, y - down * height


def _drop_jaw(x: Grid, y: Grid, drop: float) -> tuple[Grid, Grid]:
    reach = drop * np.clip(1 - (x / 5.5) ** 2, 0, 1)
    opening = drop * np.sqrt(np.clip(1 - (x / 2.3) ** 2, 0, 1))
    below = np.clip((y - MOUTH_Y) / np.maximum(opening, 1e-3), 0, None)
    hole = np.clip((1 - np.abs(below - 0.5) * 2) * 6, 0, 1) * (opening > 0.1)
    moved = np.where(y > MOUTH_Y, np.maximum(y - reach, MOUTH_Y), y)
    return moved.astype(np.float32), hole.astype(np.float32)


def _draw_lids(x: Grid, y: Grid, shut: float) -> Grid:
    """The edge of the upper lid comes down with its lashes. The lid behind it is skin from below the eye: above are brows."""
    open_wide = np.sqrt(np.clip(1 - ((np.abs(x) - EYE_X) / EYE_HALF_WIDTH) ** 2, 0, 1))
    upper, lower = LID_ABOVE * open_wide, LID_SHUT * open_wide
    lid = upper + (lower - upper) * shut
    skin = lower + BELOW_LASHES + SKIN_PER_LID * (lid - y)
    drawn = np.where(y > lid - LASHES * open_wide, upper + y - lid, skin)
    return np.asarray(np.where((y > upper) & (y < lid), drawn, y), dtype=np.float32)
