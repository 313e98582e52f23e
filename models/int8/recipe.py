"""What is chosen before a network is quantized. It stands in the record of the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from models.card import ModelCard, Purpose


class Activations(StrEnum):
    """The integers that stand for what flows; weights are always signed, with a scale for each channel."""

    U8 = "uint8"
    """For x86, and for ARM through onnxruntime: what is never negative, as after a Relu, uses all 256 steps."""
    S8 = "int8"
    """For accelerators that know signed integers only."""


class Observer(StrEnum):
    """How the range of a tensor is found."""

    EXTREMES = "extremes"
    PERCENTILE = "percentile"
    LEAST_SQUARES = "least_squares"
    ENTROPY = "entropy"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one network is quantized."""

    activations: Activations = Activations.U8
    observer: Observer = Observer.LEAST_SQUARES
    percentile: float = 99.99
    """Share of the numbers, in percent, that the range of `Observer.PERCENTILE` holds."""
    reduce_range: bool = False
    """7 bits for weights: x86 without VNNI adds two products of 8 bits in 16, which may overflow."""
    equalise: bool = True
    feedback: bool = True
    """Weights are rounded by what their layers are fed, not each by itself."""
    correct_bias: bool = True
    depthwise: bool = True
    """Whether convolutions of each channel alone work on integers too: they have few multiplications, and lose the most."""
    limit: float = 0.01
    """The loss, as `fidelity.loss` tells it, down to which layers go back to floats."""
    least_share: float = 0.5
    """Share of the multiplications that must be in integers: less is no INT8 network."""


_TEXTURE = Recipe(equalise=False, depthwise=False, correct_bias=False, limit=0.0042, least_share=0.3)

RECIPES: Mapping[Purpose, Recipe] = {
    Purpose.EMBEDDER: Recipe(limit=0.0025),
    Purpose.TEXTURE: _TEXTURE,
    Purpose.DETECTOR: Recipe(limit=0.004),
}
"""What works for the networks of each purpose; tried on pictures that no report uses."""

OWN_RECIPES: dict[str, Recipe] = {"minifasnet_v1se": replace(_TEXTURE, limit=0.006)}
"""Of networks that differ from others of their purpose, by name."""


def recipe_for(card: ModelCard) -> Recipe:
    """The recipe of a network."""
    return OWN_RECIPES.get(card.name) or RECIPES.get(card.purpose) or Recipe()
