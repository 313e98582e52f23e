"""A picture of a survey: the score of each hour, and of each trait in it. A door to matplotlib."""

from __future__ import annotations

from edge.evaluate.errors import ToolNotInstalledError
from edge.evaluate.plots import DOTS_PER_INCH, FAINT, GENUINE, IMPOSTOR, INK, SHIPPED, dress, to_png
from edge.evaluate.survey.score import GOOD_FROM, Survey, Trait
from edge.evaluate.survey.words import NAMES

try:
    from matplotlib.figure import Figure
except ImportError as error:
    raise ToolNotInstalledError("matplotlib") from error

DAY = 24


def draw_survey(survey: Survey) -> bytes:
    """A PNG: above, bars of the hours; below, a table of colours, one row for each trait."""
    figure = Figure(figsize=(10.5, 5.2), dpi=DOTS_PER_INCH, layout="constrained")
    bars, table = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1.4))
    for hour in survey.hours:
        bars.bar(hour.hour + 0.5, hour.score, 0.86, color=GENUINE if hour.good else IMPOSTOR)
        bars.text(hour.hour + 0.5, hour.score + 2, str(hour.score), ha="center", fontsize=8.5, color=INK)
        for row, trait in enumerate(Trait):
            found = hour.traits[trait]
            table.barh(row, 0.94, 0.8, left=hour.hour + 0.03, color=IMPOSTOR, alpha=max(0.06, 1 - found / 100))
            table.text(hour.hour + 0.5, row, str(found), ha="center", va="center", fontsize=8, color=INK)
    bars.axhline(GOOD_FROM, color=SHIPPED, lw=1.2, ls=(0, (4, 3)))
    bars.set(ylim=(0, 112), ylabel="score")
    table.set_yticks(range(len(Trait)), [NAMES[trait][1] for trait in Trait])
    table.set(xlim=(0, DAY), ylim=(len(Trait) - 0.5, -0.5), xlabel="hour of the day")
    table.set_xticks(range(0, DAY + 1, 2))
    dress(bars, "How well the place serves visitors, by the hour")
    dress(table, "What spoils it: the fuller the colour, the worse")
    table.grid(visible=False)
    for side in table.spines.values():
        side.set_color(FAINT)
    return to_png(figure)
