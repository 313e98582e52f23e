"""How the figures of a population are spelled for people."""

from __future__ import annotations

import math

from edge.evaluate.population_report import Band
from models.calibration.blocks import STEPS
from models.calibration.rates import Interval, Rate

NOTHING = "–"


def share(found: float | None) -> str:
    """A share in percent, with two figures that count."""
    if found is None:
        return NOTHING
    percent = 100 * found
    decimals = max(0, 1 - math.floor(math.log10(percent))) if percent > 0 else 0
    return f"{percent:.{decimals}f} %"


def span(found: Rate | Interval) -> str:
    """An interval in percent."""
    return f"{share(found.low)} to {share(found.high)}"


def exact(band: Band) -> str:
    """The interval over comparisons; nothing without any."""
    return span(band.fmr) if band.fmr.of else NOTHING


def over_persons(band: Band) -> str:
    """The interval over persons; nothing without a false match, when every draw says 0 and only the exact interval tells."""
    return span(band.by_person) if band.fmr.errors else NOTHING


def counts(found: Rate) -> str:
    """What a rate was counted from."""
    return f"{found.errors:,} of {found.of:,}"


def similarity(x10000: int | None) -> str:
    """A similarity or a threshold."""
    return NOTHING if x10000 is None else f"{x10000 / STEPS:.4f}"


def fmr_word(word: str) -> str:
    """A false match rate asked for, in percent."""
    return f"{100 * float(word):g} %"
