"""The ledger: what is appended, what it becomes, and that nothing in it can be changed. On both kinds of database."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from sqlalchemy import text

from provisioning.audit import Action, Actor, audit_entries
from provisioning.db import Database
from provisioning.devices.registry import block_unit
from provisioning.errors import DatabaseRefusedError, DatabaseUnavailableError, DeliveryRejectedError
from provisioning.ledger.models import Cause, Leaf
from provisioning.ledger.store import LedgerStore
from provisioning.tickets.store import TicketStore
from tests.builders import NOW_S, KeySigner
from tests.provisioning.fleet import CENTRE, Fleet, Unit
from tests.services import PrivatePostgres
from wire.envelope import Kind, open_verified, seal
from wire.keys import key_id
from wire.reasons import Reason
from wire.receipt import Standing, read_receipt
from wire.result import Verdict, result_payload


def every_leaf(database: Database) -> tuple[Leaf, ...]:
    with database.reading() as transaction:
        return LedgerStore(transaction).from_leaf(0, 1000)


def test_a_result_that_answers_its_ticket_settles_it(fleet: Fleet) -> None:
    unit = fleet.unit()
    ticket = fleet.ticket(unit)

    leaf = fleet.append(unit, unit.result(ticket))

    assert (leaf.leaf, leaf.standing, leaf.cause) == (0, Standing.FINAL, Cause.SETTLES)
    with fleet.database.reading() as transaction:
        kept = TicketStore(transaction).find(ticket.nonce)
    assert kept is not None
    assert kept.settled_leaf == 0


def test_a_receipt_is_signed_by_the_centre_and_names_the_exact_envelope(fleet: Fleet) -> None:
    unit = fleet.unit()
    envelope = unit.result(fleet.ticket(unit))

    leaf = fleet.append(unit, envelope)

    receipt = read_receipt(open_verified(leaf.receipt, Kind.RECEIPT, {key_id(CENTRE.public_key): CENTRE.public_key}))
    assert receipt.envelope_sha256 == hashlib.sha256(envelope).digest()
    assert (receipt.unit, receipt.leaf, receipt.standing) == (unit.name, 0, Standing.FINAL)
    assert receipt.issued_at_s == leaf.received_at_s


def test_leaves_are_numbered_without_gaps_and_read_back_as_they_were_written(fleet: Fleet) -> None:
    unit = fleet.unit()

    written = [fleet.append(unit, unit.result()) for _ in range(4)]

    assert list(every_leaf(fleet.database)) == written
    assert [leaf.leaf for leaf in written] == [0, 1, 2, 3]
    assert written[0].leaf_hash == hashlib.sha256(b"\x00" + written[0].envelope).digest()


def test_the_same_envelope_again_gets_the_same_receipt_and_no_second_leaf(fleet: Fleet) -> None:
    unit = fleet.unit()
    envelope = unit.result(fleet.ticket(unit))
    first = fleet.append(unit, envelope)
    fleet.clock.at_s += 3600

    again = fleet.append(unit, envelope)

    assert again == first
    assert len(every_leaf(fleet.database)) == 1


def test_the_same_statement_under_another_signature_is_the_same_result(fleet: Fleet) -> None:
    unit = fleet.unit()
    statement = unit.statement(fleet.ticket(unit))
    one, other = unit.seal(statement), unit.seal(statement)
    assert one != other

    receipts = {fleet.append(unit, envelope).receipt for envelope in (one, other)}

    assert len(receipts) == 1
    assert len(every_leaf(fleet.database)) == 1


def test_three_consumers_with_the_same_results_make_one_leaf_of_each_and_one_receipt(fleet: Fleet, database_url: str) -> None:
    """F36."""
    unit = fleet.unit()
    arrivals = [fleet.arrival(unit, unit.result(fleet.ticket(unit))) for _ in range(20)]
    start = threading.Barrier(3)
    receipts: list[tuple[bytes, ...]] = []

    def consume() -> None:
        own = Database(database_url)
        start.wait()
        taken: list[Leaf] = []
        for arrival in arrivals:
            with own.writing() as transaction:
                taken += fleet.book.append(transaction, [arrival], fleet.clock.now_s())
        receipts.append(tuple(leaf.receipt for leaf in taken))
        own.close()

    consumers = [threading.Thread(target=consume) for _ in range(3)]
    for consumer in consumers:
        consumer.start()
    for consumer in consumers:
        consumer.join()

    assert [leaf.leaf for leaf in every_leaf(fleet.database)] == list(range(20))
    assert len(receipts) == 3
    assert len(set(receipts)) == 1


def test_an_aborted_attempt_is_recorded_and_leaves_the_ticket_open(fleet: Fleet) -> None:
    unit = fleet.unit()
    ticket = fleet.ticket(unit)

    aborted = fleet.append(unit, unit.result(ticket, verdict=Verdict.ABORTED, reasons=(Reason.CANCELLED,)))
    then = fleet.append(unit, unit.result(ticket))

    assert (aborted.standing, aborted.cause) == (Standing.RECORDED, Cause.ABORTED)
    assert then.standing is Standing.FINAL


def test_a_second_result_for_a_settled_ticket_is_superseded(fleet: Fleet) -> None:
    """F39."""
    unit = fleet.unit()
    ticket = fleet.ticket(unit)

    standings = [fleet.append(unit, unit.result(ticket)).standing for _ in range(3)]

    assert standings == [Standing.FINAL, Standing.SUPERSEDED, Standing.SUPERSEDED]


def test_two_results_for_one_ticket_in_one_batch_do_not_both_settle_it(fleet: Fleet) -> None:
    unit = fleet.unit()
    ticket = fleet.ticket(unit)
    arrivals = [fleet.arrival(unit, unit.result(ticket)) for _ in range(2)]

    with fleet.database.writing() as transaction:
        leaves = fleet.book.append(transaction, arrivals, fleet.clock.now_s())

    assert [leaf.standing for leaf in leaves] == [Standing.FINAL, Standing.SUPERSEDED]


def test_a_result_without_a_ticket_is_recorded_and_settles_nothing(fleet: Fleet) -> None:
    unit = fleet.unit()

    leaf = fleet.append(unit, unit.result())

    assert (leaf.standing, leaf.cause, leaf.nonce) == (Standing.RECORDED, Cause.NO_TICKET, None)


def _ticket_of_another_unit(fleet: Fleet, unit: Unit) -> bytes:
    return unit.result(fleet.ticket(fleet.unit()))


def _ticket_that_was_never_issued(fleet: Fleet, unit: Unit) -> bytes:
    ticket = fleet.ticket(unit)
    statement = unit.statement(ticket)
    assert statement.visit is not None
    return unit.result(ticket, visit=type(statement.visit)(ticket.case, ticket.subject, b"\x99" * 16, ticket.policy))


def _another_person(fleet: Fleet, unit: Unit) -> bytes:
    ticket = fleet.ticket(unit)
    statement = unit.statement(ticket)
    assert statement.visit is not None
    return unit.result(ticket, visit=type(statement.visit)(ticket.case, "subject-else", ticket.nonce, ticket.policy))


def _of_a_blocked_unit(fleet: Fleet, unit: Unit) -> bytes:
    ticket = fleet.ticket(unit)
    with fleet.database.writing() as transaction:
        block_unit(transaction, unit.name, fleet.clock.now_s(), Actor.CONSOLE)
    return unit.result(ticket)


@pytest.mark.parametrize(
    ("make", "cause"),
    [
        (_ticket_of_another_unit, Cause.OTHER_UNIT),
        (_ticket_that_was_never_issued, Cause.NONCE_UNKNOWN),
        (_another_person, Cause.OTHER_PERSON),
        (_of_a_blocked_unit, Cause.UNIT_BLOCKED),
    ],
)
def test_a_result_that_does_not_fit_is_kept_in_quarantine(
    fleet: Fleet, make: Callable[[Fleet, Unit], bytes], cause: Cause
) -> None:
    unit = fleet.unit()

    leaf = fleet.append(unit, make(fleet, unit))

    assert (leaf.standing, leaf.cause) == (Standing.QUARANTINED, cause)


def test_a_copied_unit_is_noticed_and_both_results_are_kept(fleet: Fleet) -> None:
    """F37."""
    unit = fleet.unit()
    copy = Unit(unit.name, unit.key, unit.certificate)
    fleet.append(unit, unit.result(fleet.ticket(unit)))

    forked = fleet.append(copy, copy.result(fleet.ticket(unit), result_id=b"\x77" * 16))

    assert (forked.leaf, forked.standing, forked.cause) == (1, Standing.QUARANTINED, Cause.FORK)
    with fleet.database.reading() as transaction:
        assert [entry.about for entry in audit_entries(transaction) if entry.action is Action.FORK_FOUND] == [unit.name]


def attacks_told(database: Database) -> list[tuple[str, str]]:
    """The unit and the leaf of each attack that stands in the audit trail."""
    with database.reading() as transaction:
        entries = audit_entries(transaction)
    return [(entry.about, entry.detail) for entry in entries if entry.action is Action.ATTACK_REPORTED]


def test_an_attack_stands_in_the_audit_trail_once_however_often_its_result_arrives(
    fleet: Fleet, caplog: pytest.LogCaptureFixture
) -> None:
    """R35."""
    unit = fleet.unit()
    fleet.append(unit, unit.result())
    attack = unit.result(fleet.ticket(unit), verdict=Verdict.ATTACK, reasons=(Reason.SPOOF_SUSPECTED,))

    leaves = {fleet.append(unit, attack).leaf for _ in range(3)}

    assert leaves == {1}
    assert attacks_told(fleet.database) == [(unit.name, "leaf 1")]
    assert [record.__dict__["leaf"] for record in caplog.records if record.message == "attack reported"] == [1]


def test_an_attack_that_a_blocked_unit_reports_is_told_too(fleet: Fleet) -> None:
    unit = fleet.unit()
    with fleet.database.writing() as transaction:
        block_unit(transaction, unit.name, fleet.clock.now_s(), Actor.CONSOLE)

    leaf = fleet.append(unit, unit.result(verdict=Verdict.ATTACK, reasons=(Reason.SPOOF_SUSPECTED,)))

    assert leaf.standing is Standing.QUARANTINED
    assert attacks_told(fleet.database) == [(unit.name, "leaf 0")]


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not Verdict.ATTACK])
def test_no_other_verdict_is_told_as_an_attack(lite_fleet: Fleet, verdict: Verdict) -> None:
    unit = lite_fleet.unit()
    reasons = () if verdict is Verdict.ACCEPTED else (Reason.FACE_MISMATCH,)

    lite_fleet.append(unit, unit.result(verdict=verdict, reasons=reasons))

    assert len(every_leaf(lite_fleet.database)) == 1
    assert attacks_told(lite_fleet.database) == []


def test_a_result_with_a_predecessor_that_is_taken_is_a_fork_too(fleet: Fleet) -> None:
    unit = fleet.unit()
    fleet.append(unit, unit.result())
    rival = unit.statement(None, sequence=9, previous=bytes(32))

    forked = fleet.append(unit, unit.seal(rival))

    assert forked.cause is Cause.FORK


def test_results_that_arrive_out_of_order_are_no_fork(fleet: Fleet) -> None:
    """F38."""
    unit = fleet.unit()
    envelopes = [unit.result() for _ in range(3)]

    causes = [fleet.append(unit, envelope).cause for envelope in reversed(envelopes)]

    assert causes == [Cause.NO_TICKET] * 3
    assert sorted(leaf.sequence for leaf in every_leaf(fleet.database)) == [1, 2, 3]


def test_an_offline_result_that_arrives_after_its_ticket_expired_still_counts(fleet: Fleet) -> None:
    unit = fleet.unit()
    envelope = unit.result(fleet.ticket(unit, valid_s=3600))
    fleet.clock.at_s += 30 * 86_400

    leaf = fleet.append(unit, envelope)

    assert leaf.standing is Standing.FINAL


def test_a_result_that_was_signed_after_one_of_a_later_time_is_too_late(fleet: Fleet) -> None:
    """F11: the unit's clock stands still, yet the chain of its results shows that the ticket had expired."""
    unit = fleet.unit()
    early = fleet.ticket(unit, "case-early", valid_s=600)
    fleet.clock.at_s += 86_400
    fleet.append(unit, unit.result(fleet.ticket(unit, "case-later")))

    leaf = fleet.append(unit, unit.result(early))

    assert (leaf.standing, leaf.cause) == (Standing.QUARANTINED, Cause.TOO_LATE)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE leaves SET verdict = 'accepted'",
        "DELETE FROM leaves",
        "INSERT INTO leaves SELECT * FROM leaves",
    ],
)
def test_the_database_refuses_to_change_or_repeat_a_leaf(fleet: Fleet, statement: str) -> None:
    unit = fleet.unit()
    before = fleet.append(unit, unit.result())

    with pytest.raises(DatabaseRefusedError), fleet.database.writing() as transaction:
        transaction.execute(text(statement))

    assert every_leaf(fleet.database) == (before,)


def test_replacing_a_leaf_in_sqlite_is_refused_as_well(lite_fleet: Fleet) -> None:
    unit = lite_fleet.unit()
    before = lite_fleet.append(unit, unit.result())

    with pytest.raises(DatabaseRefusedError), lite_fleet.database.writing() as transaction:
        transaction.execute(text("INSERT OR REPLACE INTO leaves SELECT * FROM leaves"))

    assert every_leaf(lite_fleet.database) == (before,)


@pytest.mark.postgres
def test_emptying_the_ledger_of_postgres_at_once_is_refused(postgres_fleet: Fleet) -> None:
    unit = postgres_fleet.unit()
    before = postgres_fleet.append(unit, unit.result())

    with pytest.raises(DatabaseRefusedError), postgres_fleet.database.writing() as transaction:
        transaction.execute(text("TRUNCATE leaves"))

    assert every_leaf(postgres_fleet.database) == (before,)


@pytest.mark.postgres
def test_what_was_appended_before_postgres_was_cut_off_is_there_and_numbers_go_on_without_a_gap(
    postgres_fleet: Fleet, postgres: PrivatePostgres
) -> None:
    """F40."""
    unit = postgres_fleet.unit()
    arrivals = [postgres_fleet.arrival(unit, unit.result()) for _ in range(200)]
    begun = threading.Event()
    durable: list[int] = []

    def append_until_cut_off() -> None:
        with suppress(DatabaseUnavailableError):
            for arrival in arrivals:
                with postgres_fleet.database.writing() as transaction:
                    (leaf,) = postgres_fleet.book.append(transaction, [arrival], NOW_S)
                durable.append(leaf.leaf)
                begun.set()

    appender = threading.Thread(target=append_until_cut_off)
    appender.start()
    begun.wait(10)
    postgres.stop()
    appender.join()
    postgres.start()
    after = postgres_fleet.append(unit, unit.result())

    numbers = [leaf.leaf for leaf in every_leaf(postgres_fleet.database)]
    assert 0 < len(durable) < 200
    assert set(durable) <= set(numbers)
    assert numbers == list(range(after.leaf + 1))


def test_a_batch_that_fails_leaves_nothing_behind(fleet: Fleet) -> None:
    unit = fleet.unit()
    arrival = fleet.arrival(unit, unit.result(fleet.ticket(unit)))

    def append_and_fail() -> None:
        with fleet.database.writing() as transaction:
            fleet.book.append(transaction, [arrival], fleet.clock.now_s())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        append_and_fail()

    assert every_leaf(fleet.database) == ()


def test_a_result_sealed_for_another_kind_of_message_does_not_arrive(fleet: Fleet) -> None:
    unit = fleet.unit()
    as_ticket = seal(result_payload(unit.statement(None)), Kind.TICKET, KeySigner(unit.key))

    with pytest.raises(DeliveryRejectedError):
        fleet.arrival(unit, as_ticket)
