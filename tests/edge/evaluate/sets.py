"""Builds little sets on disk: lists and files. The files of made-up sets hold no picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

from edge.evaluate.split import Half, half_of


def write_list(path: Path, header: str, *lines: str) -> Path:
    """A table."""
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def write_files(folder: Path, names: Sequence[str]) -> Path:
    """A folder of files that are there, and no more."""
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"no picture")
    return folder


def subjects(half: Half) -> Iterator[str]:
    """Codes of people of a half, without end."""
    return (code for number in count() if half_of(code := f"S{number}") is half)
