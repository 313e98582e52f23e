"""The reference photos at hand: found by the digest that a ticket names, never by a name."""

from __future__ import annotations

import hashlib
from pathlib import Path

from edge.errors import ReferenceMissingError
from wire.ticket import Ticket


def find_photos(gallery: Path, ticket: Ticket) -> tuple[Path, ...]:
    """The files in the folder whose SHA-256 the ticket names, in its order; `ReferenceMissingError` when one is not there."""
    wanted = {reference.sha256 for reference in ticket.references}
    found: dict[bytes, Path] = {}
    for path in sorted(gallery.iterdir()):
        if len(found) < len(wanted) and path.is_file() and (digest := file_sha256(path)) in wanted:
            found.setdefault(digest, path)
    if len(found) < len(wanted):
        raise ReferenceMissingError(ticket.case)
    return tuple(found[reference.sha256] for reference in ticket.references)


def file_sha256(path: Path) -> bytes:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
