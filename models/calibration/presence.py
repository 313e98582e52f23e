"""How many rows each person has under each label of a stratum, and so how many comparisons weighted persons make."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.calibration.crowd import LABEL_UNKNOWN, Crowd, Relation, Stratum

Counts = NDArray[np.int64]
Weights = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Presence:
    """Who takes part in a stratum; made by `presence_of`. The persons of the stratum have places counted from 0."""

    relation: Relation
    numbers: Counts
    """(persons,) the crowd's number of the person at each place, rising."""
    person: Counts
    """(m,) place of the person, for each person and label that go together."""
    label: Counts
    """(m,) and the label."""
    rows: Weights
    """(m,) and how many rows the person has with it."""

    @property
    def persons(self) -> int:
        """How many persons take part."""
        return len(self.numbers)

    def places(self, numbers: Counts) -> Counts:
        """The places of persons, given by their numbers in the crowd, all of whom take part."""
        return np.searchsorted(self.numbers, numbers).astype(np.int64)

    def comparisons(self, weights: Weights) -> Weights:
        """(draws,) comparisons of two persons when each counts as often as a row of the (draws, persons) weights says."""
        rows = weights[:, self.person] * self.rows
        within = (_sums(rows, self.label) ** 2).sum(axis=1) - (rows**2).sum(axis=1)
        if self.relation is Relation.WITHIN:
            return np.asarray(within / 2)
        all_of_two = rows.sum(axis=1) ** 2 - (_sums(rows, self.person) ** 2).sum(axis=1)
        return np.asarray((all_of_two - within) / 2)

    def comparisons_of_each(self) -> Weights:
        """(persons,) in how many comparisons each takes part, unweighted."""
        of_label = np.bincount(self.label, weights=self.rows)
        of_person = np.bincount(self.person, weights=self.rows, minlength=self.persons)
        others: Weights = self.rows * (of_label[self.label] - self.rows)
        within: Weights = np.bincount(self.person, weights=others, minlength=self.persons).astype(np.float64)
        across: Weights = of_person * (self.rows.sum() - of_person) - within
        return within if self.relation is Relation.WITHIN else across


def presence_of(crowd: Crowd, stratum: Stratum) -> Presence:
    """Who takes part in a stratum, and how."""
    taking_part = stratum.labels != LABEL_UNKNOWN
    numbers, person = np.unique(crowd.persons[taking_part], return_inverse=True)
    together = np.stack([person.reshape(-1), stratum.labels[taking_part]], axis=1).astype(np.int64)
    pairs, rows = np.unique(together, axis=0, return_counts=True)
    return Presence(stratum.relation, numbers, pairs[:, 0], pairs[:, 1], rows.astype(np.float64))


def _sums(rows: Weights, of: Counts) -> Weights:
    """(draws, words) the sum of each draw's (draws, m) rows by a (m,) number that they share."""
    order = np.argsort(of, kind="stable")
    starts = np.flatnonzero(np.diff(of[order], prepend=-1))
    return np.asarray(np.add.reduceat(rows[:, order], starts, axis=1))
