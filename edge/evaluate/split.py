"""Two halves of people, variants and lights: constants are fitted on one, figures reported on the other, nothing is in both."""

from __future__ import annotations

import hashlib
from enum import IntEnum

import numpy as np


class Half(IntEnum):
    """Which half; the number is the parity of what belongs to it."""

    FIT = 0
    REPORT = 1


def half_of(name: str) -> Half:
    """The half to which something with this name belongs."""
    return Half(hashlib.sha256(name.encode()).digest()[0] & 1)


def drawn(dice: np.random.Generator, variants: int, half: Half) -> int:
    """One of so many variants, an even number, out of a half."""
    return 2 * int(dice.integers(variants // 2)) + int(half)
