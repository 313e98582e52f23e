"""The gate of an embedder: its cosines with the float network, and what becomes of the decisions of the matcher it is part of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from edge.engine import Sight
from edge.evaluate.quantization.gate import LEAST_COSINE, LEAST_MEAN_COSINE, MOST_LOST_FNMR, Judged, judged
from edge.evaluate.quantization.material import Material
from edge.stages.match import Embedder, Embedding, compare
from models.int8.fidelity import cosine


@dataclass(frozen=True, slots=True, eq=False)
class Both:
    """The embeddings of one picture by the float network and by the quantized one."""

    true: Embedding
    found: Embedding


@dataclass(frozen=True, slots=True)
class _Decision:
    same: bool | None
    """None where nobody says who is who."""
    true: float
    found: float


@dataclass(frozen=True, slots=True)
class Bout:
    """A matcher as it is, and with a quantized network in it."""

    true: Embedder
    found: Embedder
    part: slice
    """Where the answer of the quantized network stands in an embedding."""
    threshold: float
    """That which ships with the matcher."""


def judge_embedder(bout: Bout, sight: Sight, materials: Sequence[Material]) -> Judged:
    """Judge the quantized embedder on held-back pictures; without a list of pairs, every two of a folder are compared."""
    cosines: list[float] = []
    decisions: list[_Decision] = []
    for material in materials:
        both = _embedded(bout, sight, material)
        cosines += [cosine(each.true[bout.part], each.found[bout.part]) for each in both.values()]
        decisions += _decisions(material, both)
    threshold = bout.threshold
    flips = sum((each.true >= threshold) != (each.found >= threshold) for each in decisions)
    genuine = [each for each in decisions if each.same]
    figures = {"pictures": float(len(cosines)), "mean_cosine": _mean(cosines), "least_cosine": min(cosines, default=0.0)}
    lost = 0.0
    if genuine:
        misses = [sum(score < threshold for score in scores) / len(genuine) for scores in _sides(genuine)]
        lost = misses[1] - misses[0]
        figures |= {"genuine_pairs": float(len(genuine)), "fnmr": misses[0], "fnmr_int8": misses[1]}
    return judged(
        flips,
        len(decisions),
        figures,
        {
            f"the mean cosine is {figures['mean_cosine']:.4f}, at least {LEAST_MEAN_COSINE} is needed": figures["mean_cosine"]
            >= LEAST_MEAN_COSINE,
            f"the least cosine is {figures['least_cosine']:.4f}, at least {LEAST_COSINE} is needed": figures["least_cosine"]
            >= LEAST_COSINE,
            f"misses rise by {lost:.2%}, at most {MOST_LOST_FNMR:.1%} may": lost <= MOST_LOST_FNMR,
        },
    )


def _sides(decisions: Iterable[_Decision]) -> tuple[list[float], list[float]]:
    listed = list(decisions)
    return [each.true for each in listed], [each.found for each in listed]


def _embedded(bout: Bout, sight: Sight, material: Material) -> dict[str, Both]:
    both = {}
    for picture in material.pictures():
        face = sight.face(picture.bgr)
        if face is not None:
            points = sight.aligner.points(picture.bgr, face)
            answers = [each.embed_still(each.crops(picture.bgr, points)) for each in (bout.true, bout.found)]
            both[picture.name] = Both(*answers)
    return both


def _decisions(material: Material, both: Mapping[str, Both]) -> Iterator[_Decision]:
    if material.pairs:
        pairs = [(pair.a, pair.b, pair.same) for pair in material.pairs]
    else:
        pairs = [(a, b, None) for a, b in combinations(sorted(both), 2)]  # type: ignore[misc]  # None: nobody knows
    for a, b, same in pairs:
        if a in both and b in both:
            yield _Decision(same, compare(both[a].true, both[b].true), compare(both[a].found, both[b].found))


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0
