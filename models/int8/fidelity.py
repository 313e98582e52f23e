"""How far the answers of two networks are apart, as what the network is for sees it: 0 is equal, small is good."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

import numpy as np

from models.card import ModelCard, Purpose
from models.contract import Tensor

Answers = tuple[Tensor, ...]

SURE_CELL = 0.36
"""Cells of a detector below this score hold no face for anybody; the shipped threshold is a score of 0.6, squared."""


def loss(card: ModelCard, true: Sequence[Answers], found: Sequence[Answers]) -> float:
    """The mean over all inputs.

    Embedders: 1 less the cosine. Detectors: change of the score, of box and points in cells, where there is a face. Others: the
    mean change of a number.
    """
    return float(np.mean([_one(card, first, second) for first, second in zip(true, found, strict=True)]))


def _one(card: ModelCard, true: Answers, found: Answers) -> float:
    match card.purpose:
        case Purpose.EMBEDDER:
            return 1 - cosine(true[0], found[0])
        case Purpose.DETECTOR:
            return _detector(true, found)
        case (
            Purpose.LANDMARKS5
            | Purpose.TEXTURE
            | Purpose.LANDMARKS478
            | Purpose.BLENDSHAPES
            | Purpose.QUALITY
            | Purpose.MASK
            | Purpose.CONSTANTS
        ):
            return float(np.mean([np.abs(one - other).mean() for one, other in zip(true, found, strict=True)]))
    assert_never(card.purpose)


def cosine(one: Tensor, other: Tensor) -> float:
    """The cosine of two answers; 0 when one has no direction."""
    first, second = one.reshape(-1).astype(np.float64), other.reshape(-1).astype(np.float64)
    length = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(first @ second) / length if length > 0 else 0.0


def _detector(true: Answers, found: Answers) -> float:
    """Outputs by kind (cls, obj, bbox, kps), each for every stride."""
    strides = len(true) // 4
    lost = []
    for stride in range(strides):
        one, other = ([part[0] for part in answers[stride::strides]] for answers in (true, found))
        scores = [np.sqrt(np.clip(part[0] * part[1], 0, 1))[:, 0] for part in (one, other)]
        sure = (scores[0] ** 2 >= SURE_CELL) | (scores[1] ** 2 >= SURE_CELL)
        if np.any(sure):
            shifts = [np.abs(one[kind][sure] - other[kind][sure]).mean(axis=1) for kind in (2, 3)]
            lost.append(np.abs(scores[0] - scores[1])[sure] + 0.2 * (shifts[0] + shifts[1]))
    return float(np.concatenate(lost).mean()) if lost else 0.0
