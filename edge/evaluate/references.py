"""Measures what several references of one person are worth: the mean of some pictures against another picture of theirs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edge.evaluate.population_list import Picture
from edge.evaluate.shots import Gain, Scores, Spread, lowest_threshold
from edge.stages.match import Embedding, mean_embedding


@dataclass(frozen=True, slots=True)
class ReferenceReport:
    """Single references first, then means of more and more."""

    persons: int
    """Who has enough pictures for the largest number of references and one more."""
    strangers: int
    """Who has fewer: each lends one picture as a stranger."""
    gains: tuple[Gain, ...]


def weigh_references(
    pictures: Sequence[Picture], embeddings: Mapping[str, Embedding], sizes: Sequence[int], asked: Mapping[str, float]
) -> ReferenceReport:
    """Turn embedded pictures into figures; each person weighs the same, and so does each person's FMR.

    `sizes` rise from 1; the references of a comparison are the pictures listed after the one compared, in turn.
    """
    by_person: defaultdict[str, list[Embedding]] = defaultdict(list)
    for picture in pictures:
        if picture.file in embeddings:
            by_person[picture.person].append(embeddings[picture.file])
    several = [seen for seen in by_person.values() if len(seen) > max(sizes)]
    strangers = [seen[0] for seen in by_person.values() if len(seen) <= max(sizes)]
    gains = tuple(_gain(several, strangers, size, asked) for size in sizes)
    return ReferenceReport(len(several), len(strangers), gains)


def _gain(several: Sequence[Sequence[Embedding]], strangers: Sequence[Embedding], size: int, asked: Mapping[str, float]) -> Gain:
    genuine = [np.array([float(mean @ seen[at]) for at, mean in enumerate(_references(seen, size))]) for seen in several]
    spread = Spread(None, None)
    if genuine:
        everyone = np.concatenate(genuine)
        spread = Spread(float(np.mean([scores.mean() for scores in genuine])), float(np.percentile(everyone, 5)))
    if not several or not strangers:
        return Gain(size, spread, {})
    others = np.stack(strangers)
    foreign: list[Scores] = [
        np.sort((np.stack(_references(seen, size)) @ others.T).astype(np.float64).ravel()) for seen in several
    ]
    return Gain(size, spread, {word: lowest_threshold(foreign, fmr) for word, fmr in asked.items()})


def _references(seen: Sequence[Embedding], size: int) -> list[Embedding]:
    """For each picture, the mean of the `size` pictures listed after it; after the last comes the first."""
    return [mean_embedding([seen[(at + step) % len(seen)] for step in range(1, size + 1)]) for at in range(len(seen))]
