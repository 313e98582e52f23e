"""A program on duty: what ails its disk or its camera is named and tried again, while the program stays (F5, F58).

What waiting cannot mend (a damaged identity, a wrong setting) is raised: the service manager starts the program a few times more
and then leaves it be.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager

from edge.errors import FileNotDurableError, StoreFullError, StoreUnusableError
from edge.pulse import Pulse

log = logging.getLogger("lifecert.duty")

DISK_ERRORS = (StoreFullError, StoreUnusableError, FileNotDurableError)
"""The disk was full, read-only or gone: the same program may work again."""
POLL_S = 0.1
SHORTEST_S, LONGEST_S = 5.0, 60.0
"""Pauses before the next try; each is twice the one before."""
IDLE = "idle: waits for a ticket"


class Patience:
    """Waits longer after each failure in a row, giving signs of life, for a restart would not mend it.

    `pause` waits so many seconds.
    """

    def __init__(self, pulse: Pulse, pause: Callable[[float], object]) -> None:
        self._pulse, self._pause = pulse, pause
        self._failures = 0

    def worked(self) -> None:
        """The row of failures is over."""
        self._failures = 0

    def wait(self, error: Exception) -> None:
        """Say what is wrong, and wait."""
        wait_s = min(SHORTEST_S * 2**self._failures, LONGEST_S)
        self._failures += 1
        log.error("out of order", extra={"error": type(error).__name__, "why": str(error), "again_in_s": wait_s})
        while wait_s > 0:
            self._pulse.ready(f"out of order: {error}")
            self._pause(min(1.0, wait_s))
            wait_s -= 1.0


def unshown(_error: Exception) -> None:
    """For a program that nobody looks at."""


def stay_on_duty(
    opened: Callable[[], AbstractContextManager[Callable[[], str | None]]],
    pulse: Pulse,
    pause: Callable[[float], object],
    may_pass: tuple[type[Exception], ...],
    ails: Callable[[Exception], object] = unshown,
) -> None:
    """Open the unit and take turn after turn, for ever; `opened` gives what one turn is, which serves what waits, and says why
    the unit serves nobody, or None.

    `pause` waits so many seconds; after the errors in `may_pass`, of which `ails` is told, the unit is opened again. Raises all
    others.
    """
    patience = Patience(pulse, pause)
    while True:
        try:
            with opened() as turn:
                while True:
                    ailment = turn()
                    patience.worked()
                    pulse.ready(f"out of order: {ailment}" if ailment else IDLE)
                    pause(POLL_S)
        except may_pass as error:
            ails(error)
            patience.wait(error)
