"""Thresholds of the texture cue for one kind of camera, found by `lifecert pad calibrate`: a file, read strictly.

Published texture networks answer differently to each camera. What a file may change is bounded: no file switches the cue off.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from models.digests import Sha256, digest_of_file
from models.errors import TextureThresholdInvalidError
from models.strict_toml import StrictTable, quoted, read_strict

FORMAT = 1
LEAST, LEAST_LIT = 0.3, 0.005
"""No threshold is taken below these: the second where the lamps ask, too."""
MOST_COUNT = 1_000_000


@dataclass(frozen=True, slots=True)
class Proven:
    """A threshold, 0 to 1, and what was counted at it among people who had no part in finding it."""

    threshold: float
    living: int
    refused: int
    """Living people below the threshold."""
    attacks: int
    passed: int
    """Attacks at or above it."""


@dataclass(frozen=True, slots=True)
class TextureThreshold:
    """The thresholds of a kind of camera, at least one of them; None leaves that which ships."""

    camera: str
    """For people."""
    steady: Proven | None
    lit: Proven | None
    """Where the lamps ask, too."""
    sha256: Sha256
    """Of the file."""


def read_texture_threshold(path: Path) -> TextureThreshold:
    """Read a file; raises `TextureThresholdInvalidError` that names the key."""
    with read_strict(path, TextureThresholdInvalidError) as table:
        table.whole("format", FORMAT, FORMAT)
        found = TextureThreshold(
            camera=table.text("camera"),
            steady=_proven(table, "steady", LEAST) if table.has("steady") else None,
            lit=_proven(table, "lit", LEAST_LIT) if table.has("lit") else None,
            sha256=digest_of_file(path),
        )
        if found.steady is None and found.lit is None:
            raise table.wrong("steady", "is missing, and so is lit; one of them is needed")
        return found


def _proven(table: StrictTable, key: str, least: float) -> Proven:
    with table.table(key) as counts:
        threshold = counts.share("threshold")
        if threshold < least:
            raise counts.wrong("threshold", f"must be at least {least}: a lower one would switch the cue off")
        living, attacks = counts.whole("living", 1, MOST_COUNT), counts.whole("attacks", 0, MOST_COUNT)
        return Proven(threshold, living, counts.whole("refused", 0, living), attacks, counts.whole("passed", 0, attacks))


def texture_threshold_text(found: TextureThreshold) -> str:
    """The text of a file of these thresholds."""
    return (
        f"# Thresholds of the texture cue for one kind of camera, found by `lifecert pad calibrate`; see docs/pad.md.\n"
        f"format = {FORMAT}\n"
        f"camera = {quoted(found.camera)}\n"
        f"{_table('steady', found.steady)}"
        f"{_table('lit', found.lit)}"
    )


def _table(name: str, proven: Proven | None) -> str:
    if proven is None:
        return ""
    counts = (("living", proven.living), ("refused", proven.refused), ("attacks", proven.attacks), ("passed", proven.passed))
    lines = "".join(f"{key} = {count}\n" for key, count in counts)
    return f"\n[{name}]\nthreshold = {proven.threshold}\n{lines}"
