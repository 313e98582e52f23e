"""Plays many presentations, in several processes side by side; the order is that of the plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from edge.engine import Engine, open_engine
from edge.evaluate.simulated.faces import Faces
from edge.evaluate.simulated.plan import Presentation
from models.store import store_from_environment

Told = TypeVar("Told")
Progress = Callable[[int, int], None]
AT_ONCE = 4
"""Presentations that a process takes at a time."""


Environment = tuple[tuple[str, str], ...]
"""Variables that say where weights are found."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What a process needs to play a presentation."""

    faces: Faces
    environment: Environment
    mirror: Path | None


def workshop_of(faces: Faces, environ: Mapping[str, str], mirror: Path | None) -> Workshop:
    """The same places for weights as this process has."""
    told = tuple(sorted((name, value) for name, value in environ.items() if name.startswith(("LIFECERT_", "XDG_", "HOME"))))
    return Workshop(faces, told, mirror)


def play_all(
    play: Callable[[Presentation, Faces, Engine], Told | None],
    plan: Sequence[Presentation],
    workshop: Workshop,
    workers: int,
    progress: Progress,
) -> tuple[Told, ...]:
    """Play all of them, with a function of some module; what it tells of each, in their order, less None. Raises `ModelError`."""
    told = []
    # A fork would copy the threads of the networks in whatever state they are.
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        for done, one in enumerate(pool.map(partial(_play, play, workshop), plan, chunksize=AT_ONCE), start=1):
            progress(done, len(plan))
            if one is not None:
                told.append(one)
    return tuple(told)


def _play(
    play: Callable[[Presentation, Faces, Engine], Told | None], workshop: Workshop, presentation: Presentation
) -> Told | None:
    return play(presentation, workshop.faces, _engine(workshop.environment, workshop.mirror))


@cache
def _engine(environment: Environment, mirror: Path | None) -> Engine:
    """Opened once in each process."""
    return open_engine(store_from_environment(dict(environment), mirror))
