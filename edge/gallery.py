"""The reference photos at hand: found by the digest that a ticket names, never by a name."""

from __future__ import annotations

import hashlib
from pathlib import Path

from edge.errors import ReferenceMissingError
from wire.ticket import Ticket


def find_photo(gallery: Path, ticket: Ticket) -> Path:
    """The file in the folder whose SHA-256 the ticket names; `ReferenceMissingError` when there is none."""
    for path in sorted(gallery.iterdir()):
        if path.is_file() and file_sha256(path) == ticket.references[0].sha256:
            return path
    raise ReferenceMissingError(ticket.case)


def file_sha256(path: Path) -> bytes:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
