"""When the centre was heard last: the uplink writes it down, and the program without a network reads it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edge.durable_file import write_durably
from edge.errors import FileNotDurableError

log = logging.getLogger("lifecert.health")

APART_S = 600
"""Each note costs a write to the card."""


@dataclass(slots=True)
class ContactNote:
    """Keeps one time in a file. One thread; `now_s` is the unit's clock."""

    path: Path
    now_s: Callable[[], int]
    _noted_s: int | None = None

    def heard(self) -> None:
        """The centre was heard just now; noted every ten minutes at most. A disk that fails is logged."""
        now_s = self.now_s()
        if self._noted_s is not None and abs(now_s - self._noted_s) < APART_S:
            return
        self._noted_s = now_s
        try:
            write_durably(self.path, f"{now_s}\n".encode())
        except FileNotDurableError as error:
            log.warning("contact not noted", extra={"why": error.what})


def contact_age_s(path: Path, now_s: int) -> int | None:
    """Seconds since the centre was heard; None where it never was, or where nobody can tell."""
    try:
        return max(0, now_s - int(path.read_text("ascii")))
    except (OSError, ValueError):
        return None
