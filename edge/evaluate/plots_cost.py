"""What a frame costs, as a picture without any face: the ratios with their goals, and the cost of every frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from edge.evaluate.cost.duel import Duel, joined
from edge.evaluate.cost.report import Run, worst_ms
from edge.evaluate.errors import ToolNotInstalledError
from edge.evaluate.plots import DOTS_PER_INCH, FAINT, GENUINE, IMPOSTOR, INK, SHIPPED, dress, layout, legend_below, to_png

try:
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, NullLocator
except ImportError as error:
    raise ToolNotInstalledError("matplotlib") from error

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from edge.evaluate.cost.bootstrap import Spread

LABEL = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
TICKS_MS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
TICKS_TIMES = (1, 2, 5, 10, 20, 50, 100, 200)


def draw_cost(run: Run, goals: Mapping[str, tuple[float, float]]) -> bytes:
    """A PNG: left how many times as much the others cost, against goals (hard, stretch) by name; right what each frame costs."""
    figure = Figure(figsize=(12.5, 5.6), dpi=DOTS_PER_INCH, layout=layout())
    faces = joined(list(run.clips.values()))
    title = f"{len(faces.ours_frames_ms):,} frames in {len(faces.visits)} visits, OpenCV {run.opencv_version}, one thread"
    figure.suptitle(title, x=0.012, ha="left", fontsize=14, fontweight="bold", color=INK).set_parse_math(False)
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.25))
    rows = {
        "opencv": ("against OpenCV", faces.ratio("opencv")),
        "onnxruntime": ("against onnxruntime", faces.ratio("onnxruntime")),
        "idle": ("nobody there, OpenCV", run.idle.ratio("opencv")),
    }
    _draw_ratios(left, rows, goals)
    _draw_frames(right, faces)
    dress(left, "How many times as much the usual loop costs")
    dress(right, "CPU-ms of each frame, from the cheapest to the dearest")
    return to_png(figure)


def _draw_ratios(axes: Axes, rows: Mapping[str, tuple[str, Spread]], goals: Mapping[str, tuple[float, float]]) -> None:
    for place, (name, (_, ratio)) in enumerate(rows.items()):
        hard, stretch = goals[name]
        axes.barh(place, ratio.median - 0.5, left=0.5, height=0.5, color=GENUINE, alpha=0.35)
        axes.plot((ratio.low, ratio.high), (place, place), color=GENUINE, lw=4, solid_capstyle="butt")
        axes.text(ratio.high * 1.08, place, f"{ratio.median:.1f}", va="center", color=INK, fontsize=10, zorder=5, bbox=LABEL)
        for goal, color, word in ((hard, SHIPPED, "goal"), (stretch, FAINT, "stretch")):
            label = word if place == 0 else None
            axes.plot((goal, goal), (place - 0.36, place + 0.36), color=color, lw=2.2, label=label)
    axes.set_yticks(range(len(rows)), [heading for heading, _ in rows.values()])
    most = max(max(ratio.high for _, ratio in rows.values()), *(stretch for _, stretch in goals.values()))
    axes.set(xscale="log", xlim=(0.5, most * 1.8), ylim=(len(rows) - 0.4, -0.6), xlabel="times")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda times, _: f"{times:g}"))
    axes.set_xticks([tick for tick in TICKS_TIMES if tick <= most * 1.8])
    axes.xaxis.set_minor_locator(NullLocator())
    legend_below(axes, columns=2)


def _draw_frames(axes: Axes, faces: Duel) -> None:
    for costs, color, label in (
        (faces.other_frames_ms["opencv"], IMPOSTOR, "the usual loop, OpenCV"),
        (faces.other_frames_ms["onnxruntime"], FAINT, "the usual loop, onnxruntime"),
        (faces.ours_frames_ms, GENUINE, f"ours, in the loop (99 %: {worst_ms(faces):.1f} ms)"),
    ):
        axes.plot(np.linspace(0, 100, len(costs)), np.sort(costs), color=color, lw=2.2, label=label)
    axes.plot(99, worst_ms(faces), "o", ms=6.5, mfc="white", mec=GENUINE, mew=1.8, zorder=4)
    axes.set(yscale="log", xlim=(0, 100.5), xlabel="share of the frames, %", ylabel="CPU-ms")
    low, high = axes.get_ylim()
    axes.set_yticks([tick for tick in TICKS_MS if low <= tick <= high])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda ms, _: f"{ms:g}"))
    axes.yaxis.set_minor_locator(NullLocator())
    legend_below(axes)
