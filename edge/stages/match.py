"""Embeds aligned crops and compares 1:1: this visitor with this reference, never a search (R27)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NewType

import numpy as np
from numpy.typing import NDArray

from edge.errors import EmbeddingInvalidError
from edge.flow import Similarity
from edge.imaging import Pixels
from models.runtime import Network

Embedding = NewType("Embedding", NDArray[np.float32])
"""(256,) unit length. Personal data: it is never logged, stored in the open, or sent."""


class Embedder:
    """Turns aligned crops into embeddings with the network of card `embedder`."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def embed(self, crop: Pixels) -> Embedding:
        """Unit-length mean of the embeddings of a (128, 128, 3) crop and its mirror image.

        Raises `EmbeddingInvalidError` when the network's answer has no direction.
        """
        return mean_embedding([self._one(crop), self._one(crop[:, ::-1])])

    def _one(self, crop: Pixels) -> Embedding:
        (output,) = self._network.run(np.ascontiguousarray(crop.transpose(2, 0, 1)[None], dtype=np.float32))
        return _unit(output.reshape(-1))


def mean_embedding(embeddings: Sequence[Embedding]) -> Embedding:
    """Unit-length mean of several embeddings of one face."""
    return _unit(np.mean(np.stack(embeddings), axis=0))


def compare(one: Embedding, other: Embedding) -> Similarity:
    """Cosine of two embeddings, -1 to 1."""
    return Similarity(float(np.clip(one @ other, -1.0, 1.0)))


def _unit(vector: NDArray[np.float32]) -> Embedding:
    length = float(np.linalg.norm(vector))
    if not np.isfinite(length) or length < 1e-6:
        raise EmbeddingInvalidError
    return Embedding(np.asarray(vector / length, dtype=np.float32))
