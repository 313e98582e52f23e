"""Pictures of the figures: trade-off curves and score distributions, without any face. The door to matplotlib."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from edge.evaluate.errors import PlotNotWrittenError, ToolNotInstalledError
from edge.evaluate.pad import Answer, Label, PadReport, PadVerdict
from edge.evaluate.statistics import Scores, trade_off
from edge.evaluate.verification import Comparisons, VerificationReport
from models.calibration.rates import Rate, exact_interval

try:
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
except ImportError as error:
    raise ToolNotInstalledError("matplotlib") from error

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, FAINT, GENUINE, IMPOSTOR, SHIPPED = "#22303c", "#8a97a3", "#1b6ca8", "#b0752a", "#c8283c"
DOTS_PER_INCH = 144
BELOW_ONE = 0.45
"""Where no error at all is drawn on a logarithmic axis: at so many errors."""


def check_writable(path: Path) -> None:
    """Find out before the work begins whether a plot can be written there; raises `PlotNotWrittenError`."""
    if path.is_dir():
        raise PlotNotWrittenError(path, "this is a folder; name a file")
    if not path.parent.is_dir():
        raise PlotNotWrittenError(path, "there is no such folder")
    if not os.access(path.parent, os.W_OK):
        raise PlotNotWrittenError(path, "this user may not write into that folder")


def write_plot(path: Path, png: bytes) -> None:
    """Write a plot whole or not at all; raises `PlotNotWrittenError`."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_bytes(png)
        unfinished.replace(path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        raise PlotNotWrittenError(path, error.strerror or "the file cannot be written") from error


def draw_verification(name: str, persons: int, comparisons: Comparisons, report: VerificationReport) -> bytes:
    """A PNG: left the DET curve (FNMR of the listed pairs against FMR, all against all), right how the scores lie."""
    figure = Figure(figsize=(12.5, 6.9), dpi=DOTS_PER_INCH, layout=layout())
    title = figure.suptitle(
        f"{name}: {persons:,} persons, {comparisons.genuine.size:,} genuine pairs, "
        f"{comparisons.all_impostors.size:,} impostor comparisons",
        x=0.012,
        ha="left",
        fontsize=14,
        fontweight="bold",
        color=INK,
    )
    title.set_parse_math(False)
    left, right = figure.subplots(1, 2, width_ratios=(1.15, 1))
    if comparisons.genuine.size and comparisons.all_impostors.size:
        _draw_det(left, comparisons, report)
        _draw_scores(right, comparisons, report)
    else:
        left.text(0.5, 0.5, "one kind of comparison is missing: no curve", ha="center", transform=left.transAxes, color=INK)
    for axes, heading in ((left, "What is traded for what (DET)"), (right, "How the similarities lie")):
        dress(axes, heading)
    return to_png(figure)


def layout() -> ConstrainedLayoutEngine:
    """Everything fits in, with an even margin."""
    return ConstrainedLayoutEngine(rect=(0.006, 0.008, 0.988, 0.98), w_pad=0.1, h_pad=0.08)


def _draw_det(axes: Axes, comparisons: Comparisons, report: VerificationReport) -> None:
    genuine, impostors = comparisons.genuine, comparisons.all_impostors
    counts = trade_off(genuine, impostors, _shown_thresholds(genuine, impostors))
    low_x, low_y = BELOW_ONE / impostors.size, BELOW_ONE / genuine.size
    fmr = np.maximum(counts.false_matches / impostors.size, low_x)
    fnmr = np.maximum(counts.false_non_matches / genuine.size, low_y)
    bands = [exact_interval(int(errors), genuine.size) for errors in counts.false_non_matches]
    floor, ceiling = np.asarray([band.low for band in bands]), np.asarray([band.high for band in bands])
    axes.fill_between(fmr, np.maximum(floor, low_y), ceiling, color=GENUINE, alpha=0.13, lw=0, label="95 % interval of the FNMR")
    axes.plot(fmr, fnmr, color=GENUINE, lw=2.2, solid_joinstyle="round", label="all thresholds")
    top = min(1.0, max(0.2, 8 * report.fnmr.high))
    axes.set(xscale="log", yscale="log", xlim=(low_x, 1), ylim=(low_y, top))
    axes.plot((max(low_x, low_y), 1), (max(low_x, low_y), 1), color=FAINT, lw=0.8, ls=(0, (2, 4)))
    for point in report.points:
        if point.fnmr is not None:
            _mark_point(axes, float(point.word), point.fnmr, low_y)
    _mark_shipped(axes, report, low_x, low_y)
    percent_axis(axes, "x")
    percent_axis(axes, "y")
    axes.set_xlabel("false match rate, all against all")
    axes.set_ylabel("false non-match rate, listed pairs")
    legend_below(axes)


def _shown_thresholds(genuine: Scores, impostors: Scores) -> Scores:
    """Every step of the FNMR, and the FMR in even steps of its logarithm, up to the first threshold without a false match."""
    ranks = np.unique(np.geomspace(1, impostors.size, 300).astype(np.int64))
    first_without = np.nextafter(impostors.max(), np.inf)
    steps = np.concatenate([genuine, np.sort(impostors)[-ranks]])
    shown: Scores = np.unique(np.append(steps[steps < first_without], first_without))
    return shown


def legend_below(axes: Axes, columns: int = 1) -> None:
    """Below the axes, where it hides nothing."""
    axes.legend(
        loc="upper left",
        bbox_to_anchor=(-0.01, -0.115),
        borderaxespad=0,
        frameon=False,
        fontsize=9.5,
        labelcolor=INK,
        ncols=columns,
    )


def _mark_point(axes: Axes, fmr: float, fnmr: float, low_y: float) -> None:
    axes.axvline(fmr, color=FAINT, lw=0.8, ls=":", zorder=0)
    axes.plot(fmr, max(fnmr, low_y), "o", ms=6.5, mfc="white", mec=GENUINE, mew=1.8, clip_on=False, zorder=4)
    label = f"{percent(fnmr)}\nat FMR {percent(fmr)}"
    axes.annotate(
        label, (fmr, max(fnmr, low_y)), xytext=(7, 7), textcoords="offset points", fontsize=8.5, color=INK, linespacing=1.25
    )


def _mark_shipped(axes: Axes, report: VerificationReport, low_x: float, low_y: float) -> None:
    place = max(report.fmr_all.value or 0.0, low_x), max(report.fnmr.value or 0.0, low_y)
    label = f"shipped threshold {report.threshold:g}: FMR {_told(report.fmr_all)}, FNMR {_told(report.fnmr)}"
    axes.plot(*place, "D", ms=9, color=SHIPPED, mec="white", mew=1.2, clip_on=False, zorder=5, ls="none", label=label)


def _told(rate: Rate) -> str:
    return percent(rate.value) if rate.value else f"0 of {rate.of:,}"


def percent(share: float) -> str:
    """A share for people."""
    return f"{100 * share:.3g} %"


def percent_axis(axes: Axes, which: str) -> None:
    """A logarithmic axis, "x" or "y", of shares."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_locator(LogLocator(base=10))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g} %"))


def _draw_scores(axes: Axes, comparisons: Comparisons, report: VerificationReport) -> None:
    edges = np.linspace(-0.5, 1.0, 91)
    for scores, color, label in (
        (comparisons.all_impostors, IMPOSTOR, "two persons, all against all"),
        (comparisons.genuine, GENUINE, "one person, listed pairs"),
    ):
        shares = np.histogram(np.clip(scores, edges[0], edges[-1]), edges)[0] / scores.size
        axes.stairs(shares, edges, fill=True, color=color, alpha=0.22)
        axes.stairs(shares, edges, color=color, lw=1.6, label=label)
    axes.axvline(report.threshold, color=SHIPPED, lw=1.8, label=f"shipped threshold {report.threshold:g}")
    for point in report.points:
        if point.threshold is not None:
            axes.axvline(point.threshold, color=FAINT, lw=0.9, ls=":")
            axes.text(
                point.threshold,
                0.985,
                f" FMR {percent(float(point.word))}",
                rotation=90,
                ha="right",
                va="top",
                fontsize=8.5,
                color=INK,
                transform=axes.get_xaxis_transform(),
            )
    axes.set(xlim=(-0.4, 1.0), xlabel="similarity", ylabel="share of the comparisons")
    axes.set_ylim(0, axes.get_ylim()[1] * 1.16)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g} %"))
    legend_below(axes)


def draw_pad(name: str, report: PadReport) -> bytes:
    """A PNG: one dot per file, by what it shows; files without a response stand apart at the left."""
    groups = {"living": [answer for answer in report.answers if answer.presentation.label is Label.LIVE]}
    groups |= {each.kind: [a for a in report.answers if a.presentation.kind == each.kind] for each in report.apcer}
    figure = Figure(figsize=(10.5, 1.7 + 0.75 * len(groups)), dpi=DOTS_PER_INCH, layout="constrained")
    axes = figure.subplots()
    axes.axvspan(report.threshold, 1.03, color=GENUINE, alpha=0.07, lw=0)
    axes.axvline(report.threshold, color=SHIPPED, lw=1.8)
    _write_above(axes, report.threshold - 0.008, f"below {report.threshold:g}: taken for an attack", "right")
    _write_above(axes, report.threshold + 0.008, "taken for living", "left")
    for place, (kind, answers) in enumerate(groups.items()):
        _draw_answers(axes, place, answers, GENUINE if kind == "living" else IMPOSTOR)
    axes.set_yticks(range(len(groups)), [f"{kind} ({len(answers)})" for kind, answers in groups.items()])
    axes.set(xlim=(-0.14, 1.03), ylim=(len(groups) - 0.45, -0.55), xlabel="texture score: 0 picture, 1 living face")
    axes.set_xticks([-0.09, 0, 0.2, 0.4, 0.6, 0.8, 1.0], ["no\nresponse", "0", "0.2", "0.4", "0.6", "0.8", "1"])
    dress(axes, f"{name}: {len(report.answers)} files")
    return to_png(figure)


def _write_above(axes: Axes, x: float, text: str, side: Literal["left", "right"]) -> None:
    axes.text(x, 1.012, text, ha=side, va="bottom", fontsize=9, color=SHIPPED, transform=axes.get_xaxis_transform())


def _draw_answers(axes: Axes, place: int, answers: Sequence[Answer], color: str) -> None:
    # Dots of one row are spread out a little, evenly, so that equal scores do not hide each other.
    spread: NDArray[np.float64] = np.linspace(-0.2, 0.2, len(answers)) if len(answers) > 1 else np.zeros(1)
    for answer, away in zip(answers, spread, strict=True):
        silent = answer.verdict is PadVerdict.NO_RESPONSE
        score = -0.09 if answer.score is None else answer.score
        fill = "white" if silent else color
        axes.plot(score, place + away, "o", ms=9, mfc=fill, mec=color if silent else "white", mew=1.3, clip_on=False, zorder=3)


def dress(axes: Axes, heading: str) -> None:
    """The look of all our plots."""
    axes.set_title(heading, loc="left", fontsize=11.5, color=INK, pad=9).set_parse_math(False)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(FAINT)
    axes.tick_params(colors=INK, labelsize=9)
    axes.xaxis.label.set_color(INK)
    axes.yaxis.label.set_color(INK)
    axes.grid(visible=True, axis="both", color=FAINT, alpha=0.18, lw=0.7)
    axes.set_axisbelow(True)


def to_png(figure: Figure) -> bytes:
    """The picture as the bytes of a file."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", facecolor="white")
    return buffer.getvalue()
