"""What a card promises about tensors, checked before and after every run.

A liveness step must fail closed, so a number that is not finite never leaves this room as an answer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.card import Dimension, ModelCard, TensorContract
from models.errors import NetworkContractError, NetworkNotLoadedError

Tensor = NDArray[np.float32]

RANGE_TOLERANCE = 1e-3
"""Share of a value range by which rounding may pass its ends."""


def input_contract(card: ModelCard) -> TensorContract:
    """Return the contract of a network's input; raises `NetworkNotLoadedError` for a card of data."""
    if card.input is None:
        raise NetworkNotLoadedError(card, "it is data to read, not a network to run")
    return card.input


def check_tensor(card: ModelCard, contract: TensorContract, tensor: NDArray[np.generic]) -> None:
    """Raise `NetworkContractError` unless dtype, shape and every value are as the contract promises."""
    if tensor.dtype != np.float32:
        raise NetworkContractError(card, contract.name, f"is {tensor.dtype}, promised is float32")
    if not _shape_fits(contract, tensor.shape):
        raise NetworkContractError(card, contract.name, f"has shape {list(tensor.shape)}, promised is {shape_words(contract)}")
    _check_values(card, contract, tensor)


def check_declared(card: ModelCard, contract: TensorContract, declared: Sequence[object]) -> None:
    """Raise `NetworkContractError` unless the shape that a file declares can be what its card promises.

    A declared length that is not a positive whole number is open, which every promise fits.
    """
    fits = len(declared) == len(contract.shape) and all(map(_may_become, declared, contract.shape))
    if not fits:
        raise NetworkContractError(card, contract.name, f"is declared as {list(declared)}, promised is {shape_words(contract)}")


def shape_words(contract: TensorContract) -> str:
    """Write a promised shape for people, for example `[1, 3, height, width] in multiples of 32`."""
    lengths = ", ".join(str(dimension) for dimension in contract.shape)
    return f"[{lengths}]" + (f" in multiples of {contract.multiple_of}" if contract.multiple_of > 1 else "")


def _may_become(declared: object, promised: Dimension) -> bool:
    is_open = not isinstance(declared, int) or declared < 1
    return is_open or declared == promised


def _shape_fits(contract: TensorContract, shape: tuple[int, ...]) -> bool:
    return shape == contract.shape or (
        len(shape) == len(contract.shape)
        and all(
            length == promised if isinstance(promised, int) else length > 0 and length % contract.multiple_of == 0
            for length, promised in zip(shape, contract.shape, strict=True)
        )
    )


def _check_values(card: ModelCard, contract: TensorContract, tensor: NDArray[np.generic]) -> None:
    # The extremes of an array with NaN are NaN, and no comparison with NaN holds: two passes check everything.
    # Not by `min` and `max`, which take a detour through Python: a look of the detector asks thirteen times.
    lowest, highest = float(np.minimum.reduce(tensor, axis=None)), float(np.maximum.reduce(tensor, axis=None))
    if not (math.isfinite(lowest) and math.isfinite(highest)):
        raise NetworkContractError(card, contract.name, "holds a number that is not finite")
    if contract.value_range is None:
        return
    low, high = contract.value_range
    slack = (high - low) * RANGE_TOLERANCE
    if lowest < low - slack or highest > high + slack:
        raise NetworkContractError(
            card, contract.name, f"holds values from {lowest:.4g} to {highest:.4g}, promised is {low:g} to {high:g}"
        )
