"""The picture of simulated attacks: each species in each place, and what each cue is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from edge.evaluate.errors import ToolNotInstalledError
from edge.evaluate.plots import DOTS_PER_INCH, INK, dress, percent, to_png
from edge.evaluate.simulated.report import CellRate, SimulatedReport
from firmware.twin.physics.lights import Place
from firmware.twin.physics.species import ATTACKS, Species
from models.calibration.rates import Rate

try:
    from matplotlib.figure import Figure
except ImportError as error:
    raise ToolNotInstalledError("matplotlib") from error

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WORST = 0.32
"""Rates from here on have the darkest colour."""
DARK, ON_DARK = 0.6, "white"
"""From this share of it on, words are written in this colour."""


def draw_simulated(report: SimulatedReport, half: str) -> bytes:
    """A PNG: two tables with coloured cells. Every number in it is simulated, and it says so."""
    figure = Figure(figsize=(12.5, 8.2), dpi=DOTS_PER_INCH, layout="constrained")
    upper, lower = figure.subplots(2, 1, height_ratios=(len(ATTACKS) + 1, 6))
    _draw_cells(upper, report)
    dress(
        upper, f"SIMULATED, half “{half}”: attacks accepted, of all that were shown (upper 95 % bound), and living people refused"
    )
    _draw_ablations(lower, report)
    dress(lower, "SIMULATED: with one cue switched off, of all living people and of the attacks and streams that were heard out")
    for axes in (upper, lower):
        axes.grid(visible=False)
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.tick_params(length=0)
    return to_png(figure)


def _draw_cells(axes: Axes, report: SimulatedReport) -> None:
    found = {(cell.species, cell.place): cell for cell in report.cells}
    rates = [[found[species, place] for place in Place] for species in ATTACKS]
    shades = np.array(
        [[cell.accepted.high for cell in row] for row in rates] + [[r.high for r in report.bpcer_by_place.values()]]
    )
    _shade(axes, shades)
    for row, cells in enumerate(rates):
        for column, cell in enumerate(cells):
            _write(axes, column, row, _told(cell), cell.accepted.high)
    for column, rate in enumerate(report.bpcer_by_place.values()):
        _write(axes, column, len(ATTACKS), f"{rate.errors} of {rate.of} refused (≤ {percent(rate.high)})", rate.high)
    _name(axes, [place.value for place in Place], [*(species.value for species in ATTACKS), "living"])


def _told(cell: CellRate) -> str:
    silent = f", {cell.apnrr.errors} silent" if cell.apnrr.errors else ""
    return f"{cell.accepted.errors} of {cell.accepted.of} (≤ {percent(cell.accepted.high)}){silent}"


def _draw_ablations(axes: Axes, report: SimulatedReport) -> None:
    columns: list[Species | str] = ["BPCER", "forged", *ATTACKS]
    whole = (report.bpcer, report.wrong_code, *report.apcer.values())
    rows = [whole, *((each.bpcer, each.wrong_code, *each.apcer.values()) for each in report.ablations)]
    _shade(axes, np.array([[_value(rate) for rate in row] for row in rows]))
    for row, rates in enumerate(rows):
        for column, rate in enumerate(rates):
            _write(axes, column, row, _spelled(rate), _value(rate))
    _name(
        axes, [str(column) for column in columns], ["all cues", *(f"without {each.without.value}" for each in report.ablations)]
    )


def _spelled(rate: Rate) -> str:
    return "none" if rate.value is None else f"{percent(rate.value)}\n{rate.errors} of {rate.of}"


def _value(rate: Rate) -> float:
    return rate.value or 0.0


def _shade(axes: Axes, shades: NDArray[np.float64]) -> None:
    axes.imshow(shades, cmap="OrRd", vmin=0, vmax=WORST, aspect="auto")


def _write(axes: Axes, column: int, row: int, text: str, shade: float) -> None:
    axes.text(column, row, text, ha="center", va="center", fontsize=8.5, color=ON_DARK if shade > DARK * WORST else INK)


def _name(axes: Axes, columns: list[str], rows: list[str]) -> None:
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
