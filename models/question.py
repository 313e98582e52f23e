"""A well-formed input for a network that nobody has a picture for: noise that keeps the promise of the card."""

from __future__ import annotations

import numpy as np

from models.card import ModelCard
from models.contract import Tensor, input_contract

OPEN_LENGTH = 320
"""What a length that the caller chooses becomes, made a multiple of what the card asks for; the detector looks at as many px."""


def question_shape(card: ModelCard, open_length: int = OPEN_LENGTH) -> tuple[int, ...]:
    """The shape of an input, with each open length as near below `open_length` as the card allows."""
    contract = input_contract(card)
    chosen = max(contract.multiple_of, open_length - open_length % contract.multiple_of)
    return tuple(length if isinstance(length, int) else chosen for length in contract.shape)


def well_formed(
    card: ModelCard, seed: int, open_length: int = OPEN_LENGTH, without_range: tuple[float, float] = (0.0, 1.0)
) -> Tensor:
    """Noise of the card's shape and range, the same for one seed. Raises `NetworkNotLoadedError`.

    `without_range` is the range where the card names none, `open_length` as for `question_shape`.
    """
    low, high = input_contract(card).value_range or without_range
    numbers = np.random.default_rng(seed).uniform(low, high, question_shape(card, open_length))
    return numbers.astype(np.float32)
