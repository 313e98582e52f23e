"""A picture of how long visitors waited: every visit a step of a curve, with the goals. A door to matplotlib."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from edge.evaluate.errors import ToolNotInstalledError
from edge.evaluate.plots import DOTS_PER_INCH, FAINT, GENUINE, IMPOSTOR, INK, SHIPPED, dress, layout, legend_below, to_png
from edge.evaluate.waiting.cast import Asked
from edge.evaluate.waiting.report import Summary, by_action
from edge.evaluate.waiting.visits import Wait

try:
    from matplotlib.figure import Figure
except ImportError as error:
    raise ToolNotInstalledError("matplotlib") from error

COLOURS: Mapping[Asked, str] = {Asked.PASSIVE: GENUINE, Asked.ONE: FAINT, Asked.TWO: IMPOSTOR}
WORDS: Mapping[Asked, str] = {Asked.PASSIVE: "only to look", Asked.ONE: "one action", Asked.TWO: "two actions"}
HUNDRED = 100


def draw_waits(waits: Sequence[Wait], summaries: Sequence[Summary]) -> bytes:
    """A PNG: left the share of visits decided within so many seconds, right how long each action took from the question on."""
    figure = Figure(figsize=(12.5, 5.2), dpi=DOTS_PER_INCH, layout=layout())
    title = f"{len(waits)} visits of people from footage in real time (simulated): from the face in place to the decision"
    figure.suptitle(title, x=0.012, ha="left", fontsize=13, fontweight="bold", color=INK)
    left, right = figure.subplots(1, 2, width_ratios=(1.5, 1))
    for one in summaries:
        totals = np.sort([wait.total_s for wait in waits if wait.plan.asked is one.asked and wait.total_s is not None])
        shares = HUNDRED * np.arange(1, len(totals) + 1) / len(totals)
        label = f"{WORDS[one.asked]}: {len(totals)} visits, 95 % within {one.p95.value:.1f} s"
        left.step(totals, shares, where="post", color=COLOURS[one.asked], lw=2.2, label=label)
        if one.goal_s is not None:
            left.plot((one.goal_s, one.goal_s), (0, HUNDRED), color=COLOURS[one.asked], lw=1.2, ls=(0, (4, 3)))
            left.plot(one.goal_s, 95, marker="o", color=SHIPPED, ms=6)
    left.set(xlim=(0, None), ylim=(0, 103), xlabel="seconds; dashed: the goals, of 95 %", ylabel="% of the visits are decided")
    legend_below(left)
    taken = {action: seconds for action, seconds in by_action(waits).items() if seconds}
    for row, seconds in enumerate(taken.values()):
        right.plot(seconds, [row] * len(seconds), "o", color=GENUINE, ms=5, alpha=0.5)
    right.set_yticks(range(len(taken)), [action.value.replace("_", " ") for action in taken])
    right.set(xlim=(0, None), ylim=(len(taken) - 0.5, -0.5), xlabel="seconds from the question, the delay of 1 to 4 s included")
    dress(left, "How long a visitor waits")
    dress(right, "One action, from the question to its end")
    return to_png(figure)
