"""Measures what can run for a model on this board, in turns, and picks the fastest that answers what the shipped file answers.

Time is CPU time, and every turn measures all candidates one after the other, so that a busy machine slows them alike. What may
crash is tried in a process of its own first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.candidates import Candidate, Field, Refusal
from models.card import Runtime
from models.choice import Choice, Numbers, Ratio, SavedSession
from models.contract import Tensor
from models.cost import NetworkCost, cost_of
from models.difference import difference
from models.digests import content_of
from models.errors import CostUnknownError, ModelError, NetworkNotLoadedError
from models.question import question_shape, well_formed
from models.runtime import Network, open_network
from models.trial import TrialReport, try_network
from models.variant import Form

CpuClock = Callable[[], int]
"""CPU time of this process, ns."""
Trial = Callable[[Candidate], TrialReport]

RUNS_PER_TURN = 3
SEEDS = (1, 2, 3)
SAME = 1e-3
"""Share of an output's largest number by which another library may answer differently: all of them reckon in float32."""
LEAST_GAIN = 0.03
"""What is gained by less than this share is a tie, and the shipped file runs."""
BOOTSTRAPS = 2000

Times = NDArray[np.float64]
"""(turns, runs) of one candidate, CPU-ms."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One candidate that stood its trial and answered as the shipped file does."""

    candidate: Candidate
    numbers: Numbers
    ratio: Ratio
    """To the shipped file; 1 for itself."""


@dataclass(frozen=True, slots=True)
class ModelBench:
    """What became of one model."""

    measured: tuple[Measured, ...]
    """The shipped file first."""
    refused: tuple[Refusal, ...]
    chosen: Measured
    saved: SavedSession | None = None
    """What the library made of the chosen file, where keeping that saves time."""

    @property
    def choice(self) -> Choice:
        """What is kept of it."""
        picked = self.chosen.candidate
        return Choice(
            model=picked.source.name,
            form=picked.form,
            runtime=picked.card.runtime,
            file=picked.card.file,
            sha256=picked.card.sha256,
            source_sha256=picked.source.sha256,
            numbers=self.chosen.numbers,
            shipped=self.measured[0].numbers,
            ratio=self.chosen.ratio,
            saved=self.saved,
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Runner:
    """A candidate that is open."""

    candidate: Candidate
    network: Network
    trial: TrialReport


def tried_in_a_child(candidate: Candidate) -> TrialReport:
    """Try a candidate as `models.trial` does."""
    return try_network(candidate.card, candidate.path)


def measure(field: Field, turns: int, cpu_ns: CpuClock, trial: Trial = tried_in_a_child) -> ModelBench:
    """Measure one model; raises `ModelError` when its shipped file does not stand the trial.

    `turns` is how often all candidates run one after the other, at least 2.
    """
    questions = [well_formed(field.shipped.card, seed) for seed in SEEDS]
    shipped = _opened(field.shipped, trial)
    answers = [shipped.network.run(question) for question in questions]
    runners, refused = [shipped], list(field.refused)
    for candidate in field.others:
        try:
            runner = _opened(candidate, trial)
            if reason := _differs(runner, questions, answers):
                refused.append(Refusal(candidate.label, reason))
            else:
                runners.append(runner)
        except ModelError as error:
            refused.append(Refusal(candidate.label, str(error)))
    times = _in_turns(runners, questions, turns, cpu_ns)
    measured = tuple(_measured(runner, each, times[0]) for runner, each in zip(runners, times, strict=True))
    return ModelBench(measured, tuple(refused), fastest(measured))


def fastest(measured: Sequence[Measured]) -> Measured:
    """The candidate with the lowest ratio among those whose whole interval says that it is faster; else what ships.

    One on integers must be faster beyond doubt than the best one that is exact.
    """
    shipped, *others = measured
    faster = [each for each in others if each.ratio.high < 1 - _least_gain(each.candidate)]
    exact = [each for each in faster if each.candidate.form is not Form.INT8]
    best = min(exact, key=lambda each: each.ratio.median, default=shipped)
    integers = [each for each in faster if each not in exact and each.ratio.high < (1 - LEAST_GAIN) * best.ratio.low]
    return min(integers, key=lambda each: each.ratio.median, default=best)


def _least_gain(candidate: Candidate) -> float:
    """What moves into the library in whose memory all others reckon saves memory, and a library to load: a tie is enough."""
    moves = candidate.source.runtime is Runtime.TFLITE and candidate.card.runtime is Runtime.ONNX
    return -LEAST_GAIN if moves else LEAST_GAIN


def ratio_of(times: Times, shipped: Times) -> Ratio:
    """How the time of one candidate relates to that of the shipped file: turn by turn, so that what slows both cancels.

    The interval is the percentile bootstrap over turns (Efron 1979), with a fixed draw.
    """
    ratios = np.median(times, axis=1) / np.median(shipped, axis=1)
    drawn = np.random.default_rng(0).integers(0, len(ratios), (BOOTSTRAPS, len(ratios)))
    low, high = np.percentile(np.median(ratios[drawn], axis=1), [2.5, 97.5])
    return Ratio(float(np.median(ratios)), float(low), float(high))


def _opened(candidate: Candidate, trial: Trial) -> _Runner:
    report = trial(candidate)
    return _Runner(candidate, open_network(candidate.card, candidate.path), report)


def _differs(runner: _Runner, questions: Sequence[Tensor], answers: Sequence[Sequence[Tensor]]) -> str:
    """Why the answers are not those of the shipped file; a quantized one was compared when it was made."""
    if runner.candidate.form is Form.INT8:
        return ""
    for question, expected in zip(questions, answers, strict=True):
        for contract, ours, theirs in zip(runner.candidate.card.outputs, runner.network.run(question), expected, strict=True):
            if (found := difference(ours, theirs)) > SAME:
                apart = f"{found:.3g} of its largest number"
                return f"its output {contract.name} is another one than that of the shipped file, by up to {apart}"
    return ""


def _in_turns(runners: Sequence[_Runner], questions: Sequence[Tensor], turns: int, cpu_ns: CpuClock) -> list[Times]:
    times = [np.zeros((turns, RUNS_PER_TURN)) for _ in runners]
    for turn in range(turns):
        for runner, own in zip(runners, times, strict=True):
            # What ran before has emptied the caches; each candidate fills them again before it is measured.
            runner.network.run(questions[0])
            for run in range(RUNS_PER_TURN):
                started_ns = cpu_ns()
                runner.network.run(questions[run % len(questions)])
                own[turn, run] = (cpu_ns() - started_ns) / 1e6
    return times


def _measured(runner: _Runner, times: Times, shipped: Times) -> Measured:
    median, p99 = (float(each) for each in np.percentile(times, [50, 99]))
    cold_cpu_ms, added_bytes = runner.trial.cold_cpu_ms, runner.trial.added_bytes
    numbers = Numbers(median, p99, cold_cpu_ms, added_bytes, _cost(runner.candidate))
    return Measured(runner.candidate, numbers, ratio_of(times, shipped))


def _cost(candidate: Candidate) -> NetworkCost | None:
    try:
        return cost_of(candidate.card, content_of(candidate.path), question_shape(candidate.card))
    except (CostUnknownError, NetworkNotLoadedError):
        return None
