"""The migrations make exactly the tables that the stores declare, on both kinds of database."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

import provisioning.centre
from provisioning.db import METADATA, SCHEMA_VERSION, Database
from provisioning.errors import CentreNotSetUpError, DatabaseUnavailableError, SettingInvalidError
from provisioning.migrations.run import migrate, newest_step


def test_the_migrated_tables_are_the_declared_ones(empty_database_url: str) -> None:
    assert provisioning.centre.__doc__, "every store must be imported for its tables to be declared"
    database = Database(empty_database_url)

    migrate(database)

    with database.reading() as transaction:
        differences = compare_metadata(MigrationContext.configure(transaction), METADATA)
    database.close()
    assert differences == []


def test_migrating_again_changes_nothing(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    migrate(database)
    before = _tables(database)

    migrate(database)

    assert _tables(database) == before
    database.require_current()
    database.close()


def _tables(database: Database) -> dict[str, list[str]]:
    """Every table with its columns, as the database has them."""
    with database.reading() as transaction:
        seen = inspect(transaction)
        return {table: [column["name"] for column in seen.get_columns(table)] for table in sorted(seen.get_table_names())}


def test_the_program_knows_the_newest_step() -> None:
    assert newest_step() == SCHEMA_VERSION


def test_a_database_without_tables_is_not_set_up(empty_database_url: str) -> None:
    database = Database(empty_database_url)

    with pytest.raises(CentreNotSetUpError, match="init"):
        database.require_current()
    database.close()


def test_a_database_that_is_not_there_is_unavailable() -> None:
    database = Database("sqlite:////nowhere/at/all/centre.db")

    with pytest.raises(DatabaseUnavailableError), database.reading():
        pytest.fail("there is nothing to read")


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://someone:secret@host/name", "postgresql+nothing://a:secret@b/c"])
def test_an_address_that_cannot_be_used_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(SettingInvalidError) as refused:
        Database(url)

    assert "secret" not in str(refused.value)
