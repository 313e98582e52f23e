"""Whether a smudge on the lens is found, and a clean lens left alone: a statistic over visits, so it is asked of many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.evaluate.guidance.camera import smudged
from edge.evaluate.guidance.seat import Seat, Sitter, seated
from edge.evaluate.guidance.spoiling import STRENGTHS
from edge.imaging import Pixels, fineness
from edge.stages.lens_watch import COLUMNS, ROWS, VISITS, Cells, find_smudge
from firmware.frame import UNKNOWN_LIGHT, frame_from_bgr
from models.calibration.rates import Rate, rate

LENSES = 12
"""So many lenses with a smudge each, and as many clean ones."""
GLANCES = 3
"""So many places somebody sits in during a visit: people lean and sway."""


@dataclass(frozen=True, slots=True)
class LensReport:
    """What was told of lenses after so many visits each."""

    found: Rate
    by_step: tuple[Rate, ...]
    """For each of STRENGTHS."""
    false_alarm: Rate


def ask_about_lenses(sitters: Sequence[Sitter]) -> LensReport:
    """Let people, drawn anew for each lens, visit clean and smudged ones; the same sitters are always drawn alike."""
    found: dict[int, list[bool]] = {step: [] for step in (0, *STRENGTHS)}
    for number in range(LENSES):
        dice = np.random.default_rng((number, 10))
        visits = [_frames(sitters[int(dice.integers(len(sitters)))], dice) for _ in range(VISITS)]
        place = dice.uniform(0.4, 0.6), dice.uniform(0.35, 0.65)
        for step, told in found.items():
            told.append(find_smudge([_seen([_spoilt(frame, place, step) for frame in frames]) for frames in visits]) is not None)
    by_step = tuple(rate(sum(found[step]), LENSES) for step in STRENGTHS)
    return LensReport(rate(sum(one.errors for one in by_step), LENSES * len(STRENGTHS)), by_step, rate(sum(found[0]), LENSES))


def _frames(sitter: Sitter, dice: np.random.Generator) -> list[Pixels]:
    places = dice.uniform((70, 0.35, 0.4), (120, 0.65, 0.6), (GLANCES, 3)).tolist()
    return [seated(sitter, Seat(eyes_px, x_share, y_share)).bgr for eyes_px, x_share, y_share in places]


def _spoilt(bgr: Pixels, place: tuple[float, float], step: int) -> Pixels:
    return smudged(bgr, *place, step) if step else bgr


def _seen(frames: Sequence[Pixels]) -> Cells:
    looks = [fineness(frame_from_bgr(bgr, 0, 0, UNKNOWN_LIGHT).luma, ROWS, COLUMNS) for bgr in frames]
    return np.asarray(np.fmax.reduce(looks))
