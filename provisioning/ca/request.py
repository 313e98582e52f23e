"""Reads what a unit asks for (PKCS#10 in base64, RFC 8951): only its public key is taken, names and wishes are not."""

from __future__ import annotations

import base64
import binascii

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes

from provisioning.errors import RequestRefusedError
from wire.errors import KeyUnsuitableError
from wire.keys import PublicKey, on_p256

MAX_BYTES = 8192
"""Largest body accepted, in bytes. A request for a P-256 key has about 400."""


def read_request(body: bytes) -> PublicKey:
    """Return the key that the sender proved to hold.

    Raises `RequestRefusedError`, and nothing else, for any bytes whatsoever.
    """
    request = _load(_unwrap(body))
    try:
        key = on_p256(request.public_key())
        _check_own_signature(request)
        _ = request.extensions  # never used, but one that cannot be read, or stands there twice, is refused
    except KeyUnsuitableError as error:
        raise RequestRefusedError("the key is not an EC key on P-256") from error
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise RequestRefusedError("a part of it cannot be read") from error
    return key


def _unwrap(body: bytes) -> bytes:
    if len(body) > MAX_BYTES:
        raise RequestRefusedError(f"larger than {MAX_BYTES} bytes")
    try:
        return base64.b64decode(b"".join(body.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise RequestRefusedError("it is not base64") from error


def _load(der: bytes) -> x509.CertificateSigningRequest:
    try:
        return x509.load_der_x509_csr(der)
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise RequestRefusedError("it is not PKCS#10") from error


def _check_own_signature(request: x509.CertificateSigningRequest) -> None:
    if not isinstance(request.signature_hash_algorithm, hashes.SHA256):
        raise RequestRefusedError("it is not signed with SHA-256")
    if not request.is_signature_valid:
        raise RequestRefusedError("its signature does not fit its key")
