"""The timeline of a clip: how far eyes and mouth are open and how the head is turned, what was found, and what was marked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from edge.evaluate.actions import EVENTS, Mark
from edge.evaluate.errors import ToolNotInstalledError
from edge.evaluate.happened import ClipDiary
from edge.evaluate.plots import DOTS_PER_INCH, FAINT, GENUINE, IMPOSTOR, INK, SHIPPED, dress, layout, to_png
from edge.flow import ActionKind, Expression

try:
    from matplotlib.figure import Figure
except ImportError as error:
    raise ToolNotInstalledError("matplotlib") from error

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Trace = Callable[[Expression], float]

_PANELS: tuple[tuple[str, Trace, tuple[ActionKind, ...]], ...] = (
    ("eyes open", lambda seen: seen.eyes, (ActionKind.BLINK,)),
    ("mouth open", lambda seen: seen.mouth, (ActionKind.OPEN_MOUTH,)),
    ("turned to the right of the picture, degrees", lambda seen: seen.yaw_deg, (ActionKind.TURN_LEFT, ActionKind.TURN_RIGHT)),
    ("bowed, degrees", lambda seen: seen.pitch_deg, (ActionKind.NOD, ActionKind.LOOK_UP)),
)


def draw_timeline(name: str, diary: ClipDiary, marks: Sequence[Mark]) -> bytes:
    """A PNG without any face: four curves over the time of the clip.

    Below stands what was marked (brown; grey for what it goes with), above what was found (blue; red where no visit counts it).
    """
    figure = Figure(figsize=(12.5, 7.6), dpi=DOTS_PER_INCH, layout=layout())
    title = figure.suptitle(f"{name}: {diary.seconds:.1f} s", x=0.012, ha="left", fontsize=14, fontweight="bold", color=INK)
    title.set_parse_math(False)
    for axes, (heading, trace, kinds) in zip(figure.subplots(len(_PANELS), 1, sharex=True), _PANELS, strict=True):
        _draw_trace(axes, diary, trace)
        _draw_marks(axes, marks, kinds)
        _draw_found(axes, diary, kinds)
        dress(axes, heading)
    axes.set_xlabel("seconds of the clip", color=INK)
    return to_png(figure)


def _draw_trace(axes: Axes, diary: ClipDiary, trace: Trace) -> None:
    at_s = [sight.expression.captured_ns / 1e9 for sight in diary.sights]
    axes.plot(at_s, [trace(sight.expression) for sight in diary.sights], color=INK, linewidth=1.0)
    axes.set_xlim(0, max(diary.seconds, 0.1))


def _draw_marks(axes: Axes, marks: Iterable[Mark], kinds: tuple[ActionKind, ...]) -> None:
    for mark in marks:
        if mark.event not in EVENTS:
            _span(axes, (mark.start_s, mark.end_s), (0, 0.5), FAINT, mark.event)
        elif EVENTS[mark.event] in kinds:
            _span(axes, (mark.start_s, mark.end_s), (0, 0.5), IMPOSTOR, mark.event if len(kinds) > 1 else "")


def _draw_found(axes: Axes, diary: ClipDiary, kinds: tuple[ActionKind, ...]) -> None:
    for noted in diary.noted:
        one = noted.happening
        if one.kind in kinds:
            colour = GENUINE if noted.in_guide and one.whole else SHIPPED
            _span(axes, (one.start_ns / 1e9, one.end_ns / 1e9), (0.5, 1), colour, one.kind.value if len(kinds) > 1 else "")


def _span(axes: Axes, seconds: tuple[float, float], height: tuple[float, float], colour: str, word: str) -> None:
    axes.axvspan(*seconds, *height, color=colour, alpha=0.15 if colour == FAINT else 0.35, linewidth=0)
    axes.text(seconds[0], height[0] + 0.03, word, transform=axes.get_xaxis_transform(), fontsize=7.5, color=INK)
