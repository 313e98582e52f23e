"""What is sent when, and what of all that arrives is believed: only a signed, fitting receipt removes a row (F10, F11, F20)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.clock import TimeSources, UnitClock
from edge.spool.rows import KeptPolicy
from edge.spool.spool import Spool
from edge.uplink.courier import Courier, Message, Pace
from tests.builders import NOW_S, UNIT, KeySigner, key, policy, ticket
from tests.edge.spool_parts import (
    CENTRE,
    CENTRE_KEYS,
    opened,
    put,
    queue,
    receipt_of,
    sealed_policy,
    sealed_receipt,
    sealed_ticket,
)
from wire.codec import decode, encode
from wire.envelope import Kind, seal
from wire.hello import read_hello
from wire.policy import Policy, policy_payload
from wire.receipt import Standing
from wire.result import Mode
from wire.topics import Down, down_topic

RECEIPTS, TICKETS, POLICIES = (down_topic(UNIT, word) for word in (Down.RECEIPT, Down.TICKET, Down.POLICY))
PACE = Pace(window=3, answer_within_s=10, first_retry_s=16, longest_retry_s=100)


@dataclass
class World:
    """A courier, its spool and the time that a test moves."""

    spool: Spool
    clock: UnitClock
    now_s: float = 1000.0
    chance: float = 1.0

    def __post_init__(self) -> None:
        self.courier = Courier(
            UNIT, "lifecert 0.1.0", CENTRE_KEYS, self.spool, self.clock, lambda: self.now_s, lambda: self.chance, PACE
        )

    def sent(self) -> list[bytes]:
        """What the courier sends at this moment."""
        return [message.payload for message in self.courier.load()]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    sources = TimeSources(lambda: 0.0, lambda: 50.0, lambda: False, "boot-1", lambda count: bytes(count))
    with opened(tmp_path) as spool:
        yield World(spool, UnitClock(tmp_path / "clock.json", sources))


def test_a_new_connection_says_how_far_the_unit_is(world: World) -> None:
    queue(world.spool)
    queue(world.spool)
    put(world.spool)

    here, hello = world.courier.greet()

    assert here == Message(f"lifecert/v1/u/{UNIT}/up/conn", b"1", retained=True)
    assert world.courier.farewell == Message(f"lifecert/v1/u/{UNIT}/up/conn", b"0", retained=True)
    said = read_hello(hello.payload)
    assert (said.unit, said.last_sequence, said.waiting, said.tickets) == (UNIT, 2, 2, 1)
    assert not hello.retained
    assert set(world.courier.subscriptions) == {RECEIPTS, TICKETS, POLICIES}


def test_results_go_oldest_first_and_no_more_than_the_window_at_a_time(world: World) -> None:
    rows = [queue(world.spool) for _ in range(5)]

    assert world.sent() == [row.envelope for row in rows[:3]]
    assert world.sent() == []


def test_a_receipt_makes_room_for_the_next_result(world: World) -> None:
    rows = [queue(world.spool) for _ in range(5)]
    world.sent()

    world.courier.hear(RECEIPTS, sealed_receipt(receipt_of(rows[1])))

    assert world.sent() == [rows[3].envelope]


def test_results_that_nobody_answers_do_not_block_the_others(world: World) -> None:
    rows = [queue(world.spool) for _ in range(5)]
    world.sent()

    world.now_s += PACE.answer_within_s

    assert world.sent() == [row.envelope for row in rows[3:]]


def test_without_a_receipt_a_result_is_sent_again_less_and_less_often(world: World) -> None:
    queued = queue(world.spool)
    sent_at = []
    for second in range(1000, 1400):
        world.now_s = float(second)
        sent_at += [second] * len(world.sent())

    assert sent_at == [1000, 1016, 1048, 1112, 1212, 1312]
    assert world.spool.waiting(1, 10**6)[0].tries == len(sent_at)
    assert queued.sequence == 1


@settings(max_examples=25)
@given(chance=st.floats(0, 1), tries=st.integers(0, 200))
def test_the_pause_is_bounded_and_spread_from_half_to_the_whole(
    tmp_path_factory: pytest.TempPathFactory, chance: float, tries: int
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    sources = TimeSources(lambda: 0.0, lambda: 50.0, lambda: False, "boot-1", lambda count: bytes(count))
    with opened(folder) as spool:
        world = World(spool, UnitClock(folder / "clock.json", sources), chance=chance)
        row = queue(spool)
        world.courier._tries[row.result_id] = tries
        world.sent()

        whole = min(PACE.first_retry_s * 2.0 ** min(tries, 30), PACE.longest_retry_s)
        assert spool.waiting(1, int(1000 + whole / 2) - 1) == []
        assert spool.waiting(1, int(1000 + whole) + 1)


def test_a_new_connection_sends_everything_again_at_once(world: World) -> None:
    rows = [queue(world.spool) for _ in range(2)]
    world.sent()

    world.courier.greet()

    assert world.sent() == [row.envelope for row in rows]


def test_a_clock_that_began_anew_with_the_boot_holds_nothing_back(world: World) -> None:
    queued = queue(world.spool)
    world.sent()
    world.now_s = 3.0

    world.courier.greet()

    assert world.sent() == [queued.envelope]


def test_a_good_receipt_removes_its_row_whatever_the_ledger_made_of_it(world: World) -> None:
    for standing in Standing:
        queued = queue(world.spool)
        world.courier.hear(RECEIPTS, sealed_receipt(receipt_of(queued, standing=standing)))

    assert world.spool.count_waiting() == 0


_WRONG = {
    "of another unit": lambda row: sealed_receipt(receipt_of(row, unit="unit-00018")),
    "for another digest": lambda row: sealed_receipt(receipt_of(row, envelope_sha256=b"\x01" * 32)),
    "for an unknown result": lambda row: sealed_receipt(receipt_of(row, result_id=b"\x01" * 16)),
    "signed by somebody else": lambda row: sealed_receipt(receipt_of(row), KeySigner(key(8))),
    "signed by the unit itself": lambda row: sealed_receipt(receipt_of(row), KeySigner(key(1))),
    "with a bit flipped": lambda row: flipped(sealed_receipt(receipt_of(row))),
    "cut short": lambda row: sealed_receipt(receipt_of(row))[:-1],
    "with bytes after it": lambda row: sealed_receipt(receipt_of(row)) + b"\0",
    "a ticket in place of a receipt": lambda row: sealed_ticket(ticket()),
    "empty": lambda row: b"",
    "garbage": lambda row: b"\xd2\x84" * 100,
}


def flipped(sealed: bytes) -> bytes:
    return sealed[:-70] + bytes([sealed[-70] ^ 1]) + sealed[-69:]


@pytest.mark.parametrize("wrong", _WRONG)
def test_a_receipt_that_is_wrong_leaves_the_row_and_a_log_line(
    world: World, wrong: str, caplog: pytest.LogCaptureFixture
) -> None:
    queued = queue(world.spool)

    with caplog.at_level(logging.WARNING):
        world.courier.hear(RECEIPTS, _WRONG[wrong](queued))

    assert world.spool.waiting(10, 10**9) == [queued]
    assert "ignored" in caplog.text


def test_every_bit_of_a_receipt_matters(world: World) -> None:
    queued = queue(world.spool)
    sealed = sealed_receipt(receipt_of(queued))

    for index in range(len(sealed)):
        world.courier.hear(RECEIPTS, sealed[:index] + bytes([sealed[index] ^ (1 << index % 8)]) + sealed[index + 1 :])

    assert world.spool.count_waiting() == 1


def test_a_receipt_that_comes_twice_or_late_does_no_harm(world: World) -> None:
    first, second = queue(world.spool), queue(world.spool)
    sealed = sealed_receipt(receipt_of(first))

    for _ in range(3):
        world.courier.hear(RECEIPTS, sealed)

    assert world.spool.waiting(10, 10**9) == [second]


def test_a_receipt_on_another_topic_is_ignored(world: World) -> None:
    queued = queue(world.spool)

    world.courier.hear(down_topic("unit-00018", Down.RECEIPT), sealed_receipt(receipt_of(queued)))
    world.courier.hear(TICKETS, sealed_receipt(receipt_of(queued)))

    assert world.spool.count_waiting() == 1


def test_a_signed_ticket_is_kept_once_and_lifts_the_floor_of_the_clock(world: World) -> None:
    permission = ticket()
    assert world.clock.now_s() < permission.issued_at_s

    for _ in range(2):
        world.courier.hear(TICKETS, sealed_ticket(permission))

    assert world.spool.tickets() == [permission]
    assert world.clock.now_s() == permission.issued_at_s


@pytest.mark.parametrize(
    "sealed",
    [
        sealed_ticket(ticket(unit="unit-00018")),
        sealed_ticket(ticket(), KeySigner(key(8))),
        sealed_ticket(ticket())[:-2],
        flipped(sealed_ticket(ticket())),
        b"",
    ],
)
def test_a_ticket_that_is_not_ours_is_not_kept(world: World, sealed: bytes) -> None:
    world.courier.hear(TICKETS, sealed)

    assert world.spool.tickets() == []
    assert world.clock.now_s() < NOW_S - 10_000


def test_a_used_ticket_that_arrives_again_stays_used(world: World) -> None:
    permission = ticket()
    world.courier.hear(TICKETS, sealed_ticket(permission))
    world.spool.use_ticket(permission.nonce)

    world.courier.hear(TICKETS, sealed_ticket(permission, CENTRE))

    assert world.spool.tickets() == []


def test_a_signed_policy_is_kept_byte_for_byte_and_lifts_the_floor_of_the_clock(world: World) -> None:
    published = policy()
    sealed = sealed_policy(published)
    assert world.clock.now_s() < published.issued_at_s

    for _ in range(2):
        world.courier.hear(POLICIES, sealed)

    assert world.spool.policy(published.id) == KeptPolicy(published.id, sealed, published.id, published.issued_at_s)
    assert world.clock.now_s() == published.issued_at_s


def unread(**claims: object) -> bytes:
    """A policy that the centre signed, with claims that no policy may have."""
    payload = decode(policy_payload(policy()))
    assert isinstance(payload, dict)
    changed = {label: claims.get(str(label), value) for label, value in payload.items()}
    return seal(encode(changed), Kind.POLICY, CENTRE)  # type: ignore[arg-type] # wrong on purpose


_NO_POLICY = {
    "signed by somebody else": sealed_policy(policy(), KeySigner(key(8))),
    "signed by the unit itself": sealed_policy(policy(), KeySigner(key(1))),
    "with a bit flipped": flipped(sealed_policy(policy())),
    "cut short": sealed_policy(policy())[:-2],
    "with bytes after it": sealed_policy(policy()) + b"\0",
    "a ticket in place of a policy": sealed_ticket(ticket()),
    "a policy that was sealed as a ticket": seal(policy_payload(policy()), Kind.TICKET, CENTRE),
    "without a calibration": unread(**{"-70402": []}),
    "with a damaged calibration": unread(**{"-70402": [{}]}),
    "with an id that is none": unread(**{"2": "pension"}),
    "with an end before its beginning": unread(**{"4": 1}),
    "empty": b"",
    "garbage": b"\xd2\x84" * 100,
}


@pytest.mark.parametrize("sealed", _NO_POLICY.values(), ids=_NO_POLICY.keys())
def test_what_is_not_exactly_a_policy_of_the_centre_is_not_kept(
    world: World, sealed: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        world.courier.hear(POLICIES, sealed)

    assert world.spool.policy(policy().id) is None
    assert world.clock.now_s() < NOW_S - 10_000
    assert "ignored" in caplog.text


def test_every_bit_of_a_policy_matters(world: World) -> None:
    sealed = sealed_policy(policy())

    for index in range(len(sealed)):
        world.courier.hear(POLICIES, sealed[:index] + bytes([sealed[index] ^ (1 << index % 8)]) + sealed[index + 1 :])

    assert world.spool.policy(policy().id) is None


def test_a_policy_on_the_topic_of_tickets_or_of_another_unit_is_not_kept(world: World) -> None:
    world.courier.hear(TICKETS, sealed_policy(policy()))
    world.courier.hear(down_topic("unit-00018", Down.POLICY), sealed_policy(policy()))

    assert world.spool.policy(policy().id) is None


@pytest.mark.parametrize(
    "late",
    [policy(id="pension-2027/2", issued_at_s=NOW_S - 9000), policy(not_after_s=NOW_S + 1)],
    ids=["an older version", "other bytes under the same id"],
)
def test_a_policy_that_would_take_something_back_is_refused_and_logged(
    world: World, late: Policy, caplog: pytest.LogCaptureFixture
) -> None:
    """F15: whoever records a policy and plays it back later changes nothing."""
    sealed = sealed_policy(policy())
    world.courier.hear(POLICIES, sealed)

    with caplog.at_level(logging.WARNING):
        world.courier.hear(POLICIES, sealed_policy(late))

    assert world.spool.policy(policy().id) == KeptPolicy(policy().id, sealed, policy().id, policy().issued_at_s)
    assert "ignored" in caplog.text


def test_receipts_lift_the_floor_in_steps_that_spare_the_card(world: World) -> None:
    rows = [queue(world.spool) for _ in range(3)]
    for row, issued_at_s in zip(rows, (NOW_S, NOW_S + 59, NOW_S + 60), strict=True):
        world.courier.hear(RECEIPTS, sealed_receipt(receipt_of(row, issued_at_s=issued_at_s)))
        if issued_at_s < NOW_S + 60:
            assert world.clock.floor_s == NOW_S

    assert world.clock.floor_s == NOW_S + 60


def test_an_open_attempt_is_not_sent(world: World) -> None:
    world.spool.open_attempt(None, Mode.ACTIVE, None)

    assert world.sent() == []
