"""A cohort file comes back row by row as it was written, and any other file breaks with a word about where."""

from __future__ import annotations

import io
import random
import struct
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tests import builders as a
from wire.codec import encode
from wire.cohort import (
    MAGIC,
    MOST_DIMENSIONS,
    PIECE_BYTES,
    CohortHead,
    CohortRow,
    CohortWriter,
    _file_id,
    _rows_info,
    open_cohort,
)
from wire.errors import CohortBrokenError, CohortForeignError, CohortRowInvalidError, StatementInvalidError
from wire.policy import ReferenceClass
from wire.sealing import OVERHEAD_BYTES, SEALING_KEY_ID_BYTES, open_sealed, seal_to

KEY = X25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = X25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
DIMENSION = 256
HEAD = CohortHead("Pensions", "face-reid", b"\x01" * 32, "onnxruntime 1.20.1", ReferenceClass.DOCUMENT, DIMENSION, a.NOW_S)
PREFIX = len(MAGIC) + SEALING_KEY_ID_BYTES


def row(number: int = 1, dimension: int = DIMENSION, **changes: Any) -> CohortRow:
    """A made-up reference; its embedding is any bytes, which are not looked into here."""
    embedding = random.Random(number).randbytes(2 * dimension)
    return replace(CohortRow(f"person-{number}", 60 + number % 40, "f", "north", embedding), **changes)


def sealed(rows: Sequence[CohortRow], head: CohortHead = HEAD) -> bytes:
    """A cohort file with these rows."""
    stream = io.BytesIO()
    with CohortWriter(stream, head, KEY.public_key()) as writer:
        for reference in rows:
            writer.add(reference)
    return stream.getvalue()


def rows_of(file: bytes) -> list[CohortRow]:
    """All rows of a file that must be whole."""
    return list(open_cohort(io.BytesIO(file), KEY)[1])


def pieces(file: bytes) -> list[bytes]:
    """The pieces of a file with their lengths, the head first."""
    found, at = [], PREFIX
    while at < len(file):
        end = at + 4 + int.from_bytes(file[at : at + 4], "big")
        found.append(file[at:end])
        at = end
    return found


def joined(file: bytes, parts: Sequence[bytes]) -> bytes:
    """A file of other pieces under the same beginning."""
    return file[:PREFIX] + b"".join(parts)


MANY = [row(number) for number in range(1100)]
FILE = sealed(MANY)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_cohort_comes_back_as_it_went(count: int) -> None:
    rows = [row(number) for number in range(count)]

    head, read = open_cohort(io.BytesIO(sealed(rows)), KEY)

    assert (head, list(read)) == (HEAD, rows)


def test_a_cohort_of_several_pieces_comes_back_as_it_went() -> None:
    assert len(pieces(FILE)) == 4
    assert rows_of(FILE) == MANY


def test_what_is_not_known_of_a_person_comes_back_as_not_known() -> None:
    bare = row(age=None, sex="", group="")

    assert rows_of(sealed([bare])) == [bare]


def test_the_largest_row_can_be_written_and_read() -> None:
    long = row(1, MOST_DIMENSIONS, person="六" * 64, age=130, sex="女" * 16, group="𠮷" * 64)
    head = replace(HEAD, dimension=MOST_DIMENSIONS, programme="市" * 64)

    assert rows_of(sealed([long] * 200, head)) == [long] * 200


def test_no_person_and_no_embedding_can_be_read_in_the_file() -> None:
    file = sealed(MANY[:20])

    assert all(reference.person.encode() not in file and reference.embedding[:8] not in file for reference in MANY[:20])
    assert b"Pensions" not in file


class CountingStream(io.BytesIO):
    """Remembers how far it was read, and the longest single read."""

    longest = 0

    def read(self, size: int | None = -1) -> bytes:
        self.longest = max(self.longest, size if size is not None and size >= 0 else len(self.getvalue()))
        return super().read(size)


def test_a_file_is_read_a_piece_at_a_time() -> None:
    stream = CountingStream(FILE)

    _, read = open_cohort(stream, KEY)
    next(iter(read))

    assert stream.tell() <= PREFIX + sum(map(len, pieces(FILE)[:2])) + 4
    assert stream.longest <= PIECE_BYTES + OVERHEAD_BYTES


def test_a_file_is_written_a_piece_at_a_time() -> None:
    stream = io.BytesIO()
    grown = set()

    with CohortWriter(stream, HEAD, KEY.public_key()) as writer:
        for reference in MANY:
            writer.add(reference)
            grown.add(stream.tell())

    assert len(grown) == 3  # the head, the head and one piece, the head and two
    assert max(len(piece) for piece in pieces(stream.getvalue())) <= PIECE_BYTES + OVERHEAD_BYTES + 4


def test_a_file_for_another_key_is_named_foreign() -> None:
    with pytest.raises(CohortForeignError):
        open_cohort(io.BytesIO(FILE), OTHER_KEY)


def test_a_file_that_was_relabelled_for_another_key_does_not_open() -> None:
    stolen = io.BytesIO()
    with CohortWriter(stolen, HEAD, OTHER_KEY.public_key()):
        pass
    relabelled = stolen.getvalue()[:PREFIX] + FILE[PREFIX:]

    with pytest.raises(CohortBrokenError, match="in the head"):
        open_cohort(io.BytesIO(relabelled), OTHER_KEY)


def broken() -> Iterator[tuple[str, bytes, str]]:
    head, first, second, third = pieces(FILE)
    other = pieces(sealed(MANY))
    yield "without its last piece", joined(FILE, [head, first, second]), "cut after it"
    yield "without its first rows", joined(FILE, [head, second, third]), "piece 1"
    yield "without a piece within", joined(FILE, [head, first, third]), "piece 2"
    yield "with two pieces swapped", joined(FILE, [head, second, first, third]), "piece 1"
    yield "with a piece repeated", joined(FILE, [head, first, first, second, third]), "piece 2"
    yield "with its end repeated", joined(FILE, [head, first, second, third, third]), "something follows"
    yield "with a piece of another file", joined(FILE, [head, first, other[2], third]), "piece 2"
    yield "with the head of another file", joined(FILE, [other[0], first, second, third]), "piece 1"
    yield "with another file behind it", FILE + FILE[PREFIX:], "something follows"
    yield "with one byte behind it", FILE + b"\x00", "the file is cut"
    yield "with zeros behind it", FILE + bytes(8), "cannot be"
    yield "with nothing but its head", joined(FILE, [head]), "the file is cut"
    yield "cut within a piece", FILE[:-1], "the file is cut"
    yield "with rows where the head belongs", joined(FILE, [first, second, third]), "in the head"
    yield "with a length that cannot be", joined(FILE, [head, b"\xff" * 4 + first[4:]]), "cannot be"
    yield "empty", b"", "no cohort file"
    yield "of another kind", b"\x89PNG" + bytes(100), "no cohort file"


@pytest.mark.parametrize(("file", "why"), [case[1:] for case in broken()], ids=[case[0] for case in broken()])
def test_a_file_that_is_not_whole_is_broken(file: bytes, why: str) -> None:
    with pytest.raises(CohortBrokenError, match=why):
        rows_of(file)


def test_a_small_file_is_broken_wherever_it_is_cut_or_changed() -> None:
    file = sealed([row(1, 4)], replace(HEAD, dimension=4))

    for at in range(len(file)):
        for changed in (file[:at], file[:at] + bytes([file[at] ^ 0x10]) + file[at + 1 :], file[:at] + b"\x00" + file[at:]):
            with pytest.raises((CohortBrokenError, CohortForeignError)):
                rows_of(changed)


def test_hostile_bytes_never_raise_anything_but_the_two_errors() -> None:
    dice = random.Random(4711)
    for _ in range(2000):
        hostile = FILE[: dice.choice([0, 16, PREFIX])] + dice.randbytes(dice.randrange(400))
        with pytest.raises((CohortBrokenError, CohortForeignError)):
            rows_of(hostile)


def abandoned(stream: io.BytesIO) -> None:
    """Begin a file and leave it in the middle."""
    with CohortWriter(stream, HEAD, KEY.public_key()) as writer:
        writer.add(MANY[0])
        raise KeyError


def test_a_writer_that_is_left_by_an_exception_leaves_a_file_that_is_cut() -> None:
    stream = io.BytesIO()

    with pytest.raises(KeyError):
        abandoned(stream)

    with pytest.raises(CohortBrokenError, match="cut"):
        rows_of(stream.getvalue())


def test_a_finished_file_takes_no_more_rows() -> None:
    with CohortWriter(io.BytesIO(), HEAD, KEY.public_key()) as writer:
        pass

    with pytest.raises(CohortRowInvalidError, match="finished"):
        writer.add(MANY[0])


IMPOSSIBLE_ROWS: dict[str, dict[str, Any]] = {
    "nobody": {"person": ""},
    "too long a name": {"person": "x" * 65},
    "a name that moves the cursor": {"person": "a\x1b[2J"},
    "half a character": {"person": "\ud800"},
    "an age below nothing": {"age": -1},
    "an age above all": {"age": 131},
    "too long a sex": {"sex": "x" * 17},
    "too long a group": {"group": "x" * 65},
    "a group of two lines": {"group": "a\nb"},
    "no embedding": {"embedding": b""},
    "half a number": {"embedding": b"\x00" * 511},
    "too much embedding": {"embedding": b"\x00" * 2 * (MOST_DIMENSIONS + 1)},
}


@pytest.mark.parametrize("changes", IMPOSSIBLE_ROWS.values(), ids=IMPOSSIBLE_ROWS.keys())
def test_a_row_that_cannot_be_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(CohortRowInvalidError):
        row(**changes)


def test_a_refused_row_is_not_repeated() -> None:
    with pytest.raises(CohortRowInvalidError) as refused:
        row(person="Zhang San " * 10)

    assert "Zhang" not in str(refused.value)


@pytest.mark.parametrize("dimension", [1, 255, 257])
def test_a_row_of_another_dimension_is_not_written(dimension: int) -> None:
    with (
        CohortWriter(io.BytesIO(), HEAD, KEY.public_key()) as writer,
        pytest.raises(CohortRowInvalidError, match="256 numbers"),
    ):
        writer.add(row(1, dimension))


IMPOSSIBLE_HEADS: dict[str, dict[str, Any]] = {
    "no programme": {"programme": ""},
    "too long a programme": {"programme": "x" * 65},
    "no matcher": {"matcher": ""},
    "no runtime": {"runtime": ""},
    "a short digest": {"model_digest": b"\x01" * 31},
    "no dimension": {"dimension": 0},
    "too many dimensions": {"dimension": MOST_DIMENSIONS + 1},
    "a time before all": {"made_at_s": -1},
}


@pytest.mark.parametrize("changes", IMPOSSIBLE_HEADS.values(), ids=IMPOSSIBLE_HEADS.keys())
def test_a_head_that_cannot_be_is_refused_before_a_byte_is_written(changes: dict[str, Any]) -> None:
    stream = io.BytesIO()

    with pytest.raises(StatementInvalidError):
        CohortWriter(stream, replace(HEAD, **changes), KEY.public_key())
    assert stream.getvalue() == b""


def forged(plain: bytes, dimension: int = DIMENSION) -> bytes:
    """A file whose only piece of rows holds exactly these bytes, sealed as an honest writer seals."""
    honest = sealed([], replace(HEAD, dimension=dimension))
    head, rows = pieces(honest)
    info = _rows_info(_file_id(honest[:PREFIX], head[4:]), 1, last=True)
    assert open_sealed(KEY, rows[4:], info) == b""
    piece = seal_to(KEY.public_key(), plain, info)
    return joined(honest, [head, len(piece).to_bytes(4, "big") + piece])


def framed(*values: Any) -> bytes:
    encoded = [encode(value) for value in values]
    return b"".join(struct.pack(">H", len(item)) + item for item in encoded)


GOOD = ["p", 70, "f", "g", b"\x00" * 512]


@pytest.mark.parametrize(
    "plain",
    [
        b"\x00",
        b"\x00\x05abc",
        b"\x00\x03abc",
        b"\x00\x00",
        framed({}),
        framed([]),
        framed(GOOD[:4]),
        framed([*GOOD, 1]),
        framed(["", *GOOD[1:]]),
        framed(["p", -1, *GOOD[2:]]),
        framed(["p", True, *GOOD[2:]]),
        framed(["p", "70", *GOOD[2:]]),
        framed([*GOOD[:4], b"\x00" * 510]),
        framed([*GOOD[:4], "x" * 512]),
        framed(GOOD) + b"\x00",
    ],
)
def test_a_sealed_row_that_cannot_be_breaks_the_file(plain: bytes) -> None:
    with pytest.raises(CohortBrokenError, match=r"row|piece"):
        rows_of(forged(plain))


def test_a_forged_file_is_read_when_it_says_what_an_honest_one_says() -> None:
    assert rows_of(forged(framed(GOOD))) == [CohortRow("p", 70, "f", "g", b"\x00" * 512)]
