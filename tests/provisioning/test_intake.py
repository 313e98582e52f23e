"""What a batch of messages does to the database. On both kinds of it."""

from __future__ import annotations

import pytest

from provisioning.audit import Action, audit_entries
from provisioning.devices.store import DeviceStore
from provisioning.intake import Intake
from provisioning.ledger.store import MAX_RAW_BYTES, LedgerStore
from provisioning.mqtt import Delivery
from provisioning.outgoing import lease, mark_published
from tests.builders import hello
from tests.provisioning.fleet import Fleet, Unit
from wire.codec import encode
from wire.envelope import Kind, seal
from wire.hello import hello_payload
from wire.receipt import Standing
from wire.result import result_payload
from wire.topics import Up, up_topic


def delivery(unit: Unit, payload: bytes, word: Up = Up.RESULT, *, retained: bool = False, qos: int = 1) -> Delivery:
    return Delivery(up_topic(unit.name, word), payload, retained, qos, 1, 1)


def intake(fleet: Fleet) -> Intake:
    return Intake(fleet.database, fleet.book, fleet.clock)


def reject_reasons(fleet: Fleet) -> tuple[str, ...]:
    with fleet.database.reading() as transaction:
        return LedgerStore(transaction).reject_reasons()


def test_a_batch_of_good_and_bad_stores_the_good_and_keeps_the_bad_apart(fleet: Fleet) -> None:
    unit = fleet.unit()
    good, also_good = unit.result(fleet.ticket(unit)), unit.result()

    leaves = intake(fleet).take_in([delivery(unit, good), delivery(unit, b"rubbish"), delivery(unit, also_good)])

    assert [leaf.standing for leaf in leaves] == [Standing.FINAL, Standing.RECORDED]
    assert len(reject_reasons(fleet)) == 1


@pytest.mark.parametrize(("retained", "qos"), [(True, 1), (False, 0), (True, 0)])
def test_what_was_retained_or_sent_without_confirmation_is_rejected(fleet: Fleet, retained: bool, qos: int) -> None:
    """F28."""
    unit = fleet.unit()

    leaves = intake(fleet).take_in([delivery(unit, unit.result(), retained=retained, qos=qos)])

    assert leaves == ()
    assert len(reject_reasons(fleet)) == 1


def test_a_signed_claim_with_a_nul_in_its_name_is_rejected_and_kept(fleet: Fleet) -> None:
    """A text that PostgreSQL cannot hold must not come back for ever."""
    unit = fleet.unit()
    strange = seal(encode({265: "tag:lifecert.example,2026:result/1", "a\x00b": 1}), Kind.RESULT, unit.signer)
    from_nowhere = Delivery("lifecert/\x07/" + "x" * 5000, b"", False, 1, 2, 1)

    assert intake(fleet).take_in([delivery(unit, strange), from_nowhere]) == ()
    assert len(reject_reasons(fleet)) == 2


def test_a_result_of_a_newer_unit_than_the_centre_gets_no_receipt_and_holds_nothing_up(fleet: Fleet) -> None:
    """Its unit keeps it and sends it again, until the centre is updated."""
    unit = fleet.unit()
    newer = result_payload(unit.statement(None)).replace(b":result/1", b":result/9")

    leaves = intake(fleet).take_in([delivery(unit, seal(newer, Kind.RESULT, unit.signer)), delivery(unit, unit.result())])

    assert len(leaves) == 1
    assert ["eat_profile" in reason for reason in reject_reasons(fleet)] == [True]


def test_of_a_large_reject_only_the_beginning_is_kept(fleet: Fleet) -> None:
    unit = fleet.unit()

    intake(fleet).take_in([delivery(unit, b"x" * 60_000)])

    with fleet.database.reading() as transaction:
        kept = transaction.exec_driver_sql("SELECT raw FROM rejects").scalar_one()
    assert len(kept) == MAX_RAW_BYTES


def test_a_hello_is_noted_and_brings_back_open_tickets(fleet: Fleet) -> None:
    unit = fleet.unit()
    settled, waiting = fleet.ticket(unit, "a"), fleet.ticket(unit, "b")
    with fleet.database.writing() as transaction:
        mark_published(transaction, lease(transaction, fleet.clock.now_s(), 50), fleet.clock.now_s())
    intake(fleet).take_in([delivery(unit, unit.result(settled))])

    said = hello(unit=unit.name, software="lifecert 0.1.0", last_sequence=1)
    intake(fleet).take_in([delivery(unit, hello_payload(said), Up.HELLO)])

    with fleet.database.writing() as transaction:
        again = lease(transaction, fleet.clock.now_s(), 50)
        device = DeviceStore(transaction).find(unit.name)
    assert len(again) == 1
    assert waiting.nonce in again[0].payload
    assert device is not None
    assert (device.software, device.last_sequence, device.seen_at_s) == ("lifecert 0.1.0", 1, fleet.clock.now_s())


def test_a_unit_that_signed_fewer_results_than_the_ledger_holds_raises_an_alarm(fleet: Fleet) -> None:
    unit = fleet.unit()
    intake(fleet).take_in([delivery(unit, unit.result()), delivery(unit, unit.result())])

    said = hello(unit=unit.name, last_sequence=1)
    intake(fleet).take_in([delivery(unit, hello_payload(said), Up.HELLO)])

    with fleet.database.reading() as transaction:
        alarms = [entry for entry in audit_entries(transaction) if entry.action is Action.ROLLBACK_FOUND]
    assert [alarm.about for alarm in alarms] == [unit.name]


def test_a_hello_of_a_unit_that_nobody_knows_changes_nothing(fleet: Fleet) -> None:
    stranger = Unit("unit-stranger", fleet.unit().key, b"")

    assert intake(fleet).take_in([delivery(stranger, hello_payload(hello(unit=stranger.name)), Up.HELLO)]) == ()


def test_the_same_delivery_twice_in_one_batch_is_one_leaf(fleet: Fleet) -> None:
    unit = fleet.unit()
    envelope = unit.result()

    leaves = intake(fleet).take_in([delivery(unit, envelope), delivery(unit, envelope)])

    assert [leaf.leaf for leaf in leaves] == [0, 0]
    assert leaves[0].receipt == leaves[1].receipt


def test_a_message_that_the_database_does_not_accept_is_set_aside_and_holds_nothing_up(lite_fleet: Fleet) -> None:
    unit = lite_fleet.unit()
    with lite_fleet.database.writing() as transaction:
        transaction.exec_driver_sql(
            "CREATE TRIGGER stubborn BEFORE INSERT ON leaves WHEN NEW.sequence = 2 BEGIN SELECT RAISE(ABORT, 'no'); END"
        )

    leaves = intake(lite_fleet).take_in([delivery(unit, unit.result()) for _ in range(3)])

    assert [(leaf.leaf, leaf.sequence) for leaf in leaves] == [(0, 1), (1, 3)]
    assert len(reject_reasons(lite_fleet)) == 1
