"""Embeds the references of a programme and seals them for its centre, which compares all with all to find a threshold.

Embeddings leave this room only sealed, row by row; no picture does. A photo that no visit could use is left out, and named.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from edge.errors import EdgeError, EmbeddingInvalidError, ReferenceUnusableError
from edge.reference import Eyes, embed_only_face
from edge.stages.match import Embedding
from firmware.errors import FirmwareError
from firmware.picture import read_picture
from wire.cohort import CohortHead, CohortRow, CohortWriter
from wire.errors import StatementInvalidError
from wire.reference import ReferenceClass
from wire.sealing import SealingKey

LONGEST_PROGRAMME = 64

Progress = Callable[[int, int], None]
"""Told how many of how many are done."""


class CohortNotWrittenError(EdgeError):
    """The cohort file cannot be written where it should go."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path}: the cohort cannot be written: {what}")
        self.path, self.what = path, what


@dataclass(frozen=True, slots=True)
class Member:
    """One photo of one person, as a list names it."""

    photo: Path
    person: str
    age: int | None
    sex: str
    group: str


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a cohort is made for. `StatementInvalidError` for a programme that the centre would refuse."""

    programme: str
    """1 to 64 printable characters."""
    reference_class: ReferenceClass
    made_at_s: int

    def __post_init__(self) -> None:
        if not 1 <= len(self.programme) <= LONGEST_PROGRAMME or not self.programme.isprintable():
            raise StatementInvalidError("programme", f"not 1 to {LONGEST_PROGRAMME} printable characters")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A photo that is not in the cohort, and why."""

    photo: Path
    why: str


@dataclass(frozen=True, slots=True)
class MadeCohort:
    """What was written."""

    rows: int
    persons: int
    left_out: tuple[LeftOut, ...]


def make_cohort(
    members: Sequence[Member], eyes: Eyes, purpose: Purpose, key: SealingKey, target: Path, progress: Progress
) -> MadeCohort:
    """Write the sealed file whole or not at all; one photo is in memory at a time.

    Raises `CohortNotWrittenError`, `ModelError`, and `StatementInvalidError` or `CohortRowInvalidError` for texts out of range.
    """
    if not target.name or target.is_dir():
        raise CohortNotWrittenError(target, "this is a folder; name a file")
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        made = _write(members, eyes, purpose, key, unfinished, progress)
        if made.rows:
            unfinished.replace(target)
    except OSError as error:
        raise CohortNotWrittenError(target, error.strerror or "the file cannot be written") from error
    finally:
        with suppress(OSError):
            unfinished.unlink()
    return made


def _write(
    members: Sequence[Member], eyes: Eyes, purpose: Purpose, key: SealingKey, path: Path, progress: Progress
) -> MadeCohort:
    left_out: list[LeftOut] = []
    persons: set[str] = set()
    identity = eyes.embedder.identity
    head = CohortHead(
        purpose.programme,
        identity.name,
        identity.model_digest,
        identity.runtime,
        purpose.reference_class,
        eyes.embedder.dimension,
        purpose.made_at_s,
    )
    with path.open("xb") as stream:
        os.fchmod(stream.fileno(), 0o600)
        with CohortWriter(stream, head, key) as writer:
            for number, member in enumerate(members, start=1):
                embedded = _embedded(member.photo, eyes)
                if isinstance(embedded, LeftOut):
                    left_out.append(embedded)
                else:
                    writer.add(CohortRow(member.person, member.age, member.sex, member.group, _half(embedded)))
                    persons.add(member.person)
                progress(number, len(members))
        stream.flush()
        os.fsync(stream.fileno())
    return MadeCohort(len(members) - len(left_out), len(persons), tuple(left_out))


def _embedded(photo: Path, eyes: Eyes) -> Embedding | LeftOut:
    try:
        return embed_only_face(read_picture(photo), eyes)
    except ReferenceUnusableError as error:
        return LeftOut(photo, error.what)
    except (FirmwareError, EmbeddingInvalidError) as error:
        return LeftOut(photo, str(error))


def _half(embedding: Embedding) -> bytes:
    """Little-endian float16: rounding changes a similarity by less than a thousandth."""
    return embedding.astype("<f2").tobytes()
