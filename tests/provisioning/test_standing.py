"""When a result was signed, and what the ledger makes of it: the rules alone, one row per case."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.ledger.interval import Interval, signing_interval
from provisioning.ledger.models import Cause
from provisioning.ledger.standing import Ruling, StandingFacts, decide_standing
from provisioning.tickets.models import KeptTicket
from tests.builders import NOW_S, result, ticket
from wire.reasons import Reason
from wire.receipt import Standing
from wire.result import Clock, ClockState, Mode, ResultStatement, Verdict, Visit

TICKET = ticket()
OPEN = KeptTicket(TICKET, b"", None)
SETTLED = KeptTicket(TICKET, b"", 17)
DURING = Interval(NOW_S, NOW_S + 10)


def facts(**changes: Any) -> StandingFacts:
    fitting = StandingFacts(
        statement=result(),
        ticket=OPEN,
        signed=DURING,
        unit_blocked=False,
        forked=False,
        key_not_after_s=NOW_S + 86_400,
    )
    return replace(fitting, **changes)


def visiting(**changes: Any) -> ResultStatement:
    visit = Visit(TICKET.case, TICKET.subject, TICKET.nonce, TICKET.policy)
    return result(visit=replace(visit, **changes))


def aborted(**changes: Any) -> ResultStatement:
    return result(verdict=Verdict.ABORTED, reasons=(Reason.CANCELLED,), **changes)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (facts(), Ruling(Standing.FINAL, Cause.SETTLES)),
        (
            facts(statement=result(verdict=Verdict.ATTACK, reasons=(Reason.SPOOF_SUSPECTED,))),
            Ruling(Standing.FINAL, Cause.SETTLES),
        ),
        (facts(statement=aborted()), Ruling(Standing.RECORDED, Cause.ABORTED)),
        (facts(statement=result(visit=None), ticket=None), Ruling(Standing.RECORDED, Cause.NO_TICKET)),
        (facts(ticket=SETTLED), Ruling(Standing.SUPERSEDED, Cause.SETTLED_BEFORE)),
        (facts(statement=aborted(), ticket=SETTLED), Ruling(Standing.RECORDED, Cause.ABORTED)),
        (facts(ticket=None), Ruling(Standing.QUARANTINED, Cause.NONCE_UNKNOWN)),
        (facts(statement=result(unit="unit-else")), Ruling(Standing.QUARANTINED, Cause.OTHER_UNIT)),
        (facts(statement=visiting(subject="someone")), Ruling(Standing.QUARANTINED, Cause.OTHER_PERSON)),
        (facts(statement=visiting(case="case-else")), Ruling(Standing.QUARANTINED, Cause.OTHER_PERSON)),
        (facts(statement=visiting(policy="lax/1")), Ruling(Standing.QUARANTINED, Cause.OTHER_RULES)),
        (facts(statement=result(mode=Mode.PASSIVE)), Ruling(Standing.QUARANTINED, Cause.OTHER_RULES)),
        (facts(unit_blocked=True), Ruling(Standing.QUARANTINED, Cause.UNIT_BLOCKED)),
        (facts(forked=True), Ruling(Standing.QUARANTINED, Cause.FORK)),
        (facts(forked=True, ticket=SETTLED), Ruling(Standing.QUARANTINED, Cause.FORK)),
        (facts(key_not_after_s=NOW_S - 1), Ruling(Standing.QUARANTINED, Cause.KEY_EXPIRED)),
        (
            facts(signed=Interval(TICKET.not_after_s + 1, TICKET.not_after_s + 9), key_not_after_s=2 * NOW_S),
            Ruling(Standing.QUARANTINED, Cause.TOO_LATE),
        ),
        (facts(signed=Interval(0, TICKET.not_before_s - 1)), Ruling(Standing.QUARANTINED, Cause.TOO_EARLY)),
    ],
)
def test_the_standing_of_a_result(found: StandingFacts, expected: Ruling) -> None:
    assert decide_standing(found, Standing.RECORDED) == expected


def test_a_programme_may_quarantine_what_has_no_ticket() -> None:
    found = facts(statement=result(visit=None), ticket=None)

    assert decide_standing(found, Standing.QUARANTINED) == Ruling(Standing.QUARANTINED, Cause.NO_TICKET)


@given(
    blocked=st.booleans(),
    forked=st.booleans(),
    kept=st.sampled_from([None, OPEN, SETTLED]),
    statement=st.sampled_from([result(), aborted(), visiting(subject="someone"), result(visit=None)]),
    ends=st.tuples(st.integers(0, 2 * NOW_S), st.integers(0, 2 * NOW_S)).map(sorted),
)
def test_nothing_doubtful_is_ever_final(
    blocked: bool, forked: bool, kept: KeptTicket | None, statement: ResultStatement, ends: list[int]
) -> None:
    found = facts(unit_blocked=blocked, forked=forked, ticket=kept, statement=statement, signed=Interval(*ends))

    if decide_standing(found, Standing.RECORDED).standing is Standing.FINAL:
        assert (blocked, forked, kept, statement) == (False, False, OPEN, result())
        assert ends[0] <= TICKET.not_after_s
        assert ends[1] >= TICKET.not_before_s


def clock(at_s: int, state: ClockState = ClockState.SYNCED, bound_s: int = 2) -> Clock:
    return Clock(at_s, state, bound_s, 3600, 9, b"\x0b" * 32)


@pytest.mark.parametrize(
    ("ticket_s", "predecessor_s", "unit", "expected"),
    [
        (100, None, clock(0, ClockState.UNSYNCED), Interval(100, 900)),
        (None, None, clock(0, ClockState.UNSYNCED), Interval(0, 900)),
        (100, 300, clock(0, ClockState.UNSYNCED), Interval(300, 900)),
        (300, 100, clock(500, ClockState.HOLDOVER), Interval(300, 900)),
        (100, None, clock(500), Interval(498, 502)),
        (100, None, clock(101), Interval(100, 103)),
        (100, None, clock(899), Interval(897, 900)),
        (100, None, clock(5000), Interval(100, 900)),
        (100, None, clock(50), Interval(100, 900)),
        (1000, None, clock(500), Interval(900, 900)),
    ],
)
def test_the_clock_of_a_unit_may_narrow_the_interval_but_never_widen_it(
    ticket_s: int | None, predecessor_s: int | None, unit: Clock, expected: Interval
) -> None:
    """F11."""
    assert signing_interval(ticket_s, predecessor_s, 900, unit) == expected


@given(
    ticket_s=st.none() | st.integers(0, 2000),
    predecessor_s=st.none() | st.integers(0, 2000),
    received_s=st.integers(0, 2000),
    unit=st.builds(clock, st.integers(0, 2**40), st.sampled_from(ClockState), st.integers(0, 2**32)),
)
def test_an_interval_always_ends_with_the_arrival_and_never_before_it_begins(
    ticket_s: int | None, predecessor_s: int | None, received_s: int, unit: Clock
) -> None:
    found = signing_interval(ticket_s, predecessor_s, received_s, unit)

    assert found.earliest_s <= found.latest_s <= received_s
    assert found.earliest_s >= min(received_s, max(ticket_s or 0, predecessor_s or 0))
