"""Brings the rows of some cohorts together, in memory, for as long as something is computed from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.calibration.bands import Member
from provisioning.calibration.models import MatcherUse, use_of
from provisioning.cohorts.archive import CohortArchive
from provisioning.cohorts.models import KeptCohort, OpenCohort
from provisioning.errors import CohortsUnlikeError, InputInvalidError
from wire.cohort import FLOAT16_BYTES
from wire.policy import Calibration


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Gathered:
    """References of one use. Personal data: never logged, stored or sent."""

    use: MatcherUse
    dimension: int
    persons: tuple[str, ...]
    """Pseudonym of each reference."""
    members: tuple[Member, ...]
    """What is known of the person of each reference."""
    packed: bytes
    """All embeddings one after the other, little-endian float16."""

    def embeddings(self) -> Iterator[bytes]:
        """The embeddings, one by one."""
        size = self.dimension * FLOAT16_BYTES
        return (self.packed[start : start + size] for start in range(0, len(self.packed), size))


def require_one_use(cohorts: Sequence[KeptCohort]) -> MatcherUse:
    """The use that all these cohorts are of; raises `CohortsUnlikeError` naming what differs, `InputInvalidError` for none."""
    if not cohorts:
        raise InputInvalidError("at least one cohort is needed")
    first = cohorts[0]
    for other in cohorts[1:]:
        for what, mine, its in (
            ("matcher", first.head.model_digest.hex(), other.head.model_digest.hex()),
            ("runtime", first.head.runtime, other.head.runtime),
            ("class of reference", first.head.reference_class.value, other.head.reference_class.value),
            ("dimension", str(first.head.dimension), str(other.head.dimension)),
        ):
            if mine != its:
                raise CohortsUnlikeError(what, f"{first.id} has {mine}", f"{other.id} has {its}")
    return use_of(first.head)


def what_differs(cohort_id: str, use: MatcherUse, signed: Calibration) -> CohortsUnlikeError:
    """The error that says in what a cohort differs from the use for which something was signed."""
    if use.model_digest != signed.model_digest:
        what, mine, its = "matcher", signed.model_digest.hex(), use.model_digest.hex()
    elif use.runtime != signed.runtime:
        what, mine, its = "runtime", signed.runtime, use.runtime
    else:
        what, mine, its = "class of reference", signed.reference_class.value, use.reference_class.value
    return CohortsUnlikeError(what, f"the policy has {mine}", f"{cohort_id} has {its}")


def gather(archive: CohortArchive, cohort_ids: Sequence[str]) -> Gathered:
    """Unseal the rows of these cohorts. The same pseudonym in two of them is the same person.

    Raises `CohortUnknownError`, `CohortsUnlikeError`, `CohortDamagedError`, `InputInvalidError`.
    """
    wanted = tuple(dict.fromkeys(cohort_ids))
    cohorts = tuple(archive.find(cohort_id) for cohort_id in wanted)
    use = require_one_use(cohorts)
    rows = _Rows()
    for cohort_id in wanted:
        with archive.opened(cohort_id) as cohort:
            rows.add(cohort)
    return Gathered(use, cohorts[0].head.dimension, tuple(rows.persons), tuple(rows.members), bytes(rows.packed))


class _Rows:
    """Grows by one cohort at a time; equal texts and members are held once."""

    def __init__(self) -> None:
        self.persons: list[str] = []
        self.members: list[Member] = []
        self.packed = bytearray()
        self._known: dict[Member, Member] = {}
        self._names: dict[str, str] = {}

    def add(self, cohort: OpenCohort) -> None:
        for row in cohort.rows:
            member = Member(row.age, row.sex, row.group)
            self.members.append(self._known.setdefault(member, member))
            self.persons.append(self._names.setdefault(row.person, row.person))
            self.packed += row.embedding
