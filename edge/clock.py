"""The unit's clock: what time it is, how far that may be believed, and a floor below which time never goes.

Most boards have no battery for their clock and wake up in 1970. That neither stops the unit nor spoils a result: the floor
stands in for the wall clock, and the result says `unsynced`. The centre orders such results by boot count, boot seed and uptime.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from edge.clock_memory import BOOT_SEED_BYTES, Anchor, ClockMemory, memory_bytes, read_memory
from edge.durable_file import write_durably
from edge.errors import FileNotDurableError
from edge.file_lock import held_in_turn
from wire.claims import MAX_TIME_S
from wire.result import Clock, ClockState

log = logging.getLogger(__name__)

BUILD_TIME_S = 1_767_225_600
"""1 January 2026, before this release was made: the first floor of a new unit."""

SYNCED_BOUND_S = 1
"""Largest error expected of a clock that the network keeps right, seconds."""

DRIFT_PER_S = 1e-4
"""Largest drift expected of a board's crystal left alone: 100 ppm, about nine seconds a day."""

_ANCHOR_AGE_S = 600
"""A younger anchor is good enough: each new one costs a write to the card."""


@dataclass(frozen=True, slots=True)
class TimeSources:
    """Where the clock takes its facts from; a test gives its own."""

    wall_s: Callable[[], float]
    """Unix time as the machine believes it."""
    uptime_s: Callable[[], float]
    """Seconds since the boot, counting sleep, never stepping."""
    synchronised: Callable[[], bool]
    """Whether the machine says that the network keeps its wall clock right."""
    boot_id: str
    """Changes with each boot."""
    random_bytes: Callable[[int], bytes]


def machine_sources() -> TimeSources:
    """The facts of this machine (Linux)."""
    return TimeSources(
        wall_s=time.time,
        uptime_s=lambda: time.clock_gettime(time.CLOCK_BOOTTIME),
        synchronised=network_has_set_the_clock,
        boot_id=Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip(),
        random_bytes=secrets.token_bytes,
    )


class UnitClock:
    """Time for results, tickets and the spool. Programs of the unit share one file; what one learns the others see.

    Nothing in here raises because of a wrong clock, a damaged file or a full disk: it says less and logs why.
    """

    def __init__(self, file: Path, sources: TimeSources, build_time_s: int = BUILD_TIME_S) -> None:
        self._file, self._sources, self._build_time_s = file, sources, build_time_s
        self._memory = ClockMemory(build_time_s, MAX_TIME_S, sources.boot_id, 0, sources.random_bytes(BOOT_SEED_BYTES), None)
        self._remember(lambda memory: memory)

    def read(self) -> Clock:
        """The clock as it goes into a result."""
        self._memory = self._recall()
        uptime_s = self._uptime_s()
        clock = judge(self._memory, self._wall_s(), uptime_s, self._sources.synchronised())
        if clock.state is ClockState.SYNCED and self._anchor_is_old(uptime_s):
            self._remember(lambda memory: replace(memory, anchor=Anchor(clock.issued_at_s, uptime_s)))
        return clock

    def now_s(self) -> int:
        """The best guess of the present, Unix seconds, never below the floor."""
        return self.read().issued_at_s

    def wall_is_wrong(self) -> bool:
        """Whether certificate dates cannot be judged by it: it is below the floor, or nobody set it and it is too late."""
        self._memory = self._recall()
        wall_s = self._wall_s()
        return wall_s < self._memory.floor_s or (wall_s > self._memory.ceiling_s and not self._sources.synchronised())

    @property
    def floor_s(self) -> int:
        """The present is not before this, Unix seconds."""
        return self._memory.floor_s

    def raise_floor(self, signed_at_s: int) -> None:
        """Learn from something that the centre signed and whose signature was checked: it is not earlier than that."""
        if signed_at_s > self._memory.ceiling_s:
            log.warning("signed time beyond the unit's certificate is not believed", extra={"signed_at_s": signed_at_s})
        elif signed_at_s > self._memory.floor_s:
            self._remember(lambda memory: replace(memory, floor_s=max(memory.floor_s, signed_at_s)))

    def believe_between(self, not_before_s: int, not_after_s: int) -> None:
        """Learn from the unit's own certificate: the present lies between these Unix seconds."""
        self._remember(lambda memory: replace(memory, floor_s=max(memory.floor_s, not_before_s), ceiling_s=not_after_s))

    def _anchor_is_old(self, uptime_s: int) -> bool:
        anchor = self._memory.anchor
        return anchor is None or uptime_s - anchor.uptime_s >= _ANCHOR_AGE_S

    def _wall_s(self) -> int:
        return int(self._sources.wall_s())

    def _uptime_s(self) -> int:
        return max(0, int(self._sources.uptime_s()))

    def _remember(self, learn: Callable[[ClockMemory], ClockMemory]) -> None:
        """Change the memory in one turn with the other programs, and make it durable if it changed."""
        try:
            with held_in_turn(self._file.with_name(self._file.name + ".lock")):
                self._memory = learn(self._recall())
                if self._memory != self._on_disk():
                    write_durably(self._file, memory_bytes(self._memory))
        except FileNotDurableError as error:
            self._memory = learn(self._recall())
            log.warning("the clock's memory was not written; it holds until this program ends", extra={"why": error.what})

    def _recall(self) -> ClockMemory:
        """What is known now: the file, this program's own knowledge, and a new boot if there was one."""
        return recalled(self._on_disk(), self._memory)

    def _on_disk(self) -> ClockMemory | None:
        try:
            content = self._file.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            log.warning("the clock's memory cannot be read", extra={"why": error.strerror})
            return None
        memory = read_memory(content)
        if memory is None:
            log.error("the clock's memory is damaged: boots are counted from anew")
        return memory


def recalled(stored: ClockMemory | None, known: ClockMemory) -> ClockMemory:
    """Join what the file says with what this program knows; another boot id counts one boot more."""
    if stored is None:
        return replace(known, boot_count=max(known.boot_count, 1))
    floor_s = max(stored.floor_s, known.floor_s)
    if stored.boot_id == known.boot_id:
        return replace(stored, floor_s=floor_s)
    return replace(stored, floor_s=floor_s, boot_id=known.boot_id, boot_count=(stored.boot_count + 1) % 2**32,
                   boot_seed=known.boot_seed, anchor=None)  # fmt: skip


def judge(memory: ClockMemory, wall_s: int, uptime_s: int, synchronised: bool) -> Clock:
    """How late it is and how sure that is, from the facts alone."""

    def clock(at_s: int, state: ClockState, bound_s: int) -> Clock:
        return Clock(min(at_s, MAX_TIME_S), state, bound_s, uptime_s, memory.boot_count, memory.boot_seed)

    if synchronised and wall_s >= memory.floor_s:
        return clock(wall_s, ClockState.SYNCED, SYNCED_BOUND_S)
    if memory.anchor is not None:
        elapsed_s = uptime_s - memory.anchor.uptime_s
        at_s = memory.anchor.wall_s + elapsed_s
        if elapsed_s >= 0 and at_s >= memory.floor_s:
            return clock(at_s, ClockState.HOLDOVER, SYNCED_BOUND_S + 1 + int(elapsed_s * DRIFT_PER_S))
    plausible = memory.floor_s <= wall_s <= memory.ceiling_s
    return clock(wall_s if plausible else memory.floor_s, ClockState.UNSYNCED, 0)


SYNCHRONISED_FLAGS = (Path("/run/systemd/timesync/synchronized"), Path("/run/lifecert/clock-synchronised"))
"""Files of this boot that say: the network has set the clock. systemd-timesyncd makes the first; where another daemon keeps the
clock, its `ExecStartPost=` makes the second. Asking the kernel (adjtimex) is no way: our services may not call it."""


def network_has_set_the_clock() -> bool:
    """Whether a time daemon has synchronised this machine's wall clock since the boot."""
    return any(flag.exists() for flag in SYNCHRONISED_FLAGS)
