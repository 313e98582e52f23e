"""Tickets are signed, kept and put out for their unit; what waits to be sent is leased, confirmed, and sent again on demand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from provisioning.audit import Actor
from provisioning.db import Transaction
from provisioning.devices.registry import block_unit
from provisioning.errors import DatabaseRefusedError, DeviceBlockedError, DeviceUnknownError, InputInvalidError
from provisioning.outgoing import LEASE_S, Leased, Parcel, lease, mark_published, put_out, put_out_again
from provisioning.tickets.models import TicketOrder
from provisioning.tickets.store import TicketStore, tickets
from tests.builders import NOW_S, SEVERAL_REFERENCES
from tests.provisioning.fleet import CENTRE, REFERENCES, Fleet
from wire.envelope import Kind, open_verified
from wire.keys import key_id
from wire.policy import SHIPPED_POLICY
from wire.reference import Reference, ReferenceClass
from wire.result import Mode
from wire.ticket import read_ticket
from wire.topics import Down

KEYS = {key_id(CENTRE.public_key): CENTRE.public_key}


def leased(fleet: Fleet, most: int = 50) -> tuple[Leased, ...]:
    with fleet.database.writing() as transaction:
        return lease(transaction, fleet.clock.now_s(), most)


def published(fleet: Fleet, parcels: tuple[Leased, ...]) -> None:
    with fleet.database.writing() as transaction:
        mark_published(transaction, parcels, fleet.clock.now_s())


def test_a_ticket_waits_for_its_unit_exactly_as_it_was_signed(fleet: Fleet) -> None:
    unit = fleet.unit()

    ticket = fleet.ticket(unit)

    (parcel,) = leased(fleet)
    assert (parcel.unit, parcel.word) == (unit.name, Down.TICKET)
    assert read_ticket(open_verified(parcel.payload, Kind.TICKET, KEYS)) == ticket
    with fleet.database.reading() as transaction:
        kept = TicketStore(transaction).find(ticket.nonce)
    assert kept is not None
    assert (kept.ticket, kept.envelope, kept.settled_leaf) == (ticket, parcel.payload, None)


def test_a_ticket_is_kept_with_all_its_references_and_their_classes(fleet: Fleet) -> None:
    ticket = fleet.ticket(fleet.unit(), references=SEVERAL_REFERENCES)

    with fleet.database.reading() as transaction:
        kept = TicketStore(transaction).find(ticket.nonce)
    assert kept is not None
    assert kept.ticket.references == SEVERAL_REFERENCES


def test_a_ticket_that_was_damaged_in_the_database_is_not_taken_for_another(fleet: Fleet) -> None:
    ticket = fleet.ticket(fleet.unit())
    with fleet.database.writing() as transaction:
        transaction.execute(update(tickets).values(envelope=b"\xd2\x84"))

    with fleet.database.reading() as transaction, pytest.raises(DatabaseRefusedError, match="damaged"):
        TicketStore(transaction).find(ticket.nonce)


def test_no_two_tickets_share_a_nonce(fleet: Fleet) -> None:
    unit = fleet.unit()

    nonces = {fleet.ticket(unit).nonce for _ in range(5)}

    assert len(nonces) == 5
    assert {len(nonce) for nonce in nonces} == {16}


def order(unit: str) -> TicketOrder:
    return TicketOrder(unit, "case-1", "subject-7f3a", SHIPPED_POLICY, Mode.PASSIVE, REFERENCES, 3600)


def test_an_unknown_and_a_blocked_unit_get_no_ticket(fleet: Fleet) -> None:
    unit = fleet.unit()
    with fleet.database.writing() as transaction:
        block_unit(transaction, unit.name, NOW_S, Actor.CONSOLE)

    with pytest.raises(DeviceUnknownError):
        fleet.desk.make(order("unit-nobody"))
    with pytest.raises(DeviceBlockedError):
        fleet.desk.make(order(unit.name))
    assert leased(fleet) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"case": ""},
        {"case": "c" * 65},
        {"subject": "a\x00b"},
        {"policy": "a\nb"},
        {"valid_s": 0},
        {"valid_s": -5},
        {"valid_s": 10**9},
        {"references": ()},
        {"references": (Reference(b"short", ReferenceClass.DOCUMENT),)},
        {"references": REFERENCES * 2},
        {"references": tuple(Reference(bytes([number]) * 32, ReferenceClass.DOCUMENT) for number in range(5))},
    ],
)
def test_a_ticket_that_a_unit_would_refuse_is_not_made(fleet: Fleet, changes: dict[str, object]) -> None:
    unit = fleet.unit()

    with pytest.raises(InputInvalidError):
        fleet.desk.make(replace(order(unit.name), **changes))  # type: ignore[arg-type] # one wrong field per row
    assert leased(fleet) == ()


def test_a_leased_parcel_is_nobody_elses_until_the_lease_lapses(fleet: Fleet) -> None:
    fleet.ticket(fleet.unit())

    assert len(leased(fleet)) == 1
    assert leased(fleet) == ()
    fleet.clock.at_s += LEASE_S
    assert len(leased(fleet)) == 1


def test_a_published_parcel_is_not_sent_again(fleet: Fleet) -> None:
    fleet.ticket(fleet.unit())
    published(fleet, leased(fleet))
    fleet.clock.at_s += LEASE_S

    assert leased(fleet) == ()


def test_a_parcel_that_is_put_out_again_is_sent_again(fleet: Fleet) -> None:
    unit = fleet.unit()
    ticket = fleet.ticket(unit)
    published(fleet, leased(fleet))

    with fleet.database.writing() as transaction:
        put_out_again(transaction, unit.name, Down.TICKET, [ticket.nonce])

    assert len(leased(fleet)) == 1


def test_a_late_confirmation_of_an_earlier_round_does_not_swallow_the_next(fleet: Fleet) -> None:
    unit = fleet.unit()
    ticket = fleet.ticket(unit)
    earlier = leased(fleet)
    with fleet.database.writing() as transaction:
        put_out_again(transaction, unit.name, Down.TICKET, [ticket.nonce])

    published(fleet, earlier)

    assert len(leased(fleet)) == 1


def test_parcels_leave_oldest_first_and_never_after_they_expire(fleet: Fleet) -> None:
    unit = fleet.unit()
    first, second = (fleet.ticket(unit, case).nonce for case in ("case-1", "case-2"))

    assert [read_ticket(open_verified(p.payload, Kind.TICKET, KEYS)).nonce for p in leased(fleet, most=1)] == [first]
    assert [read_ticket(open_verified(p.payload, Kind.TICKET, KEYS)).nonce for p in leased(fleet)] == [second]
    fleet.clock.at_s += 3600
    assert leased(fleet) == ()


def test_open_tickets_of_a_unit_are_those_that_are_neither_settled_nor_expired(fleet: Fleet) -> None:
    unit, other = fleet.unit(), fleet.unit()
    settled, open_one, short = fleet.ticket(unit, "a"), fleet.ticket(unit, "b"), fleet.ticket(unit, "c", valid_s=5)
    fleet.ticket(other)
    fleet.append(unit, unit.result(settled))
    fleet.clock.at_s += 5

    with fleet.database.reading() as transaction:
        found = TicketStore(transaction).open_of(unit.name, fleet.clock.now_s())

    assert found == (open_one.nonce,)
    assert short.nonce not in found


@pytest.mark.postgres
def test_two_senders_on_postgres_never_lease_the_same_parcel(postgres_fleet: Fleet) -> None:
    unit = postgres_fleet.unit()
    for number in range(4):
        postgres_fleet.ticket(unit, f"case-{number}")

    def take(transaction: Transaction) -> set[int]:
        return {parcel.parcel_id for parcel in lease(transaction, NOW_S, 2)}

    with postgres_fleet.database.writing() as one, postgres_fleet.database.writing() as other:
        first, second = take(one), take(other)

    assert len(first | second) == 4


def test_a_parcel_is_put_out_once_per_content(lite_fleet: Fleet) -> None:
    parcel = Parcel("unit-00001", Down.TICKET, b"nonce", b"payload", NOW_S + 60)
    with lite_fleet.database.writing() as transaction:
        put_out(transaction, parcel)

    assert [found.payload for found in leased(lite_fleet)] == [b"payload"]
