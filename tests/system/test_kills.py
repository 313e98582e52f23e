"""Fifty visits while unit, broker, ingest and uplink are killed again and again: fifty leaves, none twice (F3, F18, F29)."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from demo.centre import Row, Soundness
from demo.stack import Part
from demo.story import Chain
from demo.unit import Outcome, RunningVisit
from tests.conftest import mirror_folder
from tests.system.chain import await_tickets, hand_out_tickets, running_chain, spool_of
from tests.system.strikes import Strike, Victim, drawn
from tests.system.tokens import envelope_of
from wire.envelope import Kind, unverified_payload
from wire.reasons import Reason
from wire.receipt import Standing
from wire.result import FIRST_PREVIOUS, ResultStatement, Verdict, read_result

pytestmark = [pytest.mark.system, pytest.mark.broker, pytest.mark.weights, pytest.mark.footage, pytest.mark.timeout(420)]

VISITS, STRIKES, SEED = 50, 28, 20_261_123
CASES = {number: f"case-{number:02}" for number in range(1, VISITS + 1)}
QUICK = "data/clips/intel_turn_left_right.mp4"
LONG = "data/clips/intel_no_face.mp4"
"""Twelve seconds without a face: a unit that looks at it is killed in the middle of its attempt for sure."""


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What fifty visits left behind."""

    strikes: Mapping[int, Strike]
    opened: Mapping[int, int]
    """Visit number -> how often its unit said that an attempt was opened."""
    outcomes: Mapping[int, Outcome]
    """Visit number -> what the unit said of it; none from a unit that was killed."""
    delivered: bool
    rows: tuple[Row, ...]
    soundness: Soundness
    waiting: int
    unfinished: int

    @property
    def statements(self) -> list[ResultStatement]:
        """What the unit signed, in the order of its sequence."""
        read = [read_result(unverified_payload(envelope_of(row.token), Kind.RESULT)) for row in self.rows]
        return sorted(read, key=lambda statement: statement.sequence)

    def row(self, number: int) -> Row:
        """The one row of a visit."""
        (found,) = [row for row in self.rows if row.case == CASES[number]]
        return found


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    strikes = drawn(VISITS, STRIKES, SEED)
    opened, outcomes = dict[int, int](), dict[int, Outcome]()
    with running_chain(tmp_path_factory.mktemp("kills"), mirror_folder()) as chain, ThreadPoolExecutor(1) as executioner:
        hand_out_tickets(chain, CASES.values())
        await_tickets(chain, VISITS, within_s=60)
        for number in CASES:
            opened[number], outcome = visited(chain, number, strikes.get(number), executioner)
            if outcome is not None:
                outcomes[number] = outcome
        chain.unit.stop_uplink()
        delivered = chain.unit.deliver(within_s=90)
        with spool_of(chain) as spool:
            waiting, unfinished = spool.count_waiting(), len(spool.unfinished())
        yield Aftermath(
            strikes, opened, outcomes, delivered, chain.stack.centre.rows(), chain.stack.centre.check(), waiting, unfinished
        )


def visited(chain: Chain, number: int, strike: Strike | None, executioner: ThreadPoolExecutor) -> tuple[int, Outcome | None]:
    """Serve one visit and strike during it; how often an attempt was opened, and what the unit said."""
    clip = LONG if strike and strike.victim is Victim.UNIT else QUICK
    struck: Future[None] | None = None
    opened = 0
    with chain.unit.visit(CASES[number], f"clip:{chain.mirror / clip}", chain.mirror) as running:
        for live in running.lines():
            if (live.part, live.what) != ("attempt", "opened"):
                continue
            opened += 1
            if strike and strike.victim is Victim.UNIT:
                struck = executioner.submit(strike_unit, running, strike)
            elif strike:
                struck = executioner.submit(strike_part, chain, strike)
        if struck:
            struck.result(timeout=60)
        return opened, None if strike and strike.victim is Victim.UNIT else running.outcome()


def strike_unit(running: RunningVisit, strike: Strike) -> None:
    """Kill the unit in the middle of its attempt; it is soon through with a clip."""
    time.sleep(strike.after_s / 4)
    running.kill()


def strike_part(chain: Chain, strike: Strike) -> None:
    """Kill a part, leave it away for a while, start it again."""
    time.sleep(strike.after_s)
    match strike.victim:
        case Victim.UPLINK:
            chain.unit.kill_uplink()
            time.sleep(strike.away_s)
            chain.unit.start_uplink()
        case victim:
            part = Part(victim.value)
            chain.stack.kill(part)
            time.sleep(strike.away_s)
            chain.stack.start(part)


def test_every_part_was_killed_several_times_and_every_visit_opened_one_attempt(aftermath: Aftermath) -> None:
    kills = [strike.victim for strike in aftermath.strikes.values()]

    assert {victim: kills.count(victim) for victim in Victim} == dict.fromkeys(Victim, STRIKES // len(Victim))
    assert aftermath.opened == dict.fromkeys(CASES, 1)


def test_fifty_attempts_leave_fifty_leaves_and_none_twice(aftermath: Aftermath) -> None:
    assert [row.leaf for row in aftermath.rows] == list(range(VISITS))
    assert len({row.result_id for row in aftermath.rows}) == VISITS
    assert sorted(row.case for row in aftermath.rows) == sorted(CASES.values())


def test_the_sequence_has_no_gap_and_each_result_names_the_one_before(aftermath: Aftermath) -> None:
    envelopes = {row.sequence: envelope_of(row.token) for row in aftermath.rows}
    previous = [statement.previous for statement in aftermath.statements]

    assert sorted(envelopes) == list(range(1, VISITS + 1))
    assert previous == [FIRST_PREVIOUS, *(hashlib.sha256(envelopes[number]).digest() for number in range(1, VISITS))]


def test_every_visit_whose_unit_was_killed_is_reported_as_interrupted(aftermath: Aftermath) -> None:
    killed = [number for number, strike in aftermath.strikes.items() if strike.victim is Victim.UNIT]
    rows = [aftermath.row(number) for number in killed]

    assert {(row.verdict, row.reasons, row.standing) for row in rows} == {
        (Verdict.ABORTED, (Reason.INTERRUPTED.value,), Standing.RECORDED)
    }


def test_every_other_visit_stands_as_the_unit_said(aftermath: Aftermath) -> None:
    said = {number: (outcome.result_id, outcome.verdict, outcome.sequence) for number, outcome in aftermath.outcomes.items()}
    stands = {number: aftermath.row(number) for number in said}

    assert len(said) == VISITS - STRIKES // len(Victim)
    assert {number: (row.result_id, row.verdict, row.sequence) for number, row in stands.items()} == said
    assert {row.standing for row in stands.values()} == {Standing.FINAL}


def test_the_ledger_is_sound_and_the_spool_is_empty(aftermath: Aftermath) -> None:
    assert aftermath.soundness == Soundness(VISITS, sound=True)
    assert all(row.checked for row in aftermath.rows)
    assert aftermath.delivered
    assert (aftermath.waiting, aftermath.unfinished) == (0, 0)
