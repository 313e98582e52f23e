"""P-256 keys, ES256 signatures with low S, and the certificates of the fleet: the wire's door to `cryptography`.

OpenSSL accepts both s and n-s, so a signed message would have two valid spellings; only the low one is taken here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NewType, Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.x509.oid import NameOID, ObjectIdentifier

from wire.errors import BadSignatureError, CertificateRefusedError, KeyUnsuitableError

KeyId = NewType("KeyId", bytes)
"""The first 16 bytes of SHA-256 over the key's SubjectPublicKeyInfo (DER)."""

PublicKey = ec.EllipticCurvePublicKey
PrivateKey = ec.EllipticCurvePrivateKey
Certificate = x509.Certificate

SIGNATURE_BYTES = 64
"""r and s, 32 bytes each, big-endian (RFC 9053, 2.1)."""

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Order n of P-256 (SEC 2, 2.4.2)."""

RESULT_SIGNING = ObjectIdentifier("2.25.327295443614013075348796481965833014782")
"""Extended key usage of a result-signing certificate, in the UUID arc (X.667): a TLS certificate cannot sign results."""


class Signer(Protocol):
    """Signs with a key it does not show: a file, a TPM or a security chip stands behind it."""

    @property
    def public_key(self) -> PublicKey: ...

    @property
    def certificate(self) -> bytes | None:
        """The DER certificate that travels with the signature, or None where the reader knows the key."""

    def sign(self, message: bytes) -> bytes:
        """Return r and s of ES256 over the message, 64 bytes, low S."""


def key_id(public: PublicKey) -> KeyId:
    """Name a public key by its content."""
    return KeyId(hashlib.sha256(public_der(public)).digest()[:16])


def public_der(public: PublicKey) -> bytes:
    """SubjectPublicKeyInfo of a key, DER (RFC 5280, 4.1)."""
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def read_public_der(der: bytes) -> PublicKey:
    """Read a SubjectPublicKeyInfo; `KeyUnsuitableError` unless it is a P-256 key."""
    try:
        return on_p256(serialization.load_der_public_key(der))
    except ValueError as error:
        raise KeyUnsuitableError("not a public key in DER") from error


def on_p256(key: object) -> PublicKey:
    """Return the key if it is an EC key on P-256, else raise `KeyUnsuitableError`."""
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeyUnsuitableError("another algorithm or curve")
    return key


def sign_es256(private: PrivateKey, message: bytes) -> bytes:
    """ES256 of the message (RFC 9053, 2.1), 64 bytes, low S; `KeyUnsuitableError` unless the key is on P-256."""
    on_p256(private.public_key())
    r, s = decode_dss_signature(private.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + min(s, _ORDER - s).to_bytes(32, "big")


def verify_es256(public: PublicKey, message: bytes, signature: bytes) -> None:
    """Raise `BadSignatureError` unless this is the one accepted ES256 signature form and it fits."""
    if len(signature) != SIGNATURE_BYTES:
        raise BadSignatureError(f"{len(signature)} bytes, {SIGNATURE_BYTES} expected")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not 0 < r < _ORDER or not 0 < s <= _ORDER // 2:
        raise BadSignatureError("r or s out of range, or not the low form of s")
    try:
        on_p256(public).verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise BadSignatureError("it does not fit the message and the key") from error


def read_certificates_pem(pem: bytes) -> tuple[Certificate, ...]:
    """Read one or more PEM certificates; `CertificateRefusedError` when there is none that can be read."""
    try:
        return tuple(_read_through(certificate) for certificate in x509.load_pem_x509_certificates(pem))
    except _UNREADABLE as error:
        raise CertificateRefusedError("no PEM certificate can be read") from error


def read_certificate_der(der: bytes) -> Certificate:
    """Read one DER certificate; `CertificateRefusedError` when it cannot be read."""
    try:
        return _read_through(x509.load_der_x509_certificate(der))
    except _UNREADABLE as error:
        raise CertificateRefusedError("not a DER certificate that can be read") from error


_UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What `cryptography` raises for bytes that are not quite a certificate."""


def _read_through(certificate: Certificate) -> Certificate:
    """Make `cryptography`, which reads lazily, read every part that is used here, so that it complains at the door."""
    for part in ("subject", "issuer", "not_valid_before_utc", "not_valid_after_utc", "extensions", "signature_hash_algorithm"):
        getattr(certificate, part)
    certificate.public_key()
    return certificate


def certificate_der(certificate: Certificate) -> bytes:
    """The DER bytes of a certificate."""
    return certificate.public_bytes(serialization.Encoding.DER)


def certified_unit(certificate: Certificate) -> str:
    """The unit's name: the one common name of the subject."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if len(names) != 1 or not isinstance(names[0].value, str):
        raise CertificateRefusedError("it does not name exactly one unit")
    return names[0].value


def check_result_certificate(certificate: Certificate, issuers: Sequence[Certificate], at_s: int) -> PublicKey:
    """Return the certified key if one of the issuers issued it for result signing and it was valid at `at_s` (Unix seconds)."""
    _check_issued(certificate, issuers)
    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not first.timestamp() <= at_s <= last.timestamp():
        raise CertificateRefusedError(f"valid from {first.isoformat()} to {last.isoformat()}, not at {at_s} s")
    try:
        uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound as error:
        raise CertificateRefusedError("it names no use") from error
    if RESULT_SIGNING not in uses:
        raise CertificateRefusedError("it is not for signing results")
    return on_p256(certificate.public_key())


def _check_issued(certificate: Certificate, issuers: Sequence[Certificate]) -> None:
    for issuer in issuers:
        if issuer.subject == certificate.issuer and _directly_issued(certificate, issuer):
            return
    raise CertificateRefusedError("none of the trusted issuers issued it")


def _directly_issued(certificate: Certificate, issuer: Certificate) -> bool:
    try:
        constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        certificate.verify_directly_issued_by(issuer)
    except (x509.ExtensionNotFound, UnsupportedAlgorithm, ValueError, TypeError, InvalidSignature):
        return False
    return constraints.ca
