"""Makes claims and blocks units: what the people at the centre do with the fleet."""

from __future__ import annotations

from dataclasses import dataclass

from provisioning.audit import Action, Actor, AuditEntry, note
from provisioning.ca.models import Use
from provisioning.ca.store import CertificateStore
from provisioning.clock import Clock
from provisioning.db import Database, Transaction
from provisioning.devices.claims import CLAIM_BYTES, Randomness, claim_digest, claim_text
from provisioning.devices.models import Claim, Device, DeviceState, NewClaim
from provisioning.devices.store import ClaimDraft, ClaimStore, DeviceStore
from provisioning.errors import DeviceLiveError, DeviceUnknownError, InputInvalidError
from wire.enrolment import read_serial, read_unit_name
from wire.errors import StatementInvalidError


@dataclass(frozen=True, slots=True)
class ClaimStanding:
    """A claim as an operator sees it."""

    claim: Claim
    used_for: tuple[Use, ...]


class Registry:
    """The fleet, as the console changes it."""

    def __init__(self, database: Database, clock: Clock, randomness: Randomness, claim_lifetime_s: int) -> None:
        self._database = database
        self._clock = clock
        self._randomness = randomness
        self._claim_lifetime_s = claim_lifetime_s

    def make_claim(self, serial: str) -> NewClaim:
        """A claim for an appliance that was never enrolled; it takes the place of an older, unused one.

        Raises `DeviceLiveError` when the serial number has a unit already, `InputInvalidError` when it is none.
        """
        serial = _serial(serial)
        with self._database.writing() as transaction:
            known = DeviceStore(transaction).of_serial(serial)
            if known and known[-1].state is not DeviceState.REGISTERED:
                raise DeviceLiveError(serial, known[-1].unit, known[-1].state.value)
            unit = known[-1].unit if known else self._register(transaction, serial)
            return self._claim(transaction, unit, serial)

    def make_claim_again(self, serial: str) -> NewClaim:
        """A claim for an appliance that is to be enrolled anew; its old unit is blocked once the new one enrols.

        Raises `InputInvalidError` when the serial number is none.
        """
        serial = _serial(serial)
        with self._database.writing() as transaction:
            known = DeviceStore(transaction).of_serial(serial)
            waiting = known and known[-1].state is DeviceState.REGISTERED
            unit = known[-1].unit if waiting else self._register(transaction, serial)
            return self._claim(transaction, unit, serial)

    def claims(self) -> tuple[ClaimStanding, ...]:
        """Every claim, oldest first."""
        with self._database.reading() as transaction:
            issued = CertificateStore(transaction)
            return tuple(
                ClaimStanding(claim, tuple(row.use for row in issued.of_claim(claim.claim_id)))
                for claim in ClaimStore(transaction).all()
            )

    def devices(self) -> tuple[Device, ...]:
        """Every unit, oldest first."""
        with self._database.reading() as transaction:
            return DeviceStore(transaction).all()

    def block(self, unit: str) -> None:
        """Block a unit for good; a second time changes nothing. `DeviceUnknownError` when there is none of this name."""
        with self._database.writing() as transaction:
            if DeviceStore(transaction).find(unit) is None:
                raise DeviceUnknownError(unit)
            block_unit(transaction, unit, self._clock.now_s(), Actor.CONSOLE)

    def _register(self, transaction: Transaction, serial: str) -> str:
        unit = read_unit_name(f"unit-{self._randomness(5).hex()}")
        DeviceStore(transaction).add(unit, serial, self._clock.now_s())
        return unit

    def _claim(self, transaction: Transaction, unit: str, serial: str) -> NewClaim:
        text = claim_text(self._randomness(CLAIM_BYTES))
        now_s = self._clock.now_s()
        expires_at_s = now_s + self._claim_lifetime_s
        ClaimStore(transaction).add(ClaimDraft(unit, serial, claim_digest(text), now_s, expires_at_s))
        note(transaction, AuditEntry(now_s, Actor.CONSOLE, Action.CLAIM_MADE, serial, unit))
        return NewClaim(unit, serial, text, expires_at_s)


def block_unit(transaction: Transaction, unit: str, at_s: int, actor: Actor) -> None:
    """Block a unit and revoke its certificates, within a transaction; nothing happens to one that is blocked."""
    store = DeviceStore(transaction)
    device = store.find(unit)
    if device is None or device.state is DeviceState.BLOCKED:
        return
    store.block(unit, at_s)
    CertificateStore(transaction).revoke_unit(unit, at_s)
    note(transaction, AuditEntry(at_s, actor, Action.UNIT_BLOCKED, unit, device.serial))


def _serial(text: str) -> str:
    try:
        return read_serial(text)
    except StatementInvalidError as error:
        raise InputInvalidError(error.what) from error
