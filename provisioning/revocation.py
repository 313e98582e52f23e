"""Carries a block to everyone who must know of it: the revocation list, the broker's rules, the running broker."""

from __future__ import annotations

from enum import StrEnum

from provisioning.broker import Access, read_note
from provisioning.ca.models import Authority
from provisioning.ca.revoke import revocation_list
from provisioning.ca.store import CertificateStore
from provisioning.clock import Clock
from provisioning.db import Database
from provisioning.devices.models import DeviceState
from provisioning.devices.store import DeviceStore
from provisioning.files import PUBLIC, alone, write_whole
from provisioning.layout import Layout


class Told(StrEnum):
    """What became of an announcement."""

    NO_BROKER = "no_broker"
    """No broker was configured by this centre yet."""
    NOT_RUNNING = "not_running"
    """The files are written; the broker reads them when it starts."""
    SIGNALLED = "signalled"
    """The running broker was told to read the files."""


def worker_names(workers: int) -> tuple[str, ...]:
    """The names of the consumers in their certificates."""
    return tuple(f"ingest-{number}" for number in range(1, workers + 1))


class Revocations:
    """Writes the present state of all blocks wherever it is needed. Doing so again is harmless."""

    def __init__(self, database: Database, authority: Authority, layout: Layout, clock: Clock, workers: int) -> None:
        self._database = database
        self._authority = authority
        self._layout = layout
        self._clock = clock
        self._workers = workers

    def announce(self) -> Told:
        """Write everything; raises `FileUnusableError` or `BrokerUnreachableError` when someone cannot be told."""
        with alone(self._layout.revocation_lock):
            return self._announce(self._clock.now_s())

    def _announce(self, now_s: int) -> Told:
        with self._database.reading() as transaction:
            revoked = CertificateStore(transaction).revoked(now_s)
            devices = DeviceStore(transaction).all()
        blocked = [device.unit for device in devices if device.state is DeviceState.BLOCKED]
        revocations = revocation_list(self._authority, revoked, now_s)
        write_whole(self._layout.revocations, revocations, PUBLIC)
        broker = read_note(self._layout.broker_note)
        if broker is None:
            return Told.NO_BROKER
        running = broker.tell(Access(worker_names(self._workers), blocked), revocations)
        return Told.SIGNALLED if running else Told.NOT_RUNNING
