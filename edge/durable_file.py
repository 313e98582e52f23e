"""Writes a small file so that a power cut leaves the old content or the new one, never half of it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from edge.errors import FileNotDurableError

PRIVATE = 0o600
"""Mode of everything in the state directory: no other user of the machine reads it."""


def write_durably(path: Path, content: bytes, mode: int = PRIVATE) -> None:
    """Replace a file: written beside it, synced, renamed, and the folder synced. `FileNotDurableError` when that fails."""
    part = path.with_name(path.name + ".part")
    try:
        _write_synced(part, content, mode)
        part.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise FileNotDurableError(path.name, error.strerror or type(error).__name__) from error


def _write_synced(path: Path, content: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
