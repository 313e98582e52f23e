"""What tests of the centre may ask for: a migrated database of either kind, a small fleet in it, a centre on disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url

from provisioning.cli import main
from provisioning.db import Database
from provisioning.founding import found_centre
from provisioning.migrations.run import migrate
from provisioning.settings import PREFIX, CentreSettings
from tests.provisioning.fleet import Fleet
from tests.services import PrivatePostgres, private_postgres

BOTH_DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivatePostgres]:
    """A PostgreSQL for all tests of this run; each takes a database of its own."""
    with private_postgres(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture(scope="session")
def migrated_postgres(postgres: PrivatePostgres) -> str:
    """The name of a migrated database, to be copied."""
    url = postgres.new_database()
    database = Database(url)
    migrate(database)
    database.close()
    return str(make_url(url).database)


@pytest.fixture(params=BOTH_DATABASES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without tables, once of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: PrivatePostgres = request.getfixturevalue("postgres")
    with _lent(server, "template1") as url:
        yield url


@pytest.fixture(params=BOTH_DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database, once of each kind."""
    if request.param == "postgres":
        with _lent(request.getfixturevalue("postgres"), request.getfixturevalue("migrated_postgres")) as url:
            yield url
        return
    url = f"sqlite:///{tmp_path / 'centre.db'}"
    database = Database(url)
    migrate(database)
    database.close()
    yield url


@contextmanager
def _lent(server: PrivatePostgres, like: str) -> Iterator[str]:
    url = server.new_database(like)
    yield url
    server.drop(url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database, once of each kind."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def lite_database(tmp_path: Path) -> Iterator[Database]:
    """A migrated SQLite database, for what does not depend on the kind."""
    database = Database(f"sqlite:///{tmp_path / 'lite.db'}")
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def fleet(database: Database) -> Fleet:
    """A fleet in a database of each kind."""
    return Fleet(database)


@pytest.fixture
def lite_fleet(lite_database: Database) -> Fleet:
    """A fleet in SQLite."""
    return Fleet(lite_database)


@pytest.fixture
def postgres_fleet(postgres: PrivatePostgres, migrated_postgres: str) -> Iterator[Fleet]:
    """A fleet in PostgreSQL."""
    with _lent(postgres, migrated_postgres) as url:
        database = Database(url)
        yield Fleet(database)
        database.close()


@pytest.fixture
def centre_data(tmp_path: Path) -> Path:
    """The data folder of a centre that was set up."""
    data = tmp_path / "centre"
    found_centre(CentreSettings(data=data))
    return data


Run = Callable[..., int]


@pytest.fixture
def run() -> Run:
    """Run `lifecert-centre` with words, in this process; the answer is its exit status."""

    def run_words(*words: str | Path) -> int:
        with pytest.raises(SystemExit) as ended:
            main.main([str(word) for word in words])
        return int(ended.value.code or 0)

    return run_words
