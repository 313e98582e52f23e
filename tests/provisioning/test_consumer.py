"""A consumer acknowledges only what is durable, receipts it first, and outlives its database and its connection (F41)."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from provisioning.consumer import BATCH, BackOff, Consumer
from provisioning.db import Database
from provisioning.errors import DatabaseUnavailableError
from provisioning.intake import Intake
from provisioning.ledger.store import LedgerStore
from provisioning.migrations.run import migrate
from provisioning.mqtt import Confirmation, Delivery
from provisioning.outgoing import LEASE_S
from tests.builders import hello
from tests.provisioning.fleet import CENTRE, Fleet, Unit
from tests.services import PrivatePostgres
from wire.envelope import Kind, open_verified
from wire.hello import hello_payload
from wire.keys import key_id
from wire.receipt import read_receipt
from wire.topics import Down, Up, down_topic, up_topic


class RememberedLink:
    """A connection to no broker: a test puts messages in and sees, in order, what the consumer did."""

    def __init__(self) -> None:
        self.epoch: int | None = 1
        self.waiting: list[Delivery | Confirmation] = []
        self.done: list[str] = []
        self.published: list[tuple[str, bytes]] = []
        self.closed = False

    def arrive(self, unit: Unit, payload: bytes, word: Up = Up.RESULT) -> Delivery:
        assert self.epoch is not None
        message = Delivery(up_topic(unit.name, word), payload, False, 1, len(self.waiting) + 1, self.epoch)
        self.waiting.append(message)
        return message

    def confirm(self, mid: int, *, taken: bool = True) -> None:
        self.waiting.append(Confirmation(mid, taken, self.epoch or 0))

    def tend(self) -> None:
        pass

    def take(self, most: int, wait_s: float) -> list[Delivery | Confirmation]:
        taken, self.waiting = self.waiting[:most], self.waiting[most:]
        return taken

    def acknowledge(self, delivery: Delivery) -> None:
        self.done.append(f"acknowledge {delivery.mid}")

    def publish(self, topic: str, payload: bytes) -> int | None:
        if self.epoch is None:
            return None
        self.done.append(f"publish {topic.rpartition('/')[2]}")
        self.published.append((topic, payload))
        return 1000 + len(self.published)

    def close(self) -> None:
        self.closed = True


class Bench:
    """A consumer on a remembered link."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.link = RememberedLink()
        self.monotonic_s = 0.0
        intake = Intake(fleet.database, fleet.book, fleet.clock)
        self.consumer = Consumer(self.link, intake, fleet.database, fleet.clock, lambda: self.monotonic_s)

    def turn(self) -> None:
        self.monotonic_s += 10
        self.consumer.turn()

    def leaves(self) -> int:
        with self.fleet.database.reading() as transaction:
            return LedgerStore(transaction).next_leaf()


@pytest.fixture
def bench(lite_fleet: Fleet) -> Bench:
    return Bench(lite_fleet)


def test_a_result_is_stored_then_receipted_then_acknowledged(bench: Bench) -> None:
    unit = bench.fleet.unit()
    bench.link.arrive(unit, unit.result())

    bench.turn()

    assert bench.leaves() == 1
    assert bench.link.done == ["publish receipt", "acknowledge 1"]
    topic, payload = bench.link.published[0]
    assert topic == down_topic(unit.name, Down.RECEIPT)
    keys = {key_id(CENTRE.public_key): CENTRE.public_key}
    assert read_receipt(open_verified(payload, Kind.RECEIPT, keys)).unit == unit.name


def test_what_is_rejected_is_acknowledged_and_gets_no_receipt(bench: Bench) -> None:
    bench.link.arrive(bench.fleet.unit(), b"rubbish")

    bench.turn()

    assert bench.link.done == ["acknowledge 1"]


def test_the_same_result_again_gets_the_same_receipt(bench: Bench) -> None:
    unit = bench.fleet.unit()
    envelope = unit.result()
    for _ in range(3):
        bench.link.arrive(unit, envelope)
        bench.turn()

    assert bench.leaves() == 1
    assert len({payload for _, payload in bench.link.published}) == 1
    assert len(bench.link.published) == 3


def test_while_the_database_is_locked_nothing_is_acknowledged_and_then_work_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "held.db"
    migrate(Database(f"sqlite:///{path}"))
    impatient = Database(f"sqlite:///{path}", lock_wait_s=0)
    bench = Bench(Fleet(impatient))
    unit = bench.fleet.unit()
    bench.link.arrive(unit, unit.result())
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    with pytest.raises(DatabaseUnavailableError):
        bench.turn()
    assert bench.link.done == []

    holder.execute("ROLLBACK")
    bench.turn()
    assert bench.link.done == ["publish receipt", "acknowledge 1"]
    holder.close()
    impatient.close()


@pytest.mark.postgres
def test_while_postgres_is_down_nothing_is_acknowledged_and_then_work_goes_on(
    postgres_fleet: Fleet, postgres: PrivatePostgres
) -> None:
    bench = Bench(postgres_fleet)
    unit = postgres_fleet.unit()
    first, second = unit.result(), unit.result()
    bench.link.arrive(unit, first)
    bench.turn()
    postgres.stop()
    bench.link.arrive(unit, second)

    for _ in range(2):
        with pytest.raises(DatabaseUnavailableError):
            bench.turn()
    assert bench.link.done == ["publish receipt", "acknowledge 1"]

    postgres.start()
    bench.turn()
    assert bench.leaves() == 2
    assert bench.link.done[2:] == ["publish receipt", "acknowledge 1"]


def test_what_came_on_a_lost_connection_is_left_to_come_again(tmp_path: Path) -> None:
    path = tmp_path / "held.db"
    migrate(Database(f"sqlite:///{path}"))
    impatient = Database(f"sqlite:///{path}", lock_wait_s=0)
    bench = Bench(Fleet(impatient))
    unit = bench.fleet.unit()
    bench.link.arrive(unit, unit.result())
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseUnavailableError):
        bench.turn()
    holder.execute("ROLLBACK")

    bench.link.epoch = 2
    bench.turn()

    assert bench.link.done == []
    assert bench.leaves() == 0
    holder.close()
    impatient.close()


def test_a_ticket_is_sent_and_counts_as_sent_once_the_broker_has_confirmed_it(bench: Bench) -> None:
    unit = bench.fleet.unit()
    bench.fleet.ticket(unit)
    bench.turn()
    assert [topic for topic, _ in bench.link.published] == [down_topic(unit.name, Down.TICKET)]

    bench.link.confirm(1001)
    bench.turn()
    bench.fleet.clock.at_s += LEASE_S
    bench.turn()

    assert len(bench.link.published) == 1


@pytest.mark.parametrize("answer", ["none", "refused"])
def test_a_ticket_that_the_broker_has_not_taken_is_sent_again(bench: Bench, answer: str) -> None:
    bench.fleet.ticket(bench.fleet.unit())
    bench.turn()
    if answer == "refused":
        bench.link.confirm(1001, taken=False)
    bench.turn()
    bench.fleet.clock.at_s += LEASE_S

    bench.turn()

    assert len(bench.link.published) == 2


def test_a_hello_brings_the_open_tickets_at_once(bench: Bench) -> None:
    unit = bench.fleet.unit()
    bench.fleet.ticket(unit)
    bench.turn()
    bench.link.confirm(1001)
    bench.turn()

    bench.link.arrive(unit, hello_payload(hello(unit=unit.name, last_sequence=0)), Up.HELLO)
    bench.turn()

    assert [topic for topic, _ in bench.link.published] == [down_topic(unit.name, Down.TICKET)] * 2


def test_without_a_connection_nothing_is_leased(bench: Bench) -> None:
    bench.fleet.ticket(bench.fleet.unit())
    bench.link.epoch = None
    bench.turn()

    bench.link.epoch = 2
    bench.turn()

    assert len(bench.link.published) == 1


def test_a_flood_is_taken_in_batches(bench: Bench) -> None:
    unit = bench.fleet.unit()
    for _ in range(BATCH + 5):
        bench.link.arrive(unit, unit.result())

    bench.turn()
    assert bench.leaves() == BATCH
    bench.turn()
    assert bench.leaves() == BATCH + 5


def test_pauses_grow_to_half_a_minute_and_start_again_after_a_success() -> None:
    back_off = BackOff(jitter=lambda: 1.0)

    pauses = [back_off.grow() for _ in range(8)]
    back_off.reset()

    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    assert back_off.grow() == 0.5
