"""Counts how often somebody failed in a row at this unit, so that a person's check is offered, and later a delay kept (R41, R42).

The centre counts over all units and decides; this is the copy of a unit that may be offline, and the stricter of both holds. A
try is counted before the camera looks: pulling the battery does not undo it.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edge.durable_file import write_durably
from edge.errors import FileNotDurableError
from edge.flow import Decision
from wire.reasons import Category, Reason
from wire.result import Verdict

log = logging.getLogger("lifecert.tries")

FORGOTTEN_AFTER_S = 24 * 3600
"""Failures that lie so long before the next try are not "in a short time"."""
FIRST_DELAY_S = 30
"""NIST SP 800-63B, 3.2.3: at least 30 s before the next try once the failures reach their limit; it doubles with each."""
LONGEST_DELAY_S = 24 * 3600
"""Then somebody has to go another way."""
MOST_PERSONS = 1_000
NOBODYS_FAULT = frozenset({Category.EQUIPMENT, Category.SERVICE, Category.TRUST, Category.POLICY})


@dataclass(frozen=True, slots=True)
class Tries:
    """The failures in a row of one person."""

    failures: int = 0
    last_s: int = 0

    def locked_until_s(self, lock_after: int) -> int:
        """Unix time before which the next try is not allowed; 0 where nothing is locked."""
        beyond = self.failures - lock_after
        return self.last_s + min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** min(beyond, 30)) if beyond >= 0 else 0


class TriesMemory:
    """One small JSON file. Persons are known by the hash of their pseudonym; the longest unseen are forgotten first."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, subject: str, now_s: int) -> Tries:
        """The failures that count at this time."""
        found = self._all().get(_key(subject), Tries())
        return found if now_s - found.last_s < FORGOTTEN_AFTER_S else Tries()

    def begin(self, subject: str, now_s: int) -> None:
        """Count a try as failed until something else is known."""
        self._keep(subject, Tries(self.of(subject, now_s).failures + 1, now_s))

    def end(self, subject: str, decision: Decision, now_s: int) -> Tries:
        """What the try came to; one that failed by nobody's fault was none."""
        before = self.of(subject, now_s)
        if decision.verdict is Verdict.ACCEPTED:
            return self._keep(subject, Tries())
        if decision.verdict is Verdict.ABORTED and _is_nobodys_fault(decision.reasons[0]):
            return self._keep(subject, Tries(max(0, before.failures - 1), before.last_s))
        return self._keep(subject, Tries(before.failures, now_s))

    def _keep(self, subject: str, tries: Tries) -> Tries:
        """A disk that fails is logged, and nothing else: the spool, on the same disk, stops visits then."""
        everybody = {key: each for key, each in self._all().items() if key != _key(subject)}
        if tries.failures:
            everybody[_key(subject)] = tries
        newest = sorted(everybody.items(), key=lambda item: item[1].last_s)[-MOST_PERSONS:]
        try:
            write_durably(self._path, json.dumps({key: [each.failures, each.last_s] for key, each in newest}).encode())
        except FileNotDurableError as error:
            log.warning("tries not kept", extra={"error": str(error)})
        return tries

    def _all(self) -> Mapping[str, Tries]:
        try:
            found = json.loads(self._path.read_bytes())
            return {str(key): Tries(int(failures), int(last_s)) for key, (failures, last_s) in found.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
            log.warning("tries begun anew", extra={"error": type(error).__name__})
            return {}


def _key(subject: str) -> str:
    return hashlib.sha256(subject.encode()).hexdigest()


def _is_nobodys_fault(reason: Reason) -> bool:
    return reason.category in NOBODYS_FAULT or reason is Reason.CANCELLED
