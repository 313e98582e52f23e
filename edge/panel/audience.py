"""Who looks at the moment, and the newest of each kind for each of them. A browser that is slow misses what was in between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum

from edge.panel.stage import Gone
from edge.showing.messages import Condition, Down, Progress, Reflection
from firmware.ports import View

MOST_SEATS = 8
"""Of each row: with more, whoever sits longest has to stand up. The page comes back by itself, one that is dead does not."""

Shown = View | Gone | Progress | Reflection | Condition


class Row(Enum):
    """What somebody looks at."""

    SCREEN = "screen"
    MIRROR = "mirror"
    OPERATOR = "operator"


_SEES: Mapping[Row, tuple[type, ...]] = {
    Row.SCREEN: (View, Gone, Progress),
    Row.MIRROR: (Reflection,),
    Row.OPERATOR: (Condition, Gone),
}


@dataclass(slots=True, eq=False)
class Seat:
    """One browser that looks."""

    row: Row
    _news: dict[str, Shown] = field(default_factory=dict)
    _bell: asyncio.Event = field(default_factory=asyncio.Event)
    _empty: bool = False

    def give(self, message: Shown) -> None:
        """Leave a message, in place of an older one of its kind."""
        if not isinstance(message, _SEES[self.row]):
            return
        if isinstance(message, View | Gone):
            # How far the view before was is not how far this one is.
            self._news = {"view": message}
        else:
            self._news[type(message).__name__] = message
        self._bell.set()

    def clear(self) -> None:
        """Ask whoever sits here to go."""
        self._empty = True
        self._bell.set()

    async def next(self, within_s: float) -> tuple[Shown, ...] | None:
        """What is new, at the latest after this time, then perhaps nothing; None when it is time to go."""
        try:
            async with asyncio.timeout(within_s):
                await self._bell.wait()
        except TimeoutError:
            return ()
        self._bell.clear()
        news, self._news = tuple(self._news.values()), {}
        return None if self._empty else news


@dataclass(slots=True, eq=False)
class Audience:
    """All browsers that look, and what one that comes now is shown at once."""

    watch: Callable[[bool], None] = lambda _: None
    """Told when the first begins to look into the mirror, and when the last has stopped."""
    view: View | Gone = field(default_factory=Gone)
    condition: Condition | None = None
    _progress: Progress | None = None
    _seats: list[Seat] = field(default_factory=list)

    def hear(self, message: Down | Gone) -> None:
        """Show this to all whom it concerns."""
        match message:
            case View() | Gone():
                if message == self.view == Gone():
                    return
                self.view, self._progress = message, None
                if isinstance(message, Gone):
                    self.condition = None
            case Progress():
                self._progress = message
            case Condition():
                self.condition = message
            case Reflection():
                pass  # It is shown and forgotten.
        for seat in self._seats:
            seat.give(message)

    @contextmanager
    def seat(self, row: Row) -> Iterator[Seat]:
        """Look from here until the block ends; what stands is shown at once."""
        taken = Seat(row)
        sitting = self._in(row)
        if len(sitting) >= MOST_SEATS:
            sitting[0].clear()
            self._seats.remove(sitting[0])
        for message in (self.view, self._progress, self.condition):
            if message is not None:
                taken.give(message)
        self._seats.append(taken)
        self._tell_watching(row, 1)
        try:
            yield taken
        finally:
            if taken in self._seats:
                self._seats.remove(taken)
                self._tell_watching(row, 0)

    def count(self, row: Row) -> int:
        """How many look."""
        return len(self._in(row))

    def close(self) -> None:
        """Ask everybody to go."""
        for seat in self._seats:
            seat.clear()

    def _in(self, row: Row) -> list[Seat]:
        return [seat for seat in self._seats if seat.row is row]

    def _tell_watching(self, row: Row, when: int) -> None:
        if row is Row.MIRROR and self.count(row) == when:
            self.watch(when > 0)
