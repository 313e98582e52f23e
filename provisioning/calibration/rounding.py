"""Shares and thresholds between text, floats and the integers that are signed: rounded to the safe side, never by chance."""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from models.calibration.rates import Interval
from provisioning.calibration.models import Bounds
from provisioning.errors import InputInvalidError
from wire.policy import HIGHEST_CLAIM_X1E9, SHARE_SCALE
from wire.result import SCALE


def bounds_of(interval: Interval) -> Bounds:
    """An interval in whole parts of 1e9, rounded outwards."""
    low, high = Fraction(interval.low) * SHARE_SCALE, Fraction(interval.high) * SHARE_SCALE
    return Bounds(math.floor(low), math.ceil(high))


def read_claim(text: str) -> int:
    """A false match rate such as 1e-3, x 1e9; raises `InputInvalidError` unless it is from 1e-9 to 0.1 in whole parts of 1e9."""
    return _whole(text, SHARE_SCALE, 1, HIGHEST_CLAIM_X1E9, "a claimed false match rate lies between 1e-9 and 0.1, such as 1e-3")


def read_threshold(text: str) -> int:
    """A threshold such as 0.53, x 10 000; raises `InputInvalidError` unless it is from 0.0001 to 1 in whole ten-thousandths."""
    return _whole(text, SCALE, 1, SCALE, "a threshold lies between 0.0001 and 1 in whole ten-thousandths, such as 0.53")


def _whole(text: str, scale: int, low: int, high: int, rule: str) -> int:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise InputInvalidError(rule) from error
    # The bounds come first: scaling an absurd exponent would build an absurdly long number.
    if not value.is_finite() or not Decimal(low) / scale <= value <= Decimal(high) / scale:
        raise InputInvalidError(rule)
    scaled = value * scale
    if scaled != int(scaled):
        raise InputInvalidError(rule)
    return int(scaled)
