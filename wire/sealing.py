"""Seals bytes to one reader whose public key is known: HPKE (RFC 9180), base mode. A door to `cryptography`.

The suite is DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. Whoever has the public key can seal; only the holder of the
private key can open. It says nothing about who sealed.
"""

from __future__ import annotations

import hashlib
from typing import NewType

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from wire.errors import SealBrokenError, SealingKeyUnsuitableError

SealingKey = X25519PublicKey
OpeningKey = X25519PrivateKey

SealingKeyId = NewType("SealingKeyId", bytes)
"""The first 16 bytes of SHA-256 over the raw public key (RFC 7748, 32 bytes)."""

SEALING_KEY_ID_BYTES = 16
OVERHEAD_BYTES = 48
"""What sealing adds: the encapsulated key (32 bytes) and the tag of AES-GCM (16)."""

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm)


def seal_to(key: SealingKey, plain: bytes, info: bytes) -> bytes:
    """Seal bytes to the holder of the private key; `SealingKeyUnsuitableError` for a key that hides nothing."""
    try:
        return _SUITE.encrypt(plain, key, info=info)
    except ValueError as error:
        raise SealingKeyUnsuitableError("it is a point of small order") from error


def open_sealed(key: OpeningKey, sealed: bytes, info: bytes) -> bytes:
    """The bytes that were sealed with the same `info`; `SealBrokenError` for anything else."""
    try:
        return _SUITE.decrypt(sealed, key, info=info)
    except (InvalidTag, ValueError) as error:
        raise SealBrokenError from error


def new_opening_key() -> OpeningKey:
    """A fresh private key, from the randomness of the operating system."""
    return X25519PrivateKey.generate()


def opening_key_pem(key: OpeningKey) -> bytes:
    """The private key as PEM (PKCS#8), not encrypted: for a file that only its owner can read."""
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def sealing_key_pem(key: SealingKey) -> bytes:
    """The public key as PEM (SubjectPublicKeyInfo, RFC 8410): to be handed out."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def read_opening_key(pem: bytes) -> OpeningKey:
    """Read a private key; `SealingKeyUnsuitableError` unless it is one of X25519 in PEM."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except _UNREADABLE as error:
        raise SealingKeyUnsuitableError("not a private key in PEM") from error
    if not isinstance(key, X25519PrivateKey):
        raise SealingKeyUnsuitableError("another algorithm")
    return key


def read_sealing_key(pem: bytes) -> SealingKey:
    """Read a public key; `SealingKeyUnsuitableError` unless it is one of X25519 in PEM."""
    try:
        key = serialization.load_pem_public_key(pem)
    except _UNREADABLE as error:
        raise SealingKeyUnsuitableError("not a public key in PEM") from error
    if not isinstance(key, X25519PublicKey):
        raise SealingKeyUnsuitableError("another algorithm")
    return key


def sealing_key_id(key: SealingKey) -> SealingKeyId:
    """Name a public key by its content."""
    return SealingKeyId(hashlib.sha256(key.public_bytes_raw()).digest()[:SEALING_KEY_ID_BYTES])
