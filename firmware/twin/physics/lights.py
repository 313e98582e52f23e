"""The lamps of the unit and the light of the place, in one unit: irradiance of one near-infrared lamp at arm's length is 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from firmware.frame import Emitter

ARMS_LENGTH = 35.0
"""Centimetres: the middle of the 20 to 50 cm that the guidance asks for (R20)."""


@dataclass(frozen=True, slots=True)
class Rig:
    """Where the lamps sit around the camera, and how strong each is; centimetres, seen from the camera: right, down."""

    places: Mapping[Emitter, tuple[float, float]] = field(
        default_factory=lambda: {
            Emitter.LEFT: (-5.0, 0.0),
            Emitter.RIGHT: (5.0, 0.0),
            Emitter.VISIBLE: (0.0, -5.0),
            Emitter.TOP: (0.0, -5.0),
        }
    )
    power: Mapping[Emitter, float] = field(default_factory=lambda: {**dict.fromkeys(Emitter, 1.0), Emitter.VISIBLE: 1.5})
    """Irradiance at arm's length when new; lamps age (an LED's life ends by definition at 0.7 of its first flux: IES TM-21), and
    give 0.35 per cent less with each degree (Vishay VSMY1850ITX01)."""


class Place(StrEnum):
    """Where the unit stands."""

    DARK = "dark"
    OFFICE = "office"
    WINDOW = "window"
    SUN = "sun"
    WARM_LED = "warm_led"


@dataclass(frozen=True, slots=True)
class Ambient:
    """The light of a place, on the face."""

    visible: tuple[float, float, float]
    """Irradiance seen by the blue, green and red pixels."""
    infrared: float
    """The near-infrared part of it, which all pixels of a camera without a cut filter see alike."""
    direction: tuple[float, float, float]
    """Where it comes from, seen from the face: right, down, towards the camera; unit length."""
    diffuse_share: float
    """How much of it comes from everywhere."""


PLACES: Mapping[Place, tuple[float, float, tuple[float, float, float]]] = {
    Place.DARK: (0.002, 0.02, (1.0, 1.0, 1.0)),
    Place.OFFICE: (0.1, 0.4, (0.9, 1.0, 1.0)),
    Place.WINDOW: (0.4, 1.2, (1.1, 1.0, 0.9)),
    Place.SUN: (2.0, 5.0, (0.95, 1.0, 1.0)),
    Place.WARM_LED: (0.3, 1.0, (0.45, 0.85, 1.2)),
}
"""Least and greatest strength, and colour (blue, green, red).

Strengths are on the scale of the lamps and follow usual illuminances: 320 to 500 lx in offices, some 2000 lx at a window, 32 000
to 100 000 lx in the sun, which a short exposure and the lamps' filters bring down to a few times the lamps.
"""

INFRARED_SHARE: Mapping[Place, tuple[float, float]] = {
    Place.DARK: (0.0, 1.0),
    Place.OFFICE: (0.0, 0.1),
    Place.WINDOW: (0.3, 0.7),
    Place.SUN: (0.6, 1.0),
    Place.WARM_LED: (0.5, 1.5),
}
"""Near-infrared over visible, as a silicon sensor without a cut filter weighs them.

Of the sun's 400 to 1000 nm 38 per cent lie above 700 nm (ASTM G173-03); incandescent light of 2700 to 2856 K has four to five
times as much for each lux as the sun, white LEDs have less than two per cent. Warm LED lamps with infrared about them lie in
between.
"""

PLACE_VARIANTS = 32
"""So many variants of each place; even numbers are for fitting, odd ones for reporting."""


def ambient_of(place: Place, variant: int) -> Ambient:
    """The light of a place in one of its variants."""
    dice = np.random.default_rng([variant, *place.value.encode()])
    least, most, colour = PLACES[place]
    strength = float(np.exp(dice.uniform(np.log(least), np.log(most))))
    share = dice.uniform(*INFRARED_SHARE[place])
    side, above = dice.uniform(-0.9, 0.9), -dice.uniform(0.1, 0.9)
    if place in (Place.OFFICE, Place.WARM_LED):
        side *= 0.5
    way = np.array([side, above, dice.uniform(0.3, 1.0)])
    way /= np.linalg.norm(way)
    visible = tuple(strength * tint for tint in colour)
    diffuse = dice.uniform(0.15, 0.5) if place is Place.SUN else dice.uniform(0.4, 0.9)
    return Ambient((visible[0], visible[1], visible[2]), strength * share, (float(way[0]), float(way[1]), float(way[2])), diffuse)
