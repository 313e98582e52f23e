"""How old a frame is when it is judged, while the machine cannot keep up. Simulated from costs: no clock is read.

A camera hands out a frame every period. The loop takes either the newest frame and lets the others go (`newest`), or all of
them in turn (`queue`). Its costs are those that were measured, in their order, made longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SOURCE_FPS = 30.0
SLOWED = 2.0
"""As if another load of the same weight shared the core: everything takes twice as long."""
OVERLOAD = 2.0
"""As if the board were so slow that the loop needs twice the time there is."""
FRAMES = 900
"""Half a minute of camera."""


@dataclass(frozen=True, slots=True)
class Ages:
    """Ages in periods of the camera."""

    taken_p95: float
    """When the loop takes the frame."""
    judged_p95: float
    """When the loop is done with it."""
    deepest: int
    """Most frames that waited at one time."""


def newest(costs_ms: Sequence[float], period_ms: float, frames: int = FRAMES) -> Ages:
    """The loop takes the newest frame whenever it is free; frames that were overtaken are never seen."""
    taken, judged = [], []
    free_ms, last, seen = 0.0, -1, 0
    while True:
        # When nothing new is there, the loop waits for the next frame.
        at = max(int(free_ms // period_ms), last + 1)
        if at >= frames:
            break
        begins_ms = max(free_ms, at * period_ms)
        free_ms = begins_ms + costs_ms[seen % len(costs_ms)]
        taken.append(begins_ms - at * period_ms)
        judged.append(free_ms - at * period_ms)
        last, seen = at, seen + 1
    return _ages(taken, judged, period_ms, 1)


def queue(costs_ms: Sequence[float], period_ms: float, frames: int = FRAMES) -> Ages:
    """The loop takes every frame, in turn."""
    taken, judged = [], []
    free_ms, deepest = 0.0, 0
    for at in range(frames):
        begins_ms = max(free_ms, at * period_ms)
        free_ms = begins_ms + costs_ms[at % len(costs_ms)]
        taken.append(begins_ms - at * period_ms)
        judged.append(free_ms - at * period_ms)
        deepest = max(deepest, min(frames, int(begins_ms // period_ms) + 1) - at)
    return _ages(taken, judged, period_ms, deepest)


def slowed(costs_ms: Sequence[float]) -> list[float]:
    """The same costs, each twice as long."""
    return [cost * SLOWED for cost in costs_ms]


def overloaded(costs_ms: Sequence[float], period_ms: float) -> list[float]:
    """The same costs, so much longer that together they need twice the time there is."""
    stretch = OVERLOAD * period_ms / float(np.mean(costs_ms))
    return [cost * stretch for cost in costs_ms]


def _ages(taken: Sequence[float], judged: Sequence[float], period_ms: float, deepest: int) -> Ages:
    taken_p95, judged_p95 = (float(np.quantile(ages, 0.95)) / period_ms for ages in (taken, judged))
    return Ages(round(taken_p95, 3), round(judged_p95, 3), deepest)
