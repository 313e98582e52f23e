"""A living person, and eight kinds of things that are shown in their place, each in many variants.

A variant fixes what the thing is made of: its bend, gloss, ink, glow, or the lengths of a head. The figures are those of the
literature named beside them; where none was found, the range is wide on purpose.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from firmware.twin.physics.head import EYE_X, MOUTH_Y, HeadShape, height_of
from firmware.twin.physics.optics import PAPER_F0, SKIN_GLOSS, Gloss, Grid
from firmware.twin.physics.surface import Moves, Surface, brightness_of, plane, reflectance_of

Dice = np.random.Generator


class Species(StrEnum):
    """What is presented. The words of ISO/IEC 30107-3 for it are presentation attack instrument species."""

    LIVE = "live"
    MATTE_PRINT = "matte_print"
    GLOSSY_PRINT = "glossy_print"
    VINYL_PRINT = "vinyl_print"
    MUG = "mug"
    CUT_OUT = "cut_out"
    PHONE = "phone"
    TABLET = "tablet"
    PROJECTED = "projected"


ATTACKS = tuple(species for species in Species if species is not Species.LIVE)
VARIANTS = 192
"""So many variants of each kind; even numbers are for fitting, odd ones for reporting."""


def surface_of(species: Species, variant: int, texture: Grid, behind: Grid) -> Surface:
    """Build a thing. `texture` is the face it shows, `behind` that of whoever holds a cut-out, both from `texture_of`."""
    dice = np.random.default_rng([variant, *species.value.encode()])
    return _MADE[species](dice, texture, behind)


def _live(dice: Dice, texture: Grid, _: Grid) -> Surface:
    x, y = plane()
    # More various than people on purpose, down to a smooth egg: what is fitted on these heads should not depend on their details.
    shape = HeadShape(
        half_width=dice.uniform(6.8, 8.4),
        half_height=dice.uniform(10.8, 12.8),
        half_depth=dice.uniform(7.6, 10.2),
        nose=dice.uniform(1.3, 2.7),
        nose_width=dice.uniform(1.0, 2.0),
        nose_length=dice.uniform(3.8, 4.8),
        relief=dice.uniform(0.0, 1.25),
        bridge=dice.uniform(0.45, 1.3),
    )
    gloss = Gloss(SKIN_GLOSS.f0, dice.uniform(0.25, 0.45))
    return Surface(
        height=height_of(shape, x, y),
        reflectance=reflectance_of(texture, _skin(texture, dice.uniform(0.46, 0.65), dice.uniform(0.3, 0.8))),
        coverage=_person(x, y, shape),
        gloss=gloss,
        scale=dice.uniform(0.93, 1.06),
        moves=Moves.FACE,
    )


def _matte_print(dice: Dice, texture: Grid, _: Grid) -> Surface:
    gloss = Gloss(dice.uniform(0.0, 0.25) * PAPER_F0, dice.uniform(0.35, 0.6))
    return _print(dice, texture, gloss, _bent(dice, flat_share=0.4, tightest=9.0), dice.uniform(0.85, 1.05))


def _glossy_print(dice: Dice, texture: Grid, _: Grid) -> Surface:
    gloss = Gloss(dice.uniform(0.6, 1.1) * PAPER_F0, dice.uniform(0.04, 0.16))
    return _print(dice, texture, gloss, _bent(dice, flat_share=0.5, tightest=12.0), dice.uniform(0.8, 1.05))


def _vinyl_print(dice: Dice, texture: Grid, _: Grid) -> Surface:
    """Life-size, limp, half glossy: such prints passed an open near-infrared gate 69 times of 70 (irlume, PAD self-test)."""
    gloss = Gloss(dice.uniform(0.5, 1.2) * PAPER_F0, dice.uniform(0.1, 0.32))
    sheet = _bent(dice, flat_share=0.15, tightest=9.0)
    limp = Sheet(sheet.height + _wrinkles(dice, dice.uniform(0.0, 0.12)), sheet.seen)
    return _print(dice, texture, gloss, limp, dice.uniform(0.95, 1.05))


def _mug(dice: Dice, texture: Grid, _: Grid) -> Surface:
    """A glazed cylinder of 8 to 9 cm across; the face on it is half as large as a living one."""
    scale = dice.uniform(0.45, 0.62)
    radius = dice.uniform(3.9, 4.6) / scale
    x, y = plane()
    inside = np.clip(1 - (x / radius) ** 2, 0, None)
    height = (radius * (np.sqrt(inside) - 1)).astype(np.float32)
    gloss = Gloss(dice.uniform(0.8, 1.1) * PAPER_F0, dice.uniform(0.03, 0.12))
    seen = _soft(0.97 * radius - np.abs(x)) * _soft(14.0 - np.abs(y - 1.0))
    return replace(_print(dice, texture, gloss, Sheet(height, seen), scale), coverage=seen)


def _cut_out(dice: Dice, texture: Grid, behind: Grid) -> Surface:
    """A print with holes, through which the eyes of whoever holds it are seen, some centimetres behind."""
    paper = _glossy_print(dice, texture, behind) if dice.random() < 0.4 else _matte_print(dice, texture, behind)
    x, y = plane()
    eye = ((np.abs(x) - EYE_X) / 1.5) ** 2 + (y / 0.8) ** 2
    hole = _soft(3 * (1 - eye))
    if dice.random() < 0.3:
        hole = np.maximum(hole, _soft(3 * (1 - (x / 2.4) ** 2 - ((y - MOUTH_Y) / 1.0) ** 2)))
    face = height_of(HeadShape(), x, y) - np.float32(dice.uniform(0.6, 2.0))
    through = hole[..., None]
    return replace(
        paper,
        height=(paper.height * (1 - hole) + face * hole).astype(np.float32),
        reflectance=_blended(paper.reflectance, reflectance_of(behind, _skin(behind, 0.55, 0.5)), through),
        scale=1.0,
        moves=Moves.EYES_BEHIND,
    )


def _phone(dice: Dice, texture: Grid, _: Grid) -> Surface:
    scale = dice.uniform(0.42, 0.5)
    return _screen(dice, texture, scale, half_width=dice.uniform(3.3, 3.8), half_height=dice.uniform(7.0, 8.0))


def _tablet(dice: Dice, texture: Grid, _: Grid) -> Surface:
    return _screen(
        dice, texture, dice.uniform(0.75, 1.0), half_width=dice.uniform(7.5, 10.0), half_height=dice.uniform(10.0, 14.0)
    )


def _projected(dice: Dice, texture: Grid, _: Grid) -> Surface:
    """A video projected onto a white board, flat or bent: the face is light, the board answers the lamps as a board."""
    x, _y = plane()
    white = np.full_like(texture, dice.uniform(0.7, 0.9))
    board = _bent(dice, flat_share=0.7, tightest=40.0)
    gloss = Gloss(dice.uniform(0.0, 1.0) * PAPER_F0, dice.uniform(0.2, 0.5))
    glow = texture * np.float32(dice.uniform(0.3, 1.5))
    reflectance = reflectance_of(white, np.full_like(x, dice.uniform(0.7, 0.9)))
    return Surface(board.height, reflectance, board.seen, gloss, glow, dice.uniform(0.9, 1.05), Moves.FILM)


_MADE: Mapping[Species, Callable[[Dice, Grid, Grid], Surface]] = {
    Species.LIVE: _live,
    Species.MATTE_PRINT: _matte_print,
    Species.GLOSSY_PRINT: _glossy_print,
    Species.VINYL_PRINT: _vinyl_print,
    Species.MUG: _mug,
    Species.CUT_OUT: _cut_out,
    Species.PHONE: _phone,
    Species.TABLET: _tablet,
    Species.PROJECTED: _projected,
}


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """Something that was flat."""

    height: Grid
    """In centimetres of the face that is on it."""
    seen: Grid
    """0 where it bends away from sight."""


def _print(dice: Dice, texture: Grid, gloss: Gloss, sheet: Sheet, scale: float) -> Surface:
    """A picture on paper or foil."""
    x, y = plane()
    paper = dice.uniform(0.75, 0.9)
    # Dye inks let near-infrared pass, so that a print is nearly blank in it; black toner and pigments keep their contrast
    # (photos of a laser printer passed face matchers in near-infrared 97 to 100 times of 100, inkjet ones did not: Idiap,
    # IJCB 2025, arXiv 2505.00380).
    contrast = dice.choice([dice.uniform(0.0, 0.3), dice.uniform(0.4, 1.0)])
    dark = brightness_of(texture)
    infrared = paper * (1 - contrast + contrast * np.minimum(1, dark / np.percentile(dark, 90)))
    wide, tall = dice.uniform(9.0, 16.0), dice.uniform(11.0, 18.0)
    inside = _soft(wide - np.abs(x)) * _soft(tall - np.abs(y - 1.5)) * sheet.seen
    return Surface(sheet.height, reflectance_of(texture * np.float32(paper), infrared), inside, gloss, None, scale)


def _screen(dice: Dice, texture: Grid, scale: float, half_width: float, half_height: float) -> Surface:
    x, y = plane()
    wide, tall = half_width / scale, half_height / scale
    lit = _soft(wide - np.abs(x)) * _soft(tall - np.abs(y - 1.5))
    body = _soft(wide + 0.5 / scale - np.abs(x)) * _soft(tall + 0.9 / scale - np.abs(y - 1.5))
    dark = np.full_like(texture, dice.uniform(0.004, 0.02))
    gloss = Gloss(dice.uniform(0.3, 1.1) * PAPER_F0, dice.uniform(0.02, 0.08))
    glow = (texture ** dice.uniform(0.9, 1.15)) * lit[..., None] * np.float32(dice.uniform(0.4, 2.0))
    reflectance = reflectance_of(dark, np.full_like(x, dice.uniform(0.01, 0.06)))
    return Surface(np.zeros_like(x), reflectance, body, gloss, glow.astype(np.float32), scale, Moves.FILM)


def _bent(dice: Dice, flat_share: float, tightest: float) -> Sheet:
    """A sheet bent about an axis of any direction, towards the camera or away from it; sometimes flat."""
    x, y = plane()
    if dice.random() < flat_share:
        return Sheet(np.zeros_like(x), np.ones_like(x))
    radius = tightest / dice.uniform(0.2, 1.0)
    axis = dice.choice([0.0, math.pi / 2, dice.uniform(0, math.pi)], p=[0.6, 0.15, 0.25])
    off = x * np.float32(math.cos(axis)) + (y - 2) * np.float32(math.sin(axis)) - np.float32(dice.uniform(-2, 2))
    sag = radius * (1 - np.sqrt(np.clip(1 - (off / radius) ** 2, 0, None)))
    hollow = dice.random() < 0.2
    return Sheet(np.asarray(sag if hollow else -sag, dtype=np.float32), _soft(0.9 * radius - np.abs(off)))


def _wrinkles(dice: Dice, depth: float) -> Grid:
    x, y = plane()
    waves = np.zeros_like(x)
    for _ in range(3):
        way, length = dice.uniform(0, math.pi), dice.uniform(3.0, 12.0)
        phase = (x * math.cos(way) + y * math.sin(way)) * (2 * math.pi / length) + dice.uniform(0, 2 * math.pi)
        waves += np.sin(phase).astype(np.float32)
    return np.asarray(depth * waves, dtype=np.float32)


def _skin(texture: Grid, reflectance: float, contrast: float) -> Grid:
    """Near-infrared reflectance of a person: skin of every colour is bright and even in it, hair, brows and eyes are darker.

    At 850 nm the median of 28 people is 0.60, from 0.49 to 0.665 (Cooksey, Allen and Tsai, J. Res. NIST 122, 26, 2017); melanin
    absorbs little there.
    """
    x, y = plane()
    dark = brightness_of(texture)
    cheeks = (np.abs(np.abs(x) - 3.2) < 1.2) & (np.abs(y - 3.2) < 1.0)
    relative = dark / max(1e-3, float(np.median(dark[cheeks])))
    return np.clip(reflectance * relative**contrast, 0.05, 0.8).astype(np.float32)


HAIR = 2.2
"""How far hair stands off the head to the sides and upwards, centimetres; it is drawn on a plane behind the face."""


def _person(x: Grid, y: Grid, shape: HeadShape) -> Grid:
    """Where head, hair, neck and shoulders are; beside them is the room."""
    head = 1.0 - (x / (shape.half_width + HAIR)) ** 2 - ((y - 1.2) / (shape.half_height + HAIR)) ** 2
    neck = np.minimum(4.8 - np.abs(x), y - 6.0)
    shoulders = y - 14.0 - 0.02 * x**2
    return _soft(np.maximum(np.maximum(head * 6, neck), shoulders))


def _blended(one: Grid, other: Grid, share: Grid) -> Grid:
    return np.asarray(one + (other - one) * share, dtype=np.float32)


def _soft(distance: object) -> Grid:
    """1 inside, 0 outside, over half a centimetre of border; `distance` is positive inside."""
    return np.clip(np.asarray(distance) * 2 + 0.5, 0, 1).astype(np.float32)
