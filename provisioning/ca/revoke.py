"""Builds the revocation list of the issuing CA (RFC 5280, 5)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from provisioning.ca.issue import BACKDATE_S
from provisioning.ca.models import Authority, Revoked
from provisioning.clock import moment

LIFETIME_DAYS = 7
"""A broker refuses everyone once its list has expired, so lists live long and are renewed often (F23)."""

RENEW_EVERY_S = 3600


def revocation_list(authority: Authority, revoked: Iterable[Revoked], at_s: int) -> bytes:
    """A signed list, PEM, numbered by its time."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(moment(at_s - BACKDATE_S))
        .next_update(moment(at_s) + timedelta(days=LIFETIME_DAYS))
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
        .add_extension(x509.CRLNumber(at_s), critical=False)
    )
    for row in revoked:
        builder = builder.add_revoked_certificate(_entry(row))
    return builder.sign(authority.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _entry(row: Revoked) -> x509.RevokedCertificate:
    return x509.RevokedCertificateBuilder().serial_number(row.serial_number).revocation_date(moment(row.at_s)).build()
