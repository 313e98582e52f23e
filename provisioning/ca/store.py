"""The certificates that were issued to units, in the database."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, Row, Table, Text, UniqueConstraint, insert, select, update

from provisioning.ca.models import Issued, Revoked, Use
from provisioning.db import METADATA, Transaction
from wire.keys import KeyId

certificates = Table(
    "certificates",
    METADATA,
    Column("key_id", LargeBinary, primary_key=True),
    Column("unit", Text, ForeignKey("devices.unit"), nullable=False),
    Column("use", Text, nullable=False),
    Column("claim_id", BigInteger, ForeignKey("claims.id"), nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("certificate", LargeBinary, nullable=False),
    Column("serial_number", Text, nullable=False, unique=True),
    Column("not_after_s", BigInteger, nullable=False),
    Column("revoked_at_s", BigInteger),
    UniqueConstraint("claim_id", "use", name="certificates_one_per_claim_and_use"),
)


class CertificateStore:
    """Certificates of units, within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, issued: Issued) -> None:
        """Keep a certificate that was just issued."""
        self._transaction.execute(
            insert(certificates).values(
                key_id=bytes(issued.key_id),
                unit=issued.unit,
                use=issued.use.value,
                claim_id=issued.claim_id,
                public_key=issued.public_key,
                certificate=issued.certificate,
                serial_number=f"{issued.serial_number:x}",
                not_after_s=issued.not_after_s,
                revoked_at_s=issued.revoked_at_s,
            )
        )

    def of_claim(self, claim_id: int) -> tuple[Issued, ...]:
        """What a claim has authorised so far."""
        return self._find(certificates.c.claim_id == claim_id)

    def of_keys(self, key_ids: Iterable[KeyId]) -> dict[KeyId, Issued]:
        """The certificates for these keys, by key."""
        wanted = [bytes(key) for key in key_ids]
        return {issued.key_id: issued for issued in self._find(certificates.c.key_id.in_(wanted))}

    def revoke_unit(self, unit: str, at_s: int) -> None:
        """Mark every certificate of a unit as revoked."""
        mine = (certificates.c.unit == unit) & certificates.c.revoked_at_s.is_(None)
        self._transaction.execute(update(certificates).where(mine).values(revoked_at_s=at_s))

    def revoked(self, at_s: int) -> tuple[Revoked, ...]:
        """Every revoked certificate that would still be valid, in a steady order."""
        rows = self._find(certificates.c.revoked_at_s.is_not(None) & (certificates.c.not_after_s > at_s))
        return tuple(Revoked(row.serial_number, row.revoked_at_s) for row in rows if row.revoked_at_s is not None)

    def _find(self, condition: object) -> tuple[Issued, ...]:
        found = select(certificates).where(condition).order_by(certificates.c.serial_number)  # type: ignore[arg-type]
        return tuple(_issued(row) for row in self._transaction.execute(found))


def _issued(row: Row[tuple[object, ...]]) -> Issued:
    return Issued(
        key_id=KeyId(bytes(row.key_id)),
        unit=row.unit,
        use=Use(row.use),
        claim_id=row.claim_id,
        public_key=bytes(row.public_key),
        certificate=bytes(row.certificate),
        serial_number=int(row.serial_number, 16),
        not_after_s=row.not_after_s,
        revoked_at_s=row.revoked_at_s,
    )
