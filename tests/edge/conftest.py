"""The networks of the product, opened once for all tests of the unit that see real footage."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from edge.engine import Engine
    from edge.state_dir import StateDir
    from models.store import ModelStore


@pytest.fixture(scope="session")
def engine(model_store: ModelStore) -> Engine:
    """The product's engine with its real networks."""
    from edge.engine import open_engine

    return open_engine(model_store)


@pytest.fixture
def enrolled(tmp_path: Path) -> StateDir:
    """A state directory as enrolment leaves it."""
    from edge.contact import BrokerAddress, CentreFacts, facts_json
    from edge.durable_file import write_durably
    from edge.keystore import FileKeyStore
    from edge.state_dir import KeyLabel, StateDir
    from tests.edge.fleet import ca_pem
    from tests.edge.spool_parts import CENTRE
    from tests.edge.test_identity import store_certificate

    place = StateDir(tmp_path / "state")
    place.prepare()
    for label in KeyLabel:
        store_certificate(place, label, FileKeyStore(place).create(label))
    write_durably(place.ca, ca_pem())
    write_durably(place.centre, facts_json(CentreFacts((CENTRE.public_key,), BrokerAddress("broker.example", 8883))))
    return place
