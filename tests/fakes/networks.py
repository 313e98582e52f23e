"""Networks that answer from the test, break, or answer nonsense. All obey `models.runtime.Network`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from models.errors import NetworkFailedError
from models.runtime import Network
from tests.models.made_up import card

Tensor = NDArray[np.float32]


class Answering:
    """Answers by a function of the tensor, and counts how often it was asked."""

    def __init__(self, answer: Callable[[Tensor], tuple[Tensor, ...]]) -> None:
        self._answer = answer
        self.runs = 0

    def run(self, tensor: Tensor) -> tuple[Tensor, ...]:
        self.runs += 1
        return self._answer(tensor)


class Breaking:
    """Passes its network's answers on for some runs, then fails at every run."""

    def __init__(self, network: Network | None = None, good_runs: int = 0) -> None:
        self._network, self._good_runs = network, good_runs
        self.runs = 0

    def run(self, tensor: Tensor) -> tuple[Tensor, ...]:
        self.runs += 1
        if self._network is None or self.runs > self._good_runs:
            raise NetworkFailedError(card(), "it was told to")
        return self._network.run(tensor)


class Poisoned:
    """Answers like its network, but after some runs every number is replaced: a library that does not keep its promise."""

    def __init__(self, network: Network, number: float, good_runs: int = 0) -> None:
        self._network, self._number, self._good_runs = network, number, good_runs
        self.runs = 0

    def run(self, tensor: Tensor) -> tuple[Tensor, ...]:
        self.runs += 1
        answer = self._network.run(tensor)
        if self.runs <= self._good_runs:
            return answer
        return tuple(np.full_like(output, self._number) for output in answer)
