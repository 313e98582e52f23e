"""Cohorts in the database: where they come from and how large they are. Nothing that is in them is kept here."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Row, Table, Text, insert, select, update

from provisioning.cohorts.models import CohortSize, KeptCohort
from provisioning.db import METADATA, Transaction
from wire.cohort import CohortHead
from wire.reference import ReferenceClass

cohorts = Table(
    "cohorts",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("programme", Text, nullable=False),
    Column("matcher", Text, nullable=False),
    Column("model_digest", LargeBinary, nullable=False),
    Column("runtime", Text, nullable=False),
    Column("reference_class", Text, nullable=False),
    Column("dimension", Integer, nullable=False),
    Column("made_at_s", BigInteger, nullable=False),
    Column("file_sha256", LargeBinary, nullable=False),
    Column("reference_count", BigInteger, nullable=False),
    Column("person_count", BigInteger, nullable=False),
    Column("imported_at_s", BigInteger, nullable=False),
    Column("forgotten_at_s", BigInteger),
)


class CohortStore:
    """Cohorts, within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def put(self, cohort: KeptCohort) -> None:
        """Keep a cohort. One of the same name can only be the same file, forgotten before: it is there again."""
        again = update(cohorts).where(cohorts.c.id == cohort.id)
        known = self._transaction.execute(again.values(imported_at_s=cohort.imported_at_s, forgotten_at_s=None))
        if known.rowcount:
            return
        self._transaction.execute(
            insert(cohorts).values(
                id=cohort.id,
                programme=cohort.head.programme,
                matcher=cohort.head.matcher,
                model_digest=cohort.head.model_digest,
                runtime=cohort.head.runtime,
                reference_class=cohort.head.reference_class.value,
                dimension=cohort.head.dimension,
                made_at_s=cohort.head.made_at_s,
                file_sha256=cohort.file_sha256,
                reference_count=cohort.size.references,
                person_count=cohort.size.persons,
                imported_at_s=cohort.imported_at_s,
            )
        )

    def find(self, cohort_id: str) -> KeptCohort | None:
        """The cohort of this name, forgotten or not."""
        row = self._transaction.execute(select(cohorts).where(cohorts.c.id == cohort_id)).one_or_none()
        return _kept(row) if row else None

    def all(self) -> tuple[KeptCohort, ...]:
        """Every cohort, oldest first."""
        rows = self._transaction.execute(select(cohorts).order_by(cohorts.c.imported_at_s, cohorts.c.id))
        return tuple(_kept(row) for row in rows)

    def forget(self, cohort_id: str, at_s: int) -> None:
        """Note that the file of a cohort is removed."""
        self._transaction.execute(update(cohorts).where(cohorts.c.id == cohort_id).values(forgotten_at_s=at_s))


def _kept(row: Row[tuple[object, ...]]) -> KeptCohort:
    head = CohortHead(
        programme=row.programme,
        matcher=row.matcher,
        model_digest=bytes(row.model_digest),
        runtime=row.runtime,
        reference_class=ReferenceClass(row.reference_class),
        dimension=row.dimension,
        made_at_s=row.made_at_s,
    )
    return KeptCohort(
        id=row.id,
        head=head,
        file_sha256=bytes(row.file_sha256),
        size=CohortSize(row.reference_count, row.person_count),
        imported_at_s=row.imported_at_s,
        forgotten_at_s=row.forgotten_at_s,
    )
