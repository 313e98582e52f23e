"""Takes sealed cohort files in, keeps them exactly as they are, and opens them when something is computed from them.

Rows are unsealed in memory only, a piece at a time. Neither an embedding nor a pseudonym reaches the database, a log or an error.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from provisioning.audit import Action, Actor, AuditEntry, note
from provisioning.clock import Clock
from provisioning.cohorts.check import check_head, count_rows
from provisioning.cohorts.key import CohortKey
from provisioning.cohorts.models import CohortSize, KeptCohort, OpenCohort
from provisioning.cohorts.store import CohortStore
from provisioning.db import Database
from provisioning.errors import (
    CohortDamagedError,
    CohortRefusedError,
    CohortUnfitError,
    CohortUnknownError,
    FileUnusableError,
)
from provisioning.files import PRIVATE, alone, make_private_folder, read_pieces, remove_parts, remove_whole, sha256_of, whole_file
from provisioning.layout import Layout
from wire.cohort import CohortHead, CohortRow, open_cohort
from wire.errors import WireError
from wire.sealing import OpeningKey


@dataclass(frozen=True, slots=True)
class CohortArchive:
    """The cohorts of one centre."""

    database: Database
    layout: Layout
    key: CohortKey
    clock: Clock

    def take_in(self, file: Path) -> KeptCohort:
        """Check every row of a sealed file and keep the file as it is, one file at a time.

        What an import that was killed has left behind is removed.

        Raises `CohortRefusedError` for a file that is broken, sealed to another key or here already, and for a row that cannot be
        compared; `CohortKeyMissingError`, `FileUnusableError`.
        """
        key = self.key.private()
        with alone(self.layout.cohort_lock):
            remove_parts(self.layout.cohorts)
            return self._take_in(file, key)

    def _take_in(self, file: Path, key: OpeningKey) -> KeptCohort:
        digest = sha256_of(file)
        cohort_id = f"cohort-{digest.hex()[:12]}"
        with self.database.reading() as transaction:
            known = CohortStore(transaction).find(cohort_id)
        if known is not None and known.forgotten_at_s is None:
            raise CohortRefusedError(file.name, f"it is here already, as {cohort_id}")
        make_private_folder(self.layout.cohorts)
        with whole_file(self.layout.cohort(cohort_id), PRIVATE) as kept:
            _copy(file, kept, digest)
            kept.seek(0)
            head, size = _inspect(file.name, kept, key)
        return self._note(KeptCohort(cohort_id, head, digest, size, self.clock.now_s(), None))

    def all(self) -> tuple[KeptCohort, ...]:
        """Every cohort, oldest first, also those that are forgotten."""
        with self.database.reading() as transaction:
            return CohortStore(transaction).all()

    def find(self, cohort_id: str) -> KeptCohort:
        """A cohort whose file is here; raises `CohortUnknownError`."""
        with self.database.reading() as transaction:
            kept = CohortStore(transaction).find(cohort_id)
        if kept is None or kept.forgotten_at_s is not None:
            raise CohortUnknownError(cohort_id)
        return kept

    def forget(self, cohort_id: str) -> None:
        """Remove the file of a cohort for good, with whatever an import that was killed has left of it.

        What was computed from it stays. `CohortUnknownError`, `FileUnusableError`.
        """
        self.find(cohort_id)
        with alone(self.layout.cohort_lock):
            remove_parts(self.layout.cohorts)
            remove_whole(self.layout.cohort(cohort_id))
        now_s = self.clock.now_s()
        with self.database.writing() as transaction:
            CohortStore(transaction).forget(cohort_id, now_s)
            note(transaction, AuditEntry(now_s, Actor.CONSOLE, Action.COHORT_FORGOTTEN, cohort_id, "its file is removed"))

    @contextmanager
    def opened(self, cohort_id: str) -> Iterator[OpenCohort]:
        """A cohort to be read; raises `CohortUnknownError`, `FileUnusableError`, and `CohortDamagedError` while it is read."""
        kept = self.find(cohort_id)
        path = self.layout.cohort(cohort_id)
        if sha256_of(path) != kept.file_sha256:
            raise CohortDamagedError(cohort_id)
        try:
            file = path.open("rb")
        except OSError as error:
            raise FileUnusableError(path, error.strerror or "cannot be read") from error
        with file:
            yield OpenCohort(kept, _rows(kept, path, file, self.key.private()))

    def _note(self, cohort: KeptCohort) -> KeptCohort:
        detail = f"{cohort.size.references} references of {cohort.size.persons} persons, file {cohort.file_sha256.hex()}"
        with self.database.writing() as transaction:
            CohortStore(transaction).put(cohort)
            note(transaction, AuditEntry(cohort.imported_at_s, Actor.CONSOLE, Action.COHORT_IMPORTED, cohort.id, detail))
        return cohort


def _copy(file: Path, kept: BinaryIO, expected: bytes) -> None:
    """Copy piece by piece; what is checked is then what is kept, whatever happens to the original meanwhile."""
    digest = hashlib.sha256()
    for piece in read_pieces(file):
        digest.update(piece)
        kept.write(piece)
    if digest.digest() != expected:
        raise CohortRefusedError(file.name, "it changed while it was read")


def _inspect(name: str, stream: BinaryIO, key: OpeningKey) -> tuple[CohortHead, CohortSize]:
    try:
        head, rows = open_cohort(stream, key)
        check_head(head)
        return head, count_rows(rows)
    except (WireError, CohortUnfitError) as error:
        raise CohortRefusedError(name, str(error)) from error


def _rows(kept: KeptCohort, path: Path, stream: BinaryIO, key: OpeningKey) -> Iterator[CohortRow]:
    """The rows of a file that was checked when it came; a fault now means that the key or the disk has changed."""
    try:
        yield from open_cohort(stream, key)[1]
    except WireError as error:
        raise CohortDamagedError(kept.id) from error
    except OSError as error:
        raise FileUnusableError(path, error.strerror or "cannot be read") from error
