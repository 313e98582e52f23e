"""A stage and a panel that belong together: one pair for a module, and one for a test that breaks things or counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from edge.showing.server import StageServer
from tests.edge.panel.running import Running, running_panel, until


@dataclass(frozen=True, slots=True)
class Pair:
    """The end where `lifecert-edge` stands, and a panel that is connected to it."""

    stage: StageServer
    panel: Running


def _pair(folder: Path) -> Iterator[Pair]:
    with StageServer(folder / "stage.sock") as stage, running_panel(stage.path, folder) as panel:
        assert until(lambda: panel.client.get("/healthz").json()["stage"] == "here")
        yield Pair(stage, panel)


@pytest.fixture(scope="module")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    yield from _pair(tmp_path_factory.mktemp("panel"))


@pytest.fixture
def stage(_shared: Pair) -> StageServer:
    """Where `lifecert-edge` stands; nothing was touched yet."""
    _shared.stage.taken()
    return _shared.stage


@pytest.fixture
def panel(_shared: Pair) -> Running:
    """A panel that is connected to it, as if nobody had been there before."""
    _shared.panel.refresh()
    return _shared.panel


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Pair]:
    """A pair for one test alone."""
    yield from _pair(tmp_path)
