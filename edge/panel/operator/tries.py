"""How long to wait after wrong PINs. It is never for ever: whoever locks the page for fun locks it for a quarter of an hour.

Each try is counted before it is looked at, on the disk, so that neither a crash nor pulling the plug takes it back.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from edge.durable_file import write_durably
from edge.errors import FileNotDurableError
from edge.panel.errors import PinFileUnusableError, PinRefusedError, PinWaitError
from edge.panel.operator.pin import PinFile

LOCKED_AFTER, LOCKED_S = 10, 900
_LONGEST_DELAY_S = 60


def wait_after(wrong: int) -> int:
    """Seconds to wait after so many wrong PINs one after the other."""
    if wrong >= LOCKED_AFTER:
        return LOCKED_S
    return min(_LONGEST_DELAY_S, 2 ** (wrong - 1)) if wrong else 0


@dataclass(slots=True, eq=False)
class PinDoor:
    """Lets in who knows the PIN. One caller at a time."""

    pin: PinFile
    now_s: Callable[[], float]
    """Monotonic. After a restart the wait begins anew: time without power counts for nobody."""
    _wrong: int = 0
    _not_before_s: float = field(default=-math.inf)

    def __post_init__(self) -> None:
        self._wrong = self._read()
        if self._wrong:
            self._not_before_s = self.now_s() + wait_after(self._wrong)

    def enter(self, pin: str) -> None:
        """Return for the right PIN; raises `PinWaitError`, `PinRefusedError`, `PinFileUnusableError`."""
        self._forgive_if_pin_is_new()
        left_s = self._not_before_s - self.now_s()
        if left_s > 0:
            raise PinWaitError(math.ceil(left_s))
        self._count(self._wrong + 1)
        if not self.pin.matches(pin):
            raise PinRefusedError(wait_after(self._wrong))
        self._count(0)

    def _forgive_if_pin_is_new(self) -> None:
        if self._wrong and not self.pin.tries.exists():
            self._wrong, self._not_before_s = 0, -math.inf

    def _count(self, wrong: int) -> None:
        self._wrong = min(wrong, LOCKED_AFTER)
        self._not_before_s = self.now_s() + wait_after(self._wrong)
        try:
            write_durably(self.pin.tries, f"{self._wrong}\n".encode("ascii"))
        except FileNotDurableError as error:
            raise PinFileUnusableError(self.pin.tries, error.what) from error

    def _read(self) -> int:
        """A count that cannot be read is that of somebody who tried for long."""
        try:
            return min(LOCKED_AFTER, max(0, int(self.pin.tries.read_bytes()[:8])))
        except FileNotFoundError:
            return 0
        except (OSError, ValueError):
            return LOCKED_AFTER
