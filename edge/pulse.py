"""The sign of life of a program: the service manager gets it from the loop that does the work, while every part is fresh.

It reads no clock and opens no socket: both are handed in. What is stored is written by the same loop, so a disk that hangs stops
the sign of life without a part of its own, and one that is merely slow does not, because the loop gives it between two writings.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator, Iterable
from enum import StrEnum
from typing import Protocol, TypeVar

log = logging.getLogger("lifecert.pulse")

FRAMES_WITHIN_S = 10.0
"""A camera reports by itself that it has stalled, after two seconds; this catches one that does not come back at all."""
EVERY_S = 1.0
"""A sign of life is not given more often than this."""


class Part(StrEnum):
    """What may be expected to work."""

    FRAMES = "frames"
    """New frames reach the loop of a visit."""
    LINE = "line"
    """The thread that speaks to the broker turns."""
    STAGE = "stage"
    """The thread that shows and hears touches turns."""


class Dated(Protocol):
    """What carries the time at which it was taken, in nanoseconds of a clock that never steps."""

    @property
    def captured_ns(self) -> int: ...


Taken = TypeVar("Taken", bound=Dated)


class Ledger:
    """When each expected part was last seen at work. Any thread may say that a part is at work."""

    def __init__(self, monotonic_s: Callable[[], float]) -> None:
        self._monotonic_s = monotonic_s
        self._within_s: dict[Part, float] = {}
        self._seen_s: dict[Part, float] = {}
        self._lock = threading.Lock()

    def expect(self, part: Part, within_s: float) -> None:
        """From now on this part must be seen at least every so many seconds."""
        with self._lock:
            self._within_s[part], self._seen_s[part] = within_s, self._monotonic_s()

    def seen(self, part: Part) -> None:
        """The part is at work now."""
        with self._lock:
            self._seen_s[part] = self._monotonic_s()

    def dismiss(self, part: Part) -> None:
        """Expect the part no longer."""
        with self._lock:
            self._within_s.pop(part, None)

    def stale(self) -> tuple[Part, ...]:
        """The expected parts that were not seen for too long, in the order of their names."""
        with self._lock:
            now_s = self._monotonic_s()
            return tuple(sorted(part for part, within_s in self._within_s.items() if now_s - self._seen_s[part] > within_s))


class Pulse:
    """Tells the service manager how the program is. One thread calls it, that of the main loop; only `ledger` is for all."""

    def __init__(self, tell: Callable[[str], None], monotonic_s: Callable[[], float]) -> None:
        self.ledger = Ledger(monotonic_s)
        self._tell, self._monotonic_s = tell, monotonic_s
        self._ready, self._status = False, ""
        self._next_s = monotonic_s()
        self._missed: tuple[Part, ...] = ()

    def ready(self, status: str) -> None:
        """Say, once, that the program has started, and each time what it does; it counts as a sign of life."""
        if not self._ready:
            self._ready = True
            self._tell("READY=1")
        if status != self._status:
            self._status = status
            self._tell(f"STATUS={' '.join(status.split())}")
        self.beat()

    def beat(self) -> None:
        """Give a sign of life, unless an expected part is stale: then the service manager ends this program in time."""
        stale = self.ledger.stale()
        if stale != self._missed:
            self._missed = stale
            log.error("no sign of life while parts are stale", extra={"parts": [part.value for part in stale]})
        now_s = self._monotonic_s()
        if not stale and now_s >= self._next_s:
            self._next_s = now_s + EVERY_S
            self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """Say that the program is about to end."""
        self._tell("STOPPING=1")

    def watching(self, frames: Iterable[Taken]) -> Generator[Taken, None, None]:
        """Pass frames on, expecting them to go on coming and to be newer each time. Whoever takes them gives the sign of life:
        neither a camera that hangs nor a stage that does gets past this."""
        self.ledger.expect(Part.FRAMES, FRAMES_WITHIN_S)
        last_ns: int | None = None
        try:
            for frame in frames:
                if last_ns is None or frame.captured_ns > last_ns:
                    last_ns = frame.captured_ns
                    self.ledger.seen(Part.FRAMES)
                self.beat()
                yield frame
        finally:
            self.ledger.dismiss(Part.FRAMES)


def unheard(_message: str) -> None:
    """Tells nobody: for a program that no service manager has started."""


def unwatched() -> Pulse:
    """The pulse of a program that nobody watches."""
    return Pulse(unheard, lambda: 0.0)
