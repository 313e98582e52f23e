"""The table of confusions: what was done to frames, and what the unit said first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edge.evaluate.errors import ToolNotInstalledError
from edge.evaluate.guidance.bench import CLEAN, GuidanceReport
from edge.evaluate.guidance.causes import CAUSES
from edge.evaluate.plots import DOTS_PER_INCH, INK, SHIPPED, dress, to_png

try:
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle
except ImportError as error:
    raise ToolNotInstalledError("matplotlib") from error

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NOTHING = "nothing"
DARK, ON_DARK = 0.6, "white"


def draw_confusions(report: GuidanceReport) -> bytes:
    """A PNG: a row for each way to spoil a frame, a column for each reason, framed where the right one is."""
    causes = [*CAUSES, CLEAN]
    said = sorted({reason or NOTHING for _, reason in report.confused} | {reason.value for reason, _ in CAUSES.values()})
    counts = np.array([[report.confused.get((cause, "" if word == NOTHING else word), 0) for word in said] for cause in causes])
    figure = Figure(figsize=(2.5 + 0.95 * len(said), 1.8 + 0.45 * len(causes)), dpi=DOTS_PER_INCH, layout="constrained")
    axes = figure.subplots()
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for row, cause in enumerate(causes):
        _write_row(axes, row, counts[row].tolist(), shares[row].tolist())
        right = NOTHING if cause == CLEAN else CAUSES[cause][0].value
        axes.add_patch(Rectangle((said.index(right) - 0.5, row - 0.5), 1, 1, fill=False, edgecolor=SHIPPED, lw=1.5))
    axes.set_xticks(range(len(said)), said, rotation=30, ha="right")
    axes.set_yticks(range(len(causes)), causes)
    dress(axes, f"What was done, and what was said first: {report.people} people, frames")
    axes.grid(visible=False)
    return to_png(figure)


def _write_row(axes: Axes, row: int, counts: list[int], shares: list[float]) -> None:
    for column, (count, part) in enumerate(zip(counts, shares, strict=True)):
        if count:
            axes.text(column, row, f"{count}", ha="center", va="center", fontsize=9, color=ON_DARK if part > DARK else INK)
