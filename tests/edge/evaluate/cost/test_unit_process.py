"""A process seen from outside: little programs that behave, and some that do not."""

from __future__ import annotations

import sys
from itertools import count

import pytest

from edge.evaluate.cost.errors import UnitProcessFailedError
from edge.evaluate.cost.unit_process import Memory, measure_memory, measure_starts


def program(*lines: str) -> list[str]:
    return [sys.executable, "-c", "\n".join(lines)]


def silent(done: int, of: int) -> None:
    """Nobody hears how far it is."""


def test_each_start_is_timed_until_the_process_says_that_it_is_ready() -> None:
    ticks = count(0, 250_000_000)

    starts = measure_starts(program("print('ready 12.5', flush=True)"), {}, 2, lambda: next(ticks), silent)

    assert (starts.wall_ms, starts.cpu_ms) == ((250.0, 250.0), (12.5, 12.5))
    assert (starts.median_ms, starts.median_cpu_ms) == (250.0, 12.5)


@pytest.mark.parametrize("line", ["print('no model')", "print('ready 1'); raise SystemExit(3)", "pass"])
def test_a_process_that_does_not_get_ready_is_refused(line: str) -> None:
    with pytest.raises(UnitProcessFailedError):
        measure_starts(program(line), {}, 1, lambda: 0, silent)


def test_memory_is_what_the_last_line_tells() -> None:
    told = '{"frames": 100, "ready": 4000, "warm": 5000, "last": 7000, "most": 9000, "rest": 6000}'

    memory = measure_memory(program("print('ready 1')", f"print('{told}')"), {})

    assert memory == Memory(100, 4000, 5000, 7000, 9000, 6000)
    assert memory.growth == 2000


def test_a_process_that_dies_gives_its_last_words() -> None:
    with pytest.raises(UnitProcessFailedError, match="it broke"):
        measure_memory(program("raise SystemExit('it broke')"), {})
