"""Several networks opened at once, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from models.runtime import Network, open_network
from models.store import ModelStore


def open_networks(store: ModelStore, names: Iterable[str]) -> Mapping[str, Network]:
    """Find, check and open these models; raises the first `ModelError`, so either all are open or none is."""
    return MappingProxyType({name: open_network(store.card(name), store.path(name)) for name in names})
