"""Signed CBOR has one form, and the door refuses everything else quickly (F33)."""

from __future__ import annotations

import time
import tracemalloc
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.codec import MAX_BYTES, MAX_DEPTH, Value, decode, encode
from wire.errors import MalformedError, NotEncodableError

LEAVES: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.binary(max_size=40)
    | st.text(st.characters(codec="utf-8"), max_size=20)
)
KEYS = st.integers(-(2**64), 2**64 - 1) | st.text(st.characters(codec="utf-8"), max_size=8)
VALUES: st.SearchStrategy[Any] = LEAVES
for _ in range(MAX_DEPTH):
    VALUES = LEAVES | st.lists(VALUES, max_size=4) | st.dictionaries(KEYS, VALUES, max_size=4)


@given(VALUES)
def test_a_value_comes_back_as_it_went(value: Value) -> None:
    assert decode(encode(value)) == value


@given(st.dictionaries(KEYS, LEAVES, min_size=2, max_size=6), st.randoms())
def test_the_order_in_which_a_map_was_filled_does_not_show(table: dict[int | str, Value], random: Random) -> None:
    keys = list(table)
    random.shuffle(keys)

    assert encode({key: table[key] for key in keys}) == encode(table)


NOT_STRICT = {
    "nothing": "",
    "an array that ends in the middle": "8201",
    "a text that ends in the middle": "656162",
    "a length that ends in the middle": "19ff",
    "two values": "0101",
    "trailing bytes": "01ff",
    "an array of indefinite length": "9f01ff",
    "a map of indefinite length": "bf0101ff",
    "bytes of indefinite length": "5f4101ff",
    "a text of indefinite length": "7f6161ff",
    "a break alone": "ff",
    "a reserved length": "1c",
    "a zero in two bytes": "1800",
    "a 23 in two bytes": "1817",
    "a 255 in three bytes": "1900ff",
    "a one in nine bytes": "1b0000000000000001",
    "a minus one in two bytes": "3800",
    "a text length in two bytes": "780161",
    "an array length in two bytes": "980101",
    "a map length in two bytes": "b8010101",
    "a duplicate key": "a201010102",
    "a duplicate text key": "a2616101616102",
    "unsorted keys": "a202010101",
    "a text key before a number": "a2616101020a",
    "a longer key before a shorter one": "a262616101616201",
    "a map whose key is a list": "a1810101",
    "a map whose key is a map": "a1a0f6",
    "a map whose key is true": "a1f501",
    "a map whose key is null": "a1f601",
    "a map whose key is bytes": "a1410101",
    "a half float": "f93c00",
    "a single float": "fa3f800000",
    "a double float": "fb3ff0000000000000",
    "a float that is not a number": "f97e00",
    "a float inside a list": "81f93c00",
    "undefined": "f7",
    "an unassigned simple value": "e0",
    "a simple value in two bytes": "f820",
    "false in two bytes": "f814",
    "a date": "c11a514b67b0",
    "a bignum": "c2420102",
    "a negative bignum": "c349010000000000000000",
    "a decimal fraction": "c48221196ab3",
    "a shared value": "d81c81d81d00",
    "a self-described value": "d9d9f701",
    "a tag inside a map": "a101c101",
    "text that is not UTF-8": "62c328",
    "text with half a surrogate pair": "63eda080",
    "text in an overlong form": "62c080",
    "depth 5": "8181818181" + "01",
    "depth 1000": "81" * 1000 + "01",
    "depth 4095 of maps": "a101" * 2047 + "01",
    "bytes of length 2^63": "5b8000000000000000",
    "text of length 2^63": "7b8000000000000000",
    "an array of 2^63 items": "9b8000000000000000",
    "a map of 2^63 pairs": "bb8000000000000000",
    "a map of 2^64 - 1 pairs": "bbffffffffffffffff",
    "an array of 4000 items that are not there": "990fa0",
    "one byte too many": "590ffe" + "00" * 0xFFE,
}


@pytest.mark.parametrize("spelled", NOT_STRICT.values(), ids=NOT_STRICT.keys())
def test_what_is_not_strict_is_malformed_in_bounded_time_and_memory(spelled: str) -> None:
    data = bytes.fromhex(spelled)
    tracemalloc.start()
    began_ns = time.process_time_ns()

    with pytest.raises(MalformedError):
        decode(data)

    spent_ns = time.process_time_ns() - began_ns
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert spent_ns < 10_000_000
    assert peak_bytes < 1_048_576


@pytest.mark.parametrize(
    "name", ["bytes of length 2^63", "text of length 2^63", "a text that ends in the middle", "an array of 2^63 items"]
)
def test_a_length_beyond_the_end_is_named(name: str) -> None:
    with pytest.raises(MalformedError, match="ends in the middle"):
        decode(bytes.fromhex(NOT_STRICT[name]))


@given(st.binary(max_size=200))
def test_bytes_either_decode_to_what_encodes_to_them_or_are_malformed(data: bytes) -> None:
    try:
        value = decode(data)
    except MalformedError:
        return
    assert encode(value) == data


def test_the_largest_message_is_read_and_one_byte_more_is_not() -> None:
    fitting = encode(bytes(MAX_BYTES - 3))

    assert len(fitting) == MAX_BYTES
    assert decode(fitting) == bytes(MAX_BYTES - 3)
    with pytest.raises(MalformedError, match="4097 bytes"):
        decode(encode(bytes(MAX_BYTES - 2)))


def test_the_deepest_message_is_read() -> None:
    assert decode(encode([[[[1]]]])) == [[[[1]]]]


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        (1,),
        {1, 2},
        bytearray(b"x"),
        object(),
        2**64,
        -(2**64) - 1,
        "\ud800",
        {True: 1},
        {None: 1},
        {b"k": 1},
        {1.5: 1},
    ],
    ids=repr,
)
def test_a_value_that_would_not_come_back_is_never_encoded(value: object) -> None:
    with pytest.raises(NotEncodableError):
        encode([value])  # type: ignore[list-item]
