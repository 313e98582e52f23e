"""Remembers when which light was switched, and says what shone during an exposure: the only source of a frame's light.

Whoever drives lamps from software knows when it gave the word, not to the millisecond when the lamp obeyed. So an exposure
that comes near to a switch has no known light, and a frame without a known light is no evidence.
"""

import threading
from collections import deque

from firmware.frame import DARK, UNKNOWN_LIGHT, Light

GUARD_NS = 10_000_000
"""So long before and after a word nobody knows the light: lamps are kept by a process of their own, which is told by a pipe."""
KEPT = 64
"""Switches that are remembered; a frame is older than that many switches only when something hangs."""


class LightLog:
    """Any thread switches and asks. Times are of the clock that the camera stamps its frames with, and never go back."""

    def __init__(self, guard_ns: int) -> None:
        """`guard_ns`: so long before and after a switch nobody can say which light shone."""
        self._guard_ns = guard_ns
        self._switches: deque[tuple[int, Light]] = deque(maxlen=KEPT)
        self._lock = threading.Lock()

    @property
    def latest(self) -> Light:
        """What was switched last."""
        return self._switches[-1][1] if self._switches else DARK

    def switched(self, light: Light, at_ns: int) -> None:
        """The word was given at this time; giving the same word again changes nothing. At first it is dark."""
        with self._lock:
            if light != self.latest:
                self._switches.append((at_ns, light))

    def during(self, begin_ns: int, end_ns: int) -> Light:
        """The light of an exposure; unknown near a switch, and where it lies before everything that is remembered."""
        with self._lock:
            switches = tuple(self._switches)
        shone = DARK if len(switches) < KEPT else UNKNOWN_LIGHT
        for at_ns, light in switches:
            if at_ns + self._guard_ns <= begin_ns:
                shone = light
            elif at_ns - self._guard_ns < end_ns:
                return UNKNOWN_LIGHT
        return shone
