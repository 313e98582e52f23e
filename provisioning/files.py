"""How the centre writes files: whole or not at all, and private ones never readable by others for a moment."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from provisioning.errors import FileUnusableError

PRIVATE = 0o600
PUBLIC = 0o644


def write_whole(path: Path, content: bytes, mode: int) -> None:
    """Put the content in place under its final name, durably; a crash leaves the old file or the new one.

    Raises `FileUnusableError`.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise FileUnusableError(path, error.strerror or "cannot be written") from error


def read_whole(path: Path) -> bytes:
    """The content of a file; `FileUnusableError` when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileUnusableError(path, error.strerror or "cannot be read") from error


def make_private_folder(path: Path) -> None:
    """Make a folder that only its owner may enter, or close an existing one; `FileUnusableError` when that fails."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o700)
    except OSError as error:
        raise FileUnusableError(path, error.strerror or "cannot be made") from error


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Let one process at a time into the block; `path` is an empty file that stands for the right to be in there."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT, PRIVATE)
    except OSError as error:
        raise FileUnusableError(path, error.strerror or "cannot be made") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
