"""One inference of each network on a made-up question, kept in a file, so that two machines can compare their answers.

It says whether a library computes the same on another processor. It says nothing about how good a network is.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from models.card import ModelCard
from models.contract import Tensor, input_contract
from models.difference import difference
from models.digests import Sha256, digest_of
from models.errors import AnswersUnreadableError
from models.question import question_shape
from models.runtime import open_network

SEED = 2026
"""What every question is drawn from; PCG64 gives the same numbers on every processor."""
NAMED_LENGTH = 128
"""At most so long is an axis whose length the caller chooses."""
WITHOUT_BOUND = (-1.0, 1.0)
"""What is asked where the card names no range."""
TOLERANCE = 1e-3
"""Largest difference of two machines, as a share of the largest value of the same output.

Rounding passes: x86-64 against an emulated Cortex-A72 gives at most 1.1e-5. A kernel that computes something else does not.
"""

Answers = Mapping[str, tuple[Tensor, ...]]
"""Mark of what was asked -> the outputs, in the order of the card."""


def question_of(card: ModelCard) -> Tensor:
    """Return the made-up input of a network: float32, of the card's shape and range, the same on every machine.

    Raises `NetworkNotLoadedError` for a card of data.
    """
    contract = input_contract(card)
    low, high = contract.value_range or WITHOUT_BOUND
    drawn = np.random.default_rng(SEED).random(question_shape(card, NAMED_LENGTH), np.float32)
    return (drawn * np.float32(high - low) + np.float32(low)).astype(np.float32)


def mark_of(card: ModelCard) -> str:
    """Return what an answer is kept under: the name, and the digest of the model's file and of what it is asked."""
    asked: Sha256 = digest_of(card.sha256.encode() + question_of(card).tobytes())
    return f"{card.name}:{asked}"


def answer(card: ModelCard, path: Path) -> tuple[Tensor, ...]:
    """Open a network and ask it once; raises as `open_network` and `Network.run` do."""
    return open_network(card, path).run(question_of(card))


def farthest(ours: tuple[Tensor, ...], theirs: tuple[Tensor, ...]) -> float:
    """Return the largest `difference` of all outputs; infinite where shapes or the number of outputs differ."""
    if len(ours) != len(theirs):
        return float("inf")
    return max(difference(one, other) for one, other in zip(ours, theirs, strict=True))


def save_answers(path: Path, answers: Answers) -> None:
    """Write answers as an `.npz` file; raises `OSError`."""
    arrays = {f"{mark}:{number}": array for mark, outputs in answers.items() for number, array in enumerate(outputs)}
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)


def read_answers(path: Path) -> Answers:
    """Read what `save_answers` wrote; raises `AnswersUnreadableError`."""
    found: dict[str, list[Tensor]] = {}
    try:
        with np.load(path, allow_pickle=False) as arrays:
            for key in arrays.files:
                found.setdefault(key.rpartition(":")[0], []).append(arrays[key])
    except (OSError, ValueError, EOFError, BadZipFile, AttributeError) as error:
        raise AnswersUnreadableError(path, str(error)) from error
    return {mark: tuple(outputs) for mark, outputs in found.items()}
