"""`lifecert survey`: is a place fit for a unit, and where should it stand?"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.commands.console import Exit, Json, faults, json_option, mirror_option, print_json
from edge.engine import open_engine
from edge.version import software_version
from firmware.board import open_camera
from models.store import store_from_environment

# What draws needs libraries that a unit in the field may lack, so it loads only when something is measured.
if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.evaluate.survey.look import Look
    from edge.evaluate.survey.score import Survey
    from firmware.errors import FirmwareError

FEWEST_S, DEFAULT_S = 10, 300


@click.command
@click.option("--log", required=True, type=click.Path(path_type=Path), metavar="PLACE.csv", help="Where the numbers are kept.")
@click.option("--camera", metavar="SPEC", help="Watch through this camera.")
@click.option("--hours", type=click.FloatRange(0, 168, min_open=True), default=24.0, show_default=True, help="Watch so long.")
@click.option("--every", type=click.IntRange(FEWEST_S, 3600), default=DEFAULT_S, show_default=True, help="Seconds between looks.")
@click.option("--frames", type=click.Path(path_type=Path), metavar="SHOTS.csv", help="Recorded pictures: columns file, time.")
@click.option("--root", type=click.Path(path_type=Path), metavar="DIR", help="Folder of these pictures.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE.html", help="Where the page goes.")
@mirror_option
@json_option
def survey(
    log: Path, camera: str | None, hours: float, every: int, frames: Path | None, root: Path | None, out: Path | None,
    mirror: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Score a place by the hour, before a unit is put there, and say what would make it better.

    Put the unit where it shall stand, its seat empty or not, and let it watch for a day; or give pictures with their times. Light
    that is too dim or too bright, from behind or from one side, and a busy background cost points. Only numbers are kept, in
    PLACE.csv, to which each look is added at once: what was interrupted goes on, and without camera and pictures the page is
    drawn again. Ends with 1 when no hour serves visitors well.

    \b
    Examples:
      lifecert survey --camera usb:0 --log hall.csv --out hall.html
      lifecert survey --frames shots.csv --root shots --log hall.csv --json
      lifecert survey --log hall.csv --out hall.html
    """
    if camera and frames:
        raise click.UsageError("give either --camera or --frames")
    if bool(frames) != bool(root):
        raise click.UsageError("--frames and --root belong together")
    target = out or log.with_suffix(".html")
    with faults(as_json=as_json):
        from edge.evaluate.plots import check_writable, write_plot
        from edge.evaluate.plots_survey import draw_survey
        from edge.evaluate.survey.diary import drop_torn_line, read
        from edge.evaluate.survey.page import draw_page
        from edge.evaluate.survey.score import score

        check_writable(target)
        if drop_torn_line(log):
            click.echo(f"{log}: the last look was cut off when it was written, and is left out", err=True)
        _look(log, camera, timedelta(seconds=every), hours, frames, root, mirror)
        found = score(read(log))
        today = datetime.now(UTC).date().isoformat()
        write_plot(target, draw_page(found, log.stem, draw_survey(found), software_version(), today))
    click.echo(f"page: {target}", err=True)
    if as_json:
        print_json(_document(found, target))
    else:
        _print(found)
    sys.exit(Exit.DONE if found.good_hours else Exit.REFUSED)


def _look(
    log: Path, camera: str | None, every: timedelta, hours: float, frames: Path | None, root: Path | None, mirror: Path | None
) -> None:
    from edge.evaluate.survey.diary import times_in
    from edge.evaluate.survey.watch import Timer, looks_of, watch

    if not camera and not frames:
        return
    engine = open_engine(store_from_environment(os.environ, mirror))
    if frames and root:
        known = times_in(log)
        _keep(log, looks_of(frames, root, known, engine), lambda count: f"{count} pictures")
    elif camera:
        timer = Timer(datetime.now, time.sleep)
        of = -(-timedelta(hours=hours) // every)
        looks = watch(partial(open_camera, camera), hours, every, engine, timer, _missed)
        _keep(log, looks, lambda count: f"{count} of {of} looks")


def _missed(error: FirmwareError) -> None:
    click.echo(f"a look was missed: {error}", err=True)


def _keep(log: Path, looks: Iterator[Look], said: Callable[[int], str]) -> None:
    """Write each look down at once; whoever interrupts gets the page of what there is."""
    from edge.evaluate.survey.diary import append

    try:
        for count, look in enumerate(looks, 1):
            append(log, (look,))
            click.echo(said(count), err=True)
    except KeyboardInterrupt:
        click.echo("interrupted: the page shows what was seen so far", err=True)


def _document(found: Survey, target: Path) -> Json:
    from edge.evaluate.survey.words import remedy

    return {
        "looks": found.looks,
        "score": found.score,
        "good_hours": list(found.good_hours),
        "hours": [
            {
                "hour": hour.hour,
                "looks": hour.looks,
                "score": hour.score,
                "scores": {trait.value: number for trait, number in hour.traits.items()},
                "said": {reason.value: times for reason, times in hour.said.items()},
            }
            for hour in found.hours
        ],
        "advice": [
            {"cause": one.trait.value, "hours": list(one.hours), "zh-CN": remedy(one)[0], "en": remedy(one)[1]}
            for one in found.advice
        ],
        "page": str(target),
    }


def _print(found: Survey) -> None:
    from edge.evaluate.survey.words import NAMES, remedy, spans

    click.echo(f"score {found.score} of 100; good hours: {spans(found.good_hours) or 'none'}")
    for hour in found.hours:
        worst = min(hour.traits.items(), key=lambda one: one[1])
        why = "" if hour.good else f"  {NAMES[worst[0]][1]}"
        click.echo(f"{hour.hour:2}:00  {hour.score:3}{why}")
    for one in found.advice:
        for words in remedy(one):
            click.echo(f"{spans(one.hours)}: {words}")
