"""Embeds what fusions are judged on: every picture of two sets, once with each network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.evaluate.errors import NothingToCompareError
from edge.evaluate.fusion import Material
from edge.evaluate.joining import Joined
from edge.evaluate.one_person import OnePersonPair
from edge.evaluate.pairs import PairList
from edge.evaluate.people import People, PersonId
from edge.evaluate.population_list import Picture
from edge.evaluate.portrait import Lost, embed_file
from edge.evaluate.verification import Progress
from edge.reference import Eyes
from edge.stages.match import Embedding


@dataclass(frozen=True, slots=True)
class Sets:
    """What is compared: strangers of one population, and pairs of one person from another set."""

    strangers: tuple[Picture, ...]
    one_person: tuple[OnePersonPair, ...]
    """Strangers who are none: kept in one half, never compared."""
    genuine: PairList
    people: People


def gather_material(sets: Sets, eyes: Mapping[str, Eyes], progress: Progress) -> Material:
    """Embed everything; a picture without a usable face is left out everywhere.

    Raises `ModelError`, and `NothingToCompareError` when nothing is left of one of the sets.
    """
    known = [file for file in sets.genuine.files if file in sets.people.persons]
    paths = [picture.path for picture in sets.strangers] + [sets.genuine.images / file for file in known]
    seen = _embedded(paths, eyes, progress)
    strangers = [picture for picture in sets.strangers if picture.path in seen]
    files = [file for file in known if sets.genuine.images / file in seen]
    rows = {file: row for row, file in enumerate(files)}
    same = [(rows[pair.a], rows[pair.b]) for pair in sets.genuine.pairs if pair.same and pair.a in rows and pair.b in rows]
    if len(strangers) < 2 or not same:
        raise NothingToCompareError
    return Material(
        tuple(eyes),
        {name: np.stack([seen[picture.path][name] for picture in strangers]) for name in eyes},
        _numbered(_joined(strangers, sets.one_person)),
        {name: np.stack([seen[sets.genuine.images / file][name] for file in files]) for name in eyes},
        _numbered([sets.people.persons[file] for file in files]),
        np.array(same, dtype=np.int64),
    )


def _embedded(paths: Sequence[Path], eyes: Mapping[str, Eyes], progress: Progress) -> Mapping[Path, Mapping[str, Embedding]]:
    found: dict[Path, Mapping[str, Embedding]] = {}
    for number, path in enumerate(paths, start=1):
        answers = {name: embed_file(path, each) for name, each in eyes.items()}
        whole = {name: answer for name, answer in answers.items() if not isinstance(answer, Lost)}
        if len(whole) == len(answers):
            found[path] = whole
        progress(number, len(paths))
    return found


def _joined(strangers: Sequence[Picture], one_person: Sequence[OnePersonPair]) -> list[PersonId]:
    persons = {picture.file: picture.person for picture in strangers}
    joined: Joined[PersonId] = Joined()
    for pair in one_person:
        if pair.a in persons and pair.b in persons:
            joined.join(persons[pair.a], persons[pair.b])
    return [joined.root(picture.person) for picture in strangers]


def _numbered(persons: Sequence[PersonId]) -> NDArray[np.int64]:
    numbers: NDArray[np.int64] = np.unique(np.asarray(persons), return_inverse=True)[1].reshape(-1).astype(np.int64)
    return numbers
