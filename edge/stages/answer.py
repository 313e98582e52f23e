"""Whether a face answers the light code of this visit, and no other: a recorded or injected video fails here, whatever it shows.

The right code is held against delayed copies of itself, against codes of other nonces, and against itself a part of a symbol
late.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from edge.session.light_code import CODE_BYTES, CODE_PURPOSE, LightCode, light_code
from edge.stages.lamp_response import Look, explained, looks_words, pooled, slow_drift
from wire.derive import derived_bytes

DECOYS = 24
"""Codes of other nonces that the answer is held against."""
LATE_STEPS = (0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875)
"""Parts of a symbol by which lamps may obey late."""


@dataclass(frozen=True, slots=True)
class CodeAnswer:
    """How well codes explain the light of a face."""

    own: float
    """Share of the change of light that the visit's code explains, 0 to 1."""
    best_wrong: float
    """The same for the wrong code, or the delay of one symbol or more, that explains most."""
    late: float
    """The same for the visit's code when the lamps obey a part of a symbol late, the best of those."""

    @property
    def score(self) -> float:
        """How much of what the best wrong code leaves unexplained the own code explains: 1 all of it, 0 or less nothing."""
        return (self.own - self.best_wrong) / max(1e-6, 1.0 - self.best_wrong)


def answer_of(looks: Sequence[Look], places: Sequence[int], begins_ns: Sequence[int], code: LightCode) -> CodeAnswer:
    """Hold the light of these frames against the code; `places` tells the symbol of each, `begins_ns` when that began."""
    changes, slow = pooled(looks), slow_drift(looks)
    own = explained(changes, slow, looks_words(looks), code.lamps)
    wrong = [explained(changes, slow, words, code.lamps) for words in _wrong(places, code)]
    late = [explained(changes, slow, words, code.lamps) for words in _late(looks, places, begins_ns, code)]
    return CodeAnswer(own, max(wrong), max(late, default=0.0))


def _wrong(places: Sequence[int], code: LightCode) -> list[list[str]]:
    """The words of the frames if the stream were late, early, or another visit's."""
    length = len(code.symbols)
    shifts = [*range(1, min(length, _SHIFTS)), *range(-min(length, _SHIFTS) // 4, 0)]
    delayed = [[code.symbols[(place - shift) % length] for place in places] for shift in shifts]
    others = [[other[place % len(other)] for place in places] for other in _decoys(code.lamps)]
    return delayed + others


_SHIFTS = 16


@cache
def _decoys(lamps: str) -> tuple[tuple[str, ...], ...]:
    streams = (derived_bytes(number.to_bytes(2, "big"), f"decoy of {CODE_PURPOSE}", CODE_BYTES) for number in range(DECOYS))
    return tuple(light_code(stream, lamps, 10**9).symbols for stream in streams)


def _late(looks: Sequence[Look], places: Sequence[int], begins_ns: Sequence[int], code: LightCode) -> list[list[str]]:
    """What would have shone if each symbol had begun later by a part of its length, but with some of its frames in time."""
    apart = np.diff(np.unique(np.array(begins_ns, dtype=np.int64)))
    lasts_ns = float(np.median(apart)) if apart.size else float(code.symbol_ns)
    since: NDArray[np.float64] = np.array([look.captured_ns for look in looks]) - np.array(begins_ns, dtype=np.float64)
    behind = [since < step * lasts_ns for step in LATE_STEPS]
    return [_shifted(places, late, code) for late in behind if not late.all()]


def _shifted(places: Sequence[int], late: NDArray[np.bool_], code: LightCode) -> list[str]:
    return [code.symbols[(place - int(behind)) % len(code.symbols)] for place, behind in zip(places, late, strict=True)]
