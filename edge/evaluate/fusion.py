"""What two or three networks gain together: rules of fusion and of normalisation, each judged on persons it was not fitted to.

The impostors come from one population, the genuine pairs from another set; both are divided into halves by person, several
times over. Fusions are fitted, and cohorts taken, from the first halves; thresholds and misses are reported on the second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from edge.evaluate.logistic import fit_logistic
from edge.evaluate.statistics import threshold_at_fmr

Scores = NDArray[np.float64]
Table = NDArray[np.float64]
"""(n, n) similarities."""

ASKED: Mapping[str, float] = {"1e-2": 1e-2, "1e-3": 1e-3}
NEAREST = 30
"""So many most similar members of the cohort make the adaptive norm (AS-norm)."""


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """Both sets as all networks see them; rows are the same pictures everywhere."""

    networks: tuple[str, ...]
    strangers: Mapping[str, NDArray[np.float32]]
    """By network, (n, d) unit rows of the population."""
    stranger_persons: NDArray[np.int64]
    genuine: Mapping[str, NDArray[np.float32]]
    """By network, (m, d) unit rows of the genuine set."""
    genuine_persons: NDArray[np.int64]
    pairs: NDArray[np.int64]
    """(k, 2) rows of the genuine set that show one person at two times."""


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """What one rule does, in the mean of the divisions."""

    name: str
    fnmr: Mapping[str, float]
    """By the FMR among the reported half of the strangers, the share of genuine pairs missed."""
    worst_fnmr: Mapping[str, float]
    """The same in the worst division."""
    fmr_elsewhere: Mapping[str, float]
    """At those thresholds, the FMR among the persons of the genuine set: a rule that only lowers their threshold shows here."""
    own_fnmr: float
    """Misses at the threshold that the genuine set itself needs for an FMR of 1e-3: what is really gained."""


@dataclass(frozen=True, slots=True, eq=False)
class _Half:
    """What a rule may see of one division: the fitted halves; and what it is reported on."""

    material: Material
    fit_strangers: NDArray[np.int64]
    fit_genuine_pairs: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Judged:
    """What one rule does in one division."""

    fnmr: Mapping[str, float]
    elsewhere: Mapping[str, float]
    own_fnmr: float


Scorer = Callable[[Mapping[str, NDArray[np.float32]]], Table]
"""All similarities of a set under a fitted rule."""


def weigh_rules(material: Material, divisions: int, seed: int) -> tuple[RuleFigures, ...]:
    """Judge all rules on the same divisions; deterministic for a seed."""
    found: dict[str, list[_Judged]] = {}
    for number in range(divisions):
        dice = np.random.default_rng([seed, number])
        strangers = _first_half(material.stranger_persons, dice)
        persons = _first_half(material.genuine_persons, dice)
        for name, rule in _rules(material.networks).items():
            found.setdefault(name, []).append(_judge(material, rule, strangers, persons))
    return tuple(_summed(name, rows) for name, rows in found.items())


def _first_half(persons: NDArray[np.int64], dice: np.random.Generator) -> NDArray[np.bool_]:
    """Which rows belong to the half that is fitted to."""
    everybody = dice.permutation(np.unique(persons))
    return np.isin(persons, everybody[: len(everybody) // 2])


def _judge(
    material: Material, rule: Callable[[_Half], Scorer], strangers: NDArray[np.bool_], persons: NDArray[np.bool_]
) -> _Judged:
    in_fit = persons[material.pairs[:, 0]]
    half = _Half(material, np.flatnonzero(strangers), material.pairs[in_fit])
    scorer = rule(half)
    reported = {name: rows[~strangers] for name, rows in material.strangers.items()}
    impostors = _between_persons(scorer(reported), material.stranger_persons[~strangers])
    table = scorer(material.genuine)
    genuine = table[tuple(material.pairs[~in_fit].T)]
    elsewhere = _between_persons(table, material.genuine_persons)
    thresholds = {word: _needed(impostors, fmr) for word, fmr in ASKED.items()}
    return _Judged(
        {word: float(np.mean(genuine < threshold)) for word, threshold in thresholds.items()},
        {word: float(np.mean(elsewhere >= threshold)) for word, threshold in thresholds.items()},
        float(np.mean(genuine < _needed(elsewhere, 1e-3))),
    )


def _needed(impostors: Scores, fmr: float) -> float:
    """The threshold for an FMR; above all of them where too few were compared."""
    threshold = threshold_at_fmr(impostors, fmr)
    return float(np.nextafter(impostors.max(), np.inf)) if threshold is None else threshold


def _between_persons(table: Table, persons: NDArray[np.int64]) -> Scores:
    scores: Scores = table[np.triu(persons[:, None] != persons[None, :], 1)]
    return scores


def _summed(name: str, rows: Sequence[_Judged]) -> RuleFigures:
    return RuleFigures(
        name,
        {word: float(np.mean([row.fnmr[word] for row in rows])) for word in ASKED},
        {word: float(np.max([row.fnmr[word] for row in rows])) for word in ASKED},
        {word: float(np.mean([row.elsewhere[word] for row in rows])) for word in ASKED},
        float(np.mean([row.own_fnmr for row in rows])),
    )


def _rules(networks: Sequence[str]) -> Mapping[str, Callable[[_Half], Scorer]]:
    """Every rule that is tried, by its name."""
    rules: dict[str, Callable[[_Half], Scorer]] = {}
    for size in range(1, len(networks) + 1):
        for some in combinations(networks, size):
            name = " + ".join(some)
            rules[name] = _sum_of(some)
            rules[f"{name}, centred"] = _centred(some)
            rules[f"{name}, Z-norm"] = _normed(some, lambda table, low, high: (table - low[:, None]) / high[:, None], None)
            rules[f"{name}, S-norm"] = _normed(some, _both_ways, None)
            rules[f"{name}, AS-norm"] = _normed(some, _both_ways, NEAREST)
            if size > 1:
                rules[f"{' and '.join(some)}"] = _all_of(some)
                rules[f"logistic of {name}"] = _logistic(some)
    return rules


def _cosines(some: Sequence[str], seen: Mapping[str, NDArray[np.float32]]) -> list[Table]:
    return [(seen[name] @ seen[name].T).astype(np.float64) for name in some]


def _sum_of(some: Sequence[str]) -> Callable[[_Half], Scorer]:
    return lambda _: lambda seen: np.mean(_cosines(some, seen), axis=0)


def _centred(some: Sequence[str]) -> Callable[[_Half], Scorer]:
    """Embeddings less the mean of the cohort, so that what all old faces share no longer counts."""

    def fit(half: _Half) -> Scorer:
        means = {name: half.material.strangers[name][half.fit_strangers].mean(axis=0) for name in some}
        return lambda seen: np.mean(_cosines(some, {name: _units(seen[name] - means[name]) for name in some}), axis=0)

    return fit


def _units(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


Norm = Callable[[Table, NDArray[np.float64], NDArray[np.float64]], Table]


def _both_ways(table: Table, mean: NDArray[np.float64], deviation: NDArray[np.float64]) -> Table:
    ways: Table = ((table - mean[:, None]) / deviation[:, None] + (table - mean[None, :]) / deviation[None, :]) / 2
    return ways


def _normed(some: Sequence[str], norm: Norm, nearest: int | None) -> Callable[[_Half], Scorer]:
    """Scores against a cohort of the population (Auckenthaler et al. 2000; adaptive: Sturim and Reynolds 2005)."""

    def fit(half: _Half) -> Scorer:
        cohort = {name: half.material.strangers[name][half.fit_strangers] for name in some}

        def score(seen: Mapping[str, NDArray[np.float32]]) -> Table:
            against = np.sort(np.mean([seen[name] @ cohort[name].T for name in some], axis=0).astype(np.float64), axis=1)
            # A picture that is itself in the cohort would be its own nearest: reported rows never are.
            nearby = against if nearest is None else against[:, -nearest:]
            return norm(np.mean(_cosines(some, seen), axis=0), nearby.mean(axis=1), nearby.std(axis=1))

        return score

    return fit


def _all_of(some: Sequence[str]) -> Callable[[_Half], Scorer]:
    """Each network must agree: a score is the worst of its ranks among the fitted strangers, so all thresholds are one rank."""

    def fit(half: _Half) -> Scorer:
        rows = {name: half.material.strangers[name][half.fit_strangers] for name in some}
        persons = half.material.stranger_persons[half.fit_strangers]
        ranks = [np.sort(_between_persons(table, persons)) for table in _cosines(some, rows)]
        return lambda seen: np.min(
            [_rank(table, sorted_) for table, sorted_ in zip(_cosines(some, seen), ranks, strict=True)], axis=0
        )

    return fit


def _rank(table: Table, sorted_: Scores) -> Table:
    """The share of strangers below a score; above all of them it goes on rising with the score."""
    below = np.searchsorted(sorted_, table, side="left") / sorted_.size
    return np.asarray(below + np.maximum(0.0, table - sorted_[-1]), dtype=np.float64)


def _logistic(some: Sequence[str]) -> Callable[[_Half], Scorer]:
    def fit(half: _Half) -> Scorer:
        rows = {name: half.material.strangers[name][half.fit_strangers] for name in some}
        persons = half.material.stranger_persons[half.fit_strangers]
        strangers = np.stack([_between_persons(table, persons) for table in _cosines(some, rows)], axis=1)
        tables = _cosines(some, half.material.genuine)
        genuine = np.stack([table[tuple(half.fit_genuine_pairs.T)] for table in tables], axis=1)
        weights = fit_logistic(genuine, strangers)
        return lambda seen: np.tensordot(weights, np.stack(_cosines(some, seen)), axes=1)

    return fit
