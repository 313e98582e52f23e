"""`lifecert bench`: what a frame costs, ours against the usual loop, in the same run."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.commands.console import Exit, Json, choice_option, faults, json_option, mirror_option, print_json
from models.store import store_from_environment

# What measures needs libraries that a unit in the field lacks, so it loads only when something is measured.
if TYPE_CHECKING:
    from edge.evaluate.cost.regression import Regression
    from edge.evaluate.cost.report import Run


@click.command
@click.option(
    "--clips",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Clip with a face; may be given several times.",
)
@click.option("--idle", type=click.Path(path_type=Path), metavar="FILE", help="Clip in which nobody is.")
@click.option(
    "--footage",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder with clips/ and pad/. Without it: data/ of the mirror.",
)
@click.option("--reference", type=click.Path(path_type=Path), metavar="PHOTO", help="Photo to compare with, not a frame.")
@click.option("--blocks", type=click.IntRange(2, 10_000), default=16, show_default=True, help="Blocks of each clip.")
@click.option("--frames", type=click.IntRange(50, 5_000), default=150, show_default=True, help="Frames of a clip held in memory.")
@click.option("--starts", type=click.IntRange(0, 100), default=3, show_default=True, help="Starts of a process; 0: none.")
@click.option(
    "--soak", type=click.IntRange(0, 10_000_000), default=0, show_default=True, help="Frames for memory growth; 0: one visit."
)
@click.option("--no-guard", is_flag=True, help="Do not compare faces and decisions on the footage.")
@click.option("--no-active", is_flag=True, help="No visits with an action.")
@click.option("--save", type=click.Path(path_type=Path), metavar="FILE.json", help="Keep the figures.")
@click.option("--against", type=click.Path(path_type=Path), metavar="FILE.json", help="Compare with figures that were kept.")
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE.png", help="Where a plot goes.")
@choice_option
@mirror_option
@json_option
def bench(
    clips: tuple[Path, ...],
    idle: Path | None,
    footage: Path | None,
    reference: Path | None,
    blocks: int,
    frames: int,
    starts: int,
    soak: int,
    no_guard: bool,
    no_active: bool,
    save: Path | None,
    against: Path | None,
    plot: Path | None,
    choice: Path | None,
    mirror: Path | None,
    as_json: bool,
) -> None:
    """Measure what a frame costs: whole visits against the usual loop, which looks at every frame with everything.

    All frames lie in memory, so decoding is in no figure. Both are held to one core and one thread and take turns, block by
    block. Ends with 1 when ours misses more faces or decides worse, or when a ratio is worse than that of --against.

    \b
    Examples:
      lifecert bench
      lifecert bench --clips visit.mp4 --blocks 30 --json --save now.json --plot now.png
      lifecert bench --against last.json --soak 50000
    """
    with faults(as_json=as_json):
        from edge.commands.bench_run import Asked, measure
        from edge.evaluate.cost.regression import read_saved, regressions
        from edge.evaluate.cost.report import document

        saved = read_saved(against) if against else None
        _check(save, plot)
        root = footage or data_folder(mirror)
        asked = Asked(clips, idle, root, not no_guard, not no_active, reference, blocks, frames, starts, soak, choice, mirror)
        run = measure(asked, store_from_environment(os.environ, mirror))
        figures = document(run)
        worse = regressions(saved, figures) if saved else ()
        _keep(save, plot, run, figures)
    _tell(run, {**figures, "regressions": [one.sentence for one in worse]}, worse, as_json=as_json)
    sys.exit(ending(figures, worse))


def ending(figures: Json, worse: Sequence[Regression]) -> Exit:
    """Refused when the guard does not hold or a figure became worse; goals that are not reached refuse nothing."""
    return Exit.REFUSED if worse or figures["guard_ok"] is False else Exit.DONE


def _tell(run: Run, figures: Json, worse: tuple[Regression, ...], *, as_json: bool) -> None:
    from edge.commands.bench_table import lines

    if as_json:
        print_json(figures)
        return
    for line in (*lines(run), *(one.sentence for one in worse)):
        click.echo(line)


def data_folder(mirror: Path | None) -> Path:
    """The folder of the footage in the mirror; raises `FootageNotNamedError` where no mirror is named."""
    from edge.evaluate.cost.errors import FootageNotNamedError

    named = mirror or (Path(os.environ["LIFECERT_MIRROR"]) if os.environ.get("LIFECERT_MIRROR") else None)
    if named is None:
        raise FootageNotNamedError
    return named / "data"


def _check(save: Path | None, plot: Path | None) -> None:
    """Whether both files can be written: found out before minutes of measuring."""
    from edge.evaluate.cost.errors import FiguresNotKeptError

    if save and (save.is_dir() or not os.access(save.parent, os.W_OK)):
        raise FiguresNotKeptError(save)
    if plot:
        from edge.evaluate.plots import check_writable

        check_writable(plot)


def _keep(save: Path | None, plot: Path | None, run: Run, figures: Json) -> None:
    if save:
        save.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    if plot:
        _draw(plot, run)


def _draw(plot: Path, run: Run) -> None:
    from edge.evaluate.cost.goals import ratio_goals
    from edge.evaluate.plots import write_plot
    from edge.evaluate.plots_cost import draw_cost

    write_plot(plot, draw_cost(run, ratio_goals(run.opencv_version)))
