"""A sequential test of life by texture: as few frames as the case needs, as many as it is worth (Wald, Sequential Analysis,
1947).

Each probed frame speaks for or against life by how far its score lies from the threshold, as log odds. The sum is compared with
two limits; a clear case ends early, a doubtful one after `most` frames with what the sum says then. Frames of one visit
resemble each other, so each counts for less than a fair witness would.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

WEIGHT = 0.5
"""How much of a frame's evidence is new: probes lie a tenth of a second apart, and see the same face and place."""
CLEAREST = 8.0
"""Log odds beyond this are taken for this: a single frame decides nothing."""
LIMIT = math.log(99)
"""The sum at which one error in a hundred is risked in either direction."""


class Word(StrEnum):
    """What a sequence has to say."""

    OPEN = "open"
    LIVES = "lives"
    DENIES = "denies"


@dataclass(frozen=True, slots=True)
class TextureTest:
    """How a texture is judged: below `threshold` (0 to 1) a face counts as a picture; `least` to `most` frames."""

    threshold: float
    least: int
    most: int

    def judge(self, scores: Sequence[float]) -> Word:
        """What these scores, oldest first, say together; a score that is no number denies."""
        if not all(math.isfinite(score) for score in scores):
            return Word.DENIES
        if len(scores) < min(self.least, self.most):
            return Word.OPEN
        middle = log_odds(self.threshold)
        told = WEIGHT * sum(log_odds(score) - middle for score in scores)
        if abs(told) < LIMIT and len(scores) < self.most:
            return Word.OPEN
        return Word.LIVES if told >= 0 else Word.DENIES


def joint_score(scores: Sequence[float]) -> float:
    """One score of several, 0 to 1: it reaches the threshold exactly when their sum of evidence does. NaN where one is none."""
    if not all(math.isfinite(score) for score in scores):
        return math.nan
    return round(1 / (1 + math.exp(-sum(map(log_odds, scores)) / len(scores))), 9)


def log_odds(score: float) -> float:
    """Log odds of a score from 0 to 1, between plus and minus `CLEAREST`; NaN of what is none."""
    if math.isnan(score):
        return math.nan
    lowest = 1 / (1 + math.exp(CLEAREST))
    share = min(1 - lowest, max(lowest, score))
    return math.log(share / (1 - share))
