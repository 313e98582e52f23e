"""Bytes derived from a secret or a nonce, for one purpose each: HKDF (RFC 5869) with SHA-256. A door to `cryptography`.

Unit and centre derive the same bytes from the same nonce, so the centre can say later what a visit had to answer.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MOST_BYTES = 255 * 32
"""RFC 5869, 2.3."""


def derived_bytes(nonce: bytes, purpose: str, length: int) -> bytes:
    """`length` bytes, 1 to `MOST_BYTES`; another purpose gives bytes that say nothing about these."""
    return HKDF(SHA256(), length, salt=None, info=purpose.encode()).derive(nonce)
