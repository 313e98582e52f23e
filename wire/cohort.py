"""The sealed cohort file: references of many persons as embeddings, without pictures, for the eyes of one centre only.

Layout: magic, id of the key it is sealed to, then pieces, each a length (4 bytes, big-endian) and that many sealed bytes. The
first piece is the head; each further one holds whole rows, about 256 KiB of them. Every piece is sealed together with the digest
of everything before the rows, its number and whether it is the last: none can be cut, moved, repeated, appended or swapped with
a piece of another file. Both ends hold one piece in memory at a time.

What an embedding means is not known here: bytes in, bytes out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO, Self

from wire.claims import Claims
from wire.codec import Value, decode, encode
from wire.errors import (
    CohortBrokenError,
    CohortForeignError,
    CohortRowInvalidError,
    MalformedError,
    SealBrokenError,
    StatementInvalidError,
)
from wire.reference import ReferenceClass
from wire.result import DIGEST_BYTES
from wire.sealing import (
    OVERHEAD_BYTES,
    SEALING_KEY_ID_BYTES,
    OpeningKey,
    SealingKey,
    open_sealed,
    seal_to,
    sealing_key_id,
)

PROFILE = "tag:lifecert.example,2026:cohort/1"
MAGIC = b"lifecert cohort\n"

PIECE_BYTES = 256 * 1024
"""Most plaintext of one piece."""
MOST_DIMENSIONS = 1536
"""With the longest texts such a row still is within one message of the codec (4096 bytes)."""
OLDEST = 130
LONGEST_PERSON, LONGEST_SEX, LONGEST_GROUP = 64, 16, 64
"""Most characters of each text of a row."""
FLOAT16_BYTES = 2


@dataclass(frozen=True, slots=True)
class CohortHead:
    """What the embeddings of a cohort are. Embeddings of different heads must never be compared."""

    programme: str
    """Whose references these are, for people; 1 to 64 characters."""
    matcher: str
    """Name of the matcher that made the embeddings; 1 to 64 characters."""
    model_digest: bytes
    """SHA-256 that stands for the networks, weights and preparation of the matcher."""
    runtime: str
    """What ran the networks, with its version; 1 to 64 characters."""
    reference_class: ReferenceClass
    dimension: int
    """Numbers in one embedding, 1 to 1536."""
    made_at_s: int


@dataclass(frozen=True, slots=True)
class CohortRow:
    """One reference of one person. `CohortRowInvalidError` for a text, age or embedding that cannot be; it repeats none."""

    person: str
    """Pseudonym within the programme, 1 to 64 printable characters; several rows may be of one person."""
    age: int | None
    """Years when the picture was taken, 0 to 130; None when unknown."""
    sex: str
    """As the programme writes it, at most 16 printable characters; empty when unknown."""
    group: str
    """Any division that the programme wants to see apart, at most 64 printable characters; empty when unknown."""
    embedding: bytes
    """Little-endian float16 (IEEE 754 binary16), a unit vector."""

    def __post_init__(self) -> None:
        if not self.person or len(self.person) > LONGEST_PERSON or not self.person.isprintable():
            raise CohortRowInvalidError(f"the person is not 1 to {LONGEST_PERSON} printable characters")
        if self.age is not None and not 0 <= self.age <= OLDEST:
            raise CohortRowInvalidError(f"the age is not from 0 to {OLDEST}")
        if len(self.sex) > LONGEST_SEX or not self.sex.isprintable():
            raise CohortRowInvalidError(f"the sex is not at most {LONGEST_SEX} printable characters")
        if len(self.group) > LONGEST_GROUP or not self.group.isprintable():
            raise CohortRowInvalidError(f"the group is not at most {LONGEST_GROUP} printable characters")
        if not 0 < len(self.embedding) <= MOST_DIMENSIONS * FLOAT16_BYTES or len(self.embedding) % FLOAT16_BYTES:
            raise CohortRowInvalidError("the embedding has an odd length, or none, or too much of it")


class CohortWriter:
    """Writes a cohort file, sealed to a public key. Use it with `with`; leaving by an exception leaves a file that is cut."""

    def __init__(self, stream: BinaryIO, head: CohortHead, public_key: SealingKey) -> None:
        """Write the head at once. `SealingKeyUnsuitableError` or `StatementInvalidError` when key or head cannot be used."""
        self._stream, self._key, self._dimension = stream, public_key, head.dimension
        self._waiting = bytearray()
        self._pieces = 0
        self._open = True
        prefix = MAGIC + sealing_key_id(public_key)
        sealed_head = seal_to(public_key, _head_payload(head), _head_info(prefix))
        self._file_id = _file_id(prefix, sealed_head)
        self._stream.write(prefix)
        self._write(sealed_head)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self._seal_rows(last=True)
        self._open = False

    def add(self, row: CohortRow) -> None:
        """Add one reference; `CohortRowInvalidError` when its dimension is not that of the head. Not after the `with` block."""
        if not self._open:
            raise CohortRowInvalidError("the file is finished")
        if len(row.embedding) != self._dimension * FLOAT16_BYTES:
            raise CohortRowInvalidError(f"the embedding is not of {self._dimension} numbers")
        encoded = encode([row.person, row.age, row.sex, row.group, row.embedding])
        if len(self._waiting) + 2 + len(encoded) > PIECE_BYTES:
            self._seal_rows(last=False)
        self._waiting += len(encoded).to_bytes(2, "big") + encoded

    def _seal_rows(self, *, last: bool) -> None:
        self._pieces += 1
        self._write(seal_to(self._key, bytes(self._waiting), _rows_info(self._file_id, self._pieces, last=last)))
        self._waiting.clear()

    def _write(self, sealed: bytes) -> None:
        self._stream.write(len(sealed).to_bytes(4, "big") + sealed)


def open_cohort(stream: BinaryIO, private_key: OpeningKey) -> tuple[CohortHead, Iterator[CohortRow]]:
    """Open a cohort file: its head, and its rows, which are unsealed while they are iterated over.

    The file is whole only once the iterator has ended without an error: what came before a `CohortBrokenError` is not to be used.
    Raises `CohortForeignError` when it is sealed to another key, `CohortBrokenError` for anything else, and nothing else but
    what the stream itself raises, for any bytes whatsoever.
    """
    prefix = stream.read(len(MAGIC) + SEALING_KEY_ID_BYTES)
    if len(prefix) != len(MAGIC) + SEALING_KEY_ID_BYTES or not prefix.startswith(MAGIC):
        raise CohortBrokenError("at its beginning", "it is no cohort file")
    if prefix[len(MAGIC) :] != sealing_key_id(private_key.public_key()):
        raise CohortForeignError(prefix[len(MAGIC) :])
    sealed_head = _read_piece(stream, _read_length(stream, "in the head"), "in the head")
    try:
        head = _read_head(open_sealed(private_key, sealed_head, _head_info(prefix)))
    except (SealBrokenError, MalformedError, StatementInvalidError) as error:
        raise CohortBrokenError("in the head", str(error)) from error
    return head, _rows(stream, private_key, _file_id(prefix, sealed_head), head.dimension)


def _rows(stream: BinaryIO, key: OpeningKey, file_id: bytes, dimension: int) -> Iterator[CohortRow]:
    number, row = 1, 0
    length = _read_length(stream, "after the head")
    while length:
        sealed = _read_piece(stream, length, f"in piece {number}")
        length = _read_length(stream, f"after piece {number}", at_end=0)
        plain = _open_rows(key, sealed, file_id, number, last=not length)
        for encoded in _split(plain, number):
            row += 1
            yield _read_row(encoded, row, dimension)
        number += 1


def _open_rows(key: OpeningKey, sealed: bytes, file_id: bytes, number: int, *, last: bool) -> bytes:
    """Unseal a piece. When it does not open as what its place says, find out whether it would as the other, for the message."""
    where = f"in piece {number}"
    try:
        return open_sealed(key, sealed, _rows_info(file_id, number, last=last))
    except SealBrokenError:
        pass
    try:
        open_sealed(key, sealed, _rows_info(file_id, number, last=not last))
    except SealBrokenError as error:
        raise CohortBrokenError(where, "it was altered, moved, repeated or taken from another file") from error
    raise CohortBrokenError(where, "the file is cut after it" if last else "something follows the end of the file")


def _read_length(stream: BinaryIO, where: str, at_end: int | None = None) -> int:
    """The length of the next piece, from 48 bytes up; `at_end` where the file may end instead."""
    data = stream.read(4)
    if not data and at_end is not None:
        return at_end
    length = int.from_bytes(data, "big")
    if len(data) != 4:
        raise CohortBrokenError(where, "the file is cut")
    if not OVERHEAD_BYTES <= length <= PIECE_BYTES + OVERHEAD_BYTES:
        raise CohortBrokenError(where, "the length of the next piece cannot be")
    return length


def _read_piece(stream: BinaryIO, length: int, where: str) -> bytes:
    data = stream.read(length)
    if len(data) != length:
        raise CohortBrokenError(where, "the file is cut")
    return data


def _split(plain: bytes, number: int) -> Iterator[bytes]:
    at = 0
    while at < len(plain):
        end = at + 2 + int.from_bytes(plain[at : at + 2], "big")
        if end > len(plain):
            raise CohortBrokenError(f"in piece {number}", "a row is longer than its piece")
        yield plain[at + 2 : end]
        at = end


def _read_row(encoded: bytes, row: int, dimension: int) -> CohortRow:
    where = f"in row {row}"
    try:
        match decode(encoded):
            case [str() as person, (int() | None) as age, str() as sex, str() as group, bytes() as embedding]:
                found = CohortRow(person, _whole(age), sex, group, embedding)
            case _:
                raise CohortRowInvalidError("it is not a person, age, sex, group and embedding")
    except (MalformedError, CohortRowInvalidError) as error:
        raise CohortBrokenError(where, str(error)) from error
    if len(found.embedding) != dimension * FLOAT16_BYTES:
        raise CohortBrokenError(where, f"the embedding is not of {dimension} numbers")
    return found


def _whole(age: int | None) -> int | None:
    if isinstance(age, bool):
        raise CohortRowInvalidError("the age is no number")
    return age


def _head_info(prefix: bytes) -> bytes:
    return prefix + b"head"


def _rows_info(file_id: bytes, number: int, *, last: bool) -> bytes:
    return MAGIC + file_id + number.to_bytes(8, "big") + (b"last" if last else b"more")


def _file_id(prefix: bytes, sealed_head: bytes) -> bytes:
    """No two files share it: a sealed head holds a fresh random key."""
    return hashlib.sha256(prefix + sealed_head).digest()


_IAT, _PROFILE = 6, 265
_PROGRAMME, _MATCHER, _MODEL, _RUNTIME, _CLASS, _DIMENSION = range(-70_501, -70_507, -1)


def _head_payload(head: CohortHead) -> bytes:
    claims: dict[int | str, Value] = {
        _PROFILE: PROFILE,
        _PROGRAMME: head.programme,
        _MATCHER: head.matcher,
        _MODEL: head.model_digest,
        _RUNTIME: head.runtime,
        _CLASS: head.reference_class.value,
        _DIMENSION: head.dimension,
        _IAT: head.made_at_s,
    }
    payload = encode(claims)
    _read_head(payload)  # a head that nobody could read is refused before a single row is embedded
    return payload


def _read_head(payload: bytes) -> CohortHead:
    claims = Claims.of(payload)
    claims.constant(_PROFILE, "eat_profile", PROFILE)
    head = CohortHead(
        programme=claims.text(_PROGRAMME, "programme", 64),
        matcher=claims.text(_MATCHER, "matcher", 64),
        model_digest=claims.data(_MODEL, "model", DIGEST_BYTES, DIGEST_BYTES),
        runtime=claims.text(_RUNTIME, "runtime", 64),
        reference_class=claims.word(_CLASS, "reference_class", ReferenceClass),
        dimension=claims.integer(_DIMENSION, "dimension", 1, MOST_DIMENSIONS),
        made_at_s=claims.time_s(_IAT, "iat"),
    )
    claims.finish()
    return head
