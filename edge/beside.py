"""Shows on several screens at once, and hears touches from all of them: a unit may have a small screen of its own and a panel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from edge.showing.server import StageServer
from firmware.board import Board
from firmware.ports import Screen, Touches, View


@dataclass(frozen=True, slots=True)
class Screens:
    """Several screens that always show the same."""

    all: tuple[Screen, ...]

    def show(self, view: View) -> None:
        """Show this view on each; returns at once."""
        for screen in self.all:
            screen.show(view)

    def progress(self, done: float) -> None:
        """How much of the visit is done, on each; returns at once."""
        for screen in self.all:
            screen.progress(done)


@dataclass(frozen=True, slots=True)
class ManyTouches:
    """Several screens that can be touched."""

    all: tuple[Touches, ...]

    def taken(self) -> Iterable[str]:
        """What was touched on any of them since the last call."""
        return tuple(choice for touches in self.all for choice in touches.taken())


def beside(board: Board, stage: StageServer) -> Board:
    """The same board, which a panel shows, too; the mirror is the panel's."""
    return replace(
        board,
        screen=Screens((board.screen, stage)),
        touches=ManyTouches((board.touches, stage)),
        mirror=stage,
    )
