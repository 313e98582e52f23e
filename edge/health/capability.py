"""Whether a computer and its camera are fit for service at all (R5): the capability profile, judged from what was measured.

A recording is fit for whatever it shows: only a live camera is held to the profile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, pairwise
from statistics import median

from firmware.frame import Frame
from wire.reasons import Reason

LEAST_WIDTH_PX = 1280
"""At 50 cm a lens of 66 degrees then shows 124 px between the eyes, and 62 px at half the width (R20)."""
LEAST_FRAMES_PER_S = 10.0
"""With fewer nobody can tell an action from a jump, and a light symbol is over before it is seen."""
LONGEST_LOOK_MS = 400.0
"""A face that was not looked for in half a second is no longer the same (`edge/stages/track.py`)."""
LONGEST_MATCH_MS = 4000.0
"""Eight shots, compared after the visit: nobody should wait longer for a result (R37)."""
LOOK = ("yunet_n", "landmarks5", "minifasnet_v2", "minifasnet_v1se")
"""The networks that may have to look at one frame together."""
SHOTS = 8
FRAMES_MEASURED = 24
"""Enough for a camera that repeats one picture to be found out."""


@dataclass(frozen=True, slots=True)
class CameraMeasured:
    """What a live camera gives."""

    width_px: int
    height_px: int
    frames_per_s: float


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that a unit must have."""

    part: str
    reason: Reason
    sentence: str


def measure_camera(frames: Iterable[Frame]) -> CameraMeasured | None:
    """Size and rate of the next frames; None where fewer than two come. Takes what `frames` raises."""
    seen = list(islice(((frame.captured_ns, frame.width_px, frame.height_px) for frame in frames), FRAMES_MEASURED))
    if len(seen) < 2:
        return None
    times_ns = [at_ns for at_ns, _, _ in seen]
    apart_ns = median(later - earlier for earlier, later in pairwise(times_ns))
    _, width, height = seen[-1]
    return CameraMeasured(width, height, 1e9 / max(1, apart_ns))


def lacks_of_camera(camera: CameraMeasured) -> Iterator[Lack]:
    """What keeps this camera from service."""
    # Held upright a sensor is as good as lying.
    wide = max(camera.width_px, camera.height_px)
    if wide < LEAST_WIDTH_PX:
        yield Lack(
            "camera",
            Reason.HW_UNSUPPORTED,
            f"its frames are {camera.width_px} x {camera.height_px} pixels; {LEAST_WIDTH_PX} along the longer side are needed",
        )
    if camera.frames_per_s < LEAST_FRAMES_PER_S:
        yield Lack(
            "camera",
            Reason.HW_UNSUPPORTED,
            f"it gives {camera.frames_per_s:.1f} frames a second; {LEAST_FRAMES_PER_S:g} are needed: give it light, "
            "another cable or another port",
        )


def lacks_of_computer(cpu_ms: Mapping[str, float], matcher_parts: Iterable[str]) -> Iterator[Lack]:
    """What the benchmark of this board says (`models.json`, CPU time of one answer, milliseconds); nothing where it never ran."""
    look_ms = sum(cpu_ms.get(name, 0.0) for name in LOOK)
    if look_ms > LONGEST_LOOK_MS:
        yield Lack(
            "speed",
            Reason.HW_UNSUPPORTED,
            f"one look takes {look_ms:.0f} ms; at most {LONGEST_LOOK_MS:.0f} are allowed: this computer is too slow",
        )
    match_ms = SHOTS * sum(cpu_ms.get(name, 0.0) for name in matcher_parts)
    if match_ms > LONGEST_MATCH_MS:
        yield Lack(
            "speed",
            Reason.HW_UNSUPPORTED,
            f"comparing {SHOTS} shots takes {match_ms / 1000:.1f} s; at most {LONGEST_MATCH_MS / 1000:.0f} s are allowed",
        )
