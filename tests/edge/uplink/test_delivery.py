"""The uplink as a process, a real broker, and a centre that answers, keeps silent or is not there (F3, F9, F15, F18 to F20)."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.clock import UnitClock, machine_sources
from edge.spool.rows import KeptPolicy
from edge.spool.spool import Spool, open_spool
from edge.state_dir import StateDir
from tests.builders import NOW_S, UNIT, KeySigner, key, policy, ticket
from tests.conftest import REPOSITORY
from tests.edge.spool_parts import queue, sealed_policy, sealed_receipt, sealed_ticket
from tests.edge.uplink.conftest import UplinkProcess
from tests.edge.uplink.desk import WAIT_S, CentreDesk, answer_at_once, answer_nothing, receipt_for
from tests.services import PrivateBroker
from wire.hello import read_hello
from wire.topics import Down

pytestmark = pytest.mark.broker

Start = Callable[..., UplinkProcess]


def edge_spool(state: Path) -> Spool:
    """The spool as `lifecert-edge` has it open."""
    return open_spool(StateDir(state).spool, lambda: NOW_S)


def test_results_reach_the_centre_and_receipts_empty_the_spool(state: Path, desk: CentreDesk, start_uplink: Start) -> None:
    with edge_spool(state) as spool:
        for _ in range(50):
            queue(spool)

    assert start_uplink("--until-empty", "--timeout-s", "30").process.wait(40) == 0

    with edge_spool(state) as spool:
        assert spool.count_waiting() == 0
    assert [desk.next_result().sequence for _ in range(50)] == list(range(1, 51))


def test_the_unit_says_hello_and_farewell(state: Path, desk: CentreDesk, start_uplink: Start) -> None:
    uplink = start_uplink()

    assert desk.presence.get(timeout=WAIT_S)[0] == b"1"
    hello = read_hello(desk.hellos.get(timeout=WAIT_S))
    assert (hello.unit, hello.last_sequence) == (UNIT, 0)
    assert uplink.tell_to_stop() == 0
    assert desk.presence.get(timeout=WAIT_S)[0] == b"0"


def test_the_broker_says_it_for_a_unit_that_died(desk: CentreDesk, start_uplink: Start) -> None:
    uplink = start_uplink()
    assert desk.presence.get(timeout=WAIT_S)[0] == b"1"

    uplink.kill()

    assert desk.presence.get(timeout=WAIT_S)[0] == b"0"


def test_a_result_that_is_made_while_connected_goes_at_once(state: Path, desk: CentreDesk, start_uplink: Start) -> None:
    start_uplink()
    desk.hellos.get(timeout=WAIT_S)
    with edge_spool(state) as spool:
        queue(spool)

    assert desk.next_result().sequence == 1


def test_the_brokers_word_is_not_a_receipt_and_a_killed_broker_loses_nothing(
    state: Path, broker: PrivateBroker, desk: CentreDesk, start_uplink: Start
) -> None:
    """F18: the broker acknowledges, dies, and comes back without memory; the results are sent again."""
    desk.answer = answer_nothing
    with edge_spool(state) as spool:
        for _ in range(5):
            queue(spool)
        start_uplink()
        first = {desk.next_result().sequence for _ in range(5)}
        desk.close()
        broker.kill()
        assert spool.count_waiting() == 5
        broker.start()
        again = CentreDesk(broker.port, broker.folder)

        assert {again.next_result().sequence for _ in range(5)} == first == {1, 2, 3, 4, 5}
        wait_until_empty(spool)
        again.close()


def wait_until_empty(spool: Spool) -> None:
    """Wait for the uplink to take in the last receipt."""
    wait_until(lambda: spool.count_waiting() == 0)


def wait_until(happened: Callable[[], bool]) -> None:
    """Look again and again at what another process writes into a file: nothing tells us when it does."""
    until_s = time.monotonic() + WAIT_S
    while not happened():
        assert time.monotonic() < until_s, "it did not happen in time"
        time.sleep(0.02)


def test_a_broker_that_was_away_at_the_start_is_found_when_it_comes(
    state: Path, broker: PrivateBroker, start_uplink: Start
) -> None:
    broker.stop()
    with edge_spool(state) as spool:
        queue(spool)
    uplink = start_uplink()

    broker.start()
    desk = CentreDesk(broker.port, broker.folder)

    assert desk.next_result().sequence == 1
    assert uplink.tell_to_stop() == 0
    desk.close()


def test_receipts_that_were_lost_come_when_the_uplink_starts_again(state: Path, desk: CentreDesk, start_uplink: Start) -> None:
    desk.answer = answer_nothing
    with edge_spool(state) as spool:
        queue(spool)
    uplink = start_uplink()
    desk.next_result()
    uplink.kill()

    desk.answer = answer_at_once

    assert start_uplink("--until-empty", "--timeout-s", "30").process.wait(40) == 0
    assert desk.next_result().sequence == 1


def test_wrong_receipts_remove_nothing_and_the_right_one_does(state: Path, desk: CentreDesk, start_uplink: Start) -> None:
    """F20 over the wire: forged, for another unit, doubled."""
    desk.answer = lambda envelope: sealed_receipt(receipt_for(envelope), KeySigner(key(66)))
    with edge_spool(state) as spool:
        queued = queue(spool)
        start_uplink()
        desk.next_result()
        desk.send(Down.RECEIPT, b"")
        desk.send(Down.RECEIPT, b"\xff" * 4000)
        desk.send(Down.RECEIPT, sealed_receipt(receipt_for(queued.envelope), KeySigner(key(67))))
        queue(spool)
        desk.next_result()
        assert spool.count_waiting() == 2

        for row in spool.waiting(10, 10**12):
            desk.send(Down.RECEIPT, answer_at_once(row.envelope))
            desk.send(Down.RECEIPT, answer_at_once(row.envelope))
        wait_until_empty(spool)


def test_tickets_come_in_and_lift_the_clock(state: Path, desk: CentreDesk, start_uplink: Start) -> None:
    start_uplink()
    desk.hellos.get(timeout=WAIT_S)
    with edge_spool(state) as spool:
        desk.send(Down.TICKET, sealed_ticket(ticket(unit="unit-00018")))
        desk.send(Down.TICKET, sealed_ticket(ticket()))
        wait_until(lambda: bool(spool.tickets()))

        assert spool.tickets() == [ticket()]
    assert UnitClock(StateDir(state).clock, machine_sources()).floor_s == ticket().issued_at_s


def test_policies_come_in_and_lift_the_clock(state: Path, desk: CentreDesk, start_uplink: Start) -> None:
    start_uplink()
    desk.hellos.get(timeout=WAIT_S)
    sealed = sealed_policy(policy())
    with edge_spool(state) as spool:
        desk.send(Down.POLICY, sealed_policy(policy(), KeySigner(key(67))))
        desk.send(Down.POLICY, sealed)
        wait_until(lambda: spool.policy(policy().id) is not None)

        assert spool.policy(policy().id) == KeptPolicy(policy().id, sealed, policy().id, policy().issued_at_s)
    assert UnitClock(StateDir(state).clock, machine_sources()).floor_s == policy().issued_at_s


def test_tickets_for_a_unit_that_is_away_wait_at_the_broker(state: Path, desk: CentreDesk, start_uplink: Start) -> None:
    first = start_uplink()
    desk.hellos.get(timeout=WAIT_S)
    assert first.tell_to_stop() == 0

    desk.send(Down.TICKET, sealed_ticket(ticket()))
    start_uplink()

    with edge_spool(state) as spool:
        wait_until(lambda: bool(spool.tickets()))
        assert spool.ticket("case-2027-0001") == ticket()


def test_killed_again_and_again_under_load_every_result_is_delivered_and_none_is_lost(
    state: Path, desk: CentreDesk, start_uplink: Start
) -> None:
    """F3: three times kill -9 while receipts come for some and not for others."""
    chance = random.Random(3)
    desk.answer = lambda envelope: answer_at_once(envelope) if chance.random() < 0.5 else None
    with edge_spool(state) as spool:
        for _ in range(40):
            queue(spool)
        seen = set()
        for _ in range(3):
            uplink = start_uplink()
            seen |= {desk.next_result().sequence for _ in range(10)}
            uplink.kill()
        desk.answer = answer_at_once

        assert start_uplink("--until-empty", "--timeout-s", "60").process.wait(70) == 0

        while not desk.results.empty():
            seen.add(desk.next_result().sequence)
        assert seen == set(range(1, 41))
        assert spool.count_waiting() == 0


def test_a_second_uplink_is_locked_out(state: Path, desk: CentreDesk, start_uplink: Start) -> None:
    first = start_uplink()
    desk.hellos.get(timeout=WAIT_S)

    second = run_to_the_end(state)

    assert second.returncode == 2
    assert "LOCKED" in second.stderr
    assert first.tell_to_stop() == 0


def run_to_the_end(state: Path, *more: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", "from edge.uplink.service import main; main()", "--state", str(state), *more]
    return subprocess.run(program, cwd=REPOSITORY, capture_output=True, text=True, timeout=60)


def test_a_unit_that_is_not_enrolled_is_told_what_to_do(tmp_path: Path) -> None:
    ended = run_to_the_end(tmp_path)

    assert ended.returncode == 2
    assert "run lifecert-enrol" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_until_empty_gives_up_in_time_when_nobody_answers(state: Path, broker: PrivateBroker) -> None:
    with edge_spool(state) as spool:
        queue(spool)

    ended = run_to_the_end(state, "--until-empty", "--timeout-s", "1.5")

    assert ended.returncode == 1
    assert "still wait" in ended.stderr


def test_until_empty_ends_at_once_when_nothing_waits(state: Path, broker: PrivateBroker) -> None:
    assert run_to_the_end(state, "--until-empty").returncode == 0
