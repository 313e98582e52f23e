"""The networks of the product, opened once for all tests of the unit that see real footage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from edge.engine import Engine
    from models.store import ModelStore


@pytest.fixture(scope="session")
def engine(model_store: ModelStore) -> Engine:
    """The product's engine with its real networks."""
    from edge.engine import open_engine

    return open_engine(model_store)
