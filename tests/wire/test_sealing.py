"""What is sealed opens with the one private key, as what it was sealed for, and not otherwise."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from wire.errors import SealBrokenError, SealingKeyUnsuitableError
from wire.sealing import (
    OVERHEAD_BYTES,
    new_opening_key,
    open_sealed,
    opening_key_pem,
    read_opening_key,
    read_sealing_key,
    seal_to,
    sealing_key_id,
    sealing_key_pem,
)

KEY = X25519PrivateKey.from_private_bytes(bytes(range(32)))


def pem_of(private: ec.EllipticCurvePrivateKey | Ed25519PrivateKey) -> tuple[bytes, bytes]:
    """Private and public key in PEM."""
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    public = private.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.private_bytes(pem, pkcs8, serialization.NoEncryption()), public


OTHER_KINDS = {"P-256": pem_of(ec.derive_private_key(7, ec.SECP256R1())), "Ed25519": pem_of(Ed25519PrivateKey.generate())}


@pytest.mark.parametrize("plain", [b"", b"x", b"x" * 300_000])
def test_sealed_bytes_open_as_they_were(plain: bytes) -> None:
    sealed = seal_to(KEY.public_key(), plain, b"for this")

    assert len(sealed) == len(plain) + OVERHEAD_BYTES
    assert open_sealed(KEY, sealed, b"for this") == plain


def test_the_same_bytes_never_seal_the_same_way() -> None:
    assert seal_to(KEY.public_key(), b"x", b"") != seal_to(KEY.public_key(), b"x", b"")


def test_another_key_another_use_and_any_other_byte_do_not_open() -> None:
    sealed = seal_to(KEY.public_key(), b"reference", b"for this")

    with pytest.raises(SealBrokenError):
        open_sealed(new_opening_key(), sealed, b"for this")
    with pytest.raises(SealBrokenError):
        open_sealed(KEY, sealed, b"for that")
    for at in range(len(sealed)):
        with pytest.raises(SealBrokenError):
            open_sealed(KEY, sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], b"for this")
    for length in range(len(sealed)):
        with pytest.raises(SealBrokenError):
            open_sealed(KEY, sealed[:length], b"for this")


@pytest.mark.parametrize("point", [bytes(32), b"\x01" + bytes(31)])
def test_a_public_key_that_hides_nothing_is_refused(point: bytes) -> None:
    with pytest.raises(SealingKeyUnsuitableError, match="small order"):
        seal_to(X25519PublicKey.from_public_bytes(point), b"reference", b"")


def test_keys_come_back_from_their_files() -> None:
    private, public = read_opening_key(opening_key_pem(KEY)), read_sealing_key(sealing_key_pem(KEY.public_key()))

    assert open_sealed(private, seal_to(public, b"x", b""), b"") == b"x"
    assert sealing_key_id(public) == sealing_key_id(KEY.public_key()) != sealing_key_id(new_opening_key().public_key())


@pytest.mark.parametrize("pem", [b"", b"nonsense", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_key_is_refused(pem: bytes) -> None:
    with pytest.raises(SealingKeyUnsuitableError, match="not a private key"):
        read_opening_key(pem)
    with pytest.raises(SealingKeyUnsuitableError, match="not a public key"):
        read_sealing_key(pem)


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_a_key_of_another_kind_is_refused(kind: str) -> None:
    private, public = OTHER_KINDS[kind]

    with pytest.raises(SealingKeyUnsuitableError, match="another algorithm"):
        read_opening_key(private)
    with pytest.raises(SealingKeyUnsuitableError, match="another algorithm"):
        read_sealing_key(public)


def test_the_two_halves_of_a_key_are_not_taken_for_each_other() -> None:
    with pytest.raises(SealingKeyUnsuitableError):
        read_opening_key(sealing_key_pem(KEY.public_key()))
    with pytest.raises(SealingKeyUnsuitableError):
        read_sealing_key(opening_key_pem(KEY))


def test_a_refused_key_is_not_repeated() -> None:
    secret = opening_key_pem(KEY).splitlines()[1]

    with pytest.raises(SealingKeyUnsuitableError) as refused:
        read_sealing_key(opening_key_pem(KEY))

    assert secret.decode() not in str(refused.value)
