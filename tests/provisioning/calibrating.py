"""Asks for calibrations, and counts the plain way what must come out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

import numpy as np

from provisioning.calibration.desk import CalibrationDesk, CalibrationOrder
from provisioning.calibration.models import EVERYBODY
from provisioning.cohorts.models import KeptCohort
from tests.provisioning.references import Shelf, people
from wire.cohort import CohortRow


@dataclass
class Listener:
    """Remembers how far it was told to be."""

    told: list[tuple[str, int, int]] = field(default_factory=list)

    def __call__(self, step: str, done: int, of: int) -> None:
        self.told.append((step, done, of))


def desk(shelf: Shelf, listener: Listener | None = None) -> CalibrationDesk:
    return CalibrationDesk(shelf.database, shelf.archive, shelf.clock, listener or Listener())


def order(*cohorts: KeptCohort, **changes: Any) -> CalibrationOrder:
    plain = CalibrationOrder(tuple(cohort.id for cohort in cohorts), 10_000_000, None, EVERYBODY, None, (), "")
    return replace(plain, **changes)


def share_at(rows: list[CohortRow], threshold: float) -> tuple[int, int]:
    """Comparisons of two persons that reach a threshold, and all of them, counted the plain way."""
    unpacked = np.stack([np.frombuffer(row.embedding, "<f2").astype(np.float32) for row in rows])
    unit = (unpacked / np.linalg.norm(unpacked, axis=1, keepdims=True)).astype(np.float32).astype(np.float64)
    scores = [
        float(np.float32(unit[one] @ unit[other]))
        for one, other in combinations(range(len(rows)), 2)
        if rows[one].person != rows[other].person
    ]
    return sum(score >= threshold for score in scores), len(scores)


def doubled(count: int, pairs: int) -> list[CohortRow]:
    """People of whom some are in the list a second time, with the same picture under another name."""
    rows = list(people(count))
    return [*rows, *(replace(row, person=f"second name {number}") for number, row in enumerate(rows[:pairs]))]
