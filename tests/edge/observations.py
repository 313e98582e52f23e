"""Builds what the pipeline may have seen in one frame, with times in milliseconds, and the rules to judge it by."""

from __future__ import annotations

import numpy as np

from edge.flow import (
    Box,
    Cue,
    CueKind,
    Detection,
    Expression,
    FaceSample,
    Flaw,
    LivenessScore,
    Observation,
    Shot,
    Similarity,
    TrackId,
)
from edge.rules import Rules, Thresholds, Times
from wire.reasons import Reason

MS = 1_000_000
THRESHOLDS = Thresholds(face=0.6, match=Similarity(0.53), review_from=Similarity(0.43), texture=LivenessScore(0.9))
RULES = Rules("test/1", THRESHOLDS, Times())
FACE = Detection(
    Box(100, 60, 90, 110),
    np.array([[125, 100], [165, 100], [145, 120], [130, 140], [160, 140]], dtype=np.float32),
    confidence=0.95,
)


def sample(at_ms: float, track: int = 1, flaws: tuple[Flaw, ...] = ()) -> FaceSample:
    """A graded face; without flaws it is usable."""
    return FaceSample(TrackId(track), round(at_ms * MS), FACE, (), flaws)


def nobody(at_ms: float) -> Observation:
    """A frame without a face."""
    return Observation(round(at_ms * MS))


def flawed(at_ms: float, *reasons: Reason, track: int = 1) -> Observation:
    """A frame with a face that cannot be used, worst reason first."""
    return Observation(round(at_ms * MS), sample(at_ms, track, tuple(Flaw(reason, 0.5) for reason in reasons)))


def usable(
    at_ms: float,
    track: int = 1,
    texture: float | None = None,
    eyes_mouth: tuple[float, float] | None = None,
    shot: int | None = None,
) -> Observation:
    """A frame with a good face, and what was found out about it; `shot` is the quality of a picture kept."""
    at_ns = round(at_ms * MS)
    return Observation(
        at_ns,
        sample(at_ms, track),
        None if texture is None else Cue(CueKind.TEXTURE, LivenessScore(texture), at_ns),
        None if eyes_mouth is None else Expression(*eyes_mouth, at_ns),
        None if shot is None else Shot((np.zeros((8, 8, 3), dtype=np.uint8),), shot, at_ns),
        probing=texture is not None,
    )
