"""Carries what can still be read out of a damaged spool into a new one (F6)."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from edge.errors import SpoolDamagedError
from edge.spool.database import FAULTS, new_file, to_salvage, transaction
from edge.spool.head_note import HeadNote
from edge.spool.rows import Head
from wire.result import DIGEST_BYTES

log = logging.getLogger(__name__)

_COLUMNS = {
    "attempts": "id, opened_at_s, case_id, mode, nonce",
    "outbox": "sequence, result_id, digest, envelope, tries, next_try_s",
    "receipts": "sequence, result_id, digest, sealed, issued_at_s",
    "tickets": "nonce, case_id, envelope, issued_at_s, not_after_s, used",
    "policies": "policy_id, name, number, digest, envelope, issued_at_s, not_after_s",
}


def rebuild(path: Path, fault: str) -> None:
    """Build a new spool from the damaged one; `SpoolDamagedError` when no trace of the last sequence number is left."""
    with closing(to_salvage(path)) as old:
        stored = _head(old)
        head = HeadNote.beside(path).replaces(stored) or stored
        if head is None:
            raise SpoolDamagedError(fault)
        with new_file(path, head) as new, transaction(new):
            kept = {table: _carry(old, new, table, columns) for table, columns in _COLUMNS.items()}
            new.execute(_SKIP_USED_NUMBERS)
    log.error("the spool was damaged and rebuilt", extra={"why": fault, "kept": kept})


_SKIP_USED_NUMBERS = """
WITH used AS (SELECT sequence, digest FROM outbox UNION ALL SELECT sequence, digest FROM receipts)
UPDATE meta SET (next_sequence, previous_digest) = (SELECT sequence + 1, digest FROM used ORDER BY sequence DESC LIMIT 1)
WHERE next_sequence <= (SELECT max(sequence) FROM used)
"""
"""A number that stands in a salvaged row was used, whatever the head says."""


def _head(old: sqlite3.Connection) -> Head | None:
    try:
        match old.execute("SELECT next_sequence, previous_digest FROM meta").fetchone():
            case (int() as sequence, bytes() as previous) if sequence > 0 and len(previous) == DIGEST_BYTES:
                return Head(sequence, previous)
    except FAULTS as error:
        log.warning("the head of the damaged spool cannot be read", extra={"why": str(error)})
    return None


def _carry(old: sqlite3.Connection, new: sqlite3.Connection, table: str, columns: str) -> int:
    """Copy rows, reading from both ends towards the damage; how many were kept."""
    kept = 0
    for direction in ("ASC", "DESC"):
        try:
            for row in old.execute(f"SELECT {columns} FROM {table} ORDER BY rowid {direction}"):  # noqa: S608 (our own words)
                kept += _insert(new, table, columns, row)
        except FAULTS as error:
            log.warning("a table of the damaged spool can be read in part", extra={"table": table, "why": str(error)})
    return kept


def _insert(new: sqlite3.Connection, table: str, columns: str, row: tuple[object, ...]) -> int:
    if not _fits_its_digest(table, row):
        log.warning("a row of the damaged spool does not fit its digest: left behind", extra={"table": table, "row": row[0]})
        return 0
    marks = ", ".join("?" * len(row))
    try:
        return new.execute(f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})", row).rowcount  # noqa: S608 (our own words)
    except sqlite3.IntegrityError as error:
        log.warning("a row of the damaged spool does not fit any more", extra={"table": table, "why": str(error)})
        return 0


def _fits_its_digest(table: str, row: tuple[object, ...]) -> bool:
    """A flipped bit in an envelope is found by the digest beside it, in the tables that have one."""
    names = _COLUMNS[table].split(", ")
    if not {"digest", "envelope"} <= set(names):
        return True
    envelope, digest = row[names.index("envelope")], row[names.index("digest")]
    return isinstance(envelope, bytes) and hashlib.sha256(envelope).digest() == digest
