"""What may be deleted to make room, and in which order: never a result, key, ticket or photo (R6).

The plan is pure; `make_room` carries it out.
"""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

log = logging.getLogger("lifecert.purge")

LEFT_BEHIND_S = 3600
"""A half-written file so old is nobody's any more."""


class Worth(IntEnum):
    """What it costs to lose a file, the least first."""

    LEFTOVER = 0
    """Half-written, or set aside because it was wrong."""
    FASTER_START = 1
    """A saved session: the library makes it again, at every start."""
    DIARY = 2
    """The numbers of a survey."""
    PATIENCE = 3
    """What many visits told of lens and lamps: it comes again with as many."""


@dataclass(frozen=True, slots=True)
class Expendable:
    """A file that may go."""

    path: Path
    size_bytes: int
    worth: Worth


def plan(expendables: Sequence[Expendable], needed_bytes: int) -> tuple[Expendable, ...]:
    """As few as give so much, the least worth first and among equals the largest; all of them where that is not enough."""
    chosen: list[Expendable] = []
    freed = 0
    for each in sorted(expendables, key=lambda one: (one.worth, -one.size_bytes, one.path)):
        if freed >= needed_bytes:
            break
        chosen.append(each)
        freed += each.size_bytes
    return tuple(chosen)


def find_expendables(state: Path, cache: Path | None, now_s: float) -> tuple[Expendable, ...]:
    """The files that may go from the state directory, and from the folder of models where that lies on the same disk.

    `now_s` is on the clock of the file system. Whatever cannot be looked at is left alone.
    """
    found = [*_matching(state, "*.csv", Worth.DIARY), *_matching(state, "lens.json", Worth.PATIENCE)]
    found += [*_matching(state, "lamps.json", Worth.PATIENCE), *_leftovers(state, now_s)]
    if cache and _same_disk(state, cache):
        found += [*_matching(cache, "*.ort", Worth.FASTER_START), *_matching(cache, "*.bad*", Worth.LEFTOVER)]
        found += _leftovers(cache, now_s)
    return tuple(found)


def make_room(planned: Sequence[Expendable]) -> int:
    """Delete what was planned and say how many bytes that gave; a file that does not go is logged and left."""
    freed = 0
    for each in planned:
        try:
            each.path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("file not deleted", extra={"file": each.path.name, "why": error.strerror})
            continue
        log.warning("file deleted to make room", extra={"file": each.path.name, "bytes": each.size_bytes})
        freed += each.size_bytes
    return freed


def _leftovers(folder: Path, now_s: float) -> Iterator[Expendable]:
    for path, facts in _files(folder, "*.part"):
        if now_s - facts.st_mtime >= LEFT_BEHIND_S:
            yield Expendable(path, _size_bytes(facts), Worth.LEFTOVER)


def _matching(folder: Path, pattern: str, worth: Worth) -> Iterator[Expendable]:
    for path, facts in _files(folder, pattern):
        yield Expendable(path, _size_bytes(facts), worth)


def _files(folder: Path, pattern: str) -> Iterator[tuple[Path, os.stat_result]]:
    """Plain files, no links; one that goes away meanwhile is none."""
    for path in folder.glob(pattern):
        with suppress(OSError):
            facts = path.lstat()
            if stat.S_ISREG(facts.st_mode):
                yield path, facts


def _size_bytes(facts: os.stat_result) -> int:
    """What it takes of the disk."""
    return facts.st_blocks * 512


def _same_disk(state: Path, cache: Path) -> bool:
    try:
        return state.stat().st_dev == cache.stat().st_dev
    except OSError:
        return False
