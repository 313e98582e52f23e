"""Visits, duels and a whole run with made-up costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from edge.attempt import Ending
from edge.conclude import without_capture
from edge.evaluate.cost.counters import Moved, Work
from edge.evaluate.cost.duel import Duel
from edge.evaluate.cost.interleave import Block, Turn
from edge.evaluate.cost.reaction import Reaction
from edge.evaluate.cost.report import Run
from edge.evaluate.cost.visits import VisitCost
from edge.flow import ActionOutcome, LivenessEvidence
from edge.session.states import Event
from wire.reasons import Reason
from wire.result import Verdict


def visit(first: int, frames_ms: Sequence[float], after_ms: float = 0.0, probes: int = 3) -> VisitCost:
    """A visit with these costs in the loop, and after it."""
    evidence = LivenessEvidence(None, probes, (), ActionOutcome.NOT_ASKED)
    judgement = replace(without_capture(Verdict.ABORTED, Reason.INTERRUPTED), liveness=evidence)
    ending = Ending(Event.EVIDENCE_COMPLETE, None, None, evidence, (), len(frames_ms), 0.0)
    cpu_ns = round((sum(frames_ms) + after_ms) * 1e6)
    return VisitCost(first, tuple(round(ms * 1e6) for ms in frames_ms), cpu_ns, ending, judgement)


def duel(others_ms: Mapping[str, Sequence[float]], frames_ms: Sequence[float], after_ms: float = 0.0, probes: int = 3) -> Duel:
    """One block, of one visit, for each number of the others: their CPU-ms per frame."""
    count, length = len(next(iter(others_ms.values()))), len(frames_ms)
    visits = tuple(visit(number * length, frames_ms, after_ms, probes) for number in range(count))
    blocks = tuple(
        Block(Turn(one.first, one.frames, one.cpu_ns / 1e6), {name: each[number] for name, each in others_ms.items()})
        for number, one in enumerate(visits)
    )
    return Duel(blocks, visits, {name: tuple(each) for name, each in others_ms.items()})


def run(faces: Duel, opencv_version: str = "4.11.0") -> Run:
    """A run on one clip; where nobody is the usual loop costs thirty times as much."""
    idle = duel({"opencv": [3.0, 3.0]}, [0.1] * 50)
    moved, work = Moved(60, 9000.0, 4000.0, 0.8), Work(30.0, 300.0, 500.0, 5.0, 9_000_000, {"embedder": 2})
    reaction = Reaction(4, 10, 30.0)
    return Run(opencv_version, "1", None, {"a": faces}, idle, None, moved, work, None, reaction, None, None, {"deepface": 12.5})
