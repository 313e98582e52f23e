"""Finds the texture thresholds of one kind of camera from presentations that were recorded with it.

Half of the people find a threshold, the other half shows what it is worth. A threshold leaves out so many of the living, and no
more; it never goes below what would switch the cue off.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from edge.evaluate.errors import LivingTooFewError
from edge.evaluate.recorded.replay import Replayed
from edge.evaluate.simulated.fit import lowest_kept
from edge.evaluate.split import Half, half_of
from models.relief import UNSAVED
from models.texture_threshold import LEAST, LEAST_LIT, Proven, TextureThreshold
from wire.result import Mode

FEWEST_LIVING = 30
"""Presentations of living people in each half: of fewer, nobody can tell where the living end."""


def calibrate(replayed: Sequence[Replayed], camera: str) -> TextureThreshold:
    """The thresholds of the kinds of visit that were recorded; raises `LivingTooFewError`."""
    lit = [one for one in replayed if one.recorded.card.mode is Mode.FULL]
    steady = [one for one in replayed if one.recorded.card.mode is not Mode.FULL]
    return TextureThreshold(
        camera,
        steady=_found(steady, LEAST) if steady else None,
        lit=_found(lit, LEAST_LIT) if lit else None,
        sha256=UNSAVED,
    )


def _found(replayed: Sequence[Replayed], least: float) -> Proven:
    halves = {half: [one for one in replayed if half_of(one.recorded.card.subject) is half] for half in Half}
    for half, group in halves.items():
        alive = len(_scores(group, living=True))
        if alive < FEWEST_LIVING:
            raise LivingTooFewError(half.name.lower(), alive, FEWEST_LIVING)
    kept = lowest_kept(np.array(_scores(halves[Half.FIT], living=True)))
    threshold = min(0.999, max(least, math.floor(kept * 1000) / 1000))
    living, attacks = _scores(halves[Half.REPORT], living=True), _scores(halves[Half.REPORT], living=False)
    refused, passed = sum(score < threshold for score in living), sum(score >= threshold for score in attacks)
    return Proven(threshold, len(living), refused, len(attacks), passed)


def _scores(replayed: Sequence[Replayed], *, living: bool) -> list[float]:
    return [one.texture for one in replayed if one.recorded.card.living is living and one.texture is not None]
