"""Deterministic CBOR (RFC 8949, 4.2.1) for signed bytes: one value has exactly one encoding.

cbor2 does the work; this door refuses everything that is not strict: it never guesses.
"""

from __future__ import annotations

import cbor2

from wire.errors import MalformedError, NotEncodableError

_LEAVES = (int, str, bytes, bool, type(None))
_INTEGERS = 2**64
"""Beyond this cbor2 would write a bignum, which is a tag."""

MAX_BYTES = 4096
"""Largest message accepted, in bytes."""

MAX_DEPTH = 4
"""Deepest nesting accepted, counted in arrays and maps."""

Value = int | str | bytes | bool | None | list["Value"] | dict[int | str, "Value"]
"""What signed bytes may hold. There are no floats and no tags (a signature must not depend on rounding)."""


def encode(value: Value) -> bytes:
    """Encode a value in its one deterministic form; `NotEncodableError` for a float, a tag or anything else."""
    try:
        return cbor2.dumps(_in_order(value))
    except UnicodeEncodeError as error:
        raise NotEncodableError("half a surrogate pair") from error


def decode(data: bytes) -> Value:
    """Decode strict CBOR: bounded size and depth, definite lengths, no tags, no floats, and only the one encoding.

    Raises `MalformedError`, never anything else, for any bytes whatsoever.
    """
    if len(data) > MAX_BYTES:
        raise MalformedError(f"{len(data)} bytes, at most {MAX_BYTES} are read")
    if _end_of_item(data, 0, 0) != len(data):
        raise MalformedError("bytes after the end")
    try:
        value: Value = cbor2.loads(data)
        again = encode(value)
    except (cbor2.CBORDecodeError, NotEncodableError, ValueError, TypeError) as error:
        raise MalformedError("not readable as CBOR") from error
    if again != data:
        raise MalformedError("not in deterministic form")
    return value


def _in_order(value: Value) -> Value:
    if isinstance(value, int) and not -_INTEGERS <= value < _INTEGERS:
        raise NotEncodableError("an integer beyond 64 bits")
    if isinstance(value, _LEAVES):
        return value
    if isinstance(value, list):
        return [_in_order(item) for item in value]
    if isinstance(value, dict):
        return {key: _in_order(value[key]) for key in sorted(value, key=_encoded_key)}
    raise NotEncodableError(f"a {type(value).__name__}")


def _encoded_key(key: int | str) -> bytes:
    if isinstance(key, bool) or not isinstance(key, (int, str)):
        raise NotEncodableError(f"a {type(key).__name__} as the key of a map")
    return cbor2.dumps(key)


# Initial bytes of RFC 8949, section 3: the high three bits are the major type, the low five its argument.
_ARRAY, _MAP, _TAG, _SIMPLE = 4, 5, 6, 7
_FALSE, _TRUE, _NULL = 20, 21, 22


def _end_of_item(data: bytes, start: int, depth: int) -> int:
    """Walk one item without building it, so that depth and lengths are bounded before cbor2 sees the bytes."""
    if start >= len(data):
        raise MalformedError("ends in the middle")
    major, short = data[start] >> 5, data[start] & 0x1F
    if major == _SIMPLE:
        return _end_of_simple(short, start)
    if major == _TAG:
        raise MalformedError("a tag")
    argument, at = _argument(data, short, start + 1)
    if major < 2:
        return at
    if major < _ARRAY:
        return _end_of_string(data, argument, at)
    items = argument * 2 if major == _MAP else argument
    return _end_of_items(data, items, at, depth + 1)


def _end_of_simple(short: int, start: int) -> int:
    if short not in (_FALSE, _TRUE, _NULL):
        raise MalformedError("a float or an unknown simple value")
    return start + 1


def _end_of_string(data: bytes, length: int, at: int) -> int:
    if length > len(data) - at:
        raise MalformedError("ends in the middle")
    return at + length


def _end_of_items(data: bytes, items: int, at: int, depth: int) -> int:
    if depth > MAX_DEPTH:
        raise MalformedError(f"nested deeper than {MAX_DEPTH}")
    for _ in range(items):
        at = _end_of_item(data, at, depth)
    return at


def _argument(data: bytes, short: int, at: int) -> tuple[int, int]:
    if short < 24:
        return short, at
    if short > 27:
        raise MalformedError("an indefinite length")
    width = 1 << (short - 24)
    if at + width > len(data):
        raise MalformedError("ends in the middle")
    return int.from_bytes(data[at : at + width], "big"), at + width
