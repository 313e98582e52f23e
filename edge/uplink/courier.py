"""What to send when, and what to believe of what arrives. It opens no socket; `service` carries its messages to the broker.

The broker's acknowledgement says only that the broker has a message, not that the ledger has the result: it may have no
consumer, a full queue, or lose its memory in the next second. So nothing but a receipt signed by the centre removes a row.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edge.clock import UnitClock
from edge.errors import PolicyIdReusedError, PolicyOutdatedError, ReceiptUnfitError
from edge.health.contact_note import ContactNote
from edge.spool.rows import Queued, Sent
from edge.spool.spool import Spool
from edge.uplink.telemetry import Heartbeat
from wire.envelope import Kind, open_verified
from wire.errors import WireError
from wire.hello import Hello, hello_payload
from wire.keys import KeyId, PublicKey
from wire.policy import read_policy
from wire.receipt import read_receipt
from wire.telemetry import telemetry_payload
from wire.ticket import read_ticket
from wire.topics import Down, Up, down_topic, up_topic

log = logging.getLogger(__name__)

RECEIPT_TIME_STEP_S = 60
"""Receipts raise the floor of the clock in such steps: each step costs a write to the card."""


@dataclass(frozen=True, slots=True)
class Message:
    """Something to publish."""

    topic: str
    payload: bytes
    retained: bool
    confirmed: bool = True
    """Whether the broker is to say that it has it (QoS 1), or not (QoS 0)."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How eagerly results are sent."""

    window: int = 20
    """Most results on the way at a time."""
    answer_within_s: float = 10.0
    """After this long without a receipt a result gives its place in the window to the next one."""
    first_retry_s: float = 15.0
    """When a result is sent again; doubles with each try on the same connection."""
    longest_retry_s: float = 600.0


class Courier:
    """Policy of delivery for one unit. `monotonic_s` never steps; `chance` gives 0 to 1."""

    def __init__(
        self,
        unit: str,
        software: str,
        centre_keys: Mapping[KeyId, PublicKey],
        spool: Spool,
        clock: UnitClock,
        monotonic_s: Callable[[], float],
        chance: Callable[[], float],
        pace: Pace,
        heartbeat: Heartbeat | None = None,
        contact: ContactNote | None = None,
    ) -> None:
        """`heartbeat` tells how the unit is, `contact` notes when the centre was heard; without them nobody does."""
        self._unit, self._software, self._centre_keys, self._spool, self._clock = unit, software, centre_keys, spool, clock
        self._monotonic_s, self._chance, self._pace = monotonic_s, chance, pace
        self._heartbeat, self._contact = heartbeat, contact
        self._on_the_way: dict[bytes, float] = {}
        """When each result was sent, by its id."""
        self._tries: dict[bytes, int] = {}
        """How often each result was sent on this connection, by its id."""

    @property
    def subscriptions(self) -> tuple[str, ...]:
        """What the unit listens to."""
        return tuple(down_topic(self._unit, word) for word in Down)

    @property
    def farewell(self) -> Message:
        """What is said before leaving, and by the broker when the connection breaks."""
        return Message(up_topic(self._unit, Up.CONNECTION), b"0", retained=True)

    def greet(self) -> tuple[Message, ...]:
        """Begin a new connection: say that we are here and how far we are; everything that waits is due at once."""
        self._on_the_way.clear()
        self._tries.clear()
        self._spool.make_all_due()
        last = self._spool.head().sequence - 1
        note = self._heartbeat.young_note() if self._heartbeat else None
        condition = note.condition if note else None
        hello = Hello(self._unit, self._software, last, self._spool.count_waiting(), len(self._spool.tickets()), condition)
        return (
            Message(up_topic(self._unit, Up.CONNECTION), b"1", retained=True),
            Message(up_topic(self._unit, Up.HELLO), hello_payload(hello), retained=False),
        )

    def report(self) -> tuple[Message, ...]:
        """How the unit is, when that is due."""
        told = self._heartbeat.due() if self._heartbeat else None
        if told is None:
            return ()
        return (Message(up_topic(self._unit, Up.TELEMETRY), telemetry_payload(told), retained=False, confirmed=False),)

    def load(self) -> tuple[Message, ...]:
        """The results to send now, oldest first; they are noted as sent."""
        now_s = self._monotonic_s()
        self._on_the_way = {id_: at_s for id_, at_s in self._on_the_way.items() if now_s - at_s < self._pace.answer_within_s}
        room = self._pace.window - len(self._on_the_way)
        rows = self._spool.waiting(room, int(now_s)) if room > 0 else []
        self._spool.mark_sent([self._sent(row, now_s) for row in rows])
        return tuple(Message(up_topic(self._unit, Up.RESULT), row.envelope, retained=False) for row in rows)

    def hear(self, topic: str, payload: bytes) -> None:
        """Take in what arrived, if it is signed by the centre and for us; anything else is ignored and logged (F20)."""
        try:
            if topic == down_topic(self._unit, Down.RECEIPT):
                self._hear_receipt(payload)
            elif topic == down_topic(self._unit, Down.TICKET):
                self._hear_ticket(payload)
            elif topic == down_topic(self._unit, Down.POLICY):
                self._hear_policy(payload)
            else:
                log.warning("message on a foreign topic ignored")
                return
            if self._contact:
                self._contact.heard()
        except (WireError, ReceiptUnfitError, PolicyIdReusedError, PolicyOutdatedError) as error:
            log.warning("message ignored", extra={"what": topic.rpartition("/")[2], "why": str(error)})

    def _hear_receipt(self, payload: bytes) -> None:
        receipt = read_receipt(open_verified(payload, Kind.RECEIPT, self._centre_keys))
        if receipt.unit != self._unit:
            log.warning("receipt for another unit ignored")
            return
        if receipt.issued_at_s - self._clock.floor_s >= RECEIPT_TIME_STEP_S:
            self._clock.raise_floor(receipt.issued_at_s)
        self._spool.accept_receipt(receipt, payload)
        self._on_the_way.pop(receipt.result_id, None)
        self._tries.pop(receipt.result_id, None)
        log.info("result receipted", extra={"leaf": receipt.leaf, "standing": receipt.standing.value})

    def _hear_ticket(self, payload: bytes) -> None:
        ticket = read_ticket(open_verified(payload, Kind.TICKET, self._centre_keys))
        if ticket.unit != self._unit:
            log.warning("ticket for another unit ignored")
            return
        self._clock.raise_floor(ticket.issued_at_s)
        if self._spool.put_ticket(ticket, payload):
            log.info("ticket arrived", extra={"case": ticket.case})

    def _hear_policy(self, payload: bytes) -> None:
        policy = read_policy(open_verified(payload, Kind.POLICY, self._centre_keys))
        self._clock.raise_floor(policy.issued_at_s)
        if self._spool.put_policy(policy, payload):
            log.info("policy arrived", extra={"policy": policy.id})

    def _sent(self, row: Queued, now_s: float) -> Sent:
        tries = self._tries.get(row.result_id, 0)
        self._tries[row.result_id] = tries + 1
        self._on_the_way[row.result_id] = now_s
        pause_s = min(self._pace.first_retry_s * 2.0 ** min(tries, 30), self._pace.longest_retry_s)
        # Jitter from half to the whole pause, so that units that lost the centre together do not come back together.
        return Sent(row.sequence, math.ceil(now_s + pause_s * (0.5 + self._chance() / 2)))
