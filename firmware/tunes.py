"""How each tune of the buzzer sounds: a table of lengths. It knows no buzzer.

A buzzer with its own oscillator has one pitch, so tunes differ by rhythm. None is longer than a second: the voice follows.
"""

from collections.abc import Mapping

from firmware.ports import Tune

TUNES_MS: Mapping[Tune, tuple[int, ...]] = {
    Tune.DONE: (120, 80, 300),
    Tune.REFUSED: (450,),
    Tune.FAULT: (120, 120, 120, 120, 120),
    Tune.NO_WORDS: (80,),
}
"""Sound, silence, sound ... in milliseconds."""
