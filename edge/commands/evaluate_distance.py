"""`lifecert evaluate distance`: how well the distance of a face is told, on drawn faces."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.commands.console import Json, faults, json_option, mirror_option, print_json
from edge.commands.rate_words import spelled
from edge.engine import open_engine
from models.store import store_from_environment

# What counts needs libraries that a unit in the field lacks, so it loads only when something is measured.
if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.evaluate.simulated.distances import DistanceRate


@click.command
@click.option("--people", type=click.IntRange(1, 200), default=12, show_default=True, help="Faces at each distance.")
@click.option("--faces", type=click.Path(path_type=Path), metavar="LIST.csv", help="Photos that the heads wear: column file.")
@click.option("--images", type=click.Path(path_type=Path), metavar="DIR", help="Folder of these photos.")
@mirror_option
@json_option
def distance(people: int, faces: Path | None, images: Path | None, mirror: Path | None, as_json: bool) -> None:
    """Measure how well the distance of a face is told, from 15 to 120 cm. It is a simulation.

    Heads of different sizes are drawn at known distances, 66 degrees across; the estimate knows the lens, but not whose eyes are
    how far apart. Without --faces the development portraits of the mirror are worn.

    \b
    Examples:
      lifecert evaluate distance
      lifecert evaluate distance --people 40 --json
    """
    if (faces is None) != (images is None):
        raise click.UsageError("--faces and --images belong together")
    with faults(as_json=as_json):
        from edge.commands.simulated_pad import faces_of
        from edge.evaluate.simulated.distances import estimate_all
        from edge.evaluate.split import Half

        worn = faces_of(faces, images, mirror, Half.REPORT)
        rates = estimate_all(worn, people, open_engine(store_from_environment(os.environ, mirror)), _tell)
    if as_json:
        print_json(_document(rates))
    else:
        _print(rates)


def _tell(done: int, of: int) -> None:
    click.echo(f"{done} of {of} distances", err=True)


def _document(rates: Sequence[DistanceRate]) -> Json:
    return {"simulated": True, "distances": [asdict(each) for each in rates]}


def _print(rates: Sequence[DistanceRate]) -> None:
    click.echo("SIMULATED; from the lens to the eyes, within 10 %")
    for each in rates:
        off = "no face" if each.median_off is None else f"median {each.median_off:+.1%}, worst {each.worst_off:+.1%}"
        click.echo(f"{each.away_cm:4.0f} cm  {spelled(each.right)}   {off}")
