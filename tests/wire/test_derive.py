"""Bytes out of a nonce are those of HKDF with SHA-256, on every machine and for ever."""

from __future__ import annotations

import hmac
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.derive import MOST_BYTES, derived_bytes


def hkdf(key: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869, 2.2 and 2.3, spelled out: extract with a salt of zeros, then expand."""
    secret = hmac.digest(bytes(32), key, "sha256")
    block, made = b"", b""
    for number in range(1, ceil(length / 32) + 1):
        block = hmac.digest(secret, block + info + bytes([number]), "sha256")
        made += block
    return made[:length]


def test_the_vector_without_salt_and_info_comes_out() -> None:
    """RFC 5869, A.3: the only one with SHA-256 that has no salt."""
    vector = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"

    assert derived_bytes(b"\x0b" * 22, "", 42).hex() == vector
    assert hkdf(b"\x0b" * 22, b"", 42).hex() == vector


@given(nonce=st.binary(max_size=100), purpose=st.text(max_size=40), length=st.integers(1, 200))
def test_any_nonce_and_purpose_give_what_the_standard_says(nonce: bytes, purpose: str, length: int) -> None:
    assert derived_bytes(nonce, purpose, length) == hkdf(nonce, purpose.encode(), length)


def test_the_last_byte_that_there_is_comes_out_too() -> None:
    assert derived_bytes(b"nonce", "purpose", MOST_BYTES) == hkdf(b"nonce", b"purpose", MOST_BYTES)


@pytest.mark.parametrize("length", [MOST_BYTES + 1, -1])
def test_more_bytes_than_there_are_or_fewer_than_none_are_refused(length: int) -> None:
    with pytest.raises((ValueError, OverflowError)):
        derived_bytes(b"nonce", "purpose", length)


def test_fewer_bytes_are_the_beginning_of_more() -> None:
    assert derived_bytes(b"nonce", "purpose", 500).startswith(derived_bytes(b"nonce", "purpose", 33))


@pytest.mark.parametrize(
    ("nonce", "purpose"), [(b"nonce", "purpose "), (b"nonce", "Purpose"), (b"nonce\0", "purpose"), (b"", "")]
)
def test_another_nonce_or_purpose_gives_bytes_that_share_nothing(nonce: bytes, purpose: str) -> None:
    """Of 1024 bits of unrelated bytes half differ; 400 or fewer once in 10^12 pairs."""
    one, other = derived_bytes(b"nonce", "purpose", 128), derived_bytes(nonce, purpose, 128)

    differing = sum((a ^ b).bit_count() for a, b in zip(one, other, strict=True))

    assert 400 < differing < 624
