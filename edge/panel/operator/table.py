"""The condition of the unit as rows for people: what is known first, in its order, then the rest by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge.showing.facts import FACTS, Fact, Kind, Value, is_finding

_HOUR_S, _DAY_S = 3600, 86_400
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Rows:
    """What the page shows."""

    facts: Sequence[Mapping[str, str]]
    findings: Sequence[Mapping[str, str]]
    """What doctor, survey and calibration found."""


def rows_of(facts: Mapping[str, Value]) -> Rows:
    """Each row has name, zh, en and value, all text; an unknown fact is called by its name."""
    known = [name for name in FACTS if name in facts]
    other = sorted(name for name in facts if name not in FACTS and not is_finding(name))
    found = sorted(name for name in facts if is_finding(name))
    return Rows([_row(name, facts[name]) for name in (*known, *other)], [_row(name, facts[name]) for name in found])


def _row(name: str, value: Value) -> Mapping[str, str]:
    fact = FACTS.get(name, Fact(Kind.WORD, name, name))
    return {"name": name, "zh": fact.zh, "en": fact.en, "value": _spelled(value, fact.unit)}


def _spelled(value: Value, unit: str) -> str:
    match value:
        case None | "":
            return "—"
        case bool():
            return "✓" if value else "✗"
        case int() | float():
            return _measured(value, unit)
        case str():
            return value[:_LONGEST]


def _measured(value: float, unit: str) -> str:
    if unit == "s" and abs(value) >= 2 * _HOUR_S:
        value, unit = (value // _DAY_S, "d") if abs(value) >= 2 * _DAY_S else (value // _HOUR_S, "h")
    spelled = f"{value:.1f}" if isinstance(value, float) else str(value)
    return f"{spelled} {unit}".strip()
