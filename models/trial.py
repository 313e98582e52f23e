"""Opens a model file in a process of its own first, with little time and memory, so that what it does there is found out.

A file may pass every check of its bytes and still crash the library that opens it, take all memory, never end, or answer with
numbers that are none. The process that serves visits opens only what was tried here. The other side is `models.trial_child`.
"""

from __future__ import annotations

import json
import pickle
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from models.card import ModelCard
from models.errors import ModelTrialFailedError

MIB = 1024 * 1024
ROOT = Path(__file__).resolve().parent.parent
CHILD = (sys.executable, "-m", "models.trial_child")


@dataclass(frozen=True, slots=True)
class TrialLimits:
    """What a file may take until its first answers are there."""

    memory_bytes: int = 1024 * MIB
    """Memory that the process may ask for; a whole unit has 150 MB."""
    cpu_s: int = 20
    """Seconds of computing, without loading the library."""
    wall_s: float = 90.0
    """Seconds on the clock, for a file that sleeps, and for a busy machine."""


class Phase(StrEnum):
    """What the child was doing when it was last heard of."""

    STARTING = "starting"
    OPENING = "opening"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class TrialRequest:
    """What the child is asked to do. It travels through a pipe between two processes of ours."""

    card: ModelCard
    path: Path
    limits: TrialLimits


@dataclass(frozen=True, slots=True)
class TrialReport:
    """What one file did in a process of its own."""

    library_cpu_ms: float
    """Loading the library that runs it."""
    cold_cpu_ms: float
    """From opening the file to its first answer."""
    run_cpu_ms: float
    """One more answer."""
    added_bytes: int
    """Memory in use after the answers, less that before opening."""
    peak_bytes: int
    """The most memory that the process had in use at one time."""


def try_network(card: ModelCard, path: Path, limits: TrialLimits | None = None, child: Sequence[str] = CHILD) -> TrialReport:
    """Open a file in another process with the library that its card names, and let it answer twice.

    Raises `ModelTrialFailedError`, which names model, file and reason, when it is refused, crashes, takes too much or too long.
    `child` is the program that tries it.
    """
    allowed = limits or TrialLimits()
    request = pickle.dumps(TrialRequest(card, path.absolute(), allowed))
    try:
        done = subprocess.run(child, input=request, capture_output=True, timeout=allowed.wall_s, cwd=ROOT, check=False)
    except subprocess.TimeoutExpired as error:
        reason = f"it gave no answer within {allowed.wall_s:g} s, {_last_phase(error.stdout or b'')}"
        raise ModelTrialFailedError(card, path, reason) from error
    except OSError as error:
        raise ModelTrialFailedError(card, path, f"no process could be started to try it: {error.strerror or error}") from error
    if done.returncode != 0:
        raise ModelTrialFailedError(card, path, _end_of(done.returncode, _last_phase(done.stdout), allowed, done.stderr))
    return _report(card, path, done.stdout)


def _report(card: ModelCard, path: Path, said: bytes) -> TrialReport:
    try:
        answer = json.loads(said.splitlines()[-1])
        if "refused" in answer:
            raise ModelTrialFailedError(card, path, str(answer["refused"]))
        return TrialReport(**answer)
    except (ValueError, IndexError, TypeError) as error:
        raise ModelTrialFailedError(card, path, "the process that tried it ended without a report") from error


def _last_phase(said: bytes) -> Phase:
    lines = said.decode("utf-8", "replace").splitlines()
    spoken = [phase for line in lines for phase in Phase if line == phase.value]
    return spoken[-1] if spoken else Phase.STARTING


def _end_of(code: int, phase: Phase, limits: TrialLimits, stderr: bytes) -> str:
    if code == -signal.SIGXCPU:
        return f"it computed for more than {limits.cpu_s} s, {phase}"
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        return f"it crashed its process ({name}), {phase}"
    last = (stderr.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"])[-1]
    return f"its process ended with {code}, {phase}: {last}"
