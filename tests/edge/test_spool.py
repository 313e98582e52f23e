"""The spool does what its two programs need: attempts, one result each, tickets used once, rows that only a receipt removes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.errors import (
    AlreadyRunningError,
    AttemptNotOpenError,
    ReceiptUnfitError,
    ResultUnfitError,
    TicketUnknownError,
    TicketUsedError,
)
from edge.spool.rows import Head, Sent
from edge.spool.spool import RECEIPTS_KEPT_S, Spool
from tests.builders import NOW_S, ticket
from tests.edge.spool_parts import make, make_aborted, opened, put, queue, receipt_of, sealed_receipt, visit_of
from wire.result import FIRST_PREVIOUS, Mode


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with opened(tmp_path) as open_one:
        yield open_one


def test_results_are_numbered_from_one_and_each_names_the_one_before(spool: Spool) -> None:
    first, second = queue(spool), queue(spool)

    assert (first.sequence, second.sequence) == (1, 2)
    assert spool.head() == Head(3, hashlib.sha256(second.envelope).digest())
    assert [row.envelope for row in spool.waiting(10, NOW_S)] == [first.envelope, second.envelope]


def test_a_new_spool_begins_the_chain(spool: Spool) -> None:
    assert spool.head() == Head(1, FIRST_PREVIOUS)
    assert (spool.waiting(10, NOW_S), spool.unfinished(), spool.tickets(), spool.count_waiting()) == ([], [], [], 0)


def test_everything_is_there_after_opening_again(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        queued, permission = queue(spool), put(spool)
        open_one = spool.open_attempt(permission.case, Mode.PASSIVE, permission.nonce)

    with opened(tmp_path) as spool:
        (attempt,) = spool.unfinished()

        assert spool.waiting(1, 0) == [queued]
        assert (attempt.id, attempt.mode, attempt.case) == (open_one, Mode.PASSIVE, permission.case)
        assert attempt.ticket == permission
        assert attempt.opened_at_s == NOW_S


def test_an_attempt_has_exactly_one_result(spool: Spool) -> None:
    attempt = spool.open_attempt(None, Mode.ACTIVE, None)
    spool.conclude(attempt, make())

    with pytest.raises(AttemptNotOpenError):
        spool.conclude(attempt, make())

    assert spool.head().sequence == 2


def test_a_result_that_could_not_be_sealed_leaves_the_attempt_open_and_the_number_unused(spool: Spool) -> None:
    attempt = spool.open_attempt(None, Mode.ACTIVE, None)

    def fail(head: Head) -> bytes:
        raise ConnectionError(head.sequence)

    with pytest.raises(ConnectionError):
        spool.conclude(attempt, fail)

    assert [left.id for left in spool.unfinished()] == [attempt]
    assert spool.conclude(attempt, make()).sequence == 1


@pytest.mark.parametrize("elsewhere", [Head(2, FIRST_PREVIOUS), Head(1, b"\x01" * 32)])
def test_a_result_off_the_chain_is_refused(spool: Spool, elsewhere: Head) -> None:
    attempt = spool.open_attempt(None, Mode.ACTIVE, None)

    with pytest.raises(ResultUnfitError):
        spool.conclude(attempt, lambda head: make()(elsewhere))

    assert spool.count_waiting() == 0


def test_a_result_for_another_ticket_than_its_attempt_is_refused(spool: Spool) -> None:
    attempt = spool.open_attempt(None, Mode.ACTIVE, None)

    with pytest.raises(ResultUnfitError):
        spool.conclude(attempt, make(visit=visit_of(ticket())))

    assert spool.count_waiting() == 0


def test_bytes_that_are_no_result_are_refused(spool: Spool) -> None:
    attempt = spool.open_attempt(None, Mode.ACTIVE, None)

    with pytest.raises(ResultUnfitError):
        spool.conclude(attempt, lambda head: b"not an envelope")

    assert spool.count_waiting() == 0


def test_a_ticket_is_used_by_the_attempt_that_ends_with_a_verdict(spool: Spool) -> None:
    permission = put(spool)
    attempt = spool.open_attempt(permission.case, Mode.ACTIVE, permission.nonce)
    spool.conclude(attempt, make(visit=visit_of(permission)))

    with pytest.raises(TicketUsedError, match=permission.case):
        spool.open_attempt(permission.case, Mode.ACTIVE, permission.nonce)

    assert spool.ticket(permission.case) is None
    assert spool.tickets() == []


def test_an_aborted_attempt_leaves_its_ticket_to_be_tried_again(spool: Spool) -> None:
    permission = put(spool)
    attempt = spool.open_attempt(permission.case, Mode.ACTIVE, permission.nonce)

    spool.conclude(attempt, make_aborted(visit=visit_of(permission)))

    assert spool.ticket(permission.case) == permission
    assert spool.open_attempt(permission.case, Mode.ACTIVE, permission.nonce) > attempt


def test_a_ticket_that_was_used_is_not_made_new_by_arriving_again(spool: Spool) -> None:
    permission = put(spool)
    spool.use_ticket(permission.nonce)

    put(spool)

    assert spool.tickets() == []
    with pytest.raises(TicketUsedError):
        spool.use_ticket(permission.nonce)


def test_an_unknown_ticket_opens_no_attempt(spool: Spool) -> None:
    with pytest.raises(TicketUnknownError):
        spool.open_attempt("case-2027-0001", Mode.ACTIVE, b"\x55" * 32)
    with pytest.raises(TicketUnknownError):
        spool.use_ticket(b"\x55" * 32)

    assert spool.unfinished() == []


def test_a_ticket_arrives_once_however_often_it_is_sent(spool: Spool) -> None:
    permission = put(spool)
    put(spool)

    assert spool.tickets() == [permission]


def test_the_newest_ticket_of_a_case_counts(spool: Spool) -> None:
    put(spool, nonce=b"\x01" * 16, issued_at_s=NOW_S - 50)
    newest = put(spool, nonce=b"\x02" * 16, issued_at_s=NOW_S - 10)
    put(spool, nonce=b"\x03" * 16, issued_at_s=NOW_S - 90)

    assert spool.ticket("case-2027-0001") == newest
    assert spool.ticket("another case") is None


def test_old_tickets_go_by_signed_times_and_not_while_an_attempt_needs_them(spool: Spool) -> None:
    needed = put(spool, nonce=b"\x01" * 16, not_after_s=NOW_S)
    put(spool, nonce=b"\x02" * 16, not_after_s=NOW_S)
    spool.open_attempt(needed.case, Mode.ACTIVE, needed.nonce)

    newest = put(spool, nonce=b"\x03" * 16, issued_at_s=NOW_S + RECEIPTS_KEPT_S + 1, not_after_s=NOW_S + 2 * RECEIPTS_KEPT_S)

    assert spool.tickets() == [needed, newest]


def test_only_a_fitting_receipt_removes_a_row(spool: Spool) -> None:
    first, second = queue(spool), queue(spool)
    receipt = receipt_of(first)

    spool.accept_receipt(receipt, sealed_receipt(receipt))

    assert spool.waiting(10, NOW_S) == [second]
    assert spool.count_waiting() == 1


@pytest.mark.parametrize("changes", [{"envelope_sha256": b"\x01" * 32}, {"result_id": b"\x01" * 16}])
def test_a_receipt_for_another_result_removes_nothing(spool: Spool, changes: dict[str, bytes]) -> None:
    queued = queue(spool)
    receipt = receipt_of(queued, **changes)

    with pytest.raises(ReceiptUnfitError):
        spool.accept_receipt(receipt, sealed_receipt(receipt))

    assert spool.waiting(10, NOW_S) == [queued]


def test_a_receipt_that_comes_twice_changes_nothing(spool: Spool) -> None:
    receipt = receipt_of(queue(spool))

    for _ in range(2):
        spool.accept_receipt(receipt, sealed_receipt(receipt))

    assert spool.count_waiting() == 0


def test_receipts_are_forgotten_after_ninety_days_of_signed_time(spool: Spool) -> None:
    old, new = receipt_of(queue(spool)), receipt_of(queue(spool), issued_at_s=NOW_S + 6 + RECEIPTS_KEPT_S)
    spool.accept_receipt(old, sealed_receipt(old))

    spool.accept_receipt(new, sealed_receipt(new))

    with pytest.raises(ReceiptUnfitError):
        spool.accept_receipt(old, sealed_receipt(old))
    spool.accept_receipt(new, sealed_receipt(new))
    assert spool.head().sequence == 3


def test_what_was_sent_is_not_due_until_its_time_and_the_oldest_goes_first(spool: Spool) -> None:
    rows = [queue(spool) for _ in range(4)]
    spool.mark_sent([Sent(1, next_try_s=50)])

    assert [row.sequence for row in spool.waiting(2, now_s=49)] == [2, 3]
    assert [(row.sequence, row.tries) for row in spool.waiting(2, now_s=50)] == [(1, 1), (2, 0)]
    assert len(rows) == spool.count_waiting()


def test_a_new_connection_makes_everything_due(spool: Spool) -> None:
    queue(spool)
    spool.mark_sent([Sent(1, next_try_s=10**9)])

    spool.make_all_due()

    assert [row.tries for row in spool.waiting(1, now_s=0)] == [1]


def test_the_uplink_sees_that_the_edge_has_written(spool: Spool, tmp_path: Path) -> None:
    with opened(tmp_path) as uplink:
        before = uplink.data_version()
        assert uplink.data_version() == before

        queue(spool)

        assert uplink.data_version() != before


def test_only_one_program_makes_attempts_and_another_does_not_take_them_for_unfinished(spool: Spool, tmp_path: Path) -> None:
    spool.open_attempt(None, Mode.ACTIVE, None)

    with opened(tmp_path) as other:
        with pytest.raises(AlreadyRunningError):
            other.unfinished()
        with pytest.raises(AlreadyRunningError):
            other.open_attempt(None, Mode.ACTIVE, None)

    assert len(spool.unfinished()) == 1


def test_nobody_else_can_read_the_files(spool: Spool, tmp_path: Path) -> None:
    queue(spool)

    modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}

    assert set(modes.values()) == {0o600}
    assert {"spool.db", "spool.db-wal", "spool.db.head", "spool.db.ballast"} <= set(modes)
