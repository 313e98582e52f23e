"""Waits for the ledger and checks every row: with the unit's own words, and with nothing but the fleet's certificates."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from demo.answers import Answer
from demo.centre import Centre, Row
from demo.errors import ProgramSilentError
from demo.programs import Programs
from demo.unit import Outcome
from demo.visits import Visit
from wire.receipt import Standing

LOOK_AGAIN_S = 0.2


@dataclass(frozen=True, slots=True)
class Seen:
    """One visit as it was seen from outside."""

    visit: Visit
    outcome: Outcome
    told: tuple[str, ...]
    """The codes that the screen showed, in order."""

    @property
    def as_planned(self) -> bool:
        """Whether it ended as the plan says, and the visitor was told what the plan says."""
        first = self.outcome.reasons[0] if self.outcome.reasons else None
        was_told = self.visit.told is None or self.visit.told.value in self.told
        return self.outcome.verdict is self.visit.verdict and first == self.visit.reason and was_told


@dataclass(frozen=True, slots=True)
class Proven:
    """A visit with its row of the ledger."""

    seen: Seen
    row: Row
    verified: bool
    """Signature and content were checked from outside, and row, unit and centre say the same."""

    @property
    def good(self) -> bool:
        """As planned, and verified."""
        return self.seen.as_planned and self.verified


def await_rows(centre: Centre, outcomes: Sequence[Outcome], within_s: float) -> tuple[Row, ...]:
    """The row of each outcome, in their order, once all are in the ledger; `ProgramSilentError` when time is over."""
    until = time.monotonic() + within_s
    while True:
        found = {row.result_id: row for row in centre.rows()}
        rows = tuple(found[outcome.result_id] for outcome in outcomes if outcome.result_id in found)
        if len(rows) == len(outcomes):
            return rows
        if time.monotonic() > until:
            raise ProgramSilentError("ledger", f"row for {len(outcomes) - len(rows)} of {len(outcomes)} results", within_s)
        time.sleep(LOOK_AGAIN_S)


def prove(seen: Seen, row: Row, programs: Programs, ca: Path) -> Proven:
    """Check one row with `lifecert result verify`, which knows neither unit nor centre, only the fleet's certificates."""
    signed = programs.ask("lifecert", "result", "verify", "-", "--ca", str(ca), given=row.token)
    settled = row.checked and row.standing is Standing.FINAL
    verified = settled and signed.truth("verified") and _by_unit(seen.outcome) == _in_ledger(row) == _in_token(signed)
    return Proven(seen, row, verified)


@dataclass(frozen=True, slots=True)
class _Account:
    """What unit, ledger and token must each say of one visit."""

    verdict: str
    reasons: tuple[str, ...]
    sequence: int
    result_id: str
    case: str


def _by_unit(outcome: Outcome) -> _Account:
    return _Account(outcome.verdict.value, outcome.reasons, outcome.sequence, outcome.result_id, outcome.case)


def _in_ledger(row: Row) -> _Account:
    return _Account(row.verdict.value, row.reasons, row.sequence, row.result_id, row.case)


def _in_token(answer: Answer) -> _Account:
    return _Account(
        answer.text("verdict"),
        answer.texts("reasons"),
        answer.number("sequence"),
        answer.text("result_id"),
        answer.text("case"),
    )
