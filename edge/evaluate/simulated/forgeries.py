"""Streams in which the lamps shone otherwise than the unit told them: recorded, late, or not at all."""

from __future__ import annotations

import numpy as np

from edge.evaluate.simulated.plan import Forgery
from edge.session.light_code import CODE_BYTES, CODE_PURPOSE, DARK_WORD, light_code
from firmware.frame import Emitter
from firmware.twin.scene import Lamps, Shining, Truth
from wire.derive import derived_bytes

LONGEST_DELAY_SYMBOLS = 6.0
STEADY: Shining = {Emitter.VISIBLE: 0.6}
"""The white lamp that lights faces anyhow."""


def truth_of(forgery: Forgery, lamps: Lamps, coded: str, symbol_ns: int, dice: np.random.Generator) -> Truth:
    """What really shone, for lamps that take part in the code under these letters."""
    match forgery:
        case Forgery.WRONG_CODE:
            return _recorded(coded, symbol_ns, dice)
        case Forgery.DELAYED:
            late_ns = round(symbol_ns * dice.uniform(1.1, LONGEST_DELAY_SYMBOLS))
            return lambda begin_ns, end_ns: lamps.shone(begin_ns - late_ns, end_ns - late_ns)
        case Forgery.INJECTED:
            return lambda begin_ns, end_ns: STEADY
        case Forgery.NONE:
            return lamps.shone


def _recorded(coded: str, symbol_ns: int, dice: np.random.Generator) -> Truth:
    """Another visit's code, begun at any time."""
    code = light_code(derived_bytes(dice.bytes(16), CODE_PURPOSE, CODE_BYTES), coded, symbol_ns)
    offset_ns = int(dice.integers(symbol_ns * len(code.symbols)))

    def shone(begin_ns: int, end_ns: int) -> Shining:
        del end_ns
        word = code.word_at(begin_ns + offset_ns)
        return {**STEADY, **({} if word == DARK_WORD else {Emitter(letter): 0.6 for letter in word})}

    return shone
