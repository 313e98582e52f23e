"""Plays the uplink: brings tickets, takes results away for receipts, and is away at times. Its spool is the product's."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from edge.evaluate.soak.dice import Visit
from edge.session.challenge import asked_action
from edge.spool.spool import Spool
from wire.envelope import Kind, seal, unverified_payload
from wire.keys import Signer
from wire.policy import SHIPPED_POLICY
from wire.receipt import Receipt, Standing, receipt_payload
from wire.reference import Reference, ReferenceClass
from wire.result import Mode, ResultStatement, read_result
from wire.ticket import Ticket, ticket_payload

AT_ONCE = 50
"""So many results are taken away in one go."""
DAY_S = 86_400


@dataclass(slots=True)
class UplinkPlayer:
    """One thread. `photos` are the reference photos by clip, `now_s` is Unix seconds."""

    spool: Spool
    unit: str
    centre: Signer
    photos: Mapping[str, Path]
    now_s: Callable[[], int]
    spool_wal: Path
    """The journal of the spool."""
    _read: int = 0
    _leaf: int = 0
    most_waiting: int = 0
    results: list[ResultStatement] = field(default_factory=list)

    def bring(self, visit: Visit, seed: int) -> Ticket:
        """Put the ticket of a visit into the spool."""
        now_s = self.now_s()
        mode = Mode.ACTIVE if visit.action else Mode.PASSIVE
        digest = hashlib.sha256(self.photos[visit.photo_of].read_bytes()).digest()
        ticket = Ticket(
            unit=self.unit,
            case=f"soak-{visit.number:06}",
            subject=f"subject-{visit.number:06}",
            nonce=_nonce(visit, seed),
            issued_at_s=now_s,
            not_before_s=now_s - DAY_S,
            not_after_s=now_s + DAY_S,
            policy=SHIPPED_POLICY,
            mode=mode,
            references=(Reference(digest, ReferenceClass.DOCUMENT),),
        )
        self.spool.put_ticket(ticket, seal(ticket_payload(ticket), Kind.TICKET, self.centre))
        return ticket

    def look(self) -> list[ResultStatement]:
        """The results that came since the last look, oldest first; they stay where they are."""
        waiting = self.spool.waiting(10_000, 2**40)
        self.most_waiting = max(self.most_waiting, len(waiting))
        came = [read_result(unverified_payload(each.envelope, Kind.RESULT)) for each in waiting if each.sequence > self._read]
        self._read = max((each.sequence for each in waiting), default=self._read)
        self.results += came
        return came

    def deliver(self) -> None:
        """Take every result away for a receipt."""
        while waiting := self.spool.waiting(AT_ONCE, 2**40):
            for each in waiting:
                self._leaf += 1
                receipt = Receipt(self.unit, each.result_id, each.digest, self._leaf, Standing.FINAL, self.now_s())
                self.spool.accept_receipt(receipt, seal(receipt_payload(receipt), Kind.RECEIPT, self.centre))


def _nonce(visit: Visit, seed: int) -> bytes:
    """One that nobody had before, and that asks for the action of the visit."""
    tries = (hashlib.sha256(f"{seed} {visit.number} {extra}".encode()).digest() for extra in range(1000))
    return next(nonce for nonce in tries if visit.action in (None, asked_action(nonce)))
