"""The rounds of a serving unit: it looks after itself, and serves what waits while it may; what it passes over it remembers."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from edge.duty import DISK_ERRORS
from edge.errors import PolicyUnfitError
from edge.health.announce import Announcer
from edge.health.faults import fault_of_reason
from edge.health.strikes import OUT_AFTER
from edge.health.watch import Watch
from edge.spare_memory import Repose
from edge.spool.spool import Spool
from edge.unit import VisitReport
from firmware.errors import FirmwareError
from wire.result import Verdict
from wire.ticket import Ticket


class PassedOver:
    """Tickets that were tried and are not tried again: for good, or until the uplink has brought something, perhaps a policy."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._for_good: set[bytes] = set()
        self._at_version: dict[bytes, int] = {}
        self._aborted: Counter[bytes] = Counter()

    def __contains__(self, nonce: bytes) -> bool:
        return nonce in self._for_good or self._at_version.get(nonce) == self._spool.data_version()

    def add(self, nonce: bytes) -> None:
        """Pass a ticket over for good."""
        self._for_good.add(nonce)

    def add_aborted(self, nonce: bytes, *, equipment: bool) -> None:
        """Pass a ticket over for good whose visit was aborted; where the equipment was to blame, only after three such visits."""
        self._aborted[nonce] += 1
        if not equipment or self._aborted[nonce] >= OUT_AFTER:
            self.add(nonce)

    def add_for_now(self, nonce: bytes, version: int) -> None:
        """Pass a ticket over until the spool is of another version than this, that of before the try."""
        self._at_version[nonce] = version


@dataclass(slots=True)
class Rounds:
    """A unit that serves what waits, while its watch says that it may."""

    spool: Spool
    serve: Callable[[Ticket], VisitReport]
    refusals: tuple[type[Exception], ...]
    """Errors that mean: not this visit; the unit itself is well."""
    recover: Callable[[], object]
    """Reports what a failing disk left open; called before the next visit after a failure."""
    passed_over: PassedOver
    watch: Watch
    announcer: Announcer
    repose: Repose
    _failed: bool = False

    def turn(self) -> None:
        """Look after the unit, and serve what waits. Raises what only a restart can mend."""
        if not self.watch.look().serves:
            return
        try:
            if self._failed:
                self.recover()
                self._failed = False
            for ticket in self.spool.tickets():
                if ticket.nonce not in self.passed_over:
                    self._serve_or_pass_over(ticket)
                    self.repose.stir()
                    if not self.watch.look().serves:
                        return
        except DISK_ERRORS as error:
            self._fail(error)
        self.repose.turn()

    def _fail(self, error: Exception) -> None:
        """Whatever visit was meant, its ticket waits until the unit is well again."""
        self._failed = True
        self.watch.failed(error)

    def _serve_or_pass_over(self, ticket: Ticket) -> None:
        version = self.spool.data_version()
        try:
            report = self.serve(ticket)
        except self.refusals as error:
            if isinstance(error, PolicyUnfitError):
                self.passed_over.add_for_now(ticket.nonce, version)
            else:
                self.passed_over.add(ticket.nonce)
            logging.getLogger("lifecert.edge").warning("ticket passed over", extra={"why": str(error)})
            self.announcer.forget()  # Why stands on the screen, and makes place for the next visitor.
            return
        except (FirmwareError, *DISK_ERRORS) as error:
            self._fail(error)
            return
        self.announcer.forget()
        decision = report.judgement.decision
        self.watch.ended(decision)
        if decision.verdict is Verdict.ABORTED:
            self.passed_over.add_aborted(ticket.nonce, equipment=fault_of_reason(decision.reasons[0]) is not None)
