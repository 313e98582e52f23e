"""The light that a visit's nonce asks for: which of the unit's own lamps shine when, and whether a course of light is just that.

No word follows itself: each symbol ends with a change, so whoever reads the code back needs no clock. Every stretch of sixteen
symbols holds the dark and each single lamp several times, for the sake of what is measured in their light. The white lamp takes
no part where there are near-infrared ones: it would flash in people's eyes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from statistics import median

from edge.session.even_choices import EvenChoices

DARK_WORD, UNKNOWN_WORD, WHITE = "0", "?", "V"
STRETCH = 16
LEAST_OF_EACH = 3
"""So often at least the dark and each single lamp stand in a stretch (two of each where there are three lamps)."""
LASTS_NS = 3_200_000_000
"""A visitor keeps still for so long, and longer when somebody stirs."""
ONE_LAMP_STRETCHES = 3
"""A single lamp says less with each symbol, so it takes more of them."""
UNSEEN = 2
"""So many symbols of a code may be missed: what is left fits another nonce once in some hundred thousand times."""

CODE_PURPOSE = "lifecert light code 1"
"""Released: a unit and whoever checks its results must find the same code for ever."""
CODE_BYTES = 2048


@dataclass(frozen=True, slots=True)
class Symbol:
    """A stretch of time during which one light shone, as the frames tell."""

    word: str
    begin_ns: int
    end_ns: int
    """Time of its last frame."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Symbols in a row that are what a code asks for."""

    symbols: tuple[Symbol, ...] = ()
    places: tuple[int, ...] = ()
    """The number of each in the code."""


@dataclass(frozen=True, slots=True)
class LightCode:
    """What the lamps do, over and over."""

    lamps: str
    """The lamps that take part, such as "LR", in the order of a light word."""
    symbols: tuple[str, ...]
    """Light words, without lamps that take no part."""
    symbol_ns: int

    @property
    def needed(self) -> int:
        """So many symbols in a row must be seen."""
        return STRETCH * (ONE_LAMP_STRETCHES if len(self.lamps) == 1 else 1) - UNSEEN

    def word_at(self, since_ns: int) -> str:
        """The word so long after the code began."""
        return self.symbols[since_ns // self.symbol_ns % len(self.symbols)]

    def coded(self, word: str) -> str:
        """A light word without the lamps that take no part; unknown stays unknown."""
        if word == UNKNOWN_WORD:
            return UNKNOWN_WORD
        return "".join(lamp for lamp in self.lamps if lamp in word) or DARK_WORD

    def find(self, seen: Sequence[Symbol]) -> Stretch:
        """The most of these symbols in a row, given oldest first, that are just what the code asks for; of equals, the later.

        They begin where the code begins, or a few symbols later.
        """
        steps, best = _places(seen), Stretch()
        for offset in range(len(self.symbols)):
            run = Stretch()
            for symbol, step in zip(seen, steps, strict=True):
                place = (offset + step) % len(self.symbols)
                if symbol.word != self.symbols[place]:
                    run = Stretch()
                elif run.symbols or place <= UNSEEN:
                    run = Stretch((*run.symbols, symbol), (*run.places, place))
                    best = max(best, run, key=_length_and_end)
        return best


def _length_and_end(run: Stretch) -> tuple[int, int]:
    return len(run.symbols), run.symbols[-1].end_ns if run.symbols else 0


def _places(seen: Sequence[Symbol]) -> tuple[int, ...]:
    """The number of each symbol, the first being 0: one after the other, but for gaps during which the light was not known."""
    apart_ns = [later.begin_ns - earlier.begin_ns for earlier, later in pairwise(seen)]
    usual_ns = max(1, round(median(apart_ns))) if apart_ns else 1
    steps = (max(1, round(apart / usual_ns)) for apart in apart_ns)
    return tuple(accumulate(steps, initial=0))[: len(seen)]


class LightReader:
    """Reads symbols out of the lights of frames, whichever lamps they name."""

    def __init__(self, code: LightCode) -> None:
        self._code = code
        self._runs: deque[Symbol] = deque(maxlen=3 * len(code.symbols))

    def take(self, word: str, at_ns: int) -> bool:
        """Take in the light of one frame, and tell whether it differs from the one before; an unknown one tells nothing."""
        word = self._code.coded(word)
        if word == UNKNOWN_WORD:
            return False
        if self._runs and self._runs[-1].word == word:
            self._runs[-1] = replace(self._runs[-1], end_ns=at_ns)
            return False
        self._runs.append(Symbol(word, at_ns, at_ns))
        return True

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """What was read, oldest first."""
        if len(self._code.lamps) > 1:
            return tuple(self._runs)
        return tuple(symbol for run in self._runs for symbol in self._cut(run))

    def _cut(self, run: Symbol) -> Iterator[Symbol]:
        """With a single lamp a word may follow itself: only the clock tells how often."""
        lasts_ns = self._code.symbol_ns
        for number in range(max(1, round((run.end_ns - run.begin_ns) / lasts_ns))):
            begin_ns = run.begin_ns + number * lasts_ns
            yield Symbol(run.word, begin_ns, min(run.end_ns, begin_ns + lasts_ns - 1))


def light_code(stream: bytes, lamps: str, symbol_ns: int) -> LightCode:
    """The code out of `CODE_BYTES` random bytes, for these lamps: at least one, in the order of a light word.

    Units with the same lamps get the same words, however long a symbol lasts; where symbols are short there are more of them.
    """
    coded = lamps.replace(WHITE, "") or lamps
    least = STRETCH * (ONE_LAMP_STRETCHES if len(coded) == 1 else 1)
    choices, symbols = EvenChoices(stream), list[str]()
    while len(symbols) < least or len(symbols) * symbol_ns < LASTS_NS:
        symbols += _stretch(choices, coded, symbols)
    return LightCode(coded, tuple(symbols), symbol_ns)


def _stretch(choices: EvenChoices, lamps: str, before: list[str]) -> list[str]:
    if len(lamps) == 1:
        # A single lamp is on or off: bits that are each a change in their middle (Manchester), so that no run is longer than two.
        pairs = ([DARK_WORD, lamps], [lamps, DARK_WORD])
        return [word for _ in range(STRETCH // 2) for word in choices.pick(pairs)]
    single = [DARK_WORD, *lamps]
    words, least = [*single, lamps[:2]], LEAST_OF_EACH if len(lamps) == 2 else LEAST_OF_EACH - 1
    while True:
        drawn: list[str] = []
        while len(drawn) < STRETCH:
            last = (drawn or before)[-1:]
            drawn.append(choices.pick([word for word in words if word not in last]))
        # After its last stretch the code begins anew, with a change there, too.
        if drawn[-1] != (before or drawn)[0] and min(drawn.count(word) for word in single) >= least:
            return drawn
