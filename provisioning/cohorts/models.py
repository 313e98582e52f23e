"""A cohort as it is kept: the sealed file lies in the data folder, and this is all that is told about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wire.cohort import CohortHead, CohortRow


@dataclass(frozen=True, slots=True)
class CohortSize:
    """How large a cohort is."""

    references: int
    persons: int


@dataclass(frozen=True, slots=True)
class KeptCohort:
    """A cohort in the database."""

    id: str
    """Made from the digest of the file, so that the same file always has the same name."""
    head: CohortHead
    file_sha256: bytes
    size: CohortSize
    imported_at_s: int
    forgotten_at_s: int | None
    """When its file was removed; None while it is there."""


@dataclass(frozen=True, slots=True)
class OpenCohort:
    """A cohort that is being read. Its rows are unsealed one piece at a time, in memory only."""

    kept: KeptCohort
    rows: Iterator[CohortRow]
