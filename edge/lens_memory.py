"""Keeps what the last visits showed of the lens, across reboots. Losing it costs nothing but a dozen visits of patience."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path

from edge.durable_file import write_durably
from edge.errors import FileNotDurableError
from edge.stages.lens_watch import VISITS, Cells, Smudge, cells_of, find_smudge, rows_of, shows_something

log = logging.getLogger("lifecert.lens")


class LensMemory:
    """The last visits, in one small JSON file: rows of numbers, null where there was nothing to see."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def smudge(self) -> Smudge | None:
        """What is dirty by what is remembered."""
        return find_smudge(self._visits())

    def keep(self, best: Cells) -> Smudge | None:
        """Remember a visit in which there was something to see, and say what is dirty now.

        A disk that fails is logged, and nothing else: a visit is worth more.
        """
        if not shows_something(best):
            return self.smudge
        visits = [*self._visits(), best][-VISITS:]
        try:
            write_durably(self._path, json.dumps({"visits": [rows_of(each) for each in visits]}).encode())
        except FileNotDurableError as error:
            log.warning("lens statistic not kept", extra={"error": str(error)})
        return find_smudge(visits)

    def _visits(self) -> Sequence[Cells]:
        try:
            return [cells_of(rows) for rows in json.loads(self._path.read_bytes())["visits"]][-VISITS:]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            log.warning("lens statistic begun anew", extra={"error": type(error).__name__})
            return []
