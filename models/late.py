"""A network that most visits never ask, opened when one does: until then it costs neither memory nor time."""

from __future__ import annotations

from pathlib import Path

from models.card import ModelCard
from models.contract import Tensor
from models.digests import digest_of_file
from models.errors import DigestMismatchError
from models.runtime import Network, open_network


class LateNetwork:
    """A `Network` whose file is checked now and opened by the first question. Only one thread may use it.

    A wrong file raises `ModelFileUnreadableError` or `DigestMismatchError` here and now.
    """

    def __init__(self, card: ModelCard, path: Path) -> None:
        found = digest_of_file(path)
        if found != card.sha256:
            raise DigestMismatchError(card, found, path)
        self._card, self._path = card, path
        self._network: Network | None = None

    def run(self, tensor: Tensor) -> tuple[Tensor, ...]:
        """Return the outputs as `Network.run` does; the first call may also raise what `open_network` raises.

        The file is checked again as it is opened, so one that was swapped in between is not used.
        """
        if self._network is None:
            self._network = open_network(self._card, self._path)
        return self._network.run(tensor)
