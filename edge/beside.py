"""Shows on several screens at once: a unit may have a small screen of its own and a panel. Only the panel can be touched."""

from __future__ import annotations

from dataclasses import dataclass, replace

from edge.showing.server import StageServer
from firmware.board import Board
from firmware.ports import Screen, View


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


def beside(board: Board, stage: StageServer) -> Board:
    """The same board, which a panel shows, too; mirror and touches are the panel's.

    Where there is something to touch nobody else does so: the visitor of a twin, who agrees by themselves, is not there.
    """
    return replace(
        board,
        screen=Screens((board.screen, stage)),
        touches=stage,
        mirror=stage,
    )
