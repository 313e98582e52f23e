"""Made-up populations: what would have been seen in pictures that nobody took."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.evaluate.people import PersonId
from edge.evaluate.population_list import KnownFrom, Picture, PopulationList
from edge.evaluate.population_pictures import Seen, Sightings
from edge.evaluate.same_picture import SIDE
from edge.evaluate.verification import LostPicture, Progress
from edge.stages.match import Embedding
from models.calibration.bands import Member

UNKNOWN = Member(None, "", "")
ELDER = Member(70, "", "")


def unit(row: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.asarray(row / np.linalg.norm(row), dtype=np.float32)


def nobody(what: str) -> Progress:
    """Tell nobody."""
    return lambda done, of: None


def seen(
    file: str,
    person: str,
    embedding: Sequence[float] | NDArray[np.float64],
    member: Member = UNKNOWN,
    picture: int | None = None,
) -> Seen:
    """A picture with this embedding; those of one `picture` number look the same pixel by pixel."""
    dice = np.random.default_rng([1, picture] if picture is not None else [2, *file.encode("utf-8", "surrogatepass")])
    return Seen(
        Picture(file, Path(file), PersonId(person), member),
        Embedding(unit(np.asarray(embedding, dtype=np.float64))),
        unit(dice.normal(size=SIDE * SIDE)),
    )


def strangers(count: int, dimension: int = 16, member: Member = ELDER, seed: int = 3) -> list[Seen]:
    """So many persons with one picture each, in random directions."""
    dice = np.random.default_rng(seed)
    return [seen(f"{n:05}.jpg", f"{n}", dice.normal(size=dimension), member) for n in range(count)]


def sightings(all_seen: Sequence[Seen], lost: Sequence[LostPicture] = ()) -> Sightings:
    return Sightings(tuple(all_seen), tuple(lost))


def listed(all_seen: Sequence[Seen], name: str = "set") -> PopulationList:
    return PopulationList(name, tuple(each.picture for each in all_seen), KnownFrom.COLUMN)
