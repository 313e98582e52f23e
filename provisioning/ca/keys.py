"""P-256 keys in files of mode 0600, and the signer made of one."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from provisioning.errors import FileUnusableError
from provisioning.files import PRIVATE, make_private_folder, read_whole, write_whole
from wire.keys import PrivateKey, PublicKey, on_p256, sign_es256


def new_key() -> PrivateKey:
    """A fresh P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def write_key(path: Path, key: PrivateKey) -> None:
    """Keep a key in a file that only its owner can read."""
    make_private_folder(path.parent)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    write_whole(path, pem, PRIVATE)


def read_key(path: Path) -> PrivateKey:
    """Read a key; `FileUnusableError` unless the file holds a P-256 key, `KeyUnsuitableError` for another kind."""
    try:
        key = serialization.load_pem_private_key(read_whole(path), password=None)
    except (ValueError, TypeError) as error:
        raise FileUnusableError(path, "does not hold a private key in PEM") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise FileUnusableError(path, "holds a key of another kind than P-256")
    on_p256(key.public_key())
    return key


class FileSigner:
    """Signs with a key that was read from a file; no certificate travels along, because units know the key."""

    def __init__(self, key: PrivateKey) -> None:
        self._key = key

    @property
    def public_key(self) -> PublicKey:
        return self._key.public_key()

    @property
    def certificate(self) -> bytes | None:
        return None

    def sign(self, message: bytes) -> bytes:
        return sign_es256(self._key, message)
