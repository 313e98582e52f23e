"""A second note of the last sequence number, beside the spool: it stands in when the database lost rows or is gone (F6, F7)."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path

from edge.durable_file import write_durably
from edge.errors import FileNotDurableError
from edge.spool.rows import Head
from wire.result import DIGEST_BYTES

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HeadNote:
    """A file with the head; it is written right after each result, so it is at most one result behind."""

    path: Path

    @classmethod
    def beside(cls, spool: Path) -> HeadNote:
        """The note that belongs to a spool."""
        return cls(spool.with_name(spool.name + ".head"))

    def write(self, head: Head) -> None:
        """Note the head. The database holds it too, so a note that cannot be written is no reason to fail."""
        content = json.dumps({"next_sequence": head.sequence, "previous": head.previous.hex()}).encode() + b"\n"
        try:
            write_durably(self.path, content)
        except FileNotDurableError as error:
            log.warning("the note of the last sequence number was not written", extra={"why": error.what})

    def read(self) -> Head | None:
        """The head as noted, or None when there is no readable note."""
        try:
            match json.loads(self.path.read_bytes()):
                case {"next_sequence": int() as sequence, "previous": str() as previous} if sequence > 0:
                    head = Head(sequence, bytes.fromhex(previous))
                case _:
                    return None
        except (OSError, ValueError):
            return None
        return head if len(head.previous) == DIGEST_BYTES else None

    def replaces(self, stored: Head | None) -> Head | None:
        """The head to continue from when the database lost it or is behind this note, else None.

        The note may be one result behind, so one number is left out: a gap is shown at the centre, a number used twice is a fork.
        """
        noted = self.read()
        if noted is None or (stored is not None and stored.sequence >= noted.sequence):
            return None
        return Head(noted.sequence + 1, noted.previous)
