"""A picture of what each network costs on a board, by file and library."""

from __future__ import annotations

from collections.abc import Mapping

from edge.evaluate.plots import DOTS_PER_INCH, FAINT, GENUINE, INK, layout, to_png
from models.benchmark import Measured, ModelBench

try:
    from matplotlib.figure import Figure
except ImportError as error:
    from edge.evaluate.errors import ToolNotInstalledError

    raise ToolNotInstalledError("matplotlib") from error

_INCHES_PER_ROW = 0.27


def draw_models(benches: Mapping[str, ModelBench]) -> bytes:
    """A PNG: a bar for each candidate of each network, the median CPU-ms of a run with its 99th percentile; blue is chosen."""
    rows = [(name, bench, each) for name, bench in benches.items() for each in bench.measured]
    figure = Figure(figsize=(8, 1.4 + _INCHES_PER_ROW * len(rows)), dpi=DOTS_PER_INCH, layout=layout())
    axes = figure.subplots()
    for place, (_, bench, each) in enumerate(rows):
        numbers = each.numbers
        axes.barh(place, numbers.median_cpu_ms, color=GENUINE if each is bench.chosen else FAINT)
        axes.plot([numbers.median_cpu_ms, numbers.p99_cpu_ms], [place, place], color=INK, linewidth=1)
    axes.set_yticks(range(len(rows)), [_label(name, each) for name, _, each in rows], fontsize=8)
    axes.invert_yaxis()
    axes.margins(y=0.01)
    axes.set_xlabel("CPU-ms of one run, median and 99th percentile; blue: chosen", fontsize=9)
    return to_png(figure)


def _label(name: str, each: Measured) -> str:
    return f"{name}, {each.candidate.label}"
