"""Makes sealed cohorts of people who do not exist: random unit vectors, the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provisioning.calibration.models import Bounds, KeptCalibration, MatcherUse, MeasuredThreshold, StratumCount
from provisioning.calibration.store import CalibrationStore
from provisioning.cohorts.archive import CohortArchive
from provisioning.cohorts.key import CohortKey
from provisioning.cohorts.models import CohortSize, KeptCohort
from provisioning.cohorts.store import CohortStore
from provisioning.db import Database
from provisioning.layout import Layout
from tests.builders import NOW_S
from tests.provisioning.fleet import SetClock
from wire.cohort import CohortHead, CohortRow, CohortWriter
from wire.reference import ReferenceClass
from wire.sealing import SealingKey

DIMENSION = 16
"""Small, so that random vectors are alike often enough to be counted."""
HEAD = CohortHead(
    "Pensions", "reid0095_mfn", b"\x01" * 32, "onnxruntime 1.32.0", ReferenceClass.DOCUMENT, DIMENSION, NOW_S - 3600
)
Vectors = NDArray[np.float64]


def vectors(count: int, seed: int = 1, dimension: int = DIMENSION) -> Vectors:
    """(count, dimension) unit vectors in random directions."""
    drawn = np.random.default_rng(seed).normal(size=(count, dimension))
    made: Vectors = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return made


def packed(vector: Vectors) -> bytes:
    """An embedding as it travels."""
    return vector.astype("<f2").tobytes()


def people(count: int, seed: int = 1, prefix: str = "p", ages: Sequence[int | None] = (65, 75, 85)) -> Iterator[CohortRow]:
    """One reference each of so many people, two sexes and two groups, made one at a time."""
    for number, vector in enumerate(vectors(count, seed)):
        sex, group = "fm"[number % 2], ("north", "south")[number // 2 % 2]
        yield CohortRow(f"{prefix}{number:05}", ages[number % len(ages)], sex, group, packed(vector))


def seal_cohort(path: Path, key: SealingKey, rows: Iterable[CohortRow], head: CohortHead = HEAD) -> Path:
    """Write a sealed cohort file."""
    with path.open("wb") as stream, CohortWriter(stream, head, key) as writer:
        for row in rows:
            writer.add(row)
    return path


@dataclass
class Shelf:
    """An archive of cohorts on disk, and what fills it."""

    database: Database
    folder: Path
    clock: SetClock = field(default_factory=SetClock)

    @property
    def layout(self) -> Layout:
        return Layout(self.folder / "data")

    @property
    def archive(self) -> CohortArchive:
        return CohortArchive(self.database, self.layout, CohortKey(self.layout), self.clock)

    def file(self, rows: Iterable[CohortRow], name: str = "cohort.lcc", **head: Any) -> Path:
        """A file sealed to this archive's key."""
        self.layout.data.mkdir(exist_ok=True)
        return seal_cohort(self.folder / name, CohortKey(self.layout).public(), rows, replace(HEAD, **head))

    def cohort(self, rows: Iterable[CohortRow], **head: Any) -> KeptCohort:
        """A cohort that was taken in."""
        return self.archive.take_in(self.file(rows, **head))


def counted(rows: Iterable[CohortRow], seen: Callable[[int], None]) -> Iterator[CohortRow]:
    """The same rows; `seen` hears how many were asked for so far."""
    for number, row in enumerate(rows, 1):
        seen(number)
        yield row


def measured(**changes: Any) -> MeasuredThreshold:
    """Counts that support one in a thousand, with changes."""
    found = MeasuredThreshold(
        use=MatcherUse("reid0095_mfn", b"\x01" * 32, "onnxruntime 1.32.0", ReferenceClass.DOCUMENT),
        population="pensioners",
        cohorts=("cohort-1",),
        threshold_x10000=5300,
        review_from_x10000=4400,
        claimed_fmr_x1e9=1_000_000,
        overall=StratumCount("all", 500, 124_750, 60),
        references=500,
        merged=0,
        by_person=Bounds(300_000, 900_000),
        strata=(),
        ages=(),
        calibrated_at_s=NOW_S,
    )
    return replace(found, **changes)


def kept_calibration(database: Database, **changes: Any) -> KeptCalibration:
    """A calibration in the database, as if it had been computed from a cohort."""
    found = measured(**changes)
    with database.writing() as transaction:
        for cohort_id in found.cohorts:
            CohortStore(transaction).put(KeptCohort(cohort_id, HEAD, b"\x07" * 32, CohortSize(500, 500), NOW_S - 60, None))
        return CalibrationStore(transaction).add(found)
