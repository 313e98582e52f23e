"""Units and claims in the database."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Row, Table, Text, insert, select, update

from provisioning.db import METADATA, BigKey, Transaction
from provisioning.devices.models import Claim, Device, DeviceState, LastHealth
from wire.condition import UnitCondition
from wire.hello import Hello

devices = Table(
    "devices",
    METADATA,
    Column("unit", Text, primary_key=True),
    Column("serial", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("registered_at_s", BigInteger, nullable=False),
    Column("blocked_at_s", BigInteger),
    Column("software", Text),
    Column("last_sequence", BigInteger),
    Column("seen_at_s", BigInteger),
    Column("condition", Text),
    Column("trouble", Text),
    Column("faults", Text),
    Column("celsius", Integer),
    Column("condition_at_s", BigInteger),
    Index("devices_by_serial", "serial"),
)

claims = Table(
    "claims",
    METADATA,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("unit", Text, ForeignKey("devices.unit"), nullable=False),
    Column("serial", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("created_at_s", BigInteger, nullable=False),
    Column("expires_at_s", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Index("claims_by_serial", "serial"),
)

_NO_CLAIM_ID = -1


class DeviceStore:
    """Units, within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def find(self, unit: str) -> Device | None:
        """The unit of this name."""
        row = self._transaction.execute(select(devices).where(devices.c.unit == unit)).one_or_none()
        return _device(row) if row else None

    def of_serial(self, serial: str) -> tuple[Device, ...]:
        """Every unit that this appliance has been, oldest first."""
        found = select(devices).where(devices.c.serial == serial).order_by(devices.c.registered_at_s, devices.c.unit)
        return tuple(_device(row) for row in self._transaction.execute(found))

    def all(self) -> tuple[Device, ...]:
        """Every unit, oldest first."""
        rows = self._transaction.execute(select(devices).order_by(devices.c.registered_at_s, devices.c.unit))
        return tuple(_device(row) for row in rows)

    def blocked_among(self, units: frozenset[str]) -> frozenset[str]:
        """Those of the units that are blocked."""
        found = select(devices.c.unit).where(devices.c.unit.in_(units), devices.c.state == DeviceState.BLOCKED.value)
        return frozenset(self._transaction.scalars(found))

    def add(self, unit: str, serial: str, at_s: int) -> None:
        """Register a unit."""
        values = {"unit": unit, "serial": serial, "state": DeviceState.REGISTERED.value, "registered_at_s": at_s}
        self._transaction.execute(insert(devices).values(values))

    def advance(self, unit: str, state: DeviceState) -> None:
        """Note how far a unit has come."""
        self._transaction.execute(update(devices).where(devices.c.unit == unit).values(state=state.value))

    def block(self, unit: str, at_s: int) -> None:
        """Note that a unit is blocked."""
        change = update(devices).where(devices.c.unit == unit)
        self._transaction.execute(change.values(state=DeviceState.BLOCKED.value, blocked_at_s=at_s))

    def greet(self, hello: Hello, at_s: int) -> None:
        """Note what a unit said about itself."""
        change = update(devices).where(devices.c.unit == hello.unit)
        self._transaction.execute(change.values(software=hello.software, last_sequence=hello.last_sequence, seen_at_s=at_s))
        if hello.condition:
            self.note_condition(hello.unit, hello.condition, at_s)

    def note_condition(self, unit: str, condition: UnitCondition, at_s: int) -> None:
        """Note how a unit that is not blocked is; one that nobody knows stays unknown."""
        change = update(devices).where(devices.c.unit == unit, devices.c.state != DeviceState.BLOCKED.value)
        self._transaction.execute(
            change.values(
                condition=condition.state,
                trouble=condition.trouble.value if condition.trouble else None,
                faults=" ".join(condition.faults),
                celsius=condition.celsius,
                condition_at_s=at_s,
            )
        )


@dataclass(frozen=True, slots=True)
class ClaimDraft:
    """A claim before the database has numbered it."""

    unit: str
    serial: str
    digest: bytes
    created_at_s: int
    expires_at_s: int


class ClaimStore:
    """Claims, within one transaction. Only the newest claim of a serial number counts."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def newest(self, serial: str) -> Claim | None:
        """The claim that counts for a serial number; nobody else can use it until the transaction ends."""
        found = select(claims).where(claims.c.serial == serial).order_by(claims.c.id.desc()).limit(1).with_for_update()
        row = self._transaction.execute(found).one_or_none()
        return _claim(row) if row else None

    def all(self) -> tuple[Claim, ...]:
        """Every claim, oldest first."""
        return tuple(_claim(row) for row in self._transaction.execute(select(claims).order_by(claims.c.id)))

    def add(self, draft: ClaimDraft) -> None:
        """Keep a claim; it takes the place of any older one of this serial number."""
        self._transaction.execute(
            insert(claims).values(
                unit=draft.unit,
                serial=draft.serial,
                digest=draft.digest,
                created_at_s=draft.created_at_s,
                expires_at_s=draft.expires_at_s,
                failures=0,
            )
        )

    def count_failure(self, claim: Claim | None) -> None:
        """Count a wrong try. Without a claim the same statement runs and finds nothing, so that it takes as long."""
        claim_id = claim.claim_id if claim else _NO_CLAIM_ID
        self._transaction.execute(update(claims).where(claims.c.id == claim_id).values(failures=claims.c.failures + 1))


def _device(row: Row[tuple[object, ...]]) -> Device:
    return Device(
        unit=row.unit,
        serial=row.serial,
        state=DeviceState(row.state),
        registered_at_s=row.registered_at_s,
        blocked_at_s=row.blocked_at_s,
        software=row.software,
        last_sequence=row.last_sequence,
        seen_at_s=row.seen_at_s,
        health=_health(row),
    )


def _health(row: Row[tuple[object, ...]]) -> LastHealth | None:
    if row.condition is None:
        return None
    return LastHealth(row.condition, row.trouble, tuple((row.faults or "").split()), row.celsius, row.condition_at_s)


def _claim(row: Row[tuple[object, ...]]) -> Claim:
    return Claim(
        claim_id=row.id,
        unit=row.unit,
        serial=row.serial,
        digest=bytes(row.digest),
        created_at_s=row.created_at_s,
        expires_at_s=row.expires_at_s,
        failures=row.failures,
    )
