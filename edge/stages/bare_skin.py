"""Where the colours of a face are not those of its cheeks: a forehead under a hat or hair, a chin in a scarf (R15, R17)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.imaging import Pixels, cielab, similarity_map, warp_to

Lab = NDArray[np.float32]
"""(n, 3) CIELAB, L* 0 to 100."""

Place = tuple[float, float, float, float]
"""Middle and half sizes of a part, eye distances from between the eyes, to the right and down."""

Colours = NDArray[np.floating[Any]]
"""(..., 3) CIELAB, or (...,) something of each."""

EYES_PX = 40
"""How far apart the eyes are in the crop."""
WIDE_PX, TALL_PX = 128, 152
MIDDLE = 64, 32
"""Between the eyes."""
LIGHTNESS = 0.6
"""Weight of a difference of L*: shade is no other colour."""
CHEEKS = ((-0.5, 0.45, 0.12, 0.12), (0.5, 0.45, 0.12, 0.12), (0.0, 0.4, 0.1, 0.15))
"""Below the eyes and on the nose: middle and half sizes, eye distances from between the eyes, to the right and down."""
FOREHEAD = ((0.0, -0.46, 0.5, 0.05), (0.0, -0.56, 0.5, 0.05), (0.0, -0.66, 0.5, 0.05))
CHIN = (0.0, 0.4, 0.3, 0.15)
BELOW = ((0.0, 1.15, 0.35, 0.1), (0.0, 1.4, 0.35, 0.1), (0.0, 1.7, 0.4, 0.15))
"""The same from the middle of the mouth: the neck under a mask, and what is worn."""
DARKER = 0.75
"""Of the lightness of the cheeks; hair and hats of the bench come to half of it, a hand over the brow to all of it."""
BESIDE = ((-1.1, 0.3, 0.12, 0.25), (1.1, 0.3, 0.12, 0.25))
"""Where long hair hangs."""
SAME_HAIR = 12.0
"""What covers the forehead and hangs beside the face, too, is hair."""
EDGE_ROWS = -0.6, 0.5
"""Between these heights ends what covers a forehead."""
EDGE_COLUMNS = -0.55, 0.55
HAIR_CHROMA = 20.0
"""Hair has less colour (CIELAB chroma), and its hue is that of skin or there is none to speak of."""
NO_CHROMA = 6.0
HAIR_HUE_DEG = 20.0, 95.0
HEM_STEP = 0.02
"""Mean step of a hem from one column to the next, eye distances, columns a fortieth apart: cloth 0.002 to 0.015 mostly, hair
0.019 to 0.06."""


@dataclass(frozen=True, slots=True)
class BareSkin:
    """How far the colours of parts of a face are from that of its cheeks: CIELAB, lightness weighed; 0 is equal."""

    forehead: float
    """6 where it is bare, 25 and more under hats and hair."""
    chin: float
    """6 where it is bare, 15 with a beard, 25 and more in a scarf."""
    below: float
    """From the colour of the chin to the colours below it, the farthest: 0 where a scarf goes on."""
    darker: bool
    """Whether what is on the forehead is much darker than the cheeks, as hair is and a hand is not."""
    woven: bool
    """Whether what covers the forehead is cloth: for its colour, or a straight hem and no such hair beside the face."""


def bare_skin(bgr: Pixels, points: NDArray[np.float32]) -> BareSkin:
    """Compare the parts of a face with these five points, (5, 2) pixels of the (height, width, 3) BGR frame."""
    places = np.array([[MIDDLE[0] + side * EYES_PX / 2, MIDDLE[1]] for side in (-1, 1)], np.float32)
    matrix = similarity_map(points[:2], places)
    crop = warp_to(bgr, matrix, WIDE_PX, TALL_PX)
    mouth_px = float(matrix[1, :2] @ points[3:].mean(axis=0) + matrix[1, 2])
    mouth = (min(mouth_px, 0.6 * TALL_PX) - MIDDLE[1]) / EYES_PX
    under = [(x, mouth + y, wide, tall) for x, y, wide, tall in (CHIN, *BELOW)]
    parts = _parts(crop, (*CHEEKS, *FOREHEAD, *under))
    cheeks, brows, lower = parts[: len(CHEEKS)], parts[len(CHEEKS) : -len(under)], parts[-len(under) :]
    skin = _colour(np.vstack(cheeks))
    covers = np.stack([_colour(band) for band in brows])
    cover = np.median(covers, axis=0)
    chin, *below = (_colour(part) for part in lower)
    return BareSkin(
        forehead=float(np.median(_apart(covers, skin))),
        chin=float(_apart(chin, skin)),
        below=float(_apart(np.stack(below), chin).max()),
        darker=bool(cover[0] < DARKER * skin[0]),
        woven=_is_woven(crop, cover, skin),
    )


def _is_woven(crop: Pixels, cover: Colours, skin: Colours) -> bool:
    if _is_no_hair(cover):
        return True
    beside = np.stack([_colour(part) for part in _parts(crop, BESIDE)])
    return float(_apart(beside, cover).min()) > SAME_HAIR and _hem_step(crop, cover, skin) < HEM_STEP


def _parts(crop: Pixels, places: Sequence[Place]) -> list[Lab]:
    """The colours in each place. Only these are reckoned, a tenth of the crop, and all at once."""
    pixels = [_part(crop, *place).reshape(-1, 3) for place in places]
    ends = np.cumsum([len(part) for part in pixels])
    return np.split(cielab(np.concatenate(pixels)), ends[:-1])


def _part(crop: Pixels, x: float, y: float, wide: float, tall: float) -> Pixels:
    """Around a point, eye distances from between the eyes; at least one pixel of the crop."""
    rows = np.clip(np.round(MIDDLE[1] + EYES_PX * np.array([y - tall, y + tall])).astype(int), 0, TALL_PX - 1)
    columns = np.clip(np.round(MIDDLE[0] + EYES_PX * np.array([x - wide, x + wide])).astype(int), 0, WIDE_PX - 1)
    return crop[rows[0] : rows[1] + 1, columns[0] : columns[1] + 1]


def _colour(part: Lab) -> Colours:
    return np.asarray(np.median(part, axis=0))


def _apart(colours: Colours, other: Colours) -> Colours:
    """(...,) how far (..., 3) colours are from another."""
    weighed = (colours - other) * np.array([LIGHTNESS, 1.0, 1.0])
    return np.asarray(np.sqrt((weighed**2).sum(axis=-1)))


def _is_no_hair(colour: Colours) -> bool:
    chroma, hue = float(np.hypot(colour[1], colour[2])), float(np.degrees(np.arctan2(colour[2], colour[1])))
    return chroma > HAIR_CHROMA or (chroma > NO_CHROMA and not HAIR_HUE_DEG[0] <= hue <= HAIR_HUE_DEG[1])


def _hem_step(crop: Pixels, cover: Colours, skin: Colours) -> float:
    """How far the lower edge of what covers the forehead steps from one column to the next, mean, eye distances."""
    top, bottom = (round(MIDDLE[1] + EYES_PX * share) for share in EDGE_ROWS)
    left, right = (round(MIDDLE[0] + EYES_PX * share) for share in EDGE_COLUMNS)
    part = cielab(crop[top:bottom, left:right])
    covered = _apart(part, cover) < _apart(part, skin)
    ends = np.where(covered.all(axis=0), len(covered), np.argmin(covered, axis=0))
    return float(np.abs(np.diff(ends)).mean()) / EYES_PX
