"""TLS that trusts the fleet's pinned certificates and nothing else."""

from __future__ import annotations

import ssl
from enum import Enum, auto
from pathlib import Path

from edge.errors import IdentityDamagedError

_NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL; the ssl module has no name for it."""


class Dates(Enum):
    """Whether the dates of the other side's certificate are compared with the wall clock."""

    CHECKED = auto()
    NOT_CHECKED = auto()
    """For a unit whose clock is known to be wrong or was never set. A board without a clock battery wakes in 1970, where every
    certificate is not valid yet: checking dates would lock it out of the only place where it can learn the time. What is given
    up is small: the other side must still show a certificate of the pinned fleet for the right host name."""


def pinned_context(ca_pem: bytes, dates: Dates) -> ssl.SSLContext:
    """A client context: TLS 1.2 or later, host name checked, only these issuers.

    Raises `IdentityDamagedError` when they cannot be read.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if dates is Dates.NOT_CHECKED:
        context.verify_flags |= _NO_CHECK_TIME
    try:
        context.load_verify_locations(cadata=ca_pem.decode("ascii"))
    except (ssl.SSLError, ValueError) as error:
        raise IdentityDamagedError("the pinned certificates of the fleet cannot be read") from error
    return context


def unit_context(ca: Path, certificate: Path, key: Path, dates: Dates) -> ssl.SSLContext:
    """A client context that also shows the unit's own certificate; `IdentityDamagedError` when a file cannot be used."""
    try:
        context = pinned_context(ca.read_bytes(), dates)
        context.load_cert_chain(certificate, key)
    except OSError as error:  # ssl.SSLError is one
        raise IdentityDamagedError("TLS key and certificate cannot be used") from error
    return context


def ended_before(connection: object, at_s: int) -> bool:
    """Whether the certificate that the other side of a TLS connection has shown ended before this Unix time, or there is none."""
    certificate = connection.getpeercert() if isinstance(connection, ssl.SSLSocket) else None
    return not certificate or ssl.cert_time_to_seconds(str(certificate["notAfter"])) < at_s
