"""Measures how long a unit takes from nothing to its first answers: a process that opens all networks and runs each once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from edge.errors import ColdStartFailedError

ROOT = Path(__file__).resolve().parent.parent
CHILD = (sys.executable, "-m", "edge.cold_start_child")
LIMIT_S = 120.0

WallClock = Callable[[], int]
"""Time that passes, ns."""


@dataclass(frozen=True, slots=True)
class ColdStartRequest:
    """What is opened."""

    matcher: str
    mirror: str | None = None
    manifest: str | None = None
    choice: str | None = None
    """A file of choices; None opens what ships."""


@dataclass(frozen=True, slots=True)
class ColdStart:
    """One start of a process, or the medians of several."""

    wall_ms: float
    """From the start of the process until all networks have answered once."""
    cpu_ms: float
    """CPU time of the whole process until then."""
    import_cpu_ms: float
    """Of it: the interpreter and all modules."""
    open_cpu_ms: float
    """Of it: finding, checking and opening the files."""
    answer_cpu_ms: float
    """Of it: the first answers."""
    rss_bytes: int
    """Memory in use then."""


def keeping_compiled(environ: Mapping[str, str]) -> dict[str, str]:
    """An environment in which Python keeps compiled modules, as the installation of a unit does."""
    return {name: value for name, value in environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def measure_cold_starts(
    requests: Sequence[ColdStartRequest],
    starts: int,
    wall_ns: WallClock,
    environ: Mapping[str, str],
    child: Sequence[str] = CHILD,
) -> list[ColdStart]:
    """Start each so often, in turns, and give the medians; raises `ColdStartFailedError`.

    One start before them does not count: it may have to compile the modules, which happens once in the life of a unit.
    """
    _start(requests[0], wall_ns, keeping_compiled(environ), child)
    turns = [[_start(request, wall_ns, keeping_compiled(environ), child) for request in requests] for _ in range(starts)]
    return [_medians([turn[index] for turn in turns]) for index in range(len(requests))]


def _start(request: ColdStartRequest, wall_ns: WallClock, environ: Mapping[str, str], child: Sequence[str]) -> ColdStart:
    started_ns = wall_ns()
    try:
        done = subprocess.run(
            child,
            input=json.dumps(asdict(request)).encode(),
            capture_output=True,
            timeout=LIMIT_S,
            cwd=ROOT,
            env=environ,
            check=False,
        )
        wall_ms = (wall_ns() - started_ns) / 1e6
        if done.returncode != 0:
            raise ColdStartFailedError(_last_line(done.stderr) or f"its process ended with {done.returncode}")
        return ColdStart(wall_ms=wall_ms, **json.loads(done.stdout.splitlines()[-1]))
    except subprocess.TimeoutExpired as error:
        raise ColdStartFailedError(f"it was not ready within {LIMIT_S:g} s") from error
    except (OSError, ValueError, IndexError, TypeError) as error:
        raise ColdStartFailedError(str(error) or type(error).__name__) from error


def _medians(starts: Sequence[ColdStart]) -> ColdStart:
    return ColdStart(
        wall_ms=median(each.wall_ms for each in starts),
        cpu_ms=median(each.cpu_ms for each in starts),
        import_cpu_ms=median(each.import_cpu_ms for each in starts),
        open_cpu_ms=median(each.open_cpu_ms for each in starts),
        answer_cpu_ms=median(each.answer_cpu_ms for each in starts),
        rss_bytes=int(median(each.rss_bytes for each in starts)),
    )


def _last_line(stderr: bytes) -> str:
    return (stderr.decode("utf-8", "replace").strip().splitlines() or [""])[-1]
