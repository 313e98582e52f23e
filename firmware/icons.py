"""A sign for each kind of view, for who does not read: strokes in a square, drawn by nobody's font.

The code of a view is "a word for machines": here only how it begins counts, so that a code nobody has drawn for gets a sign, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PIL import ImageDraw

Point = tuple[float, float]
Ink = int | str
Draws = Callable[[ImageDraw.ImageDraw, tuple[int, int], int, Ink], None]


@dataclass(frozen=True, slots=True)
class Icon:
    """Lines, rings and dots in a square from (0, 0) to (1, 1)."""

    lines: tuple[Sequence[Point], ...] = ()
    rings: tuple[tuple[float, float, float, float], ...] = ()
    """Boxes of ellipses: left, top, right, bottom."""
    dots: tuple[tuple[float, float, float], ...] = ()
    """Middle and radius."""

    def draw(self, draw: ImageDraw.ImageDraw, corner: tuple[int, int], size_px: int, ink: Ink) -> None:
        """Draw it into the square of this size at this corner, and nowhere outside of it."""
        width = max(2, size_px // 10)
        room, at = size_px - 2 * width, (corner[0] + width, corner[1] + width)
        for line in self.lines:
            draw.line([(at[0] + x * room, at[1] + y * room) for x, y in line], ink, width, joint="curve")
        for left, top, right, bottom in self.rings:
            box = (at[0] + left * room, at[1] + top * room, at[0] + right * room, at[1] + bottom * room)
            draw.ellipse(box, outline=ink, width=width)
        for x, y, radius in self.dots:
            middle, extent = (at[0] + x * room, at[1] + y * room), radius * room
            draw.ellipse((middle[0] - extent, middle[1] - extent, middle[0] + extent, middle[1] + extent), fill=ink)


TICK = Icon(lines=(((0.0, 0.55), (0.35, 0.9), (1.0, 0.1)),))
CROSS = Icon(lines=(((0.1, 0.1), (0.9, 0.9)), ((0.9, 0.1), (0.1, 0.9))))
EYE = Icon(rings=((0.0, 0.2, 1.0, 0.8),), dots=((0.5, 0.5, 0.16),))
FACE = Icon(rings=((0.1, 0.0, 0.9, 1.0),), dots=((0.35, 0.4, 0.07), (0.65, 0.4, 0.07)), lines=(((0.35, 0.72), (0.65, 0.72)),))
MOUTH = Icon(rings=((0.1, 0.0, 0.9, 1.0), (0.38, 0.55, 0.62, 0.85)), dots=((0.35, 0.33, 0.07), (0.65, 0.33, 0.07)))
LEFT = Icon(lines=(((1.0, 0.5), (0.0, 0.5)), ((0.4, 0.1), (0.0, 0.5), (0.4, 0.9))))
RIGHT = Icon(lines=(((0.0, 0.5), (1.0, 0.5)), ((0.6, 0.1), (1.0, 0.5), (0.6, 0.9))))
UP = Icon(lines=(((0.5, 1.0), (0.5, 0.0)), ((0.1, 0.4), (0.5, 0.0), (0.9, 0.4))))
DOWN = Icon(lines=(((0.5, 0.0), (0.5, 1.0)), ((0.1, 0.6), (0.5, 1.0), (0.9, 0.6))))
HOURGLASS = Icon(lines=(((0.1, 0.0), (0.9, 0.0), (0.1, 1.0), (0.9, 1.0), (0.1, 0.0)),))
ADVICE = Icon(lines=(((0.5, 0.05), (0.5, 0.62)),), dots=((0.5, 0.9, 0.09),))

ICONS: Mapping[str, Icon] = {
    "READY": FACE,
    "LOOK_HERE": EYE,
    "HOLD_STILL": FACE,
    "ASK_BLINK": EYE,
    "ASK_OPEN_MOUTH": MOUTH,
    "ASK_NOD": DOWN,
    "ASK_TURN_LEFT": LEFT,
    "ASK_TURN_RIGHT": RIGHT,
    "ASK_LOOK_UP": UP,
    "DONE": TICK,
    "ALREADY_DONE": TICK,
    "TICKET_USED": TICK,
    "OUT_OF_ORDER": CROSS,
    "NOT_DONE": CROSS,
    "STARTING": HOURGLASS,
    "BUSY": HOURGLASS,
}
"""How a code begins -> its sign. Left and right are those of the visitor, who looks at the screen."""


def icon_of(code: str) -> Draws:
    """What draws the sign of a code."""
    return next((icon for start, icon in ICONS.items() if code.startswith(start)), ADVICE).draw
