"""Which presentations there are: so many of each species in each place, and forged streams of living people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from edge.evaluate.people import PersonId
from edge.evaluate.simulated.faces import Faces
from edge.evaluate.split import Half, drawn
from firmware.twin.physics.lights import PLACE_VARIANTS, Place
from firmware.twin.physics.species import ATTACKS, VARIANTS, Species


class Forgery(StrEnum):
    """What is wrong with a stream that shows the right living person."""

    NONE = "none"
    WRONG_CODE = "wrong_code"
    """It was recorded while the lamps followed another visit's code."""
    DELAYED = "delayed"
    """It comes more than one symbol late."""
    INJECTED = "injected"
    """It never saw a lamp."""


SEEN_VARIANTS = 96
SEEN_LIGHTS = 16
"""Fitting takes even numbers below these. Earlier counts took odd ones below them, and what they showed had a say in the
cues; so figures now come from odd numbers above, which nobody had seen."""
HEARD_OUT = 8
"""Of so many attacks or forged streams one is heard out."""
FORGERIES = (Forgery.WRONG_CODE, Forgery.DELAYED, Forgery.INJECTED)


@dataclass(frozen=True, slots=True)
class Presentation:
    """One presentation, complete: the same one always plays the same."""

    number: int
    species: Species
    variant: int
    place: Place
    place_variant: int
    person: PersonId
    behind: PersonId
    """Who holds a cut-out."""
    seed: int
    forgery: Forgery = Forgery.NONE
    heard_out: bool = True
    """Whether every cue has its say though one of them has denied, so that each can be switched off afterwards."""


def plan(faces: Faces, half: Half, of_each: int, living: int, forged: int) -> tuple[Presentation, ...]:
    """`of_each` presentations of each attack in each place, so many `living`, and `forged` of each forgery, all places alike.

    All of the living and a share of the others are heard out.
    """
    dice = np.random.default_rng([int(half), of_each, living, forged])
    places = list(Place)
    counts: dict[Species, int] = {Species.LIVE: living, **dict.fromkeys(ATTACKS, of_each)}
    cells = [(species, place, Forgery.NONE) for place in places for species, count in counts.items() for _ in range(count)]
    cells += [(Species.LIVE, places[number % len(places)], forgery) for forgery in FORGERIES for number in range(forged)]
    return tuple(_drawn(cells, faces, half, dice))


def _drawn(
    cells: list[tuple[Species, Place, Forgery]], faces: Faces, half: Half, dice: np.random.Generator
) -> Iterator[Presentation]:
    people = faces.people
    for number, (species, place, forgery) in enumerate(cells):
        yield Presentation(
            number=number,
            species=species,
            variant=_of_half(dice, SEEN_VARIANTS, VARIANTS, half),
            place=place,
            place_variant=_of_half(dice, SEEN_LIGHTS, PLACE_VARIANTS, half),
            person=people[int(dice.integers(len(people)))],
            behind=people[int(dice.integers(len(people)))],
            seed=int(dice.integers(1, 2**31)),
            forgery=forgery,
            heard_out=number % HEARD_OUT == 0 or (species is Species.LIVE and forgery is Forgery.NONE),
        )


def _of_half(dice: np.random.Generator, seen: int, every: int, half: Half) -> int:
    """For fitting one of the seen, for reporting one of the others."""
    return drawn(dice, seen, half) if half is Half.FIT else seen + drawn(dice, every - seen, half)
