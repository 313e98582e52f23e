"""Fixtures of the models room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.models.upstream_server import Upstream, serving


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """An upstream on this machine."""
    with serving() as server:
        yield server
