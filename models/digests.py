"""SHA-256 of model files: the only proof of content that this room accepts."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import NewType

from models.errors import ModelFileUnreadableError

Sha256 = NewType("Sha256", str)
"""64 lower-case hexadecimal digits."""

SHA256 = re.compile(r"[0-9a-f]{64}")


def is_sha256(text: str) -> bool:
    """Say whether a text is a SHA-256 in lower-case hexadecimal digits."""
    return SHA256.fullmatch(text) is not None


def digest_of(content: bytes) -> Sha256:
    """Return the SHA-256 of some bytes."""
    return Sha256(hashlib.sha256(content).hexdigest())


def digest_of_file(path: Path) -> Sha256:
    """Return the SHA-256 of a file.

    Raises `ModelFileUnreadableError` when the file is missing, a folder or not readable.
    """
    try:
        with path.open("rb") as file:
            return Sha256(hashlib.file_digest(file, "sha256").hexdigest())
    except OSError as error:
        raise ModelFileUnreadableError(path, error.strerror or str(error)) from error


def is_there(path: Path) -> bool:
    """Say whether a path is a file; raises `ModelFileUnreadableError` when nobody may look."""
    try:
        return path.is_file()
    except OSError as error:
        raise ModelFileUnreadableError(path, error.strerror or str(error)) from error


def content_of(path: Path) -> bytes:
    """Return the whole content of a file.

    Raises `ModelFileUnreadableError` when the file is missing, a folder or not readable.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelFileUnreadableError(path, error.strerror or str(error)) from error
