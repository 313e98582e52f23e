"""Pictures of a population: how the false match rate falls in each band, how scores lie, what is traded. A door to matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from edge.evaluate.errors import ToolNotInstalledError
from edge.evaluate.plots import (
    BELOW_ONE,
    DOTS_PER_INCH,
    FAINT,
    GENUINE,
    IMPOSTOR,
    INK,
    SHIPPED,
    dress,
    layout,
    legend_below,
    percent_axis,
    to_png,
)
from edge.evaluate.population_report import Band, PopulationReport
from models.calibration.blocks import STEPS
from models.calibration.census import Tally
from models.calibration.rates import exact_interval

try:
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter
except ImportError as error:
    raise ToolNotInstalledError("matplotlib") from error

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Shares = NDArray[np.float64]

SIMILARITIES = np.arange(-STEPS, STEPS + 1) / STEPS
"""The lower edge of each bin of a tally."""

MOST_CURVES = 7
"""So many bands are drawn beside everybody: more could not be told apart."""
LEAST_COMPARISONS = 1000
"""A band with fewer comparisons has no curve: it would be all steps."""
COLORS = ("#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7b52a3")
"""Told apart by people who see fewer colours, too (Okabe and Ito, 2008, and one more)."""


@dataclass(frozen=True, slots=True)
class Plots:
    """All pictures of a population, as PNG."""

    curves: bytes
    scores: bytes
    trade: bytes | None
    """None where no person has two pictures."""


def draw_plots(report: PopulationReport) -> Plots:
    """Draw them all."""
    return Plots(draw_curves(report), draw_scores(report), draw_trade(report))


def draw_curves(report: PopulationReport) -> bytes:
    """A PNG: the false match rate against the threshold, everybody and the bands that need the highest thresholds."""
    figure = Figure(figsize=(7.4, 6.4), dpi=DOTS_PER_INCH, layout=layout())
    axes = figure.subplots()
    drawn = shown_bands(report.bands)
    for band, color in zip(drawn[1:], COLORS, strict=False):
        _draw_curve(axes, band.tally, color, 1.6)
    _draw_curve(axes, drawn[0].tally, INK, 2.6)
    for share in (1e-2, 1e-3, 1e-4):
        axes.axhline(share, color=FAINT, lw=0.8, ls=":", zorder=0)
    shipped = report.threshold_x10000 / STEPS
    axes.axvline(shipped, color=SHIPPED, lw=1.8, label=f"shipped threshold {shipped:g}")
    lowest = BELOW_ONE / max(1, report.bands[0].fmr.of)
    axes.set(yscale="log", ylim=(max(1e-7, lowest), 1), xlim=_span(drawn, shipped))
    percent_axis(axes, "y")
    axes.set_xlabel("threshold")
    axes.set_ylabel("false match rate")
    dress(axes, "How the false match rate falls")
    legend_below(axes, columns=2)
    return to_png(figure)


def shown_bands(bands: Sequence[Band]) -> Sequence[Band]:
    """Everybody, and the bands within one word that need the highest thresholds, highest first."""
    told = [band for band in bands[1:] if band.fmr.of >= LEAST_COMPARISONS and not band.tally.name.startswith("across ")]
    needed = sorted(told, key=lambda band: -(band.thresholds[0].counted_x10000 or 0))
    return [bands[0], *needed[:MOST_CURVES]]


def _draw_curve(axes: Axes, tally: Tally, color: str, width: float) -> None:
    comparisons = tally.comparisons
    if not comparisons:
        return
    reaching = np.cumsum(tally.counts[::-1])[::-1]
    shares = np.where(reaching > 0, reaching / comparisons, np.nan)
    label = f"{tally.name} ({tally.persons:,} people)"
    (line,) = axes.plot(SIMILARITIES, shares, color=color, lw=width, drawstyle="steps-pre", label=label)
    line.set_solid_joinstyle("round")


def _span(bands: Sequence[Band], shipped: float) -> tuple[float, float]:
    """From where the rate has begun to fall to a little beyond the last false match."""
    reached = [float(SIMILARITIES[np.flatnonzero(band.tally.counts)[-1]]) for band in bands if band.fmr.of]
    return -0.1, min(1.0, max([shipped, *reached]) + 0.06)


def draw_scores(report: PopulationReport) -> bytes:
    """A PNG: how the similarities of two persons lie, and those of one person where there are any."""
    figure = Figure(figsize=(7.4, 6.4), dpi=DOTS_PER_INCH, layout=layout())
    axes = figure.subplots()
    hardest = shown_bands(report.bands)[1:2]
    kinds = [(report.bands[0].tally, IMPOSTOR, "two persons, all"), *((b.tally, SHIPPED, b.tally.name) for b in hardest)]
    if report.genuine.comparisons:
        kinds.append((report.genuine, GENUINE, "one person"))
    for tally, color, label in kinds:
        shares, edges = _density(tally)
        filled = color != SHIPPED
        if filled:
            axes.stairs(shares, edges, fill=True, color=color, alpha=0.2)
        axes.stairs(shares, edges, color=color, lw=1.6, ls="-" if filled else "--", label=label)
    shipped = report.threshold_x10000 / STEPS
    axes.axvline(shipped, color=SHIPPED, lw=1.8, label=f"shipped threshold {shipped:g}")
    axes.set(
        xlim=(-0.4, 1.0 if report.genuine.comparisons else _span([report.bands[0]], shipped)[1]),
        xlabel="similarity",
        ylabel="share of the comparisons",
    )
    axes.set_ylim(0, max(0.01, axes.get_ylim()[1] * 1.08))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g} %"))
    dress(axes, "How the similarities lie")
    legend_below(axes)
    return to_png(figure)


def _density(tally: Tally) -> tuple[Shares, Shares]:
    """Shares of the comparisons in steps of 0.02, and the edges of the steps."""
    width = STEPS // 50
    counts = np.append(tally.counts[:-1].reshape(-1, width).sum(axis=1), 0)
    counts[-2] += tally.counts[-1]
    return counts[:-1] / max(1, tally.comparisons), np.linspace(-1, 1, len(counts))


def draw_trade(report: PopulationReport) -> bytes | None:
    """A PNG: the DET curve of each shown band; None where no person has two pictures."""
    genuine = report.genuine
    if not genuine.comparisons:
        return None
    figure = Figure(figsize=(7.4, 6.4), dpi=DOTS_PER_INCH, layout=layout())
    axes = figure.subplots()
    missed = np.concatenate([[0], np.cumsum(genuine.counts)[:-1]])
    lowest = BELOW_ONE / genuine.comparisons
    drawn = shown_bands(report.bands)
    _draw_doubt(axes, drawn[0].tally, missed, genuine.comparisons)
    for band, color in zip([*drawn[1:], drawn[0]], [*COLORS[: len(drawn) - 1], INK], strict=True):
        _draw_det(axes, band.tally, missed, genuine.comparisons, color, band is drawn[0])
    _mark_shipped(axes, report, lowest)
    axes.set(xscale="log", yscale="log", xlim=(max(1e-7, BELOW_ONE / max(1, report.bands[0].fmr.of)), 1), ylim=(lowest, 1))
    percent_axis(axes, "x")
    percent_axis(axes, "y")
    axes.set_xlabel("false match rate in the band")
    axes.set_ylabel(f"false non-match rate, {genuine.comparisons:,} comparisons of one person")
    dress(axes, "What is traded for what (DET)")
    legend_below(axes, columns=2)
    return to_png(figure)


def _draw_det(axes: Axes, tally: Tally, missed: NDArray[np.int64], of: int, color: str, is_all: bool) -> None:
    if not tally.comparisons:
        return
    reaching = np.cumsum(tally.counts[::-1])[::-1]
    fmr = np.maximum(reaching, BELOW_ONE) / tally.comparisons
    fnmr = np.maximum(missed, BELOW_ONE) / of
    told = np.flatnonzero(reaching > 0)
    end = told[-1] + 2 if told.size else 0
    axes.plot(fmr[:end], fnmr[:end], color=color, lw=2.6 if is_all else 1.6, label=tally.name, solid_joinstyle="round")


def _draw_doubt(axes: Axes, tally: Tally, missed: NDArray[np.int64], of: int) -> None:
    """The 95 % interval of the FNMR along the curve of everybody."""
    if not tally.comparisons:
        return
    steps = np.unique(np.linspace(STEPS * 0.9, STEPS * 1.9, 160).astype(int))
    fmr = np.maximum(np.cumsum(tally.counts[::-1])[::-1][steps], BELOW_ONE) / tally.comparisons
    bands = [exact_interval(int(missed[step]), of) for step in steps]
    low = [max(band.low, BELOW_ONE / of) for band in bands]
    axes.fill_between(fmr, low, [band.high for band in bands], color=INK, alpha=0.1, lw=0, label="95 % interval of the FNMR, all")


def _mark_shipped(axes: Axes, report: PopulationReport, lowest: float) -> None:
    fmr, fnmr = report.bands[0].fmr, report.fnmr
    place = max(fmr.value or 0.0, BELOW_ONE / max(1, fmr.of)), max(fnmr.value or 0.0, lowest)
    label = f"shipped threshold {report.threshold_x10000 / STEPS:g}, all"
    axes.plot(*place, "D", ms=9, color=SHIPPED, mec="white", mew=1.2, clip_on=False, zorder=5, ls="none", label=label)
