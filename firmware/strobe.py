"""Which lamps a board has, and how long one light must last before a frame can be sure of it."""

from dataclasses import dataclass

from firmware.errors import LampsUnknownError
from firmware.frame import Emitter


@dataclass(frozen=True, slots=True)
class Strobe:
    """What a board can do with light."""

    lamps: str
    """Its emitters as a light word, such as "LRV"; empty where it has none, or none whose light its camera can know."""
    frames_per_second: float
    symbol_frames: int
    """So many frames does one light last. One where the camera fires the lamps itself (hardware strobe). Several where software
    switches them: libcamera has no flash control, a frame is exposed some frames before it is seen, and rows overlap."""

    @property
    def symbol_ns(self) -> int:
        """How long one light lasts."""
        return round(self.symbol_frames / self.frames_per_second * 1e9)


NO_STROBE = Strobe("", 30.0, 1)


def read_lamps(word: str) -> str:
    """Return the word if it names lamps, each once, in the order L, R, V, T; raises LampsUnknownError."""
    if not word or word != "".join(emitter for emitter in Emitter if emitter in word):
        raise LampsUnknownError(word)
    return word
