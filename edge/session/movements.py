"""What counts as which movement of a face, measured against the same face at rest."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from edge.flow import ActionKind, Expression

RESTING_FRAMES = 3
"""So many frames are seen before an action can begin: on a slow board they last 0.3 s, and the quickest visitor takes as long."""
REMEMBERED_FRAMES = 60
"""How a face rests is the median of so many frames."""
LONGEST_GAP_NS = 300_000_000
"""An action during which the face was out of sight for longer was not seen, and does not count (R22)."""


@dataclass(frozen=True, slots=True)
class Rest:
    """The face while it does nothing; NaN where nobody knows."""

    eyes: float
    mouth: float
    yaw_deg: float
    pitch_deg: float


STRANGER = Rest(math.nan, math.nan, 0.0, math.nan)
"""A face that was not seen at rest. All look straight ahead at a yaw of about zero; how wide eyes are open, how far lips are
apart, and how far heads are bowed before a camera that stands low or high, differs from one to the next."""


@dataclass(frozen=True, slots=True)
class Movement:
    """What counts as an action: an extent that rises above `begins` and comes back below `ends`, and how long that takes."""

    extent: Callable[[Expression, Rest], float]
    begins: float
    reaches: float
    """What nobody asked for must get so far to be written down; an answer need not: a slow board may miss the height."""
    ends: float
    shortest_ms: int
    longest_ms: int


# Begins: below what people did on the development clips when they acted (a turn 26 degrees, a nod 25, mouths 0.29 to 1.04, blinks
# 0.62 to 0.98), and not below what talking faces did there (mouths to 0.25), nor what tilted prints did on simulated scenes.
MOVEMENTS: Mapping[ActionKind, Movement] = {
    # To the visitor's left is to the right of the picture. Measured by parallax, so a print that is turned turns by nothing.
    ActionKind.TURN_LEFT: Movement(lambda seen, rest: seen.yaw_deg - rest.yaw_deg, 14.0, 14.0, 7.0, 200, 6_000),
    ActionKind.TURN_RIGHT: Movement(lambda seen, rest: rest.yaw_deg - seen.yaw_deg, 14.0, 14.0, 7.0, 200, 6_000),
    ActionKind.NOD: Movement(lambda seen, rest: seen.pitch_deg - rest.pitch_deg, 6.5, 12.0, 3.5, 200, 5_000),
    ActionKind.LOOK_UP: Movement(lambda seen, rest: rest.pitch_deg - seen.pitch_deg, 8.0, 12.0, 4.0, 200, 5_000),
    ActionKind.OPEN_MOUTH: Movement(lambda seen, rest: seen.mouth - rest.mouth, 0.25, 0.25, 0.12, 200, 4_000),
    # The share of the resting openness that is gone, so that drooping lids can blink, too. A blink lasts 100 to 400 ms (Stern,
    # Walrath and Goldstein, Psychophysiology 21, 1984); elders may take longer.
    ActionKind.BLINK: Movement(lambda seen, rest: 1 - seen.eyes / max(1e-6, rest.eyes), 0.28, 0.45, 0.14, 60, 1_000),
}
"""In the order in which a frame is asked for the beginning of one."""


def rest_of(seen: Iterable[Expression]) -> Rest:
    """How a face rests that was seen so at least once."""
    kept = tuple(seen)
    return Rest(
        median(one.eyes for one in kept),
        median(one.mouth for one in kept),
        median(one.yaw_deg for one in kept),
        median(one.pitch_deg for one in kept),
    )
