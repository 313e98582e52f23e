"""Which file of a model runs on this board, and through which library: found by the benchmark, kept in the unit's state.

A choice is believed only for the very file, source, board and versions with which it was measured. Whoever opens networks falls
back to the shipped file otherwise. It is read and written by `choice_file`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from models.board import Board
from models.card import ModelCard, Runtime
from models.cost import NetworkCost
from models.digests import Sha256
from models.errors import ChoiceStaleError
from models.variant import Form, variant_file


@dataclass(frozen=True, slots=True)
class Numbers:
    """What one file through one library costs on this board."""

    median_cpu_ms: float
    p99_cpu_ms: float
    cold_cpu_ms: float
    """From opening the file to its first answer, in a process of its own, without loading the library."""
    added_bytes: int
    """Memory that it adds to a process which has the library already."""
    cost: NetworkCost | None
    """What it costs on any machine; None where the file does not tell."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """CPU time of one file over that of the shipped one, both measured in turns: median and a 95 % interval."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class SavedSession:
    """What the library itself made of a file when it opened it here, kept so that it need not do so at every start."""

    file: str
    """Its name in the cache."""
    sha256: Sha256
    cold_cpu_ms: float
    """From opening it to its first answer."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What runs for one model."""

    model: str
    form: Form
    runtime: Runtime
    file: str
    sha256: Sha256
    source_sha256: Sha256
    """Of the shipped file."""
    numbers: Numbers
    shipped: Numbers
    """Those of the shipped file in the same measurement."""
    ratio: Ratio
    saved: SavedSession | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """What runs on one board."""

    board: Board
    versions: Mapping[str, str]
    """Of each library that was measured, by the word of its runtime: "onnx" is "onnxruntime 1.32.0"."""
    by_model: Mapping[str, Choice]

    def insist_on_board(self, board: Board) -> None:
        """Raise `ChoiceStaleError` for any other board."""
        if board != self.board:
            reason = f"it was measured on {_words(self.board)}, this is {_words(board)}"
            raise ChoiceStaleError(", ".join(self.by_model), reason)

    def insist_on_fresh(self, choice: Choice, card: ModelCard, version: str) -> None:
        """Raise `ChoiceStaleError` when the shipped file or the library is another one than was measured."""
        if choice.source_sha256 != card.sha256:
            raise ChoiceStaleError(choice.model, "the shipped file is another one now")
        measured = self.versions.get(choice.runtime)
        if measured != version:
            raise ChoiceStaleError(choice.model, f"it was measured with {measured}, here is {version}")


def chosen_file(card: ModelCard, form: Form) -> str:
    """What the file of a form is called."""
    return card.file if form is Form.SHIPPED else variant_file(card, form)


def saved_card(card: ModelCard, saved: SavedSession) -> ModelCard:
    """The card to open a saved form by: all that the file promises from which it was made."""
    return replace(card, file=saved.file, sha256=saved.sha256)


def _words(board: Board) -> str:
    return f"{board.name} ({board.machine}, {board.features})" if board.features else f"{board.name} ({board.machine})"
