"""A thread that does what is due, waits until something else is, and keeps the error of what failed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from firmware.errors import FirmwareError

log = logging.getLogger(__name__)

ENDS_WITHIN_S = 2.0


class Rhythm:
    """Calls `due`, which does what is due and says for how long nothing changes, in milliseconds; None means for ever."""

    def __init__(self, name: str, due: Callable[[], float | None]) -> None:
        self._due, self._changed, self._over = due, threading.Event(), False
        self._fault: FirmwareError | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def fault(self) -> FirmwareError | None:
        """What kept it from doing what was due the last time."""
        return self._fault

    def wake(self) -> None:
        """Something else is due; the thread starts with the first call."""
        self._changed.set()
        if self._thread.ident is None:
            self._thread.start()

    def end(self) -> None:
        """Do nothing any more."""
        self._over = True
        self._changed.set()
        if self._thread.ident is not None:
            self._thread.join(ENDS_WITHIN_S)

    def _run(self) -> None:
        while not self._over:
            self._changed.clear()
            left_ms = self._act()
            self._changed.wait(None if left_ms is None else left_ms / 1000)

    def _act(self) -> float | None:
        try:
            left_ms = self._due()
        except FirmwareError as error:
            if self._fault is None:
                log.error("part failed", extra={"part": self._thread.name, "why": str(error)})
            self._fault = error
            return None
        self._fault = None
        return left_ms
