"""Rates as people read them on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.calibration.rates import Rate


def spelled(rate: Rate) -> str:
    """A rate with its counts and its interval."""
    return f"{share(rate.value)}  {rate.errors} of {rate.of}  (95 %: {share(rate.low)} to {share(rate.high)})"


def share(value: float | None) -> str:
    """A share in percent."""
    return "none" if value is None else f"{100 * value:.4f} %"
