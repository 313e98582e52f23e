"""What was found about one quality: its score, and the flaw that it is beyond its limit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from edge.flow import Component, Flaw
from wire.reasons import Reason


@dataclass(frozen=True, slots=True)
class Finding:
    """One quality of a face."""

    component: Component
    score: int
    """0 (bad) to 100 (good)."""
    flaw: Flaw | None


def at_least(component: Component, value: float, limit: float, reason: Reason) -> Finding:
    """Below the limit it is a flaw."""
    flaw = None if value >= limit else Flaw(reason, min(1.0, 1.0 - value / limit))
    return Finding(component, rising(value, limit), flaw)


def at_most(component: Component, value: float, limit: float, reason: Reason) -> Finding:
    """Above the limit it is a flaw."""
    flaw = None if value <= limit else Flaw(reason, min(1.0, value / limit - 1.0))
    return Finding(component, falling(value, limit), flaw)


def rising(value: float, limit: float) -> int:
    """Score 50 at the limit, 100 at twice the limit."""
    return _score(50 * value / limit)


def falling(value: float, limit: float) -> int:
    """Score 100 at zero, 50 at the limit."""
    return _score(100 - 50 * value / limit)


def hinted(finding: Finding) -> Finding:
    """The same, worth a word and no more."""
    flaw = finding.flaw
    return Finding(finding.component, finding.score, replace(flaw, blocks=False)) if flaw else finding


def names(findings: Iterable[Finding], reason: Reason) -> bool:
    """Whether one of them is a flaw for this reason."""
    return any(finding.flaw and finding.flaw.reason is reason for finding in findings)


def blocking(findings: Iterable[Finding]) -> bool:
    """Whether one of them keeps the face from being judged."""
    return any(finding.flaw and finding.flaw.blocks for finding in findings)


def _score(value: float) -> int:
    """Whole, 0 to 100; what is not a number is 0."""
    return int(min(100.0, max(0.0, value)))
