"""Transactions on SQLite or PostgreSQL: the door to the database. Stores get a transaction and never open one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import BigInteger, Connection, Engine, Integer, MetaData, create_engine, event, inspect, text
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from provisioning.errors import CentreNotSetUpError, DatabaseRefusedError, DatabaseUnavailableError, SettingInvalidError

Transaction = Connection
"""What a store works in: everything or nothing of it happens."""

METADATA = MetaData()
"""Every table of the centre, declared beside the store that uses it."""

BigKey = BigInteger().with_variant(Integer, "sqlite")
"""A number that the database counts up itself."""

SCHEMA_VERSION = "0003"
"""The last step in `migrations/versions`."""

LOCK_WAIT_S = 30
_LEDGER_LOCK, _POLICY_LOCK = 0x1EDCE27, 0x1EDCE28
"""Any numbers that no other user of the database takes for advisory locks."""


class Database:
    """Opens transactions. SQLite allows one writer at a time; there, `writing` waits for it at its start.

    Usable from several threads. Every method raises `DatabaseUnavailableError` when the database does not answer, and
    `DatabaseRefusedError` when it does not accept a statement.
    """

    def __init__(self, url: str, lock_wait_s: int = LOCK_WAIT_S) -> None:
        """Open nothing yet. `lock_wait_s`: how long a writer of SQLite waits for another one."""
        self._engine = _engine(url, lock_wait_s)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A transaction that changes nothing."""
        with self._transaction(self._engine.execution_options(lifecert_reading=True)) as transaction:
            yield transaction

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """A transaction that is durable once the block has ended, and undone if it raises."""
        with self._transaction(self._engine) as transaction:
            yield transaction

    def require_current(self) -> None:
        """Raise `CentreNotSetUpError` unless the tables are of the version of this program."""
        with self.reading() as transaction:
            found = _version(transaction)
        if found != SCHEMA_VERSION:
            raise CentreNotSetUpError("the database")

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Transaction]:
        try:
            with engine.begin() as transaction:
                yield transaction
        except (OperationalError, InterfaceError) as error:
            raise DatabaseUnavailableError(type(error.orig).__name__) from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise DatabaseUnavailableError("the connection was lost") from error
            raise DatabaseRefusedError(type(error.orig).__name__) from error


def lock_ledger(transaction: Transaction) -> None:
    """Let one transaction at a time number leaves, until its end. On SQLite the one writer holds that lock already."""
    _lock(transaction, _LEDGER_LOCK)


def lock_policies(transaction: Transaction) -> None:
    """Let one transaction at a time number policies, until its end."""
    _lock(transaction, _POLICY_LOCK)


def _lock(transaction: Transaction, number: int) -> None:
    if transaction.dialect.name == "postgresql":
        transaction.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": number})


def _engine(url: str, lock_wait_s: int) -> Engine:
    try:
        if url.startswith("sqlite"):
            engine = create_engine(url, connect_args={"timeout": lock_wait_s})
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 5})
    except (ArgumentError, SQLAlchemyError, ImportError):
        # The address is not repeated: it may hold a password.
        raise SettingInvalidError("LIFECERT_CENTRE_DATABASE_URL", "not an address that can be used") from None


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver would begin and commit on its own; `_begin_sqlite` does it
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(transaction: Connection) -> None:
    reading = transaction.get_execution_options().get("lifecert_reading", False)
    transaction.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _version(transaction: Transaction) -> str | None:
    """The last step of the migrations that was run; None when the database is empty."""
    if not inspect(transaction).has_table("alembic_version"):
        return None
    version: str | None = transaction.scalar(text("SELECT version_num FROM alembic_version"))
    return version
