"""How strongly and how long the lamps may shine, so that no eye and no lamp is harmed. Pure: numbers and times in, a grant out.

Near-infrared lamps of a unit fall under IEC 62471 (photobiological safety of lamps). For the cornea and the lens ICNIRP
("Guidelines on limits of exposure to incoherent visible and infrared radiation", Health Physics 105(1), 2013) limits the
irradiance between 780 and 3000 nm to

    18000 * t**-0.75  W/m2   for an exposure of t <= 1000 s,
    100               W/m2   for longer ones.

On the axis of a lamp the irradiance at the distance d is E = I / d**2, with its radiant intensity I in W/sr and d in metres; the
lamps of a unit shine on the same eye, so theirs add up. Nobody knows how long a person sits there, how often a day the staff
looks into it, or how strong the sun is. So the long limit holds from the first second on, and half of it is all that is used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from firmware.errors import LampTooStrongError, LampUnmeasuredError

LASTING_W_M2 = 100.0
"""What the cornea and the lens bear for ever (ICNIRP 2013, equation for t > 1000 s)."""
USED_W_M2 = LASTING_W_M2 / 2
"""What this unit gives at most: the other half is for the sun, for a lamp above its data sheet, and for another unit."""
LONG_S = 1000.0

NEAR_INFRARED = ("L", "R", "T")
"""The emitters that nobody looks away from, because nobody sees them."""


@dataclass(frozen=True, slots=True)
class LightLimits:
    """What the lamps are and how long they may shine. The settings `[light]`."""

    left_mw_sr: float | None = None
    """Radiant intensity on its axis at full current, milliwatts per steradian: data sheet, times the number of LEDs."""
    right_mw_sr: float | None = None
    top_mw_sr: float | None = None
    nearest_cm: float = 20.0
    """No eye comes nearer."""
    longest_on_ms: int = 120_000
    """A lamp may shine so long without a pause; then it rests."""
    rest_ms: int = 30_000
    """After so long a rest a lamp may shine its longest again; after a shorter one, in proportion."""

    def intensity_mw_sr(self, emitter: str) -> float | None:
        """Radiant intensity of a near-infrared emitter, L, R or T."""
        return {"L": self.left_mw_sr, "R": self.right_mw_sr, "T": self.top_mw_sr}[emitter]


def exposure_limit_w_m2(seconds: float) -> float:
    """The irradiance, 780 to 3000 nm, that the cornea and the lens bear for an exposure of so many seconds (more than 0)."""
    return LASTING_W_M2 if seconds > LONG_S else 18_000.0 * seconds**-0.75


def irradiance_w_m2(intensity_mw_sr: float, distance_cm: float, duty_percent: float) -> float:
    """The irradiance on the axis of a lamp, W/m2: inverse-square law, by the share of time that it is on."""
    return intensity_mw_sr / 1000 * duty_percent / 100 / (distance_cm / 100) ** 2


@dataclass(frozen=True, slots=True)
class Grant:
    """What the lamps may do now."""

    word: str
    """The emitters that may shine, such as "LR"; "0" for none."""
    duty_percent: int
    """So strongly; 0 for none."""
    until_ns: int | None
    """They must be dark by then; None where they are."""
    rests_ns: int = 0
    """Where emitters were asked for that rest: after so long they may shine again."""


DARKNESS = Grant("0", 0, None)


class DoseLimiter:
    """Says what each request is granted. One thread asks; times are of one clock and never go back."""

    def __init__(self, limits: LightLimits, fitted: Mapping[str, bool]) -> None:
        """`fitted`: emitter -> whether it can be dimmed; one that cannot always shines with all its strength.

        Raises LampUnmeasuredError for a near-infrared emitter whose intensity is not given, and LampTooStrongError where those
        that cannot be dimmed, or one percent of the others, are too much for an eye.
        """
        self._limits, self._fitted = limits, fitted
        self._longest_ns = limits.longest_on_ms * 1_000_000
        self._left_ns = dict.fromkeys(fitted, self._longest_ns)
        self._resting: set[str] = set()
        self._lit: Sequence[str] = ()
        self._at_ns: int | None = None
        steady, dimmed = self._irradiance(fitted, dims=False), self._irradiance(fitted, dims=True)
        if steady + dimmed / 100 > USED_W_M2:
            raise LampTooStrongError(steady + dimmed / 100, limits.nearest_cm, USED_W_M2)

    def ask(self, word: str, duty_percent: int, now_ns: int) -> Grant:
        """Ask for these emitters, all fitted, from now on; "0" for darkness. Where one of them rests, none is lit."""
        self._pass_time(now_ns)
        asked = [emitter for emitter in self._fitted if emitter in word]
        tired = [emitter for emitter in asked if emitter in self._resting]
        self._lit = () if tired else asked
        if tired:
            return Grant("0", 0, None, max(self._rest_ns(emitter) for emitter in tired))
        if not asked:
            return DARKNESS
        until_ns = now_ns + min(self._left_ns[emitter] for emitter in asked)
        return Grant("".join(asked), self._capped(asked, duty_percent), until_ns)

    def _capped(self, asked: Sequence[str], duty_percent: int) -> int:
        """The duty at which the sum of all lamps is no more than may be used; 100 where none of them can be dimmed."""
        if not any(self._fitted[emitter] for emitter in asked):
            return 100
        steady, dimmed = self._irradiance(asked, dims=False), self._irradiance(asked, dims=True)
        room = (USED_W_M2 - steady) / dimmed * 100 if dimmed else 100.0
        return max(1, min(duty_percent, int(room)))

    def _irradiance(self, emitters: Sequence[str] | Mapping[str, bool], *, dims: bool) -> float:
        """The sum of the near-infrared ones among them at full strength, W/m2 at the nearest eye."""
        total = 0.0
        for emitter in emitters:
            if emitter in NEAR_INFRARED and self._fitted[emitter] is dims:
                intensity = self._limits.intensity_mw_sr(emitter)
                if intensity is None:
                    raise LampUnmeasuredError(emitter)
                total += irradiance_w_m2(intensity, self._limits.nearest_cm, 100)
        return total

    def _pass_time(self, now_ns: int) -> None:
        """Wear out what shone, and rest what did not."""
        passed_ns = now_ns - (now_ns if self._at_ns is None else self._at_ns)
        self._at_ns = now_ns
        for emitter, left_ns in self._left_ns.items():
            if emitter in self._lit:
                left_ns -= passed_ns
            else:
                left_ns += passed_ns * self._limits.longest_on_ms // self._limits.rest_ms
            self._left_ns[emitter] = max(0, min(self._longest_ns, left_ns))
            if self._left_ns[emitter] == 0:
                self._resting.add(emitter)
            elif self._left_ns[emitter] == self._longest_ns:
                self._resting.discard(emitter)

    def _rest_ns(self, emitter: str) -> int:
        missing_ns = self._longest_ns - self._left_ns[emitter]
        return -(-missing_ns * self._limits.rest_ms // self._limits.longest_on_ms)
