"""What one run of a network costs on any machine: products, and bytes of weights and activations, counted in the file itself.

Exact and the same everywhere, so a test can hold it; how long that takes on a board is measured by the benchmark.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from models.card import ModelCard, Runtime
from models.errors import NetworkNotLoadedError

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class NetworkCost:
    """What one run does. Counted is the graph as the file writes it; a library that fuses two steps moves less."""

    macs: int
    """Multiply-accumulates of convolutions, matrix products and fully connected layers; nothing else multiplies much."""
    weight_bytes: int
    """Constants of the graph as they lie in the file: float16 weights take two bytes, int8 weights one."""
    activation_bytes: int
    """Tensors that steps read and write, without weights; a step that only renames a tensor moves nothing."""

    @property
    def mmac(self) -> float:
        """Millions of multiply-accumulates."""
        return self.macs / MILLION

    @property
    def moved_bytes(self) -> int:
        """Everything that one run reads and writes at least once: weights and activations."""
        return self.weight_bytes + self.activation_bytes


def cost_of(card: ModelCard, content: bytes, shape: tuple[int, ...]) -> NetworkCost:
    """Count what one run on an input of this shape costs.

    Raises `NetworkNotLoadedError` when the content is not a file of the card's format, `CostUnknownError` when it holds a step
    whose work cannot be read off the file.
    """
    # The readers load lazily: who counts no ONNX file does not pay for that library.
    match card.runtime:
        case Runtime.ONNX | Runtime.OPENCV:
            from models.cost_onnx import onnx_cost

            return onnx_cost(card, content, shape)
        case Runtime.TFLITE:
            from models.cost_tflite import tflite_cost

            return tflite_cost(card, content, shape)
        case Runtime.DATA:
            raise NetworkNotLoadedError(card, "it is data to read, not a network to run")
    assert_never(card.runtime)
