"""Reads what the benchmark chose for this board. A choice that cannot be used costs speed, never a visit."""

from __future__ import annotations

import logging
from pathlib import Path

from models.board import Board, this_board
from models.choice import Choices, read_choices
from models.errors import ModelError

log = logging.getLogger("lifecert.models")


def chosen_models(path: Path, board: Board | None = None) -> Choices | None:
    """What was chosen for this board; None when nothing was, or when it cannot be used, which is logged."""
    if not path.exists():
        return None
    try:
        choices = read_choices(path)
        choices.insist_on_board(board or this_board())
    except ModelError as error:
        log.warning("choice of models not used, the shipped ones are", extra={"reason": str(error)})
        return None
    return choices
