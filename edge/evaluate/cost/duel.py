"""Ours against the usual loop, block by block, on frames in memory: the figures of one clip."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from edge.errors import EdgeError, ReferenceUnusableError
from edge.evaluate.cost.bootstrap import Spread, spread
from edge.evaluate.cost.errors import FaceNotThereError, ReferenceNotFoundError
from edge.evaluate.cost.footage import Reel
from edge.evaluate.cost.interleave import LEAST_FRAMES, Block, Turn, interleave
from edge.evaluate.cost.naive import NaiveLoop
from edge.evaluate.cost.visits import VisitCost, Visitor
from edge.imaging import Pixels
from edge.reference import Eyes, embed_only_face
from edge.stages.match import Embedding

MOST_FRAMES = 600
"""A visit that comes to no end is cut off here."""
LEAST_EVIDENCE = 10
"""The usual loop decides on so many frames at least."""

Look = Callable[[Pixels], object]
Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Duel:
    """What both cost."""

    blocks: tuple[Block, ...]
    visits: tuple[VisitCost, ...]
    other_frames_ms: Mapping[str, tuple[float, ...]]
    """CPU-ms of each frame of the others, by name."""

    @property
    def ours_frames_ms(self) -> tuple[float, ...]:
        """CPU-ms of each frame in our loop; what comes after the loop is not in it."""
        return tuple(ns / 1e6 for visit in self.visits for ns in visit.frame_ns)

    def ratio(self, name: str) -> Spread:
        """How many times as much the other costs, per frame."""
        return spread([block.ratio(name) for block in self.blocks])

    def others_ms(self, name: str) -> float:
        """Median of the other's CPU-ms per frame."""
        return spread([block.others_ms[name] for block in self.blocks]).median

    @property
    def ours_ms(self) -> float:
        """Median of our CPU-ms per frame, all work after the loop included."""
        return spread([block.ours_ms for block in self.blocks]).median

    def evidence_ratios(self, name: str) -> list[float]:
        """For each block, how many times as much the other costs until it has the same evidence: it needs as many frames as ours
        has texture probes or shots, whichever are more, and ten at least. Only for the blocks of one clip."""
        return [block.others_ms[name] * self._evidence(block) / block.turn.cpu_ms for block in self.blocks]

    @property
    def verification_ms(self) -> float:
        """Median CPU-ms of a whole visit, from the first frame to the signed decision."""
        return spread([visit.cpu_ns / 1e6 for visit in self.visits]).median

    def _evidence(self, block: Block) -> int:
        last = block.turn.first + block.turn.frames
        within = [visit for visit in self.visits if block.turn.first <= visit.first < last]
        return sum(max(LEAST_EVIDENCE, visit.evidence) for visit in within)


def joined(duels: Sequence[Duel]) -> Duel:
    """The blocks of several clips as one. What depends on where a visit lies in its stream is told clip by clip."""
    names = duels[0].other_frames_ms
    return Duel(
        tuple(block for duel in duels for block in duel.blocks),
        tuple(visit for duel in duels for visit in duel.visits),
        {name: tuple(ms for duel in duels for ms in duel.other_frames_ms[name]) for name in names},
    )


class Arena:
    """Measures on this thread. `cpu_ns` tells the CPU time of this process."""

    def __init__(self, visitor: Visitor, cpu_ns: Callable[[], int], tell: Tell) -> None:
        self._visitor, self._cpu_ns, self._tell = visitor, cpu_ns, tell

    def faces(self, reel: Reel, reference: Embedding, loops: Sequence[NaiveLoop], blocks: int, most: int = MOST_FRAMES) -> Duel:
        """Whole visits against the whole usual loop; raises `VisitBrokenError`, `FaceNotThereError`."""
        if not any(loop.find(reel.frames[0].bgr) for loop in loops):
            raise FaceNotThereError(reel.name)
        return self._duel(reel, reference, {loop.runner.name: loop.look for loop in loops}, blocks, most)

    def idle(self, reel: Reel, reference: Embedding, loop: NaiveLoop, blocks: int) -> Duel:
        """Nobody is there: ours over the whole reel against the detector of the usual loop on every frame of it."""
        return self._duel(reel, reference, {loop.runner.name: loop.find}, blocks, max(LEAST_FRAMES, len(reel.frames)))

    def _duel(self, reel: Reel, reference: Embedding, looks: Mapping[str, Look], blocks: int, most: int) -> Duel:
        visits: list[VisitCost] = []
        frames_ms: dict[str, list[float]] = {name: [] for name in looks}

        def ours(first: int) -> Turn:
            visited = self._visits(reel, first, reference, most)
            visits.extend(visited)
            return Turn(first, sum(visit.frames for visit in visited), sum(visit.cpu_ns for visit in visited) / 1e6)

        def other(name: str) -> Callable[[tuple[int, ...]], float]:
            def run(numbers: tuple[int, ...]) -> float:
                costs = [self._timed(looks[name], reel.frame(number).bgr) for number in numbers]
                frames_ms[name] += costs
                return sum(costs) / len(costs)

            return run

        self._warm(reel, reference, looks, most)
        run = interleave(blocks, ours, {name: other(name) for name in looks}, LEAST_FRAMES, self._tell)
        return Duel(run, tuple(visits), {name: tuple(costs) for name, costs in frames_ms.items()})

    def _visits(self, reel: Reel, first: int, reference: Embedding, most: int) -> list[VisitCost]:
        """Visits back to back until they make a block."""
        visited = [self._visitor.visit(reel, first, most, reference)]
        while (frames := sum(visit.frames for visit in visited)) < LEAST_FRAMES:
            visited.append(self._visitor.visit(reel, first + frames, most, reference))
        return visited

    def _warm(self, reel: Reel, reference: Embedding, looks: Mapping[str, Look], most: int) -> None:
        """The first run of a network sets it up, which happens once in the life of a process: nobody is charged for it."""
        self._visitor.visit(reel, 0, most, reference)
        for look in looks.values():
            look(reel.frames[0].bgr)

    def _timed(self, look: Look, bgr: Pixels) -> float:
        began_ns = self._cpu_ns()
        look(bgr)
        return (self._cpu_ns() - began_ns) / 1e6


def reference_of(reel: Reel, eyes: Eyes) -> tuple[int, Embedding]:
    """Number and embedding of the last frame of a clip that can serve as a reference; raises `ReferenceNotFoundError`."""
    for number in range(len(reel.frames) - 1, -1, -5):
        try:
            return number, embed_only_face(reel.frames[number].bgr, eyes)
        except ReferenceUnusableError:
            continue
        except EdgeError as error:
            raise ReferenceNotFoundError(reel.name) from error
    raise ReferenceNotFoundError(reel.name)
