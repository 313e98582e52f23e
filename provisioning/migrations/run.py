"""Brings a database to the version of this program: the door to Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from provisioning.db import Database


def migrate(database: Database) -> None:
    """Run the steps that are missing, all in one transaction; raises `DatabaseUnavailableError`."""
    config = _config()
    with database.writing() as transaction:
        config.attributes["connection"] = transaction
        command.upgrade(config, "head")


def newest_step() -> str | None:
    """The name of the last step."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
