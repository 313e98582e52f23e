"""Whole visits of the unit on frames in memory, back to back: the very attempt and judgement of the product, measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from edge.attempt import Attempt, Ending
from edge.conclude import Judgement, Occasion, Origin, judge, sealed
from edge.engine import Engine
from edge.evaluate.cost.errors import VisitBrokenError
from edge.evaluate.cost.footage import Handed, Handing, Reel, nobody_listens
from edge.flow import Observation
from edge.likeness import Standard
from edge.perform import Performer
from edge.pipeline import Pipeline
from edge.rules import Rules, rules_for
from edge.session.challenge import Challenge, challenge_of
from edge.spool.rows import FIRST
from edge.stages.lens_watch import LensLook
from edge.stages.match import Embedding
from wire.keys import Signer


def as_it_is(pipeline: Pipeline) -> Pipeline:
    """Put nothing around it."""
    return pipeline


def nobody_cares() -> None:
    """Hear that the loop is over, and do nothing."""


@dataclass(frozen=True, slots=True)
class Ears:
    """What listens to a visit that is not timed."""

    around: Callable[[Pipeline], Pipeline] = as_it_is
    """Puts something around the pipeline."""
    handed: Handed = nobody_listens
    """Hears of each frame before it is seen."""
    looped: Callable[[], None] = nobody_cares
    """Hears that the loop is over, before anything is decided."""


NO_EARS = Ears()


@dataclass(frozen=True, slots=True)
class Seal:
    """What a result is signed with; nothing of it is stored or sent."""

    origin: Origin
    occasion: Occasion
    signer: Signer


@dataclass(frozen=True, slots=True)
class VisitCost:
    """One visit, and what it took."""

    first: int
    """Number of its first frame in the stream."""
    frame_ns: tuple[int, ...]
    """CPU time of each frame in the loop."""
    cpu_ns: int
    """CPU time of all of it: loop, embedding of the shots, decision, signature."""
    ending: Ending
    judgement: Judgement

    @property
    def frames(self) -> int:
        """Frames that it took."""
        return len(self.frame_ns)

    @property
    def evidence(self) -> int:
        """Items of evidence: texture probes or shots, whichever are more."""
        return max(self.judgement.liveness.texture_frames, len(self.ending.shots))


class Visitor:
    """Runs visits one after another. `cpu_ns` tells the CPU time of this process; the board's parts remember and do nothing."""

    def __init__(self, engine: Engine, performer: Performer, seal: Seal, nonce: bytes, cpu_ns: Callable[[], int]) -> None:
        self.engine, self._performer, self._seal, self._cpu_ns = engine, performer, seal, cpu_ns
        mode = seal.occasion.mode
        self.rules: Rules = rules_for(engine.rules, mode)
        self._challenge: Challenge = challenge_of(nonce, mode, "", 0)

    def visit(self, reel: Reel, first: int, most: int, reference: Embedding, ears: Ears = NO_EARS) -> VisitCost:
        """Serve one visitor with a fresh pipeline, from a frame on, for `most` frames at most; raises `VisitBrokenError`."""
        handing = Handing(reel, first, most, self._cpu_ns, ears.handed)
        began_ns = self._cpu_ns()
        pipeline = ears.around(self.engine.pipeline(self._challenge.code))
        attempt = Attempt(pipeline, self.rules, self._challenge, self._performer, self._cpu_ns)
        # As a unit does, each visit also shows what there is to see of the lens.
        ending = attempt.run(LensLook().passing(handing), tuple)
        looped_ns = self._cpu_ns()
        ears.looped()
        judgement = self.judged(ending, reference)
        sealed(judgement, self._seal.origin, self._seal.occasion, FIRST, self._seal.signer)
        done_ns = self._cpu_ns()
        if ending.trouble:
            raise VisitBrokenError(reel.name, ending.trouble.value)
        return VisitCost(first, handing.frame_ns(looped_ns), done_ns - began_ns, ending, judgement)

    def judged(self, ending: Ending, reference: Embedding) -> Judgement:
        """The decision on what a visit left behind, against any reference."""
        return judge(ending, (Standard(reference, self.rules.thresholds),), self.engine.embedder, self.rules)


class Watched:
    """A pipeline that remembers what it saw; all the rest is the pipeline's own."""

    def __init__(self, pipeline: Pipeline, seen: list[Observation]) -> None:
        self._pipeline, self._seen = pipeline, seen

    def observe(self, *given: Any, **named: Any) -> Observation:  # whatever the attempt hands over goes on as it is
        """See as the pipeline sees, and remember it."""
        seen = self._pipeline.observe(*given, **named)
        self._seen.append(seen)
        return seen

    def __getattr__(self, name: str) -> object:
        """Everything else."""
        return getattr(self._pipeline, name)


def watching(seen: list[Observation]) -> Ears:
    """Adds every observation to a list."""
    return Ears(around=lambda pipeline: cast(Pipeline, Watched(pipeline, seen)))
