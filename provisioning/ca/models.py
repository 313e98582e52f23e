"""What a certificate is for, and who issues it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wire.enrolment import EST_RESULT_LABEL, EST_TLS_LABEL
from wire.keys import Certificate, KeyId, PrivateKey


class Use(StrEnum):
    """The two certificates of a unit, named by the EST label under which each is asked for."""

    TLS = EST_TLS_LABEL
    """Opens the connection to the broker."""
    RESULT = EST_RESULT_LABEL
    """Signs results."""


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate that issues others, with its key."""

    certificate: Certificate
    key: PrivateKey


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long a unit's certificates are valid, in days."""

    tls_days: int
    result_days: int

    def of(self, use: Use) -> int:
        """The lifetime of a certificate for this use, in days."""
        return self.tls_days if use is Use.TLS else self.result_days


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate of a unit, as it stands in the database."""

    key_id: KeyId
    unit: str
    use: Use
    claim_id: int
    """The claim that authorised it."""
    public_key: bytes
    """SubjectPublicKeyInfo, DER."""
    certificate: bytes
    """DER."""
    serial_number: int
    not_after_s: int
    revoked_at_s: int | None


@dataclass(frozen=True, slots=True)
class Revoked:
    """One row of a revocation list."""

    serial_number: int
    at_s: int
