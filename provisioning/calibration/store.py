"""Calibrations in the database: counts and bounds. A calibration is never changed."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, Row, Table, Text, insert, select

from provisioning.calibration.models import (
    AgeShare,
    Bounds,
    KeptCalibration,
    MatcherUse,
    MeasuredThreshold,
    StratumCount,
)
from provisioning.cohorts.store import cohorts
from provisioning.db import METADATA, BigKey, Transaction
from wire.reference import ReferenceClass

calibrations = Table(
    "calibrations",
    METADATA,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("matcher", Text, nullable=False),
    Column("model_digest", LargeBinary, nullable=False),
    Column("runtime", Text, nullable=False),
    Column("reference_class", Text, nullable=False),
    Column("population", Text, nullable=False),
    Column("among", Text, nullable=False),
    Column("threshold_x10000", Integer, nullable=False),
    Column("review_from_x10000", Integer, nullable=False),
    Column("claimed_fmr_x1e9", BigInteger, nullable=False),
    Column("false_matches", BigInteger, nullable=False),
    Column("comparisons", BigInteger, nullable=False),
    Column("person_count", BigInteger, nullable=False),
    Column("reference_count", BigInteger, nullable=False),
    Column("merged_count", BigInteger, nullable=False),
    Column("by_person_low_x1e9", BigInteger, nullable=False),
    Column("by_person_high_x1e9", BigInteger, nullable=False),
    Column("calibrated_at_s", BigInteger, nullable=False),
)

calibration_cohorts = Table(
    "calibration_cohorts",
    METADATA,
    Column("calibration_id", BigInteger, ForeignKey(calibrations.c.id), primary_key=True),
    Column("cohort_id", Text, ForeignKey(cohorts.c.id), primary_key=True),
)

calibration_strata = Table(
    "calibration_strata",
    METADATA,
    Column("calibration_id", BigInteger, ForeignKey(calibrations.c.id), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("person_count", BigInteger, nullable=False),
    Column("comparisons", BigInteger, nullable=False),
    Column("false_matches", BigInteger, nullable=False),
)

calibration_ages = Table(
    "calibration_ages",
    METADATA,
    Column("calibration_id", BigInteger, ForeignKey(calibrations.c.id), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("band", Text, nullable=False),
    Column("reference_count", BigInteger, nullable=False),
)


class CalibrationStore:
    """Calibrations, within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, found: MeasuredThreshold) -> KeptCalibration:
        """Keep a calibration; the database numbers it."""
        added = self._transaction.execute(insert(calibrations).values(_values(found)))
        assert added.inserted_primary_key is not None  # noqa: S101 - one row was inserted
        number: int = added.inserted_primary_key[0]
        self._add_parts(number, found)
        return KeptCalibration(number, found)

    def find(self, number: int) -> KeptCalibration | None:
        """The calibration of this number."""
        row = self._transaction.execute(select(calibrations).where(calibrations.c.id == number)).one_or_none()
        return self._kept(row) if row else None

    def all(self) -> tuple[KeptCalibration, ...]:
        """Every calibration, oldest first."""
        return tuple(self._kept(row) for row in self._transaction.execute(select(calibrations).order_by(calibrations.c.id)))

    def _add_parts(self, number: int, found: MeasuredThreshold) -> None:
        for cohort_id in found.cohorts:
            self._transaction.execute(insert(calibration_cohorts).values(calibration_id=number, cohort_id=cohort_id))
        for place, stratum in enumerate(found.strata):
            values = {
                "calibration_id": number,
                "place": place,
                "name": stratum.name,
                "person_count": stratum.persons,
                "comparisons": stratum.comparisons,
                "false_matches": stratum.false_matches,
            }
            self._transaction.execute(insert(calibration_strata).values(values))
        for place, age in enumerate(found.ages):
            values = {"calibration_id": number, "place": place, "band": age.band, "reference_count": age.references}
            self._transaction.execute(insert(calibration_ages).values(values))

    def _kept(self, row: Row[tuple[object, ...]]) -> KeptCalibration:
        found = MeasuredThreshold(
            use=MatcherUse(row.matcher, bytes(row.model_digest), row.runtime, ReferenceClass(row.reference_class)),
            population=row.population,
            cohorts=self._cohorts(row.id),
            threshold_x10000=row.threshold_x10000,
            review_from_x10000=row.review_from_x10000,
            claimed_fmr_x1e9=row.claimed_fmr_x1e9,
            overall=StratumCount(row.among, row.person_count, row.comparisons, row.false_matches),
            references=row.reference_count,
            merged=row.merged_count,
            by_person=Bounds(row.by_person_low_x1e9, row.by_person_high_x1e9),
            strata=self._strata(row.id),
            ages=self._ages(row.id),
            calibrated_at_s=row.calibrated_at_s,
        )
        return KeptCalibration(row.id, found)

    def _cohorts(self, number: int) -> tuple[str, ...]:
        mine = calibration_cohorts.c.calibration_id == number
        found = select(calibration_cohorts.c.cohort_id).where(mine).order_by(calibration_cohorts.c.cohort_id)
        return tuple(self._transaction.scalars(found))

    def _strata(self, number: int) -> tuple[StratumCount, ...]:
        mine = calibration_strata.c.calibration_id == number
        rows = self._transaction.execute(select(calibration_strata).where(mine).order_by(calibration_strata.c.place))
        return tuple(StratumCount(row.name, row.person_count, row.comparisons, row.false_matches) for row in rows)

    def _ages(self, number: int) -> tuple[AgeShare, ...]:
        mine = calibration_ages.c.calibration_id == number
        rows = self._transaction.execute(select(calibration_ages).where(mine).order_by(calibration_ages.c.place))
        return tuple(AgeShare(row.band, row.reference_count) for row in rows)


def _values(found: MeasuredThreshold) -> dict[str, object]:
    return {
        "matcher": found.use.matcher,
        "model_digest": found.use.model_digest,
        "runtime": found.use.runtime,
        "reference_class": found.use.reference_class.value,
        "population": found.population,
        "among": found.overall.name,
        "threshold_x10000": found.threshold_x10000,
        "review_from_x10000": found.review_from_x10000,
        "claimed_fmr_x1e9": found.claimed_fmr_x1e9,
        "false_matches": found.overall.false_matches,
        "comparisons": found.overall.comparisons,
        "person_count": found.overall.persons,
        "reference_count": found.references,
        "merged_count": found.merged,
        "by_person_low_x1e9": found.by_person.low_x1e9,
        "by_person_high_x1e9": found.by_person.high_x1e9,
        "calibrated_at_s": found.calibrated_at_s,
    }
