"""Reads what the benchmark chose for this board. A choice that cannot be used costs speed, never a visit."""

from __future__ import annotations

import logging
from pathlib import Path

from models.board import Board, this_board
from models.choice import Choices
from models.choice_file import read_choices
from models.errors import ModelError

log = logging.getLogger("lifecert.models")


def chosen_models(path: Path, board: Board | None = None) -> Choices | None:
    """What was chosen for this board; None when nothing was, or when it cannot be used, which is logged."""
    if not path.exists():
        return None
    try:
        return choices_for_this_board(path, board)
    except ModelError as error:
        log.warning("choice of models not used, the shipped ones are", extra={"reason": str(error)})
        return None


def choices_for_this_board(path: Path, board: Board | None = None) -> Choices:
    """Read what was chosen; raises `ModelFileUnreadableError`, `ChoiceInvalidError`, `ChoiceStaleError` for another board."""
    choices = read_choices(path)
    choices.insist_on_board(board or this_board())
    return choices
