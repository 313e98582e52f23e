"""Looks into files and messages for what must never be there: pictures, embeddings, names of footage (F73)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PICTURES = {
    "a JPEG": re.compile(rb"\xff\xd8\xff(?:\xe0..JFIF|\xe1..Exif|\xdb\x00[\x43\x84])", re.DOTALL),
    "a PNG": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "a WebP": re.compile(rb"RIFF....WEBP", re.DOTALL),
    "an array": re.compile(rb"\x93NUMPY"),
}
"""The first bytes of each kind, long enough that no key or signature has them by chance."""

WINDOW_BYTES = 16
"""So much of an embedding is enough to say that it is there."""
SPELLINGS = ("<f4", ">f4", "<f2", "<f8")


def pictures_in(content: bytes) -> list[str]:
    """The kinds of pictures that begin somewhere in these bytes."""
    return [kind for kind, magic in PICTURES.items() if magic.search(content)]


def holds_part_of(vector: NDArray[np.float32], content: bytes) -> bool:
    """Whether any stretch of an embedding lies in these bytes, in any usual spelling of its numbers."""
    return any(part in content for spelling in SPELLINGS for part in _windows(vector.astype(spelling).tobytes(), spelling))


def files_below(folder: Path, but_not: Path) -> Iterator[Path]:
    """Every file of a folder, but for those of one folder inside it."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_relative_to(but_not):
            yield path


def _windows(raw: bytes, spelling: str) -> Iterator[bytes]:
    step = np.dtype(spelling).itemsize
    return (raw[start : start + WINDOW_BYTES] for start in range(0, len(raw) - WINDOW_BYTES + 1, step))
