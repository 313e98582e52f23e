"""Compares a visitor with the references on file: those of one class as one, each class apart and by its own threshold.

Pictures of one class are averaged: several of them say more of a face than one, and leave the tail of strangers where it is
(docs/accuracy.md). Classes are never mixed, for the threshold of one proves nothing about the other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from edge.errors import ReferenceUnusableError
from edge.flow import MatchScore
from edge.reference import Eyes, Portrait, embed_only_face
from edge.rules import Rules, Thresholds
from edge.stages.match import Embedding, compare, mean_embedding
from wire.reference import ReferenceClass


@dataclass(frozen=True, slots=True, eq=False)
class Standard:
    """What a visitor is compared with: the references of one class as one, and what must be reached there."""

    embedding: Embedding
    thresholds: Thresholds


def read_standards(portraits: Sequence[Portrait], rules: Mapping[ReferenceClass, Rules], eyes: Eyes) -> tuple[Standard, ...]:
    """One standard for each class of the portraits; `rules` holds the rules of each class.

    Raises `ReferenceUnusableError` for a picture that cannot be compared, and when two do not show one person for sure;
    `EmbeddingInvalidError` and `ModelError` when the matcher fails.
    """
    read = [(portrait.reference_class, embed_only_face(portrait.bgr, eyes)) for portrait in portraits]
    for (one_class, one), (other_class, other) in combinations(read, 2):
        # A pair with a document in it is a comparison with a document.
        judged_as = one_class if one_class is ReferenceClass.DOCUMENT else other_class
        if not compare(one, other) >= rules[judged_as].thresholds.review_from:
            raise ReferenceUnusableError("it and another one on file may not show the same person; the office must look at both")
    classes = dict.fromkeys(reference_class for reference_class, _ in read)
    return tuple(Standard(_mean_of(each, read), rules[each].thresholds) for each in classes)


def best_match(visitor: Embedding, standards: Sequence[Standard]) -> MatchScore:
    """The comparison that counts: that of the class whose threshold is exceeded most, or missed least.

    A similarity that is no number outweighs all others, so that it accepts nobody.
    """
    scores = [_score(visitor, standard) for standard in standards]
    return max(scores, key=lambda score: math.inf if math.isnan(score.similarity) else score.similarity - score.threshold)


def _mean_of(reference_class: ReferenceClass, read: Sequence[tuple[ReferenceClass, Embedding]]) -> Embedding:
    return mean_embedding([embedding for of_class, embedding in read if of_class is reference_class])


def _score(visitor: Embedding, standard: Standard) -> MatchScore:
    limits = standard.thresholds
    return MatchScore(compare(visitor, standard.embedding), limits.match, limits.review_from, limits.reference_class)
