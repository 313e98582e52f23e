"""Embeds faces and compares 1:1: this visitor with this reference, never a search (R27).

`Embedder` is the port: whoever brings another engine implements it, and `tests/edge/stages/embedder_contract.py` says whether
it holds. `NetworkEmbedder` is ours: one network, or several that must agree.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NewType, Protocol

import numpy as np
from numpy.typing import NDArray

from edge.errors import EmbeddingInvalidError
from edge.flow import Crops, MatcherIdentity, Similarity
from edge.imaging import Pixels, similarity_map, warp
from models.card import Colour, FaceInput
from models.runtime import Network

Embedding = NewType("Embedding", NDArray[np.float32])
"""(d,) unit length. Personal data: it is never logged, stored in the open, or sent. Only those of one matcher compare."""

Points = NDArray[np.float32]
"""(5, 2) x, y in pixels of the picture, in the order of `Detection.points`."""


class Embedder(Protocol):
    """Turns a face into a vector whose cosine with that of another face tells how alike they are. One thread uses it."""

    @property
    def identity(self) -> MatcherIdentity:
        """What a threshold must name to belong to this matcher."""
        ...

    @property
    def dimension(self) -> int:
        """Numbers in one embedding."""
        ...

    def crops(self, bgr: Pixels, points: Points) -> Crops:
        """What to keep of a (height, width, 3) BGR picture so as to embed the face with these points later; write-protected."""
        ...

    def embed_still(self, crops: Crops) -> Embedding:
        """The embedding of a single picture. The same crops give the same vector.

        Raises `EmbeddingInvalidError` when the answer has no direction, `ModelError` when the engine fails.
        """
        ...

    def embed_shots(self, shots: Sequence[Crops]) -> tuple[Embedding, ...]:
        """One embedding for each of several pictures of one face, to be averaged; raises as `embed_still` does."""
        ...


@dataclass(frozen=True, slots=True)
class NetworkPart:
    """One network of a matcher."""

    network: Network
    face: FaceInput
    """How it wants a face to lie, and what it wants to be fed."""
    colour: Colour
    dimension: int
    """Numbers in its answer."""
    weight: float
    """Its share of the similarity; the weights of a matcher add up to 1."""


@dataclass(frozen=True, slots=True)
class NetworkEmbedder:
    """One network, or several whose unit vectors stand side by side, each weighed: the cosine is the weighted sum of theirs."""

    identity: MatcherIdentity
    parts: tuple[NetworkPart, ...]

    @property
    def dimension(self) -> int:
        """The answers of all networks, side by side."""
        return sum(part.dimension for part in self.parts)

    def crops(self, bgr: Pixels, points: Points) -> Crops:
        """One aligned crop for each network, (size, size, 3) BGR, write-protected."""
        return tuple(_aligned(bgr, points, part.face) for part in self.parts)

    def embed_still(self, crops: Crops) -> Embedding:
        """The mean of the picture and its mirror image."""
        pairs = zip(self.parts, crops, strict=True)
        return self._joined([_mean([_answer(part, crop), _answer(part, crop[:, ::-1])]) for part, crop in pairs])

    def embed_shots(self, shots: Sequence[Crops]) -> tuple[Embedding, ...]:
        """Every second one mirrored, so that their mean is as even as that of stills at half the work."""
        turns = (slice(None), slice(None, None, -1))
        return tuple(self._one_way(crops, turns[number % 2]) for number, crops in enumerate(shots))

    def _one_way(self, crops: Crops, columns: slice) -> Embedding:
        return self._joined([_answer(part, crop[:, columns]) for part, crop in zip(self.parts, crops, strict=True)])

    def _joined(self, units: Sequence[NDArray[np.float32]]) -> Embedding:
        weighed = [math.sqrt(part.weight) * unit for part, unit in zip(self.parts, units, strict=True)]
        return Embedding(_unit(np.concatenate(weighed)))


def mean_embedding(embeddings: Sequence[Embedding]) -> Embedding:
    """Unit-length mean of several embeddings of one face."""
    return Embedding(_mean(embeddings))


def compare(one: Embedding, other: Embedding) -> Similarity:
    """Cosine of two embeddings, -1 to 1."""
    return Similarity(float(np.clip(one @ other, -1.0, 1.0)))


def least_agreement(shots: Sequence[Embedding]) -> Similarity:
    """How well the shot that fits least fits in: the least of all medians of a shot's similarities with the others.

    Of two faces shown in turn, those of the rarer one have a low median however the shots are divided; a single odd
    comparison does not lower it. One shot alone agrees with itself: 1. `ValueError` for none.
    """
    if len(shots) == 1:
        return Similarity(1.0)
    alike = np.clip(np.stack(shots) @ np.stack(shots).T, -1.0, 1.0)
    others = alike[~np.eye(len(shots), dtype=bool)].reshape(len(shots), -1)
    return Similarity(float(np.sort(others, axis=1)[:, (others.shape[1] - 1) // 2].min()))


def _aligned(bgr: Pixels, points: Points, face: FaceInput) -> Pixels:
    crop = warp(bgr, similarity_map(points, np.array(face.points, dtype=np.float32)), face.crop_px)
    crop.setflags(write=False)
    return crop


def _answer(part: NetworkPart, crop: Pixels) -> NDArray[np.float32]:
    channels = crop[:, :, ::-1] if part.colour is Colour.RGB else crop
    # Turned first: arithmetic on numbers that lie one after the other takes a third of the time.
    fed = np.ascontiguousarray(channels.transpose(2, 0, 1)[None], dtype=np.float32)
    fed -= np.array(part.face.mean, dtype=np.float32)[:, None, None]
    fed /= np.array(part.face.deviation, dtype=np.float32)[:, None, None]
    (output,) = part.network.run(fed)
    if output.size != part.dimension:
        raise EmbeddingInvalidError
    return _unit(output.reshape(-1))


def _mean(vectors: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    return _unit(np.mean(np.stack(vectors), axis=0))


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    length = float(np.linalg.norm(vector))
    if not np.isfinite(length) or length < 1e-6:
        raise EmbeddingInvalidError
    return np.asarray(vector / length, dtype=np.float32)
