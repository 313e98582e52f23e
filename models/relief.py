"""The weights by which the relief of a face is told from other shapes: `relief.toml`, read strictly."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from models.digests import Sha256, digest_of_file
from models.errors import ReliefInvalidError
from models.strict_toml import StrictTable, read_strict

FORMAT = 2
REGION_ROWS, REGION_COLUMNS = 8, 5
SHIPPED = "relief.toml"
UNSAVED = Sha256("")
"""The digest of weights that are not in a file yet."""

Weights = tuple[tuple[float, ...], ...]
"""REGION_ROWS rows of REGION_COLUMNS numbers."""


class Shape(StrEnum):
    """What a face is told from."""

    SHEET = "sheet"
    """Flat or bent, with holes or without; a board onto which a film is thrown."""
    FOIL = "foil"
    """A limp sheet, bent and wrinkled, half glossy."""
    CYLINDER = "cylinder"
    """Of so small a radius that it falls off as a head does: a mug."""
    SCREEN = "screen"
    """Glass that hardly answers a lamp but where it mirrors it."""


@dataclass(frozen=True, slots=True)
class ShapeWeights:
    """A linear discriminant over the regions of a face, against one other shape."""

    slope: Weights
    fall: Weights
    shine: float
    bias: float


@dataclass(frozen=True, slots=True)
class ReliefWeights:
    """A discriminant against each other shape, and the thresholds of the cues that lamps give."""

    against: Mapping[Shape, ShapeWeights]
    """Of all shapes."""
    threshold: float
    """From which score on a relief is not denied, 0 to 1."""
    code_threshold: float
    """The same of the answer to the light code."""
    texture_threshold: float
    """The same of the texture where the lamps ask, too."""
    derived_from: str
    """On which material all of it was found."""
    sha256: Sha256
    """Of the file."""


@cache
def shipped_relief() -> ReliefWeights:
    """The weights that ship; raises `ReliefInvalidError`."""
    return read_relief(Path(__file__).with_name(SHIPPED))


def read_relief(path: Path) -> ReliefWeights:
    """Read a file of weights; raises `ReliefInvalidError` that names the key."""
    with read_strict(path, ReliefInvalidError) as table:
        table.whole("format", FORMAT, FORMAT)
        return ReliefWeights(
            against={shape: _against(table, shape) for shape in Shape},
            threshold=table.share("threshold"),
            code_threshold=table.share("code_threshold"),
            texture_threshold=table.share("texture_threshold"),
            derived_from=table.text("derived_from"),
            sha256=digest_of_file(path),
        )


def _against(table: StrictTable, shape: Shape) -> ShapeWeights:
    with table.table(shape.value) as inner:
        return ShapeWeights(
            slope=_weights(inner, "slope"),
            fall=_weights(inner, "fall"),
            shine=inner.number("shine"),
            bias=inner.number("bias"),
        )


def _weights(table: StrictTable, key: str) -> Weights:
    rows = table.items(key)
    if len(rows) != REGION_ROWS or not all(isinstance(row, list) and len(row) == REGION_COLUMNS for row in rows):
        raise table.wrong(key, f"must be {REGION_ROWS} rows of {REGION_COLUMNS} numbers")
    return tuple(tuple(_finite(table, key, value) for value in row) for row in rows if isinstance(row, list))


def _finite(table: StrictTable, key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise table.wrong(key, "must hold finite numbers only")
    return float(value)


def written(weights: ReliefWeights) -> str:
    """The text of a file of these weights."""
    thresholds = f"{weights.threshold:.3f}", f"{weights.code_threshold:.3f}", f"{weights.texture_threshold:.4f}"
    return (
        "# By which weights and thresholds the answer of a face to the lamps is judged; docs/pad.md says how they were found.\n"
        f"format = {FORMAT}\n"
        f"threshold = {thresholds[0]}\n"
        f"code_threshold = {thresholds[1]}\n"
        f"texture_threshold = {thresholds[2]}\n"
        f'derived_from = "{weights.derived_from}"\n'
        "# Against each other shape: rows from the hairline to the chin, columns from the middle of the face to its side.\n"
        + "\n".join(_table(shape, weights.against[shape]) for shape in Shape)
    )


def _table(shape: Shape, weights: ShapeWeights) -> str:
    return (
        f"[{shape.value}]\n"
        f"slope = {_spelled(weights.slope)}\n"
        f"fall = {_spelled(weights.fall)}\n"
        f"shine = {weights.shine:.4f}\n"
        f"bias = {weights.bias:.4f}\n"
    )


def _spelled(rows: Weights) -> str:
    return "[\n" + "".join(f"    [{', '.join(f'{weight:.4f}' for weight in row)}],\n" for row in rows) + "]"
