"""Networks that are counted: how often each one ran, and what that cost on any machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from models.card import ModelCard
from models.contract import Tensor
from models.cost import MILLION, NetworkCost, cost_of
from models.runtime import Network

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TallySnapshot:
    """What ran between two looks, by the names of the networks; one that did not run has no row."""

    runs: Mapping[str, int]
    mmac: Mapping[str, float]
    """Millions of multiply-accumulates."""
    bytes: Mapping[str, int]
    """Weights and activations read and written, once for each run."""

    @property
    def total_runs(self) -> int:
        """Runs of all networks."""
        return sum(self.runs.values())

    @property
    def total_mmac(self) -> float:
        """Millions of multiply-accumulates of all networks."""
        return sum(self.mmac.values())

    @property
    def total_bytes(self) -> int:
        """Bytes moved by all networks."""
        return sum(self.bytes.values())


class Tally:
    """Adds up the runs of counted networks. Only the thread that runs them may use it.

    A run costs one addition; the graph of a network is read when somebody looks, once for each shape of its input.
    """

    def __init__(self) -> None:
        self._costs: dict[str, Callable[[Shape], NetworkCost]] = {}
        self._runs: Counter[tuple[str, Shape]] = Counter()

    def know(self, name: str, cost: Callable[[Shape], NetworkCost]) -> None:
        """Take in how the runs of a network are counted; one name is one network."""
        self._costs[name] = cost

    def add(self, name: str, shape: Shape) -> None:
        """Count one run on an input of this shape."""
        self._runs[name, shape] += 1

    def look(self) -> TallySnapshot:
        """What ran since the last `take`; raises as `models.cost.cost_of` does."""
        runs: Counter[str] = Counter()
        macs: Counter[str] = Counter()
        moved_bytes: Counter[str] = Counter()
        for (name, shape), count in self._runs.items():
            cost = self._costs[name](shape)
            runs[name] += count
            macs[name] += count * cost.macs
            moved_bytes[name] += count * cost.moved_bytes
        return TallySnapshot(dict(runs), {name: count / MILLION for name, count in macs.items()}, dict(moved_bytes))

    def take(self) -> TallySnapshot:
        """What ran since the last `take`, and start again from nothing, for example at the end of each frame."""
        taken = self.look()
        self._runs.clear()
        return taken


class CountingNetwork:
    """A network that tells a tally each time it runs; its answers are those of the network inside."""

    def __init__(self, name: str, network: Network, tally: Tally) -> None:
        self._name = name
        self._network = network
        self._tally = tally

    def run(self, tensor: Tensor) -> tuple[Tensor, ...]:
        """Return what the network inside returns; raises as it does. A run that fails is counted, too: it was asked for."""
        self._tally.add(self._name, tensor.shape)
        return self._network.run(tensor)


def counted(name: str, network: Network, card: ModelCard, content: bytes, tally: Tally) -> Network:
    """Count the runs of a network under a name; `content` is the file that it was opened from, whose graph tells the cost."""
    tally.know(name, cache(lambda shape: cost_of(card, content, shape)))
    return CountingNetwork(name, network, tally)
