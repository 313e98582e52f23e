"""When a frame was exposed, as far as its metadata tells, and how its exposure is held while the unit's light changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from firmware.capture import believable
from firmware.ports import Clock

Metadata = Mapping[str, Any]
"""libcamera's metadata by its names. Every entry may be missing: some cameras tell a time stamp and nothing else."""

LONGEST_US = 1_000_000
SAME_WITHIN = 0.02
"""A sensor counts exposure in rows and gain in steps, so neither is quite what was asked for."""


@dataclass(frozen=True, slots=True)
class Span:
    """When light fell into a frame, by the unit's clock."""

    begin_ns: int
    lasts_ns: int | None
    """From the first light of the first row to the last light of the last one; None where it is not told."""


class Stamps:
    """Turns a sensor's time stamps, which count the machine's sleep, into the unit's time."""

    def __init__(self, clock: Clock, boot_clock: Clock) -> None:
        self._clock, self._boot_clock = clock, boot_clock

    def span(self, metadata: Metadata) -> Span:
        """When a frame was exposed that arrives now.

        A stamp is said to be of the first row, by libcamera of the begin of its exposure, by picamera2 of its end. So that light
        is attributed only where both are right, the span reaches from an exposure before the stamp to the last row's exposure
        after it; all rows are read within one frame duration. A stamp that cannot be right is replaced by the time of arrival.
        """
        now_ns = self._clock.now_ns()
        stamp = metadata.get("SensorTimestamp")
        stamp_ns = stamp + now_ns - self._boot_clock.now_ns() if isinstance(stamp, int) else 0
        if not believable(stamp_ns, now_ns):
            return Span(now_ns, None)
        exposure_us, frame_us = (_microseconds(metadata, name) for name in ("ExposureTime", "FrameDuration"))
        if exposure_us is None or frame_us is None:
            return Span(stamp_ns, None)
        return Span(stamp_ns - 1000 * exposure_us, 1000 * (2 * exposure_us + frame_us))


@dataclass(frozen=True, slots=True)
class Held:
    """The exposure that is held."""

    exposure_us: int
    gain: float
    colour_gains: tuple[float, float] | None
    """Of red and blue; None for a sensor without colour."""

    def controls(self) -> dict[str, Any]:
        """What to tell libcamera."""
        colour = {"AwbEnable": False, "ColourGains": self.colour_gains} if self.colour_gains else {}
        return {"AeEnable": False, "ExposureTime": self.exposure_us, "AnalogueGain": self.gain, **colour}

    def holds(self, metadata: Metadata) -> bool:
        """Whether a frame was exposed so. It takes some frames until a control is obeyed: only the metadata tells."""
        seen = told_exposure(metadata)
        return seen is not None and _near(seen.exposure_us, self.exposure_us) and _near(seen.gain, self.gain)


FOLLOWING: Mapping[str, Any] = {"AeEnable": True, "AwbEnable": True}
"""What to tell libcamera to follow the light again."""


def told_exposure(metadata: Metadata) -> Held | None:
    """The exposure of a frame; None where its metadata does not tell."""
    exposure_us, gain, colour = (metadata.get(name) for name in ("ExposureTime", "AnalogueGain", "ColourGains"))
    if not isinstance(exposure_us, int) or not isinstance(gain, float | int) or exposure_us <= 0 or gain <= 0:
        return None
    gains = (float(colour[0]), float(colour[1])) if isinstance(colour, tuple) and len(colour) == 2 else None
    return Held(exposure_us, float(gain), gains)


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= SAME_WITHIN * other


def _microseconds(metadata: Metadata, name: str) -> int | None:
    value = metadata.get(name)
    return value if isinstance(value, int) and 0 < value <= LONGEST_US else None
