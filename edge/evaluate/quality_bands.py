"""How the misses of a matcher lie by the quality of the poorer of two pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from edge.evaluate.pairs import Pair, PairList
from edge.evaluate.portrait import Lost, look_at
from edge.evaluate.statistics import false_non_match_rate
from edge.evaluate.verification import Progress
from edge.reference import Eyes
from edge.stages.match import Embedding, compare
from edge.stages.quality import FaceQuality, QualityProbe
from models.calibration.rates import Rate

EDGES = (0.0, 0.45, 0.55, 0.60, 1.0)


@dataclass(frozen=True, slots=True)
class QualityBand:
    """The listed pairs of one person whose poorer picture has a quality from `low` up to, not including, `high`."""

    low: float
    high: float
    fnmr: Rate
    """At the shipped threshold."""
    fnmr_at: Mapping[str, float | None]
    """By the word for an FMR, at the threshold that the whole set would choose for it."""


def judge_pictures(
    listed: PairList, pictures: Mapping[str, Embedding | Lost], eyes: Eyes, probe: QualityProbe, progress: Progress
) -> Mapping[str, FaceQuality]:
    """The quality of every listed file that could be embedded."""
    found = {}
    files = [file for file in listed.files if not isinstance(pictures[file], Lost)]
    for number, file in enumerate(files, start=1):
        portrait = look_at(listed.images / file, eyes.detector)
        if portrait:
            found[file] = probe.judge(portrait.bgr, eyes.aligner.points(portrait.bgr, portrait.face))
        progress(number, len(files))
    return found


def weigh_bands(
    listed: PairList,
    pictures: Mapping[str, Embedding | Lost],
    qualities: Mapping[str, FaceQuality],
    threshold: float,
    thresholds_at: Mapping[str, float | None],
) -> tuple[QualityBand, ...]:
    """Divide the listed pairs of one person by quality; `thresholds_at` are those that the whole set would choose."""
    genuine = [pair for pair in listed.pairs if pair.same and pair.a in qualities and pair.b in qualities]
    return tuple(
        _band(low, high, [pair for pair in genuine if low <= _poorer(pair, qualities) < high], pictures, threshold, thresholds_at)
        for low, high in pairwise(EDGES)
    )


def _poorer(pair: Pair, qualities: Mapping[str, FaceQuality]) -> float:
    return min(qualities[pair.a], qualities[pair.b], float(np.nextafter(EDGES[-1], 0)))


def _band(
    low: float,
    high: float,
    pairs: Sequence[Pair],
    pictures: Mapping[str, Embedding | Lost],
    threshold: float,
    thresholds_at: Mapping[str, float | None],
) -> QualityBand:
    scores = np.array([_score(pictures[pair.a], pictures[pair.b]) for pair in pairs], dtype=np.float64)
    at = {word: None if other is None else false_non_match_rate(scores, other).value for word, other in thresholds_at.items()}
    return QualityBand(low, high, false_non_match_rate(scores, threshold), at)


def _score(one: Embedding | Lost, other: Embedding | Lost) -> float:
    if isinstance(one, Lost) or isinstance(other, Lost):
        raise ValueError("a picture that was lost has no quality")
    return compare(one, other)
