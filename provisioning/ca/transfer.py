"""Certificates as EST sends them: PKCS#7 certs-only, base64 on one line (RFC 7030, 4.1.3; RFC 8951)."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs7

from wire.keys import Certificate

CONTENT_TYPE = "application/pkcs7-mime; smime-type=certs-only"


def certs_only(certificates: Sequence[Certificate]) -> bytes:
    """The body of an answer. One line, because clients exist that refuse line breaks."""
    return base64.b64encode(pkcs7.serialize_certificates(list(certificates), serialization.Encoding.DER))


def pem(certificates: Sequence[Certificate]) -> bytes:
    """Certificates one behind the other, PEM."""
    return b"".join(certificate.public_bytes(serialization.Encoding.PEM) for certificate in certificates)
