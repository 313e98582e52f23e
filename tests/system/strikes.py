"""Which part is killed during which visit, and when: drawn from a seed, so that a failure can be seen again."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Victim(StrEnum):
    """What is killed."""

    UNIT = "unit"
    BROKER = "broker"
    INGEST = "ingest"
    UPLINK = "uplink"


@dataclass(frozen=True, slots=True)
class Strike:
    """One kill."""

    victim: Victim
    after_s: float
    """Since the attempt was opened."""
    away_s: float
    """How long the part stays away; a unit comes back with the next visit."""


def drawn(visits: int, strikes: int, seed: int) -> Mapping[int, Strike]:
    """Visit number (from 1) -> strike, every victim in turn; the last visit is spared, so that the unit can report."""
    dice = random.Random(seed)
    numbers = sorted(dice.sample(range(1, visits), strikes))
    victims = [list(Victim)[index % len(Victim)] for index in range(strikes)]
    return {
        number: Strike(victim, dice.uniform(0.0, 0.8), dice.uniform(0.0, 2.0))
        for number, victim in zip(numbers, victims, strict=True)
    }
