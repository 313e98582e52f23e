"""What every test may ask for: footage, weights, and a log that fails the test when one of its lines is broken.

A thing that is not in reach fails the tests that need it, with a sentence; nothing is ever skipped.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.log_guard import LogGuard

if TYPE_CHECKING:
    from models.store import ModelStore

REPOSITORY = Path(__file__).resolve().parent.parent

settings.register_profile("developer", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "developer")


def mirror_folder() -> Path:
    """The folder that holds `models/` and `data/`: LIFECERT_MIRROR, else `shared` next to the repository."""
    return Path(os.environ.get("LIFECERT_MIRROR") or REPOSITORY.parent / "shared")


@pytest.fixture(scope="session")
def footage_dir() -> Path:
    """The folder of clips and pictures of real people."""
    folder = mirror_folder() / "data"
    if not folder.is_dir():
        pytest.fail(
            f"the tests on real footage could not run: there is no folder {folder}; {_HOW_TO_GIVE_A_MIRROR}", pytrace=False
        )
    return folder


@pytest.fixture(scope="session")
def model_store() -> ModelStore:
    """The store of checked model files; a file that is not in reach raises the store's own sentence when it is asked for."""
    from models.store import store_from_environment

    mirror = mirror_folder()
    return store_from_environment(os.environ, mirror if (mirror / "models").is_dir() else None)


_HOW_TO_GIVE_A_MIRROR = "set LIFECERT_MIRROR to a folder that holds models/ and data/"


@pytest.fixture(autouse=True)
def _what_a_marker_names_is_there(request: pytest.FixtureRequest) -> None:
    """A test may need footage or weights only through a program that it starts: its marker asks for them here."""
    for marker, fixture in (("footage", "footage_dir"), ("weights", "model_store")):
        if request.node.get_closest_marker(marker):
            request.getfixturevalue(fixture)


@pytest.fixture(autouse=True)
def _every_log_line_can_be_formatted() -> Iterator[None]:
    guard = LogGuard()
    logging.getLogger().addHandler(guard)
    yield
    logging.getLogger().removeHandler(guard)
    if guard.broken:
        pytest.fail("broken log lines:\n" + "\n".join(guard.broken), pytrace=False)
