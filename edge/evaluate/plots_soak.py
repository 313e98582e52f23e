"""A picture of a soak: memory with its slope, what the process holds, and the journal, over the hours. A door to matplotlib."""

from __future__ import annotations

from edge.evaluate.errors import ToolNotInstalledError
from edge.evaluate.plots import DOTS_PER_INCH, FAINT, GENUINE, IMPOSTOR, INK, SHIPPED, dress, layout, to_png
from edge.evaluate.soak.findings import MB, MOST_WAL_BYTES, Course, memory_slope, warm

try:
    from matplotlib.figure import Figure
except ImportError as error:
    raise ToolNotInstalledError("matplotlib") from error

MIB = 2**20


def draw_soak(course: Course) -> bytes:
    """A PNG: above the memory, below left what is counted, below right the journal."""
    figure = Figure(figsize=(12.5, 6.6), dpi=DOTS_PER_INCH, layout=layout())
    title = (
        f"A unit for {course.hours:.1f} h at {course.speed:g} times the speed of life (simulated): {len(course.played)} visits"
    )
    figure.suptitle(title, x=0.012, ha="left", fontsize=13, fontweight="bold", color=INK)
    grid = figure.add_gridspec(2, 2, height_ratios=(1.5, 1))
    memory, counted, journal = (figure.add_subplot(grid[place]) for place in ((0, slice(None)), (1, 0), (1, 1)))
    hours = [each.at_s * course.speed / 3600 for each in course.vitals]
    memory.plot(hours, [each.rss_bytes / MB for each in course.vitals], color=GENUINE, lw=1.4, label="resident memory")
    kept, slope = warm(course), memory_slope(course)
    if slope:
        at = [each.at_s * course.speed / 3600 for each in kept]
        rest = sorted(each.rss_bytes / MB - slope.value * hour for each, hour in zip(kept, at, strict=True))
        middle = rest[len(rest) // 2]
        label = f"after the warm-up {slope.value:+.2f} MB/h ({slope.low:+.2f} to {slope.high:+.2f})"
        memory.plot(
            (at[0], at[-1]), [middle + slope.value * hour for hour in (at[0], at[-1])], color=SHIPPED, lw=1.8, label=label
        )
    memory.set(ylabel="MB", xlabel="hours of the soak")
    for name, colour in (("descriptors", GENUINE), ("threads", IMPOSTOR), ("children", FAINT)):
        counted.plot(hours, [getattr(each, name) for each in course.vitals], color=colour, lw=1.6, label=name)
    counted.set(ylim=(0, None), xlabel="hours of the soak")
    journal.plot(hours, [each.wal_bytes / MIB for each in course.vitals], color=GENUINE, lw=1.4)
    journal.set(ylim=(0, None), ylabel="MiB", xlabel="hours of the soak")
    memory.legend(loc="lower right", frameon=False, fontsize=9)
    counted.legend(loc="center right", frameon=False, fontsize=9)
    dress(memory, "Memory of the process")
    dress(counted, "What it holds between visits")
    dress(journal, f"Journal of the spool; {MOST_WAL_BYTES // MIB} MiB are the most")
    return to_png(figure)
