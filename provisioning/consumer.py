"""Takes results in: verify, store, receipt, acknowledge, in that order; and sends tickets out.

Any number of consumers may run side by side. A message stays the broker's until what it says is durable in the database; while
the database is away nothing is acknowledged and nothing receipted, and work goes on by itself when it is back (F41).
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from provisioning.clock import Clock
from provisioning.db import Database
from provisioning.errors import DatabaseUnavailableError
from provisioning.intake import Intake
from provisioning.mqtt import Confirmation, Delivery
from provisioning.outgoing import Leased, lease, mark_published
from wire.topics import Down, Up, down_topic, every_unit

log = logging.getLogger(__name__)

FILTERS = tuple(f"$share/ingest/{every_unit(word)}" for word in (Up.RESULT, Up.HELLO, Up.TELEMETRY))
"""Shared subscriptions: the broker splits the messages among all consumers."""

BATCH = 50
_WAIT_S = 0.25
_LOOK_FOR_OUTGOING_S = 0.5
_SHORTEST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0


class Link(Protocol):
    """What a consumer needs of the connection to the broker; `mqtt.BrokerLink` is one."""

    def tend(self) -> None: ...

    def take(self, most: int, wait_s: float) -> list[Delivery | Confirmation]: ...

    def acknowledge(self, delivery: Delivery) -> None: ...

    def publish(self, topic: str, payload: bytes) -> int | None: ...

    @property
    def epoch(self) -> int | None: ...

    def close(self) -> None: ...


@dataclass(slots=True)
class BackOff:
    """Grows the pause while the database is away, with jitter so that consumers do not return all at once."""

    jitter: Callable[[], float] = random.random
    _pause_s: float = 0.0

    def grow(self) -> float:
        """The next pause, in seconds."""
        self._pause_s = min(max(self._pause_s * 2, _SHORTEST_PAUSE_S), _LONGEST_PAUSE_S)
        return self._pause_s * (0.5 + self.jitter() / 2)

    def reset(self) -> None:
        """The database answered."""
        self._pause_s = 0.0


@dataclass(slots=True)
class _Pending:
    """What was taken from the link and is not settled yet."""

    deliveries: list[Delivery] = field(default_factory=list)
    sent: dict[int, Leased] = field(default_factory=dict)
    """Parcel by the number of its message."""
    confirmed: list[Leased] = field(default_factory=list)
    """Parcels that the broker has taken."""
    epoch: int | None = None


class Consumer:
    """Works on one connection. `turn` is called again and again by one thread."""

    def __init__(self, link: Link, intake: Intake, database: Database, clock: Clock, monotonic_s: Callable[[], float]) -> None:
        self._link = link
        self._intake = intake
        self._database = database
        self._clock = clock
        self._monotonic_s = monotonic_s
        self._pending = _Pending()
        self._look_again_s = 0.0

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; the connection is closed then."""
        back_off = BackOff()
        while not stop.is_set():
            try:
                self.turn()
                back_off.reset()
            except DatabaseUnavailableError as error:
                pause_s = back_off.grow()
                log.warning("database away, nothing acknowledged", extra={"pause_s": round(pause_s, 1), "why": str(error)})
                stop.wait(pause_s)
        self._link.close()

    def turn(self) -> None:
        """Do what there is to do, once. `DatabaseUnavailableError` leaves everything as it was, for the next turn."""
        self._link.tend()
        room = BATCH - len(self._pending.deliveries)
        for event in self._link.take(room, _WAIT_S) if room > 0 else []:
            self._sort(event)
        self._forget_old_connection()
        self._settle_deliveries()
        self._settle_confirmations()
        self._send_parcels()

    def _sort(self, event: Delivery | Confirmation) -> None:
        match event:
            case Delivery():
                self._pending.deliveries.append(event)
            case Confirmation(mid, taken, _):
                parcel = self._pending.sent.pop(mid, None)
                if parcel is not None and taken:
                    self._pending.confirmed.append(parcel)
                if not taken:
                    log.warning("broker refused a message", extra={"mid": mid})

    def _forget_old_connection(self) -> None:
        """What came on an earlier connection comes again; what was sent on it is leased again once its time is up."""
        epoch = self._link.epoch
        if epoch == self._pending.epoch:
            return
        self._pending.epoch = epoch
        self._pending.sent.clear()
        self._pending.deliveries = [delivery for delivery in self._pending.deliveries if delivery.epoch == epoch]

    def _settle_deliveries(self) -> None:
        deliveries = tuple(self._pending.deliveries)
        if not deliveries:
            return
        for receipt in self._intake.take_in(deliveries):
            self._link.publish(down_topic(receipt.unit, Down.RECEIPT), receipt.receipt)
        for delivery in deliveries:
            self._link.acknowledge(delivery)
        self._pending.deliveries.clear()
        self._look_again_s = 0.0

    def _settle_confirmations(self) -> None:
        if not self._pending.confirmed:
            return
        with self._database.writing() as transaction:
            mark_published(transaction, self._pending.confirmed, self._clock.now_s())
        self._pending.confirmed.clear()

    def _send_parcels(self) -> None:
        if self._link.epoch is None or self._monotonic_s() < self._look_again_s:
            return
        self._look_again_s = self._monotonic_s() + _LOOK_FOR_OUTGOING_S
        for parcel in self._lease():
            mid = self._link.publish(down_topic(parcel.unit, parcel.word), parcel.payload)
            if mid is not None:
                self._pending.sent[mid] = parcel

    def _lease(self) -> Sequence[Leased]:
        with self._database.writing() as transaction:
            return lease(transaction, self._clock.now_s(), BATCH)
