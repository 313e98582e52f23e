"""The SQLite file of the spool: how it is opened so that a power cut loses nothing, and how its faults are named.

WAL with synchronous=FULL was the journal that lost no committed row in simulated power cuts; NORMAL did (F1). A new file is
built beside the place and moved there whole, so a file in place is never half made.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from edge.durable_file import PRIVATE, sync_folder
from edge.errors import EdgeError, SpoolDamagedError, StoreFullError, StoreUnusableError
from edge.spool.rows import Head
from wire.result import Mode

log = logging.getLogger(__name__)

SCHEMA_VERSION = 3

_MODES = ", ".join(f"'{mode.value}'" for mode in Mode)

_POLICIES = """
CREATE TABLE policies (
    policy_id TEXT PRIMARY KEY,
    name TEXT NOT NULL, number INTEGER NOT NULL, digest BLOB NOT NULL, envelope BLOB NOT NULL,
    issued_at_s INTEGER NOT NULL, not_after_s INTEGER NOT NULL) STRICT
"""

_ATTEMPTS = f"""
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    opened_at_s INTEGER NOT NULL, case_id TEXT, mode TEXT NOT NULL CHECK (mode IN ({_MODES})), nonce BLOB) STRICT
"""

_ATTEMPTS_ANEW = (
    "ALTER TABLE attempts RENAME TO former_attempts",
    _ATTEMPTS,
    "INSERT INTO attempts SELECT id, opened_at_s, case_id, mode, nonce FROM former_attempts",
    "DROP TABLE former_attempts",
)
"""A mode was added: SQLite changes a check only with the table."""

_UPGRADES = {1: (_POLICIES,), 2: _ATTEMPTS_ANEW}
"""What leads from a version to the next one."""

_SCHEMA = f"""
CREATE TABLE meta (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    next_sequence INTEGER NOT NULL, previous_digest BLOB NOT NULL) STRICT;
{_ATTEMPTS};
CREATE TABLE outbox (
    sequence INTEGER PRIMARY KEY,
    result_id BLOB NOT NULL UNIQUE, digest BLOB NOT NULL, envelope BLOB NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, next_try_s INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE receipts (
    sequence INTEGER PRIMARY KEY,
    result_id BLOB NOT NULL UNIQUE, digest BLOB NOT NULL,
    sealed BLOB NOT NULL, issued_at_s INTEGER NOT NULL) STRICT;
CREATE INDEX receipts_by_age ON receipts (issued_at_s);
CREATE TABLE tickets (
    nonce BLOB PRIMARY KEY,
    case_id TEXT NOT NULL, envelope BLOB NOT NULL,
    issued_at_s INTEGER NOT NULL, not_after_s INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0) STRICT;
{_POLICIES};
PRAGMA user_version = {SCHEMA_VERSION};
"""

_BUSY_MS = 5_000
PAGE_BYTES = 4_096
_CHECKPOINT_PAGES = 64
_JOURNAL_BYTES = 4 * 2**20


def connect(path: Path, store_bytes: int) -> sqlite3.Connection:
    """Open a spool that is there, or an empty file; the caller closes it. One thread uses it."""
    connection = sqlite3.connect(path, timeout=_BUSY_MS / 1000, isolation_level=None)
    with named_faults(), _closed_on_error(connection):
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        connection.execute(f"PRAGMA journal_size_limit = {_JOURNAL_BYTES}")
        connection.execute(f"PRAGMA max_page_count = {store_bytes // PAGE_BYTES}")
    return connection


def fault_of(path: Path) -> str | None:
    """What is wrong with the file in place, or None when it is a sound spool of this release or a former one.

    SQLite's own check does not see a bit that flipped inside a value, so each envelope is compared with its digest.
    """
    if path.open("rb").read(len(_WAL_HEADER)) != _WAL_HEADER:
        return "its header is damaged"
    try:
        with named_faults(), closing(to_salvage(path)) as connection:
            (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if answer == "ok" and 0 < version <= SCHEMA_VERSION:
                return _envelope_fault(connection, version)
    except SpoolDamagedError as error:
        return error.what
    if answer == "ok" and version > SCHEMA_VERSION:
        raise StoreUnusableError(f"a newer release wrote it (version {version}, this one knows {SCHEMA_VERSION})")
    return "its pages do not fit together" if answer != "ok" else "it is not a spool"


_WAL_HEADER = b"SQLite format 3\0\x10\0\x02\x02"
"""Magic, page size 4096, and WAL as format to write and to read (SQLite file format, 1.3)."""


def _envelope_fault(connection: sqlite3.Connection, version: int) -> str | None:
    for since, table, what in ((1, "outbox", "result"), (2, "policies", "policy")):
        if version < since:
            continue
        for envelope, digest in connection.execute(f"SELECT envelope, digest FROM {table}"):  # noqa: S608 (our own words)
            if hashlib.sha256(envelope).digest() != digest:
                return f"a {what} does not fit its digest"
    return None


def bring_up_to_date(path: Path) -> None:
    """Make a sound spool of a former release one of this release, in place and all at once; every row stays."""
    with named_faults(), closing(sqlite3.connect(path, timeout=_BUSY_MS / 1000, isolation_level=None)) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == SCHEMA_VERSION:
            return
        connection.execute("PRAGMA synchronous = FULL")
        with transaction(connection):
            for former in range(version, SCHEMA_VERSION):
                for statement in _UPGRADES[former]:
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    log.info("the spool of a former release was brought up to date", extra={"former": version, "now": SCHEMA_VERSION})


def to_salvage(path: Path) -> sqlite3.Connection:
    """Open a file that may be damaged; damaged text is read with replacement characters."""
    connection = sqlite3.connect(path, timeout=_BUSY_MS / 1000, isolation_level=None)
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    return connection


@contextmanager
def new_file(path: Path, head: Head) -> Iterator[sqlite3.Connection]:
    """Build a spool beside `path` that starts at `head`; when the body ends well it is complete under the name `*.new`."""
    part = path.with_name(path.name + ".part")
    _remove(part)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, PRIVATE))
    with named_faults(), closing(sqlite3.connect(part, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
        connection.execute("INSERT INTO meta VALUES (1, ?, ?)", (head.sequence, head.previous))
        yield connection
    part.replace(_complete(path))
    sync_folder(path.parent)


def place_new_file(path: Path, suffix: str) -> None:
    """Move a complete new spool into place and what was there aside, as `NAME.bad-SUFFIX`. Safe to repeat after a power cut."""
    if not _complete(path).exists():
        return
    # The old log goes first: SQLite would replay it into whatever lies beside it (F8).
    for companion in (*_companions(path), path):
        if companion.exists():
            companion.replace(companion.with_name(f"{companion.name}.bad-{suffix}"))
    sync_folder(path.parent)
    _complete(path).replace(path)
    sync_folder(path.parent)


def set_foreign_journal_aside(path: Path, suffix: str) -> None:
    """A spool never has a rollback journal; SQLite would play one back into it (F8)."""
    journal = path.with_name(path.name + "-journal")
    if journal.exists():
        journal.replace(journal.with_name(f"{journal.name}.bad-{suffix}"))
        log.error("a journal of another database lay beside the spool and was set aside")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, and the only writer meanwhile."""
    with named_faults():
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


@contextmanager
def named_faults() -> Iterator[None]:
    """Say a fault of SQLite in the words of the unit."""
    try:
        yield
    except FAULTS as error:
        raise _named(error) from error


FAULTS = (sqlite3.Error, UnicodeDecodeError)
"""What the sqlite3 module raises; the second when SQLite quotes damaged bytes in its message."""


def _named(error: sqlite3.Error | UnicodeDecodeError) -> EdgeError:
    if isinstance(error, UnicodeDecodeError):
        return SpoolDamagedError("the file is not a sound database")
    match getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE) & 0xFF:
        case sqlite3.SQLITE_FULL:
            return StoreFullError("the disk or the spool is full")
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return SpoolDamagedError("the file is not a sound database")
        case sqlite3.SQLITE_ERROR:
            return SpoolDamagedError("its tables are not as they were made")
        case sqlite3.SQLITE_READONLY:
            return StoreUnusableError("its disk is read-only")
        case sqlite3.SQLITE_BUSY:
            return StoreUnusableError("another program has held it for too long")
    return StoreUnusableError(str(error))


@contextmanager
def _closed_on_error(connection: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error:
        connection.close()
        raise


def _complete(path: Path) -> Path:
    return path.with_name(path.name + ".new")


def _companions(path: Path) -> tuple[Path, ...]:
    return tuple(path.with_name(path.name + ending) for ending in ("-wal", "-shm"))


def _remove(path: Path) -> None:
    for leftover in (path, *_companions(path), path.with_name(path.name + "-journal")):
        with suppress(FileNotFoundError):
            leftover.unlink()
