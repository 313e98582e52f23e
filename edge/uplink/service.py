"""`lifecert-uplink`: carries results to the centre, and tickets, policies and receipts to the unit, until it is told to stop.

It opens no camera and no signing key. Everything that must survive lies in the spool, so it may be killed at any moment.
"""

from __future__ import annotations

import itertools
import logging
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import click

from edge.clock import UnitClock, machine_sources
from edge.contact import load_contact
from edge.duty import DISK_ERRORS, Patience
from edge.errors import EdgeError, StoreFullError
from edge.file_lock import held_alone
from edge.health.contact_note import ContactNote
from edge.log import log_to_stderr
from edge.pulse import Part, Pulse, unwatched
from edge.service_manager import teller
from edge.spool.spool import Spool, open_spool
from edge.state_dir import StateDir
from edge.uplink.courier import Courier, Message, Pace
from edge.uplink.mqtt import Arrived, BackOff, Connected, MqttLine
from edge.uplink.telemetry import Heartbeat
from edge.version import software_version

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.2
"""How soon a new result in the spool is noticed."""
REPORT_EVERY_S = 5.0
"""How soon another state of the unit is noticed."""
LOOK_ANYWAY_S = 1.0
"""How soon a result that is due again is noticed."""
LINE_WITHIN_S = 90.0
"""A connection's thread that does not turn for so long is stuck; looking a name up and shaking hands may take half of it."""


class Line(Protocol):
    """A connection to the broker that mends itself; `MqttLine` is one."""

    @property
    def connected(self) -> bool: ...

    @property
    def silent_s(self) -> float: ...

    def tend(self) -> None: ...

    def take(self, wait_s: float) -> list[Connected | Arrived]: ...

    def publish(self, message: Message) -> None: ...

    def acknowledge(self, arrived: Arrived) -> None: ...

    def close(self) -> None: ...


class Uplink:
    """The loop: tend the line, hear what came, send what waits."""

    def __init__(
        self, spool: Spool, courier: Courier, line: Line, monotonic_s: Callable[[], float], pulse: Pulse | None = None
    ) -> None:
        self._spool, self._courier, self._line, self._monotonic_s = spool, courier, line, monotonic_s
        self._pulse = pulse or unwatched()
        self._seen_version = -1
        self._look_at_s = self._report_at_s = 0.0

    def run(self, until: Callable[[], bool]) -> None:
        """Work until `until` says so, then say farewell. `StoreUnusableError` and `SpoolDamagedError` end it."""
        self._pulse.ledger.expect(Part.LINE, LINE_WITHIN_S)
        try:
            while not until():
                self.turn()
        finally:
            self._line.close()

    def turn(self) -> None:
        """One turn of the loop, at most `LOOK_EVERY_S` long when there is nothing to do."""
        self._line.tend()
        heard = self._line.take(LOOK_EVERY_S)
        for event in heard:
            self._hear(event)
            self._pulse.beat()
        if self._line.connected and (heard or self._is_time_to_look()):
            self._send_what_waits()
        for message in self._courier.report() if self._line.connected and self._is_time_to_report() else ():
            self._line.publish(message)
        self._give_a_sign_of_life()

    def _give_a_sign_of_life(self) -> None:
        if self._line.silent_s < LINE_WITHIN_S:
            self._pulse.ledger.seen(Part.LINE)
        self._pulse.ready("connected" if self._line.connected else "no connection to the centre; results wait in the spool")

    def _hear(self, event: Connected | Arrived) -> None:
        match event:
            case Connected():
                for message in self._courier.greet():
                    self._line.publish(message)
            case Arrived(topic, payload):
                try:
                    self._courier.hear(topic, payload)
                except StoreFullError as error:
                    # Not acknowledged: the broker keeps it and sends it again on the next connection.
                    log.error("no room for what the centre sent", extra={"why": error.what})
                    return
                self._line.acknowledge(event)

    def _is_time_to_look(self) -> bool:
        version, now_s = self._spool.data_version(), self._monotonic_s()
        if version == self._seen_version and now_s < self._look_at_s:
            return False
        self._seen_version = version
        return True

    def _is_time_to_report(self) -> bool:
        """Whether the note of the unit's program is worth a look: it changes seldom."""
        now_s = self._monotonic_s()
        if now_s < self._report_at_s:
            return False
        self._report_at_s = now_s + REPORT_EVERY_S
        return True

    def _send_what_waits(self) -> None:
        self._look_at_s = self._monotonic_s() + LOOK_ANYWAY_S
        for message in self._courier.load():
            self._line.publish(message)


Until = Callable[[Spool], bool]
"""Whether to stop; asked before each turn."""


def serve(state: Path, until: Until, pulse: Pulse | None = None) -> None:
    """Build the uplink of a state directory and run it; raises the errors of identity, lock and spool."""
    place, contact = StateDir(state), load_contact(state)
    clock = UnitClock(place.clock, machine_sources())
    chance = random.SystemRandom().random
    with held_alone(place.root / "uplink.lock"), open_spool(place.spool, clock.now_s) as spool:
        heartbeat = Heartbeat(place.condition, contact.unit, clock.now_s, time.monotonic, chance)
        heard, keys = ContactNote(place.heard, clock.now_s), contact.centre_keys
        courier = Courier(contact.unit, software_version(), keys, spool, clock, time.monotonic, chance, Pace(), heartbeat, heard)
        line = MqttLine(contact, courier.subscriptions, courier.farewell, clock, time.monotonic, chance, BackOff())
        Uplink(spool, courier, line, time.monotonic, pulse).run(lambda: until(spool))


def serve_until_told(serving: Callable[[Until], None], told: threading.Event, pulse: Pulse) -> None:
    """Serve again and again while the disk of the state is full or read-only; raises what waiting cannot mend.

    `serving` is `serve` for one state. A turn that is followed by another one went well, and the row of failures is over.
    """
    patience = Patience(pulse, told.wait)
    while not told.is_set():
        turns = itertools.count()

        def until(_: Spool, turns: Iterator[int] = turns) -> bool:
            if next(turns) > 0:
                patience.worked()
            return told.is_set()

        try:
            serving(until)
        except DISK_ERRORS as error:
            patience.wait(error)


@click.command()
@click.option(
    "--state", required=True, type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="The unit's state directory."
)
@click.option("--until-empty", is_flag=True, help="End as soon as no result waits for its receipt.")
@click.option(
    "--timeout-s", default=60.0, show_default=True, type=click.FloatRange(min=0), help="With --until-empty: the longest wait."
)
def main(state: Path, until_empty: bool, timeout_s: float) -> None:
    """Carry results to the centre until SIGTERM.

    Ends with 0 when told to stop; with 1 when --until-empty ran out of time; with 2 on a fault, or when another uplink
    works on the same state directory (LOCKED).

    \b
    Example, after a day in the field:
      lifecert-uplink --state /var/lib/lifecert --until-empty --timeout-s 300
    """
    log_to_stderr(logging.INFO)
    threading.excepthook = _log_ended_thread
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    ending = _Ending(told, at_s=time.monotonic() + timeout_s)
    try:
        if until_empty:
            serve(state, ending.has_come)
        else:
            pulse = Pulse(teller(os.environ), time.monotonic)
            serve_until_told(lambda until: serve(state, until, pulse), told, pulse)
    except EdgeError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
    sys.exit(1 if ending.late else 0)


class _Ending:
    """When to stop delivering: told to, or nothing waits, or it takes too long."""

    def __init__(self, told: threading.Event, *, at_s: float) -> None:
        self._told, self._at_s = told, at_s
        self.late = False

    def has_come(self, spool: Spool) -> bool:
        """Whether to stop now."""
        if self._told.is_set():
            return True
        waiting = spool.count_waiting()
        self.late = waiting > 0 and time.monotonic() >= self._at_s
        if self.late:
            log.error("results still wait for their receipts", extra={"waiting": waiting})
        return self.late or waiting == 0


def _log_ended_thread(ended: threading.ExceptHookArgs) -> None:
    """A thread of paho that ends with an exception is replaced; the log says why."""
    log.error("the connection's thread ended", extra={"why": f"{ended.exc_type.__name__}: {ended.exc_value}"})
