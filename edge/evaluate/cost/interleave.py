"""Who is measured when: A-B-A-B, so that what disturbs the machine disturbs both. It reads no clock and knows no frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

LEAST_FRAMES = 50
"""So many frames at least make one block."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one block of ours did."""

    first: int
    """Number of its first frame in the endless stream."""
    frames: int
    cpu_ms: float
    """Of all its frames together, and of whatever they led to."""


@dataclass(frozen=True, slots=True)
class Block:
    """One turn of ours, and the others on the same frames right after it."""

    turn: Turn
    others_ms: Mapping[str, float]
    """CPU-ms per frame, by name."""

    @property
    def ours_ms(self) -> float:
        """CPU-ms per frame."""
        return self.turn.cpu_ms / self.turn.frames

    def ratio(self, name: str) -> float:
        """How many times as much the other one costs."""
        return self.others_ms[name] / self.ours_ms


Ours = Callable[[int], Turn]
"""Takes the number of its first frame."""
Other = Callable[[tuple[int, ...]], float]
"""Takes the numbers of its frames; CPU-ms per frame."""


def interleave(
    count: int, ours: Ours, others: Mapping[str, Other], most_frames: int, tell: Callable[[int, int], None]
) -> tuple[Block, ...]:
    """Run so many blocks; each begins with the frame after the last one of the block before.

    The others take all frames of ours, or `most_frames` of them evenly spaced, where there are more.
    """
    blocks: list[Block] = []
    first = 0
    for number in range(count):
        turn = ours(first)
        chosen = evenly(turn.first, turn.frames, max(most_frames, LEAST_FRAMES))
        blocks.append(Block(turn, {name: other(chosen) for name, other in others.items()}))
        first = turn.first + turn.frames
        tell(number + 1, count)
    return tuple(blocks)


def evenly(first: int, frames: int, most: int) -> tuple[int, ...]:
    """All frames from the first on, or `most` of them with equal spacing."""
    if frames <= most:
        return tuple(range(first, first + frames))
    return tuple(first + frames * place // most for place in range(most))
