"""How soon a face that comes is seen, and one that has gone is let go: what is lost by not looking at every frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.evaluate.cost.footage import Reel
from edge.evaluate.cost.visits import Visitor, watching
from edge.flow import Observation
from edge.stages.match import Embedding
from firmware.frame import UNKNOWN_LIGHT, Frame, frame_from_bgr

BEFORE, THERE, AFTER = 45, 30, 45
"""Frames without a face, with it, and without it again; too few with it for a visit to end."""
GREY = 110


@dataclass(frozen=True, slots=True)
class Reaction:
    """In frames; the usual loop, which looks at each, needs none."""

    seen_after: int | None
    """From the first frame with the face to the first in which ours has it; None when it never has."""
    gone_after: int
    """So many frames without the face are still taken to have it."""
    fps: float


def react(visitor: Visitor, reel: Reel, reference: Embedding) -> Reaction:
    """Let the face of a clip come into a grey picture and go again; raises `VisitBrokenError`."""
    observations: list[Observation] = []
    arrival = coming_and_going(reel)
    visitor.visit(arrival, 0, len(arrival.frames), reference, watching(observations))
    with_face = {seen.captured_ns for seen in observations if seen.sample}
    return reaction_of([frame.captured_ns in with_face for frame in arrival.frames], 1e9 / reel.period_ns)


def reaction_of(with_face: Sequence[bool], fps: float) -> Reaction:
    """The reaction in a row of frames, each with or without a face as ours has it."""
    there = with_face[BEFORE : BEFORE + THERE]
    return Reaction(there.index(True) if True in there else None, sum(with_face[BEFORE + THERE :]), round(fps, 2))


def coming_and_going(reel: Reel) -> Reel:
    """Grey frames, the first frames of the clip, grey frames; in the rhythm of the clip."""
    empty = frame_from_bgr(np.full_like(reel.frames[0].bgr, GREY), 0, 0, UNKNOWN_LIGHT)
    shown: list[Frame] = [*[empty] * BEFORE, *(reel.frame(number) for number in range(THERE)), *[empty] * AFTER]
    return Reel(
        f"{reel.name}, coming and going",
        tuple(Frame(one.bgr, one.luma, at * reel.period_ns, at, one.light) for at, one in enumerate(shown)),
    )
