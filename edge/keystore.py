"""Where the unit's private keys live. A key is used through its store and never leaves it; files are the first kind of store.

A TPM or a security chip becomes another class with the same methods; nothing else of the unit would change.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from edge.durable_file import PRIVATE, write_durably
from edge.errors import FileNotDurableError, KeyExistsError, KeyExposedError, KeyUnavailableError
from edge.state_dir import KeyLabel, StateDir
from wire.errors import KeyUnsuitableError
from wire.keys import RESULT_SIGNING, PrivateKey, PublicKey, Signer, certificate_der, on_p256, sign_es256


class KeyStore(Protocol):
    """Makes and uses P-256 keys under labels."""

    def has(self, label: KeyLabel) -> bool:
        """Whether there is a key of that label."""

    def create(self, label: KeyLabel) -> PublicKey:
        """Make a key that survives a power cut when this returns; `KeyExistsError` when there is one."""

    def discard(self, label: KeyLabel) -> None:
        """Forget a key, if there is one; only for keys that have signed nothing that anyone keeps."""

    def public_key(self, label: KeyLabel) -> PublicKey:
        """The public half; `KeyUnavailableError` when there is no such key."""

    def certification_request(self, label: KeyLabel) -> bytes:
        """A PKCS#10 request (RFC 2986), DER, without a name: the centre writes every name itself."""

    def signer(self, label: KeyLabel, certificate: bytes | None) -> Signer:
        """Something that signs with the key; the DER certificate travels with each signature."""


class FileKeyStore:
    """Keys as PEM files (PKCS#8, not encrypted) of mode 0600 in a folder of mode 0700; results get assurance "software".

    Every method raises `KeyExposedError` when folder or file can be read by others, `KeyUnavailableError` for other faults.
    """

    def __init__(self, place: StateDir) -> None:
        self._place = place

    def has(self, label: KeyLabel) -> bool:
        """Whether there is a key of that label."""
        return self._place.key(label).exists()

    def create(self, label: KeyLabel) -> PublicKey:
        """Make a key that survives a power cut when this returns."""
        if self.has(label):
            raise KeyExistsError(label)
        _require_private(self._place.keys)
        private = ec.generate_private_key(ec.SECP256R1())
        write_durably(self._place.key(label), _pem(private), PRIVATE)
        return private.public_key()

    def discard(self, label: KeyLabel) -> None:
        """Delete the file of a key, if there is one."""
        path = self._place.key(label)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise FileNotDurableError(path.name, error.strerror or type(error).__name__) from error

    def public_key(self, label: KeyLabel) -> PublicKey:
        """The public half."""
        return self._load(label).public_key()

    def certification_request(self, label: KeyLabel) -> bytes:
        """A PKCS#10 request, DER, without a name."""
        builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
        return builder.sign(self._load(label), hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def signer(self, label: KeyLabel, certificate: bytes | None) -> Signer:
        """Something that signs with the key."""
        return KeySigner(self._load(label), certificate)

    def _load(self, label: KeyLabel) -> PrivateKey:
        path = self._place.key(label)
        try:
            _require_private(self._place.keys)
            _require_private(path)
            private = serialization.load_pem_private_key(path.read_bytes(), None)
            on_p256(private.public_key())
        except OSError as error:
            raise KeyUnavailableError(label, error.strerror or type(error).__name__) from error
        except (ValueError, TypeError, KeyUnsuitableError) as error:
            raise KeyUnavailableError(label, "its file holds no P-256 key") from error
        assert isinstance(private, ec.EllipticCurvePrivateKey)  # noqa: S101 (on_p256 has raised otherwise)
        return private


@dataclass(frozen=True, slots=True)
class KeySigner:
    """Signs with a key that lies in this process."""

    private: PrivateKey
    certificate: bytes | None

    @property
    def public_key(self) -> PublicKey:
        """The public half."""
        return self.private.public_key()

    def sign(self, message: bytes) -> bytes:
        """ES256, 64 bytes, low S."""
        return sign_es256(self.private, message)


def passing_signer(unit: str) -> Signer:
    """A signer that nobody vouches for: a new key, in memory only, under a certificate that it issued to itself."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, unit)])
    builder = x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number(), _ALWAYS[0], _ALWAYS[1])
    builder = builder.add_extension(x509.ExtendedKeyUsage([RESULT_SIGNING]), critical=False)
    return KeySigner(private, certificate_der(builder.sign(private, hashes.SHA256())))


def keep_unsafe_passing_keys(place: StateDir, unit: str) -> None:
    """Write keys and certificates into a state directory that nobody vouches for, for a unit that is only tried out.

    No centre accepts what it signs. Raises `FileNotDurableError`.
    """
    for label in KeyLabel:
        signer = passing_signer(unit)
        assert isinstance(signer, KeySigner) and signer.certificate  # noqa: S101, PT018 - it was made so above
        certificate = x509.load_der_x509_certificate(signer.certificate)
        write_durably(place.key(label), _pem(signer.private), PRIVATE)
        write_durably(place.certificate(label), certificate.public_bytes(serialization.Encoding.PEM))


_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""A certificate without well-defined dates (RFC 5280, 4.1.2.5): whose key ends with the process needs none."""


def _pem(private: PrivateKey) -> bytes:
    return private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _require_private(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyExposedError(path.name, mode)
