"""Failures in a row are counted, delay the next try, and are forgotten: not by a power cut, and not for the unit's own fault."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from edge.flow import Decision
from edge.tries import FIRST_DELAY_S, FORGOTTEN_AFTER_S, LONGEST_DELAY_S, MOST_PERSONS, Tries, TriesMemory
from wire.reasons import Reason
from wire.result import Verdict

NOW = 1_800_000_000
MISMATCH, CHECK = Decision(Verdict.REFUSED, (Reason.FACE_MISMATCH,)), Decision(Verdict.REVIEW, (Reason.LIKENESS_UNCERTAIN,))
ATTACK, ACCEPTED = Decision(Verdict.ATTACK, (Reason.SPOOF_SUSPECTED,)), Decision(Verdict.ACCEPTED, ())


@pytest.fixture
def memory(tmp_path: Path) -> TriesMemory:
    return TriesMemory(tmp_path / "tries.json")


def fail(memory: TriesMemory, times: int, decision: Decision = MISMATCH, subject: str = "s", now_s: int = NOW) -> Tries:
    tries = memory.of(subject, now_s)
    for _ in range(times):
        memory.begin(subject, now_s)
        tries = memory.end(subject, decision, now_s)
    return tries


@pytest.mark.parametrize("decision", [MISMATCH, CHECK, ATTACK, Decision(Verdict.REFUSED, (Reason.TOO_DARK, Reason.TIMED_OUT))])
def test_each_failure_counts_across_starts_of_the_program(tmp_path: Path, decision: Decision) -> None:
    for number in (1, 2, 3):
        assert fail(TriesMemory(tmp_path / "tries.json"), 1, decision) == Tries(number, NOW)


def test_the_delay_runs_from_the_end_of_the_visit(memory: TriesMemory) -> None:
    memory.begin("s", NOW)

    assert memory.end("s", MISMATCH, NOW + 40) == Tries(1, NOW + 40)


def test_acceptance_forgets_all_failures(memory: TriesMemory) -> None:
    fail(memory, 5)

    assert fail(memory, 1, ACCEPTED) == Tries()
    assert memory.of("s", NOW) == Tries()


@pytest.mark.parametrize(
    "reason",
    [
        Reason.CAMERA_LOST,
        Reason.CANCELLED,
        Reason.CONSENT_MISSING,
        Reason.LIVENESS_UNAVAILABLE,
        Reason.TOO_HOT,
        Reason.KEY_UNAVAILABLE,
    ],
)
def test_what_failed_by_nobodys_fault_was_no_try(memory: TriesMemory, reason: Reason) -> None:
    fail(memory, 2)

    assert fail(memory, 3, Decision(Verdict.ABORTED, (reason,))).failures == 2


def test_a_try_counts_before_it_ends_so_a_pulled_battery_does_not_undo_it(memory: TriesMemory) -> None:
    memory.begin("s", NOW)

    assert memory.of("s", NOW).failures == 1


def test_failures_of_others_do_not_count(memory: TriesMemory) -> None:
    fail(memory, 4, subject="other")

    assert fail(memory, 1).failures == 1
    assert memory.of("other", NOW).failures == 4


def test_failures_are_forgotten_after_a_day(memory: TriesMemory) -> None:
    fail(memory, 4)

    assert memory.of("s", NOW + FORGOTTEN_AFTER_S - 1).failures == 4
    assert memory.of("s", NOW + FORGOTTEN_AFTER_S).failures == 0
    assert fail(memory, 1, now_s=NOW + FORGOTTEN_AFTER_S).failures == 1


@pytest.mark.parametrize(
    ("failures", "delay_s"),
    [(0, 0), (9, 0), (10, FIRST_DELAY_S), (11, 2 * FIRST_DELAY_S), (14, 16 * FIRST_DELAY_S), (60, LONGEST_DELAY_S)],
)
def test_the_delay_begins_at_the_limit_and_doubles_up_to_a_day(failures: int, delay_s: int) -> None:
    assert Tries(failures, NOW).locked_until_s(10) == (NOW + delay_s if delay_s else 0)


def test_only_the_newest_persons_are_kept_and_nobody_is_named(tmp_path: Path) -> None:
    def known(number: int) -> str:
        return hashlib.sha256(f"pseudonym-{number}".encode()).hexdigest()

    everybody = {known(number): [1, NOW + number] for number in range(MOST_PERSONS + 2)}
    (tmp_path / "tries.json").write_text(json.dumps(everybody))
    memory = TriesMemory(tmp_path / "tries.json")

    memory.begin(f"pseudonym-{MOST_PERSONS + 2}", NOW + MOST_PERSONS + 2)

    assert memory.of("pseudonym-2", NOW + 2).failures == 0
    assert memory.of("pseudonym-3", NOW + 3).failures == 1
    assert b"pseudonym" not in (tmp_path / "tries.json").read_bytes()


@pytest.mark.parametrize("rubbish", [b"", b"[]", b'{"a": 1}', b'{"a": ["x", 1]}', b"[" * 100_000, b"\xff"])
def test_a_damaged_memory_begins_anew(tmp_path: Path, rubbish: bytes) -> None:
    (tmp_path / "tries.json").write_bytes(rubbish)

    assert fail(TriesMemory(tmp_path / "tries.json"), 2).failures == 2


def test_a_disk_that_fails_ends_no_visit(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    memory = TriesMemory(tmp_path / "none" / "tries.json")

    memory.begin("s", NOW)

    assert "tries not kept" in caplog.text
