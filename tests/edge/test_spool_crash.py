"""The spool under kill -9: no committed row is lost, no sequence number is used twice (F2, threat 29)."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.spool.rows import Head
from edge.spool.spool import Spool
from tests.builders import NOW_S
from tests.edge.spool_parts import make, opened, put, queue, receipt_of, sealed_receipt, visit_of
from wire.envelope import Kind, unverified_payload
from wire.result import Mode, read_result


def in_a_child(work: Callable[[], object]) -> int:
    """Run `work` in a process of its own, which ends when it returns; its exit status."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 (a child must not go on as a second test run, whatever happened)
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_while_sealing(head: Head) -> bytes:
    die()
    return make()(head)


def test_power_cut_while_sealing_leaves_the_attempt_visible_and_the_number_free(tmp_path: Path) -> None:
    def visit() -> None:
        spool = opened(tmp_path)
        permission = put(spool)
        attempt = spool.open_attempt(permission.case, Mode.ACTIVE, permission.nonce)
        spool.conclude(attempt, die_while_sealing)

    assert in_a_child(visit) == -signal.SIGKILL
    with opened(tmp_path) as spool:
        (attempt,) = spool.unfinished()
        assert attempt.ticket is not None
        queued = spool.conclude(attempt.id, make(visit=visit_of(attempt.ticket)))

        assert queued.sequence == 1
        assert spool.unfinished() == []


def test_power_cut_before_the_first_frame_still_shows_the_attempt(tmp_path: Path) -> None:
    def visit() -> None:
        opened(tmp_path).open_attempt(None, Mode.PASSIVE, None)
        die()

    in_a_child(visit)

    with opened(tmp_path) as spool:
        assert [attempt.mode for attempt in spool.unfinished()] == [Mode.PASSIVE]


def test_power_cut_right_after_a_result_keeps_it(tmp_path: Path) -> None:
    def visit() -> None:
        queue(opened(tmp_path))
        die()

    in_a_child(visit)

    with opened(tmp_path) as spool:
        assert [row.sequence for row in spool.waiting(10, NOW_S)] == [1]
        assert spool.unfinished() == []


def test_power_cut_right_after_a_receipt_keeps_the_row_gone(tmp_path: Path) -> None:
    def deliver() -> None:
        spool = opened(tmp_path)
        receipt = receipt_of(queue(spool))
        spool.accept_receipt(receipt, sealed_receipt(receipt))
        die()

    in_a_child(deliver)

    with opened(tmp_path) as spool:
        assert spool.count_waiting() == 0
        assert spool.head().sequence == 2


def test_power_cut_between_result_and_head_note_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.spool.head_note.write_durably", lambda path, content: die())

    in_a_child(lambda: queue(opened(tmp_path)))

    monkeypatch.undo()
    with opened(tmp_path) as spool:
        assert [row.sequence for row in spool.waiting(10, NOW_S)] == [1]
        assert queue(spool).sequence == 2


def test_killed_at_random_moments_every_confirmed_result_is_there_and_no_number_is_used_twice(tmp_path: Path) -> None:
    """The child confirms each result with a byte in a pipe after `conclude` returned; the parent kills it at random moments."""
    chance = random.Random(20_270_115)
    confirmed = 0
    for _ in range(12):
        confirmed += killed_while_working(tmp_path, chance.uniform(0.0, 0.08))

    with opened(tmp_path) as spool:
        rows = spool.waiting(10**6, NOW_S)
        statements = [read_result(unverified_payload(row.envelope, Kind.RESULT)) for row in rows]
        assert confirmed > 0
        assert [statement.sequence for statement in statements] == list(range(1, len(rows) + 1))
        assert [statement.previous for statement in statements[1:]] == [row.digest for row in rows[:-1]]
        assert 0 <= len(rows) - confirmed <= 12
        assert len(rows) + len(spool.unfinished()) >= confirmed


def killed_while_working(folder: Path, after_s: float) -> int:
    """Let a child make results until it is killed; how many it confirmed."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        work_for_ever(folder, writes)
    os.close(writes)
    os.read(reads, 1)
    deadline = time.monotonic() + after_s
    confirmed = 0
    while time.monotonic() < deadline:
        confirmed += len(os.read(reads, 1))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while more := os.read(reads, 4096):
        confirmed += len(more)
    os.close(reads)
    return confirmed


def work_for_ever(folder: Path, writes: int) -> None:
    try:
        spool: Spool = opened(folder)
        os.write(writes, b"r")
        while True:
            queue(spool)
            os.write(writes, b".")
    finally:
        sys.stderr.flush()
        os._exit(1)
