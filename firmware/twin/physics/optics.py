"""How skin, paper, paint and glass treat light: constants with their sources, and the two laws that use them.

All lengths in this package are centimetres, all reflectances and radiances are relative and linear (no tone curve).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Grid = NDArray[np.float32]
Vectors = tuple[Grid, Grid, Grid]
"""A vector at each point: three grids of one shape."""


@dataclass(frozen=True, slots=True)
class Gloss:
    """Mirror-like reflection at a rough surface."""

    f0: float
    """Reflectance at normal incidence, 0 to 1 (Fresnel)."""
    roughness: float
    """Beckmann slope m; about 0.03 for glass, 0.3 for skin."""


SKIN_GLOSS = Gloss(0.028, 0.33)
"""Reflectance 0.0255 to 0.028 and Beckmann slopes 0.23 to 0.31 were fitted to 149 faces (Weyrich et al., ACM Trans. Graphics 25,
2006); 0.35 is used for rendering (Donner and Jensen, EGSR 2006)."""
PAPER_F0 = 0.04
"""Of a refractive index of 1.5: varnish, foil and glass."""


def specular(gloss: Gloss, cos_half: Grid) -> Grid:
    """Mirrored radiance of a small lamp for unit irradiance, over that of a perfect white diffuser.

    `cos_half` is the cosine between normal and half vector.

    Beckmann's distribution with Fresnel at normal incidence and no masking (Cook and Torrance, ACM Trans. Graphics 1(1), 1982):
    lamps and camera stand close together here, where masking and the angle of incidence matter little.
    """
    squared = np.maximum(cos_half, np.float32(0.05)) ** 2
    slope = np.float32(gloss.roughness**2)
    lobe = np.exp((squared - 1) / (squared * slope)) / (slope * squared**2)
    return np.asarray(gloss.f0 * lobe / 4, dtype=np.float32)


def dot(one: Vectors, other: Vectors) -> Grid:
    """Scalar product at each point."""
    return np.asarray(one[0] * other[0] + one[1] * other[1] + one[2] * other[2], dtype=np.float32)


def turned(matrix: Grid, vectors: Vectors) -> Vectors:
    """A (3, 3) matrix times the vector at each point."""
    one, two, three = ((row[0] * vectors[0] + row[1] * vectors[1] + row[2] * vectors[2]).astype(np.float32) for row in matrix)
    return one, two, three


def unit(vectors: Vectors) -> Vectors:
    """The same directions with length 1."""
    per_length = 1 / np.maximum(np.sqrt(dot(vectors, vectors)), np.float32(1e-6))
    return vectors[0] * per_length, vectors[1] * per_length, vectors[2] * per_length
