"""What `lifecert-edge` writes down for the uplink: how the unit is, as a telemetry statement in a small file.

The two programs share a disk and nothing else. The note is written when something changed, and every ten minutes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edge.durable_file import write_durably
from edge.errors import FileNotDurableError
from wire.condition import UnitCondition
from wire.errors import WireError
from wire.telemetry import Telemetry, read_telemetry, telemetry_payload

log = logging.getLogger("lifecert.health")

ANYWAY_S = 600.0
"""So long after the last note comes the next one, though nothing changed: each costs a write to the card."""
MOST_BYTES = 4096


def read_note(path: Path) -> Telemetry | None:
    """What the unit noted last of its condition; None where there is no note that can be read."""
    try:
        with path.open("rb") as file:
            return read_telemetry(file.read(MOST_BYTES))
    except FileNotFoundError:
        return None
    except (OSError, WireError) as error:
        log.warning("note of the unit's condition not used", extra={"error": type(error).__name__})
        return None


@dataclass(slots=True)
class NoteBook:
    """Writes the note when it is worth a write. One thread."""

    path: Path
    unit: str
    now_s: Callable[[], int]
    """The unit's clock."""
    monotonic_s: Callable[[], float]
    _written: UnitCondition | None = None
    _again_at_s: float = 0.0

    def keep(self, said: UnitCondition) -> None:
        """Keep the note up to date; a disk that fails is logged once, and nothing else."""
        if self._written is not None and not _differs(self._written, said) and self.monotonic_s() < self._again_at_s:
            return
        self._again_at_s = self.monotonic_s() + ANYWAY_S
        changed = self._written is None or _differs(self._written, said)
        self._written = said
        try:
            write_durably(self.path, telemetry_payload(Telemetry(self.unit, self.now_s(), said)))
        except FileNotDurableError as error:
            if changed:
                log.warning("condition not noted for the centre", extra={"why": error.what})


def _differs(one: UnitCondition, other: UnitCondition) -> bool:
    """Whether somebody would want to know before long: not of a degree or a mebibyte more."""
    return (one.state, one.faults, one.slowed, one.clock) != (other.state, other.faults, other.slowed, other.clock)
