"""Reads the small files in which the Linux kernel tells about the board."""

from __future__ import annotations

from pathlib import Path

SYSFS = Path("/sys")
LONGEST_TEXT = 64


def number_in(path: Path, base: int) -> int | None:
    """The whole number in a file; None where there is no such file, no answer, or no number."""
    try:
        return int(text_in(path) or "", base)
    except ValueError:
        return None


def text_in(path: Path) -> str | None:
    """What a file says; None where it is missing, or its sensor does not answer just now."""
    try:
        with path.open(encoding="ascii") as file:
            return file.read(LONGEST_TEXT).strip()
    except (OSError, ValueError):
        return None
