"""The assembler: every part of the centre is built here, exactly once, from the settings; its web side in `web`."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from provisioning.broker import BrokerFolder, BrokerPlan, write_note
from provisioning.ca.identity import read_authority
from provisioning.ca.keys import FileSigner, read_key
from provisioning.ca.models import Authority
from provisioning.clock import Clock, SystemClock
from provisioning.cohorts.archive import CohortArchive
from provisioning.cohorts.key import CohortKey
from provisioning.consumer import FILTERS, Consumer
from provisioning.db import Database
from provisioning.devices.registry import Registry
from provisioning.errors import CentreNotSetUpError, InputInvalidError
from provisioning.files import read_whole
from provisioning.intake import Intake
from provisioning.layout import Layout
from provisioning.ledger.book import Book
from provisioning.ledger.check import LedgerCheck
from provisioning.ledger.page import LedgerReader
from provisioning.mqtt import BrokerAddress, BrokerLink
from provisioning.revocation import Revocations, Told, worker_names
from provisioning.settings import CentreSettings
from provisioning.tickets.issue import TicketDesk


@dataclass(frozen=True)
class Centre:
    """The parts of one centre. Each command asks for those it needs, so that it reads no key it does not use."""

    settings: CentreSettings
    database: Database
    clock: Clock

    @property
    def layout(self) -> Layout:
        """Where the files lie."""
        return self.settings.layout

    @cached_property
    def signer(self) -> FileSigner:
        """Signs tickets and receipts."""
        if not self.layout.signing_key.exists():
            raise CentreNotSetUpError(self.layout.signing_key.name)
        return FileSigner(read_key(self.layout.signing_key))

    @cached_property
    def authority(self) -> Authority:
        """Issues certificates."""
        return read_authority(self.layout.issuing)

    @cached_property
    def registry(self) -> Registry:
        """Makes claims, blocks units."""
        return Registry(self.database, self.clock, secrets.token_bytes, self.settings.claim_lifetime_s)

    @cached_property
    def ticket_desk(self) -> TicketDesk:
        """Makes tickets."""
        return TicketDesk(self.database, self.signer, self.clock, secrets.token_bytes)

    @cached_property
    def revocations(self) -> Revocations:
        """Tells everyone about blocks."""
        return Revocations(self.database, self.authority, self.layout, self.clock, self.settings.ingest_workers)

    @cached_property
    def cohort_key(self) -> CohortKey:
        """What cohorts are sealed to."""
        return CohortKey(self.layout)

    @cached_property
    def cohort_archive(self) -> CohortArchive:
        """Keeps sealed references."""
        return CohortArchive(self.database, self.layout, self.cohort_key, self.clock)

    @cached_property
    def ledger_check(self) -> LedgerCheck:
        """Recomputes the ledger."""
        return LedgerCheck(self.database, self.signer.public_key)

    @cached_property
    def ledger_reader(self) -> LedgerReader:
        """Reads the ledger for people."""
        return LedgerReader(self.database, self.ledger_check)

    @cached_property
    def intake(self) -> Intake:
        """Stores what arrives."""
        return Intake(self.database, Book(self.signer, self.settings.unticketed), self.clock)

    def consumer(self, worker: int) -> Consumer:
        """One consumer, counted from 1; `InputInvalidError` when it has no identity."""
        if not 1 <= worker <= self.settings.ingest_workers:
            raise InputInvalidError(f"worker {worker} has no identity: there are 1 to {self.settings.ingest_workers}")
        address = BrokerAddress(
            host=self.settings.broker_host,
            port=self.settings.broker_port,
            client_id=worker_names(self.settings.ingest_workers)[worker - 1],
            identity=self.layout.ingest(worker),
            bundle=self.layout.bundle,
        )
        link = BrokerLink(address, FILTERS, time.monotonic)
        return Consumer(link, self.intake, self.database, self.clock, time.monotonic)

    def found_broker(self, plan: BrokerPlan) -> Told:
        """Write a broker's configuration and remember where it is."""
        folder = BrokerFolder(plan.folder, plan.user)
        names = tuple(dict.fromkeys((self.settings.broker_host, *self.settings.server_names, "localhost", "127.0.0.1")))
        folder.found(plan, self.authority, names, read_whole(self.layout.bundle), self.clock.now_s())
        write_note(self.layout.broker_note, plan.folder, plan.user)
        return self.revocations.announce()


@contextmanager
def open_centre(settings: CentreSettings) -> Iterator[Centre]:
    """A centre that was set up; `CentreNotSetUpError` when it was not."""
    if not settings.layout.issuing.certificate.exists():
        raise CentreNotSetUpError(str(settings.layout.issuing.certificate))
    database = Database(settings.database)
    try:
        database.require_current()
        yield Centre(settings, database, SystemClock())
    finally:
        database.close()
