"""Things that belong together, by being joined in pairs."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

Thing = TypeVar("Thing", bound=Hashable)


class Joined(Generic[Thing]):
    """Disjoint sets (Tarjan 1975, with path halving). A thing that was never joined is a set of its own."""

    def __init__(self) -> None:
        self._above: dict[Thing, Thing] = {}

    def root(self, thing: Thing) -> Thing:
        """The thing that stands for the set of this one."""
        while (above := self._above.get(thing, thing)) != thing:
            self._above[thing] = self._above.get(above, above)
            thing = above
        return thing

    def join(self, one: Thing, other: Thing) -> None:
        """Make one set of two."""
        self._above[self.root(one)] = self.root(other)
