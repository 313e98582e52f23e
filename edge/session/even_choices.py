"""Even choices out of a stream of random bytes: the same bytes give the same choices on every machine, for ever."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class EvenChoices:
    """Uses up the bytes it is given; more choices than bytes raise `StopIteration`."""

    def __init__(self, stream: bytes) -> None:
        self._bytes = iter(stream)

    def below(self, limit: int) -> int:
        """A number from 0 up to, not including, `limit` (at most 256); bytes that would favour the low ones are passed over."""
        while True:
            byte = next(self._bytes)
            if byte < 256 - 256 % limit:
                return byte % limit

    def pick(self, of: Sequence[T]) -> T:
        """One of these, each as likely as any other."""
        return of[self.below(len(of))]
