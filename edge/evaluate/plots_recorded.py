"""Pictures of recorded presentations: error rates with their intervals, and how the texture scores lie. A door to matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from edge.evaluate.errors import ToolNotInstalledError
from edge.evaluate.plots import DOTS_PER_INCH, FAINT, GENUINE, IMPOSTOR, INK, SHIPPED, dress, percent, to_png
from edge.evaluate.recorded.report import RecordedReport
from models.calibration.rates import Rate

try:
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter
except ImportError as error:
    raise ToolNotInstalledError("matplotlib") from error

if TYPE_CHECKING:
    from matplotlib.axes import Axes

AIM = 0.07
"""The upper bound that an attack species should stay below."""


def draw_rates(report: RecordedReport) -> bytes:
    """A PNG: APCER of each species, worst first, and BPCER, each with its exact 95 % interval."""
    rows = [*((one.species, one.apcer, IMPOSTOR) for one in report.species), ("living (BPCER)", report.bpcer, GENUINE)]
    figure = Figure(figsize=(9.5, 1.6 + 0.55 * len(rows)), dpi=DOTS_PER_INCH, layout="constrained")
    axes = figure.subplots()
    axes.axvline(AIM, color=SHIPPED, lw=1.2, ls=(0, (4, 3)))
    axes.text(AIM, -0.55, f" {percent(AIM)}", ha="left", va="top", fontsize=8.5, color=SHIPPED)
    for place, (_, rate, color) in enumerate(rows):
        _draw_rate(axes, place, rate, color)
    axes.set_yticks(range(len(rows)), [name for name, _, _ in rows])
    axes.set(xlim=(-0.01, 1.01), ylim=(len(rows) - 0.4, -0.6), xlabel="share with its exact 95 % interval")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g} %"))
    dress(axes, "Attacks taken for living people, and living people who did not pass")
    return to_png(figure)


def _draw_rate(axes: Axes, place: int, rate: Rate, color: str) -> None:
    axes.plot((rate.low, rate.high), (place, place), color=color, lw=8, alpha=0.3, solid_capstyle="round")
    if rate.value is not None:
        axes.plot(rate.value, place, "o", ms=8, color=color, mec="white", mew=1.2, clip_on=False, zorder=3)
    label = f"  {rate.errors} of {rate.of}"
    axes.text(min(rate.high, 0.86), place + 0.32, label, ha="left", va="center", fontsize=8.5, color=INK)


def draw_textures(report: RecordedReport, threshold: float) -> bytes:
    """A PNG: the texture score of each presentation, by species, against the threshold."""
    species = ["live", *(one.species for one in report.species)]
    figure = Figure(figsize=(9.5, 1.6 + 0.5 * len(species)), dpi=DOTS_PER_INCH, layout="constrained")
    axes = figure.subplots()
    axes.axvline(threshold, color=SHIPPED, lw=1.8)
    for place, word in enumerate(species):
        scores = [one.texture for one in report.replayed if one.recorded.card.species == word and one.texture is not None]
        _draw_scores(axes, place, scores, GENUINE if word == "live" else IMPOSTOR)
    axes.set_yticks(range(len(species)), species)
    axes.set(xlim=(-0.02, 1.02), ylim=(len(species) - 0.4, -0.6), xlabel="texture score: 0 picture, 1 living face")
    dress(axes, f"How the texture scores lie; the red line is the threshold, {threshold:g}")
    return to_png(figure)


def _draw_scores(axes: Axes, place: int, scores: Sequence[float], color: str) -> None:
    spread = np.linspace(-0.22, 0.22, len(scores)) if len(scores) > 1 else np.zeros(len(scores))
    axes.plot(scores, place + spread, "o", ms=5, color=color, mec=FAINT, mew=0.4, alpha=0.75, ls="none", clip_on=False)
