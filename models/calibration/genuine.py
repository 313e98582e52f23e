"""The comparisons of one person with himself, counted like those of two persons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.calibration.blocks import STEPS, walk
from models.calibration.census import BINS, Tally
from models.calibration.crowd import Crowd


def count_genuine(crowd: Crowd, pictures: Sequence[int]) -> Tally:
    """Compare every two rows of each person, except rows of the same picture, of which `pictures` gives a number per row.

    The same picture twice says nothing about how a person changes. The tally's persons are those who have two pictures.
    """
    numbers = np.asarray(pictures, dtype=np.int64)
    order = np.argsort(crowd.persons, kind="stable")
    starts = np.flatnonzero(np.diff(crowd.persons[order])) + 1
    counts, persons = np.zeros(BINS, dtype=np.int64), 0
    for rows in np.split(order, starts):
        if len(np.unique(numbers[rows])) < 2:
            continue
        persons += 1
        # Among the rows of one person pictures take the place of persons: those of two are compared.
        of_person = Crowd(crowd.embeddings[rows], numbers[rows])
        for block in walk(of_person, np.zeros(len(rows), dtype=np.int64), lambda one, other: True, _nobody):
            counts += np.bincount(block.counted_bins() + STEPS, minlength=BINS)
    counts.setflags(write=False)
    return Tally("one person", persons, counts)


def _nobody(done: int, of: int) -> None:
    """Tell nobody how far it is."""
