"""Writes docs/health.md out of the tables, so that the page cannot say anything else than the unit does."""

from __future__ import annotations

from edge.health.faults import ELSEWHERE, TABLE, Fault, Row, State
from edge.health.strikes import LONG_PAUSE_S, OUT_AFTER, PAUSES_S
from edge.prompts.catalogue import Catalogue, load_catalogue

_HEAD = """\
# How a unit is, and what it does about it

Between visits a unit looks after itself every five seconds, and is in one of four states. Only in the first two may a visit
begin. This page is written from the tables in `edge/health/faults.py`; a test compares them. What to do about a screen stands in
[when something is wrong](operations/when-something-is-wrong.md).

| state | serves | LED | meaning |
| --- | --- | --- | --- |
"""

_MEANINGS = {
    State.SERVING: "All is well.",
    State.DEGRADED: "Visits go on; the operator's page, the log and the centre tell what needs somebody.",
    State.PAUSED: "No visit begins. The unit goes on by itself as soon as it can.",
    State.OUT_OF_SERVICE: "No visit begins, and a person is needed. The unit goes on trying.",
}

_FAULTS = """
## Every fault

The most important first. In the states that serve nobody the screen shows the words of the code, in the unit's language; else
the operator reads them. The illuminator is dark in all of them. A visit that goes on when camera, lamps or networks fail ends as
aborted, with the code as its reason, and leaves its signed result; its ticket stays, and is tried again up to twice.

| fault | state | code | screen (en) | what it is | what ends it | tests |
| --- | --- | --- | --- | --- | --- | --- |
"""

_STRIKES = """
## Three times in a row

Camera, lamps and networks are tried again {first:g} and {second:g} s after they failed. After {most} failures in a row the
unit is out of service, and tries every {long:g} s. A trial that succeeds lets the next visit begin; only a visit that ends well
takes the failures back.

## Mended elsewhere

| test | by what |
| --- | --- |
"""


def health_page() -> str:
    """The whole page."""
    words = load_catalogue("en")
    states = "".join(
        f"| `{state.value}` | {'yes' if state.serves else 'no'} | {state.led.value} | {_MEANINGS[state]} |\n" for state in State
    )
    rows = "".join(_line(fault, row, words) for fault, row in TABLE.items())
    strikes = _STRIKES.format(first=PAUSES_S[0], second=PAUSES_S[1], most=OUT_AFTER, long=LONG_PAUSE_S)
    return _HEAD + states + _FAULTS + rows + strikes + "".join(f"| {test} | {by} |\n" for test, by in ELSEWHERE.items())


def _line(fault: Fault, row: Row, words: Catalogue) -> str:
    shown = words.view(row.reason).title if not row.state.serves else ""
    cells = (f"`{fault.value}`", f"`{row.state.value}`", f"`{row.reason.value}`", shown, row.cause, row.recovery, row.tests)
    return f"| {' | '.join(cells)} |\n"
