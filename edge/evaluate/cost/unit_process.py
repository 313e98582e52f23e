"""A real process of the unit, seen from outside: how long until it is ready, how much memory it holds, whether that grows."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from edge.evaluate.cost.errors import UnitProcessFailedError

READY = "ready"
"""The first word that the process writes, before its CPU-ms: its networks are open and it has seen one frame."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory of the process while it served visits, bytes."""

    frames: int
    ready: int
    """When its networks were open and it had seen one frame."""
    warm: int
    """After the middle visit of the second tenth."""
    last: int
    most: int
    """The highest it ever was."""
    rest: int
    """Once nobody visits."""

    @property
    def growth(self) -> int:
        """From when it was warm to the end."""
        return self.last - self.warm


@dataclass(frozen=True, slots=True)
class Starts:
    """From starting the program to ready; one for each start."""

    wall_ms: tuple[float, ...]
    cpu_ms: tuple[float, ...]
    """CPU time of the process, which another load on the machine does not lengthen much."""

    @property
    def median_ms(self) -> float:
        """Wall time, of all of them."""
        return median(self.wall_ms)

    @property
    def median_cpu_ms(self) -> float:
        """CPU time, of all of them."""
        return median(self.cpu_ms)


def measure_starts(
    command: Sequence[str], environ: Mapping[str, str], count: int, wall_ns: Callable[[], int], tell: Callable[[int, int], None]
) -> Starts:
    """Start the process so often, one after another; raises `UnitProcessFailedError`.

    One start before them does not count: it may have to compile the modules, which happens once in the life of a unit.
    """
    subprocess.run(command, env=dict(environ), capture_output=True, check=False)
    wall_ms, cpu_ms = [], []
    for number in range(1, count + 1):
        began_ns = wall_ns()
        with subprocess.Popen(
            command, env=dict(environ), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            line = process.stdout.readline() if process.stdout else ""
            wall_ms.append((wall_ns() - began_ns) / 1e6)
            rest = process.communicate()[0]
        word, _, spent = line.partition(" ")
        if word != READY or process.returncode:
            raise UnitProcessFailedError(_last_line(line + rest) or f"exit code {process.returncode}")
        cpu_ms.append(float(spent))
        tell(number, count)
    return Starts(tuple(wall_ms), tuple(cpu_ms))


def measure_memory(command: Sequence[str], environ: Mapping[str, str]) -> Memory:
    """Let the process serve visits; the last line that it writes tells its memory. Raises `UnitProcessFailedError`."""
    done = subprocess.run(command, env=dict(environ), capture_output=True, text=True, check=False)
    try:
        told = json.loads(_last_line(done.stdout))
        return Memory(*(int(told[name]) for name in ("frames", "ready", "warm", "last", "most", "rest")))
    except (ValueError, KeyError, TypeError) as error:
        raise UnitProcessFailedError(_last_line(done.stderr) or f"exit code {done.returncode}") from error


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1]
