"""How the centre writes files: whole or not at all, and private ones never readable by others for a moment."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from provisioning.errors import FileUnusableError

PRIVATE = 0o600
PUBLIC = 0o644
PIECE_BYTES = 1024 * 1024
"""So much of a large file is held in memory at once."""


def write_whole(path: Path, content: bytes, mode: int) -> None:
    """Put the content in place under its final name, durably; a crash leaves the old file or the new one.

    Raises `FileUnusableError`.
    """
    with whole_file(path, mode) as file:
        file.write(content)


@contextmanager
def whole_file(path: Path, mode: int) -> Iterator[BinaryIO]:
    """A file to write and read piece by piece. It is put in place, durably, when the block ends without an error.

    An error in the block leaves what was there before; raises `FileUnusableError`.
    """
    if not path.name:
        raise FileUnusableError(path, "is a folder; name a file")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, mode), "w+b") as file:
            os.fchmod(file.fileno(), mode)
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise FileUnusableError(path, error.strerror or "cannot be written") from error
    finally:
        with suppress(OSError):  # nothing more can be done about a part that cannot be removed
            part.unlink()


def remove_parts(folder: Path) -> None:
    """Remove what writers in a folder left behind when they were killed; `FileUnusableError`.

    Only for whoever is alone there: the part of a writer at work would go, too.
    """
    for part in folder.glob(".*.part"):
        remove_whole(part)


def remove_whole(path: Path) -> None:
    """Remove a file for good, if it is there; `FileUnusableError` when it cannot be removed."""
    try:
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            _sync_folder(path.parent)
    except OSError as error:
        raise FileUnusableError(path, error.strerror or "cannot be removed") from error


def read_pieces(path: Path) -> Iterator[bytes]:
    """A large file, piece by piece; `FileUnusableError` when it cannot be read."""
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                yield piece
    except OSError as error:
        raise FileUnusableError(path, error.strerror or "cannot be read") from error


def sha256_of(path: Path) -> bytes:
    """The digest of a file, 32 bytes; `FileUnusableError` when it cannot be read."""
    digest = hashlib.sha256()
    for piece in read_pieces(path):
        digest.update(piece)
    return digest.digest()


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
