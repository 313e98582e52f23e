"""Assembles what sets a centre up: its files, its tables, its first revocation list."""

from __future__ import annotations

import secrets

from provisioning.centre import Centre
from provisioning.clock import SystemClock
from provisioning.db import Database
from provisioning.identities import Identities
from provisioning.migrations.run import migrate
from provisioning.settings import CentreSettings


def found_centre(settings: CentreSettings) -> tuple[str, ...]:
    """Set a centre up, or bring it up to date; the names of what was made."""
    clock = SystemClock()
    made = Identities(settings.layout, settings.server_names, settings.ingest_workers, clock, secrets.token_bytes).complete()
    database = Database(settings.database)
    try:
        migrate(database)
        Centre(settings, database, clock).revocations.announce()
    finally:
        database.close()
    return made
