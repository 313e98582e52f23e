"""The loop of the uplink on a line that a test holds in its hand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from edge.clock import TimeSources, UnitClock
from edge.errors import StoreFullError, StoreUnusableError
from edge.pulse import Pulse, unwatched
from edge.spool.spool import Spool
from edge.uplink.courier import Courier, Message, Pace
from edge.uplink.mqtt import Arrived, BackOff, Connected
from edge.uplink.service import LINE_WITHIN_S, Until, Uplink, serve_until_told
from tests.builders import UNIT, ticket
from tests.edge.spool_parts import CENTRE_KEYS, opened, queue, receipt_of, sealed_receipt, sealed_ticket
from wire.topics import Down, down_topic


class HandLine:
    """A line without a network: what arrives is laid into it, what is sent is found in it."""

    def __init__(self) -> None:
        self.connected = False
        self.arriving: list[list[Connected | Arrived]] = []
        self.published: list[Message] = []
        self.acknowledged: list[Arrived] = []
        self.tended = 0
        self.closed = False
        self.silent_s = 0.0

    def tend(self) -> None:
        self.tended += 1

    def take(self, wait_s: float) -> list[Connected | Arrived]:
        heard = self.arriving.pop(0) if self.arriving else []
        self.connected = self.connected or Connected() in heard
        return heard

    def publish(self, message: Message) -> None:
        self.published.append(message)

    def acknowledge(self, arrived: Arrived) -> None:
        self.acknowledged.append(arrived)

    def close(self) -> None:
        self.closed = True

    def words(self) -> list[str]:
        """The last words of the topics that were published to, in order; they are forgotten."""
        words = [message.topic.rpartition("/")[2] for message in self.published]
        self.published.clear()
        return words


class Bench:
    """An uplink with its spool, its line, and a time that stands still until a test moves it."""

    def __init__(self, folder: Path, spool: Spool) -> None:
        self.now_s = 100.0
        self.spool, self.line = spool, HandLine()
        sources = TimeSources(lambda: 0.0, lambda: 50.0, lambda: False, "boot-1", lambda count: bytes(count))
        clock = UnitClock(folder / "clock.json", sources)
        courier = Courier(UNIT, "lifecert 0.1.0", CENTRE_KEYS, spool, clock, self.time, lambda: 1.0, Pace())
        self.told: list[str] = []
        self.uplink = Uplink(spool, courier, self.line, self.time, Pulse(self.told.append, self.time))

    def time(self) -> float:
        return self.now_s

    def turn(self, *events: Connected | Arrived) -> list[str]:
        """One turn of the loop in which this arrives; what was published."""
        self.line.arriving.append(list(events))
        self.uplink.turn()
        return self.line.words()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with opened(tmp_path) as spool:
        yield Bench(tmp_path, spool)


def arrived(word: Down, payload: bytes) -> Arrived:
    return Arrived(down_topic(UNIT, word), payload, 7, 1, 1)


def test_nothing_is_sent_before_there_is_a_connection(bench: Bench) -> None:
    queue(bench.spool)

    assert bench.turn() == []
    assert bench.turn(Connected()) == ["conn", "hello", "result"]


def test_a_new_row_of_the_other_program_is_noticed_and_sent_once(bench: Bench, tmp_path: Path) -> None:
    bench.turn(Connected())
    with opened(tmp_path) as edge:
        queue(edge)

    assert (bench.turn(), bench.turn()) == (["result"], [])


def test_a_result_without_receipt_is_sent_again_when_it_is_due(bench: Bench) -> None:
    queue(bench.spool)
    bench.turn(Connected())

    bench.now_s += 14
    assert bench.turn() == []
    bench.now_s += 2
    assert bench.turn() == ["result"]


def test_what_arrives_is_acknowledged_only_once_it_is_kept(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    message = arrived(Down.TICKET, sealed_ticket(ticket()))

    def full(*_: object) -> bool:
        raise StoreFullError("the disk or the spool is full")

    with monkeypatch.context() as patched:
        patched.setattr(bench.spool, "put_ticket", full)
        bench.turn(Connected(), message)
    assert bench.line.acknowledged == []

    bench.turn(message)
    assert bench.line.acknowledged == [message]
    assert bench.spool.tickets() == [ticket()]


def test_a_message_that_is_ignored_is_acknowledged_so_that_it_does_not_come_for_ever(bench: Bench) -> None:
    nonsense = arrived(Down.RECEIPT, b"nonsense")

    bench.turn(Connected(), nonsense)

    assert bench.line.acknowledged == [nonsense]


def test_a_receipt_empties_the_spool_and_lets_the_next_result_go(bench: Bench) -> None:
    rows = [queue(bench.spool) for _ in range(21)]
    assert bench.turn(Connected()).count("result") == 20

    assert bench.turn(arrived(Down.RECEIPT, sealed_receipt(receipt_of(rows[0])))) == ["result"]
    assert bench.spool.count_waiting() == 20


def test_it_says_farewell_when_told_to_stop_and_when_the_spool_fails(bench: Bench, tmp_path: Path) -> None:
    turns = iter([False, False, True])
    bench.uplink.run(lambda: next(turns))
    assert (bench.line.closed, bench.line.tended) == (True, 2)

    bench.line.closed = False
    bench.turn(Connected())
    (tmp_path / "spool.db").unlink()
    with pytest.raises(StoreUnusableError):
        bench.uplink.run(lambda: False)
    assert bench.line.closed


def test_the_pause_before_a_connection_doubles_to_a_bound_and_is_spread() -> None:
    back_off = BackOff(shortest_s=1, longest_s=60)

    assert [back_off.pause_s(failures, 1.0) for failures in (0, 1, 2, 5, 6, 500)] == [1, 2, 4, 32, 60, 60]
    assert back_off.pause_s(6, 0.0) == 30


# Signs of life


def test_a_turn_says_how_the_line_is_and_gives_a_sign_of_life(bench: Bench) -> None:
    bench.turn()
    bench.now_s += 1.0
    bench.turn(Connected())

    away, there = "STATUS=no connection to the centre; results wait in the spool", "STATUS=connected"
    assert bench.told == ["READY=1", away, "WATCHDOG=1", "WATCHDOG=1", there]


def test_a_connection_whose_thread_is_stuck_stops_the_sign_of_life(bench: Bench) -> None:
    turns = iter(range(300))

    def over() -> bool:
        bench.now_s += 1.0
        bench.line.silent_s += 1.0
        return next(turns, None) is None

    bench.uplink.run(over)

    assert LINE_WITHIN_S < bench.told.count("WATCHDOG=1") < 2 * LINE_WITHIN_S + 2


# A disk that fails


class Told(threading.Event):
    """Whether to stop; whoever waits for it waits no time, and is counted."""

    def __init__(self) -> None:
        super().__init__()
        self.waited_s = 0.0

    def wait(self, timeout: float | None = None) -> bool:
        self.waited_s += timeout or 0.0
        return self.is_set()


def test_the_pause_after_a_disk_that_fails_grows_until_a_turn_has_gone_well(tmp_path: Path) -> None:
    told = Told()
    began_s: list[float] = []
    fails_in_turn = [0, 1, 1, 3, 1]  # In none: when the spool is opened.

    def serving(until: Until) -> None:
        began_s.append(told.waited_s)
        if len(began_s) > len(fails_in_turn):
            told.set()
            return
        for _ in range(fails_in_turn[len(began_s) - 1]):
            assert not until(spool)
        raise StoreUnusableError("its disk is read-only")

    with opened(tmp_path) as spool:
        serve_until_told(serving, told, unwatched())

    assert [after - before for before, after in pairwise(began_s)] == [5.0, 10.0, 20.0, 5.0, 10.0]
