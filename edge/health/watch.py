"""Looks after the unit between visits: tries again what failed, makes room, and says how the unit is. It serves nobody itself.

A look costs a few small files every five seconds; in between it costs nothing. One thread, that of the main loop.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from edge.flow import Decision
from edge.health.faults import Fault, fault_of_error, fault_of_reason
from edge.health.health import WELL, Facts, Health, Limits, judge
from edge.health.storage import bytes_to_free
from edge.health.strikes import NO_STRIKES, Strikes, is_due, struck, tried_well
from edge.health.tally import Tally
from firmware.errors import FirmwareError
from wire.result import Verdict

log = logging.getLogger("lifecert.health")

LOOK_EVERY_S = 5.0
SHOWN_S = 15.0
"""So long after a visit nobody looks: its result stands on the screen."""


class Gathers(Protocol):
    """Gives the facts; `gather.Gather` does."""

    def facts(self, device: Fault | None, *, interrupted: bool) -> Facts: ...


def nothing_told(_health: Health, _facts: Facts) -> None:
    """For a watch that nobody listens to."""


@dataclass(slots=True)
class Watch:
    """Whether the unit may serve, from one look to the next."""

    gather: Gathers
    limits: Limits
    trial: Callable[[], None]
    """Tries camera and lamps; raises `FirmwareError`."""
    room: Callable[[int], int]
    """Deletes what can be spared until so many bytes are freed, and says how many were."""
    monotonic_s: Callable[[], float]
    told: Callable[[Health, Facts], None] = nothing_told
    """Hears of every look."""
    interrupted: bool = False
    """Whether the last visit was cut off."""
    tally: Tally = field(default_factory=Tally)
    _strikes: Strikes = NO_STRIKES
    _health: Health = field(default=WELL)
    _again_at_s: float | None = None

    def look(self) -> Health:
        """How the unit is; what it was at the last look while that is young."""
        now_s = self.monotonic_s()
        if is_due(self._strikes, now_s):
            self._try_again(now_s)
        elif self._again_at_s is not None and now_s < self._again_at_s:
            return self._health
        self._again_at_s = now_s + LOOK_EVERY_S
        facts = self._roomy(self._facts())
        self._change(judge(facts, self.limits, self._health))
        self.told(self._health, facts)
        return self._health

    def ended(self, decision: Decision) -> None:
        """A visit ended like this: where the equipment is to blame it is a strike, else all is forgiven."""
        self.tally.add(decision)
        fault = fault_of_reason(decision.reasons[0]) if decision.verdict is Verdict.ABORTED else None
        if fault:
            self._strike(fault)
        else:
            self._strikes, self.interrupted = NO_STRIKES, False
            self._again_at_s = self.monotonic_s() + SHOWN_S

    def failed(self, error: Exception) -> None:
        """A visit could not begin because of this."""
        self._strike(fault_of_error(error))

    def _strike(self, fault: Fault) -> None:
        self._strikes = struck(self._strikes, fault, self.monotonic_s())
        self._again_at_s = None
        log.error("equipment failed", extra={"fault": fault.value, "in_a_row": self._strikes.count})

    def _try_again(self, now_s: float) -> None:
        try:
            self.trial()
        except FirmwareError as error:
            fault = fault_of_error(error)
            log.warning("trial failed", extra={"fault": fault.value, "error": type(error).__name__})
            self._strikes = struck(self._strikes, fault, now_s)
            return
        log.info("trial succeeded", extra={"after": self._strikes.count})
        self._strikes = tried_well(self._strikes)

    def _facts(self) -> Facts:
        return self.gather.facts(self._strikes.fault, interrupted=self.interrupted)

    def _roomy(self, facts: Facts) -> Facts:
        """The facts after everything that can be spared is gone, where there was too little room (R6)."""
        needed = bytes_to_free(facts.storage, self.limits.storage)
        return self._facts() if needed and self.room(needed) else facts

    def _change(self, health: Health) -> None:
        if health != self._health:
            level = logging.INFO if health.serves else logging.ERROR
            log.log(level, "health changed", extra={"state": health.state.value, "faults": ", ".join(health.faults)})
        self._health = health
