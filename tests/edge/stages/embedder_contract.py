"""What every embedder must keep, ours or a licensed engine's: call `check` with it and pictures of faces with their points."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from edge.flow import Crops
from edge.imaging import Pixels
from edge.stages.match import Embedder, Embedding, Points, compare, mean_embedding

LEAST_TO_ITSELF = 0.9
"""How alike shots of one picture at least are to the picture."""


def check(embedder: Embedder, faces: Sequence[tuple[Pixels, Points]]) -> None:
    """Assert the port's promises on pictures of different people."""
    assert embedder.identity.name
    assert len(embedder.identity.model_digest) == 32
    assert embedder.identity.runtime
    kept = [embedder.crops(bgr, points) for bgr, points in faces]
    stills = [embedder.embed_still(crops) for crops in kept]
    for crops, still in zip(kept, stills, strict=True):
        _check_crops(crops)
        _check_vector(still, embedder.dimension)
        assert np.array_equal(embedder.embed_still(crops), still)
        _check_shots(embedder, crops, still)
    for one, other in combinations(stills, 2):
        assert compare(one, other) < 1.0


def _check_crops(crops: Crops) -> None:
    assert crops
    for crop in crops:
        assert crop.dtype == np.uint8
        assert not crop.flags.writeable


def _check_vector(embedding: Embedding, dimension: int) -> None:
    assert embedding.dtype == np.float32
    assert embedding.shape == (dimension,)
    assert abs(float(np.linalg.norm(embedding)) - 1.0) < 1e-5


def _check_shots(embedder: Embedder, crops: Crops, still: Embedding) -> None:
    assert embedder.embed_shots([]) == ()
    shots = embedder.embed_shots([crops] * 4)
    assert len(shots) == 4
    for shot in shots:
        _check_vector(shot, embedder.dimension)
    assert compare(mean_embedding(shots), still) > LEAST_TO_ITSELF
