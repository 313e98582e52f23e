"""Whether a cohort can be kept, and its rows compared with one another. Reads them once, one at a time, and keeps none."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable

from provisioning.cohorts.models import CohortSize
from provisioning.errors import CohortUnfitError
from wire.cohort import FLOAT16_BYTES, CohortHead, CohortRow

MOST_REFERENCES = 250_000
"""Beyond this, comparing all with all takes more than an afternoon and a gigabyte."""

LONGEST_SLIP = 1e-3
"""By how much the length of an embedding may differ from 1. Rounding to float16 alone moves it by less than half of this."""


def count_rows(rows: Iterable[CohortRow]) -> CohortSize:
    """Check every row and count; raises `CohortUnfitError` naming the row, never the person."""
    persons: set[str] = set()
    references = 0
    for references, row in enumerate(rows, 1):
        if references > MOST_REFERENCES:
            raise CohortUnfitError(f"it holds more than {MOST_REFERENCES} references")
        check_embedding(references, row.embedding)
        persons.add(row.person)
    if not references:
        raise CohortUnfitError("it holds no reference")
    return CohortSize(references, len(persons))


def check_head(head: CohortHead) -> None:
    """Raise `CohortUnfitError` when a text of the head would not show on a terminal as what it is."""
    if not all(text.isprintable() for text in (head.programme, head.matcher, head.runtime)):
        raise CohortUnfitError("its programme, matcher or runtime holds characters that cannot be shown")


def check_embedding(row: int, embedding: bytes) -> None:
    """Raise `CohortUnfitError` unless the embedding is finite and of unit length."""
    numbers = struct.unpack(f"<{len(embedding) // FLOAT16_BYTES}e", embedding)
    length = math.sqrt(math.fsum(number * number for number in numbers)) if all(map(math.isfinite, numbers)) else math.nan
    if math.isnan(length):
        raise CohortUnfitError(f"row {row}: its embedding holds a value that is no number")
    if abs(length - 1) > LONGEST_SLIP:
        raise CohortUnfitError(f"row {row}: its embedding has length {length:.4g}, not 1")
