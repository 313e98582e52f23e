"""Measures the matcher: the listed pairs at the shipped threshold, and all pictures of different persons against each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.evaluate.pairs import PairList
from edge.evaluate.people import People, PersonId
from edge.evaluate.portrait import Lost, embed_file
from edge.evaluate.statistics import (
    Scores,
    best_accuracy,
    equal_error_rate,
    false_match_rate,
    false_non_match_rate,
    threshold_at_fmr,
)
from edge.reference import Eyes
from edge.stages.match import Embedding, compare
from models.calibration.rates import Rate, rate

ASKED_FMR: Mapping[str, float] = {"1e-2": 1e-2, "1e-3": 1e-3, "1e-4": 1e-4}
"""The false match rates at which the FNMR is told, by the words that name them."""

Progress = Callable[[int, int], None]
"""Told how many of how many are done."""


@dataclass(frozen=True, slots=True)
class LostPicture:
    """A listed file that could not be compared with anything."""

    file: str
    lost: Lost


@dataclass(frozen=True, slots=True, eq=False)
class Comparisons:
    """All similarities of one set."""

    genuine: Scores
    """Listed pairs of one person."""
    impostors: Scores
    """Listed pairs of two persons."""
    all_impostors: Scores
    """Every picture against every picture of somebody else, once."""
    lost: tuple[LostPicture, ...]
    same_lost: int
    """Listed pairs of one person of which a picture was lost."""
    different_lost: int
    """Listed pairs of two persons of which a picture was lost."""


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """What the matcher would do at a threshold chosen on this set."""

    word: str
    """The FMR asked for, as in `ASKED_FMR`."""
    threshold: float | None
    """None where too few impostors were compared to resolve that FMR."""
    fnmr: float | None


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """The figures of one set."""

    listed_same: int
    listed_different: int
    failed_to_acquire: int
    """Listed pairs that were not compared, since a picture of theirs was lost."""
    threshold: float
    """The shipped one."""
    fmr: Rate
    """Listed pairs of two persons, at the shipped threshold."""
    fnmr: Rate
    """Listed pairs of one person, at the shipped threshold; pairs that failed to acquire are apart (ISO/IEC 19795-1)."""
    frr: Rate
    """As `fnmr`, but a pair that failed to acquire counts as refused: what a person would meet with."""
    fmr_all: Rate
    """All impostors at the shipped threshold. The comparisons share pictures, so the true interval is wider than the one told."""
    eer: float | None
    best_accuracy: float | None
    points: tuple[OperatingPoint, ...]


def embed_pictures(listed: PairList, eyes: Eyes, progress: Progress) -> Mapping[str, Embedding | Lost]:
    """Embed every listed file once; raises `ModelError` when a network fails."""
    found: dict[str, Embedding | Lost] = {}
    for file in listed.files:
        found[file] = embed_file(listed.images / file, eyes)
        progress(len(found), len(listed.files))
    return found


def compare_all(listed: PairList, people: People, pictures: Mapping[str, Embedding | Lost]) -> Comparisons:
    """Make all comparisons that can be made."""
    found = {file: picture for file, picture in pictures.items() if not isinstance(picture, Lost)}
    compared = [pair for pair in listed.pairs if pair.a in found and pair.b in found]
    genuine = [compare(found[pair.a], found[pair.b]) for pair in compared if pair.same]
    impostors = [compare(found[pair.a], found[pair.b]) for pair in compared if not pair.same]
    known = [file for file in found if file in people.persons]
    everybody = _all_against_all([found[file] for file in known], [people.persons[file] for file in known])
    return Comparisons(
        np.asarray(genuine, dtype=np.float64),
        np.asarray(impostors, dtype=np.float64),
        everybody,
        tuple(LostPicture(file, picture) for file, picture in pictures.items() if isinstance(picture, Lost)),
        listed.same - len(genuine),
        len(listed.pairs) - listed.same - len(impostors),
    )


def _all_against_all(embeddings: Sequence[Embedding], persons: Sequence[PersonId]) -> Scores:
    """The similarity of every two embeddings of two persons, as `compare` gives it."""
    if not embeddings:
        return np.empty(0)
    stacked = np.stack(embeddings)
    numbers: NDArray[np.int64] = np.unique(np.asarray(persons), return_inverse=True)[1].reshape(-1).astype(np.int64)
    rows = [(stacked[i + 1 :] @ stacked[i])[numbers[i + 1 :] != numbers[i]] for i in range(len(stacked))]
    scores: Scores = np.clip(np.concatenate(rows).astype(np.float64), -1.0, 1.0)
    return scores


def weigh(comparisons: Comparisons, threshold: float) -> VerificationReport:
    """Turn similarities into figures at the shipped threshold and at those that the set itself would choose."""
    genuine, impostors, everybody = comparisons.genuine, comparisons.impostors, comparisons.all_impostors
    fnmr = false_non_match_rate(genuine, threshold)
    lost = comparisons.same_lost
    return VerificationReport(
        listed_same=genuine.size + lost,
        listed_different=impostors.size + comparisons.different_lost,
        failed_to_acquire=lost + comparisons.different_lost,
        threshold=threshold,
        fmr=false_match_rate(impostors, threshold),
        fnmr=fnmr,
        frr=rate(fnmr.errors + lost, fnmr.of + lost),
        fmr_all=false_match_rate(everybody, threshold),
        eer=equal_error_rate(genuine, impostors),
        best_accuracy=best_accuracy(genuine, impostors),
        points=tuple(_point(word, fmr, genuine, everybody) for word, fmr in ASKED_FMR.items()),
    )


def _point(word: str, fmr: float, genuine: Scores, impostors: Scores) -> OperatingPoint:
    threshold = threshold_at_fmr(impostors, fmr)
    if threshold is None:
        return OperatingPoint(word, None, None)
    return OperatingPoint(word, threshold, false_non_match_rate(genuine, threshold).value)
