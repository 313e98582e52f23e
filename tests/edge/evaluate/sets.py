"""Builds little sets on disk: lists and files. The files of made-up sets hold no picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


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
