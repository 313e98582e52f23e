"""A unit shows its claim and gets its two certificates: refusals, repeats, re-provisioning, and what the audit says.

On both kinds of database (F47, F48, F50).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event

from provisioning.audit import Action, AuditEntry, audit_entries
from provisioning.ca.models import Lifetimes, Use
from provisioning.ca.store import CertificateStore
from provisioning.db import Database
from provisioning.devices.enrolment import Enrolment
from provisioning.devices.models import Credentials, DeviceState, NewClaim
from provisioning.devices.registry import Registry
from provisioning.devices.store import DeviceStore
from provisioning.errors import DeviceLiveError, EnrolmentRefusedError, InputInvalidError, Refusal, RequestRefusedError
from tests.builders import NOW_S, key
from tests.provisioning.fleet import CountedBytes, SetClock, issuing_authority
from tests.provisioning.test_request import request_der
from wire.enrolment import read_unit_name
from wire.keys import Certificate, certificate_der, certified_unit, check_result_certificate, key_id, public_der

SERIAL = "LC-0001"
LIFETIME_S = 72 * 3600


class RememberedAnnouncements:
    """Remembers how often blocks were announced."""

    def __init__(self) -> None:
        self.count = 0

    def announce(self) -> None:
        self.count += 1


class Desk:
    """The console and the enrolment server of one centre, on one database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = SetClock()
        self.authority = issuing_authority()
        self.announcements = RememberedAnnouncements()
        self.registry = Registry(database, self.clock, CountedBytes(), LIFETIME_S)
        lifetimes = Lifetimes(tls_days=90, result_days=395)
        self.enrolment = Enrolment(database, self.authority, lifetimes, self.clock, 5, self.announcements)

    def enrol(self, claim: NewClaim | str, use: Use = Use.TLS, number: int = 1, serial: str = SERIAL) -> Certificate:
        text = claim if isinstance(claim, str) else claim.text
        body = base64.b64encode(request_der(key(number)))
        return self.enrolment.enrol(Credentials(serial, text), use, body)

    def refused(self, claim: NewClaim | str, use: Use = Use.TLS, number: int = 1, serial: str = SERIAL) -> Refusal:
        with pytest.raises(EnrolmentRefusedError) as refused:
            self.enrol(claim, use, number, serial)
        return refused.value.refusal

    def audit(self) -> tuple[AuditEntry, ...]:
        with self.database.reading() as transaction:
            return audit_entries(transaction)

    def state(self, unit: str) -> DeviceState:
        with self.database.reading() as transaction:
            device = DeviceStore(transaction).find(unit)
        assert device is not None
        return device.state


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_a_claim_gives_one_certificate_for_each_use(desk: Desk) -> None:
    claim = desk.registry.make_claim(SERIAL)

    tls, result = desk.enrol(claim, Use.TLS, 1), desk.enrol(claim, Use.RESULT, 2)

    assert certified_unit(tls) == certified_unit(result) == read_unit_name(claim.unit)
    assert key_id(check_result_certificate(result, [desk.authority.certificate], NOW_S)) == key_id(key(2).public_key())
    days = [(made.not_valid_after_utc.timestamp() - NOW_S) / 86_400 for made in (tls, result)]
    assert days == [90, 395]


def test_a_certificate_is_valid_for_a_clock_that_is_five_minutes_behind(desk: Desk) -> None:
    """F51."""
    made = desk.enrol(desk.registry.make_claim(SERIAL))

    assert made.not_valid_before_utc.timestamp() == NOW_S - 300


def test_a_unit_goes_from_registered_to_claimed_to_active_to_blocked(desk: Desk) -> None:
    claim = desk.registry.make_claim(SERIAL)
    states = [desk.state(claim.unit)]
    for use, number in ((Use.TLS, 1), (Use.RESULT, 2)):
        desk.enrol(claim, use, number)
        states.append(desk.state(claim.unit))
    desk.registry.block(claim.unit)
    states.append(desk.state(claim.unit))

    assert states == list(DeviceState)


def test_the_same_key_gets_the_same_bytes_again_until_the_claim_ends(desk: Desk) -> None:
    """F50: power may fail between issuing and storing."""
    claim = desk.registry.make_claim(SERIAL)
    first = desk.enrol(claim)
    desk.clock.at_s += LIFETIME_S - 1

    assert certificate_der(desk.enrol(claim)) == certificate_der(first)
    desk.clock.at_s += 1
    assert desk.refused(claim) is Refusal.CLAIM_EXPIRED


def test_another_key_is_refused_once_the_claim_is_used(desk: Desk) -> None:
    claim = desk.registry.make_claim(SERIAL)
    desk.enrol(claim, number=1)

    assert desk.refused(claim, number=3) is Refusal.CLAIM_USED


def test_one_key_cannot_have_both_certificates(desk: Desk) -> None:
    claim = desk.registry.make_claim(SERIAL)
    desk.enrol(claim, Use.TLS, 1)

    assert desk.refused(claim, Use.RESULT, 1) is Refusal.KEY_REUSED


def test_a_key_of_another_unit_is_refused(desk: Desk) -> None:
    desk.enrol(desk.registry.make_claim("LC-0002"), number=1, serial="LC-0002")

    assert desk.refused(desk.registry.make_claim(SERIAL), number=1) is Refusal.KEY_REUSED


def test_a_wrong_claim_and_an_unknown_serial_and_the_claim_of_another_are_all_just_wrong(desk: Desk) -> None:
    desk.registry.make_claim(SERIAL)
    other = desk.registry.make_claim("LC-0002")

    assert desk.refused("A" * 26) is Refusal.CLAIM_WRONG
    assert desk.refused("A" * 26, serial="LC-9999") is Refusal.CLAIM_WRONG
    assert desk.refused(other) is Refusal.CLAIM_WRONG


def test_five_wrong_tries_kill_a_claim_and_only_a_new_one_helps(desk: Desk) -> None:
    claim = desk.registry.make_claim(SERIAL)
    for _ in range(5):
        assert desk.refused("A" * 26) is Refusal.CLAIM_WRONG

    assert desk.refused(claim) is Refusal.CLAIM_LOCKED
    assert certified_unit(desk.enrol(desk.registry.make_claim(SERIAL))) == claim.unit


def test_four_wrong_tries_are_forgiven(desk: Desk) -> None:
    claim = desk.registry.make_claim(SERIAL)
    for _ in range(4):
        desk.refused("A" * 26)

    assert certified_unit(desk.enrol(claim)) == claim.unit


def test_wrong_tries_count_against_their_own_serial_only(desk: Desk) -> None:
    claim = desk.registry.make_claim(SERIAL)
    for _ in range(6):
        desk.refused("A" * 26, serial="LC-9999")

    assert certified_unit(desk.enrol(claim)) == claim.unit


def test_an_expired_claim_is_refused(desk: Desk) -> None:
    claim = desk.registry.make_claim(SERIAL)
    desk.clock.at_s += LIFETIME_S

    assert desk.refused(claim) is Refusal.CLAIM_EXPIRED


def test_a_new_claim_for_an_unused_serial_takes_the_place_of_the_old_one(desk: Desk) -> None:
    old, new = desk.registry.make_claim(SERIAL), desk.registry.make_claim(SERIAL)

    assert desk.refused(old) is Refusal.CLAIM_WRONG
    assert certified_unit(desk.enrol(new)) == old.unit


def test_a_live_serial_gets_no_claim_without_re_provisioning(desk: Desk) -> None:
    desk.enrol(desk.registry.make_claim(SERIAL))

    with pytest.raises(DeviceLiveError, match="--re-provision"):
        desk.registry.make_claim(SERIAL)


def test_re_provisioning_makes_a_new_unit_and_blocks_the_old_one_once_it_enrols(desk: Desk) -> None:
    first = desk.registry.make_claim(SERIAL)
    old_certificate = desk.enrol(first)
    again = desk.registry.make_claim_again(SERIAL)
    assert desk.state(first.unit) is DeviceState.CLAIMED

    desk.enrol(again, number=5)

    assert again.unit != first.unit
    assert desk.state(first.unit) is DeviceState.BLOCKED
    assert desk.announcements.count == 1
    with desk.database.reading() as transaction:
        revoked = [row.serial_number for row in CertificateStore(transaction).revoked(NOW_S)]
    assert revoked == [old_certificate.serial_number]


def test_a_blocked_unit_is_refused_even_with_its_own_claim_and_key(desk: Desk) -> None:
    claim = desk.registry.make_claim(SERIAL)
    desk.enrol(claim)
    desk.registry.block(claim.unit)

    assert desk.refused(claim) is Refusal.UNIT_BLOCKED


def test_a_bad_request_does_not_use_the_claim_up(desk: Desk) -> None:
    claim = desk.registry.make_claim(SERIAL)
    with pytest.raises(RequestRefusedError):
        desk.enrolment.enrol(Credentials(SERIAL, claim.text), Use.TLS, b"garbage")

    assert certified_unit(desk.enrol(claim)) == claim.unit
    assert Action.REQUEST_REFUSED in [entry.action for entry in desk.audit()]


@pytest.mark.parametrize("serial", ["", "lc-1", "A", "A" * 33, "LC_1", "LC-1\n", "ÄÖ-1"])
def test_what_is_no_serial_number_gets_no_claim(desk: Desk, serial: str) -> None:
    with pytest.raises(InputInvalidError):
        desk.registry.make_claim(serial)


def test_every_refusal_and_every_certificate_is_in_the_audit_and_never_a_claim(desk: Desk) -> None:
    claim = desk.registry.make_claim(SERIAL)
    desk.refused("A" * 26)
    desk.enrol(claim)
    desk.enrol(claim)
    desk.refused(claim, number=3)

    assert [(entry.action, entry.detail) for entry in desk.audit()] == [
        (Action.CLAIM_MADE, claim.unit),
        (Action.CLAIM_REFUSED, Refusal.CLAIM_WRONG),
        (Action.CERTIFICATE_ISSUED, Use.TLS),
        (Action.CERTIFICATE_REPEATED, Use.TLS),
        (Action.CLAIM_REFUSED, Refusal.CLAIM_USED),
    ]
    told = " ".join(f"{entry.about} {entry.detail}" for entry in desk.audit())
    assert claim.text not in told
    assert "A" * 26 not in told


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """Every statement that any database runs within the block, without its values."""
    statements: list[str] = []

    def remember(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", remember)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", remember)


def test_an_unknown_serial_costs_the_same_statements_as_a_wrong_claim(desk: Desk) -> None:
    desk.registry.make_claim(SERIAL)
    with counted_statements() as known:
        desk.refused("A" * 26)
    with counted_statements() as unknown:
        desk.refused("A" * 26, serial="LC-9999")

    assert len(known) >= 3
    assert known == unknown


def test_the_database_keeps_only_a_digest_of_a_claim(desk: Desk) -> None:
    claim = desk.registry.make_claim(SERIAL)
    secret = base64.b32decode(claim.text + "======")

    with desk.database.reading() as transaction:
        rows = transaction.exec_driver_sql("SELECT * FROM claims").all()

    kept = [bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode() for row in rows for value in row]
    assert not any(secret in value or claim.text.encode() in value for value in kept)


def test_a_registered_key_is_found_by_its_name(desk: Desk) -> None:
    claim = desk.registry.make_claim(SERIAL)
    desk.enrol(claim, Use.RESULT, 2)
    wanted = key_id(key(2).public_key())

    with desk.database.reading() as transaction:
        found = CertificateStore(transaction).of_keys([wanted, key_id(key(9).public_key())])

    assert list(found) == [wanted]
    assert found[wanted].public_key == public_der(key(2).public_key())
    assert found[wanted].unit == claim.unit
