"""`lifecert evaluate population`: how alike different people look to the matcher, band by band."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.commands.console import faults, file_word, json_option, mirror_option, print_json, tell_progress
from edge.conclude import scaled
from edge.engine import open_engine
from models.store import store_from_environment

# What counts and draws needs libraries that a unit in the field lacks, so it loads only when something is measured.
if TYPE_CHECKING:
    from edge.evaluate.verification import Progress


@click.command
@click.argument("pictures", type=click.Path(path_type=Path), metavar="LIST.csv")
@click.option("--images", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder of the pictures.")
@click.option("--page", type=click.Path(path_type=Path), metavar="FILE.html", help="Where the page goes.")
@click.option(
    "--one-person",
    type=click.Path(path_type=Path),
    metavar="FILE.csv",
    help="Pairs (columns a, b) that somebody has looked at and found to show one person.",
)
@mirror_option
@json_option
def population(
    pictures: Path, images: Path, page: Path | None, one_person: Path | None, mirror: Path | None, as_json: bool
) -> None:
    """Compare every picture with every picture of somebody else, and tell the false match rate by age, sex and group.

    Columns: file, relative to DIR, and where known person (or person_id), age, sex and group. Without a column for persons
    they come from file names such as NAME_0001.jpg, else each file counts as another person. The same picture under
    two names is found, listed and not counted. Without --page the page goes to population-NAME.html here.

    \b
    Examples:
      lifecert evaluate population set/images.csv --images set/images
      lifecert evaluate population set/images.csv --images set/images --json --one-person looked-at.csv
    """
    with faults(as_json=as_json):
        from edge.commands.population_report import population_document, tell_population
        from edge.evaluate.one_person import read_one_person
        from edge.evaluate.plots import check_writable, write_plot
        from edge.evaluate.plots_population import draw_plots
        from edge.evaluate.population import measure_population
        from edge.evaluate.population_list import read_population
        from edge.evaluate.population_page import draw_page
        from edge.evaluate.population_pictures import see_all

        listed = read_population(pictures, images)
        looked_at = read_one_person(one_person, {picture.file for picture in listed.pictures}) if one_person else ()
        target = page or Path(f"population-{file_word(listed.name)}.html")
        check_writable(target)
        engine = open_engine(store_from_environment(os.environ, mirror))
        sightings = see_all(listed.pictures, engine.eyes, tell_progress)
        report = measure_population(listed, sightings, looked_at, scaled(engine.rules.thresholds.match), _told)
        today = datetime.now(tz=UTC).date().isoformat()
        write_plot(target, draw_page(report, engine.embedder.identity, draw_plots(report), today))
    click.echo(f"page: {target}", err=True)
    if as_json:
        print_json(population_document(report, engine.embedder.identity, target))
    else:
        tell_population(report)


def _told(what: str) -> Progress:
    """Say on stderr how far it is with something, in steps of a tenth."""
    tenths = 0

    def tell(done: int, of: int) -> None:
        nonlocal tenths
        if of and 10 * done // of > tenths:
            tenths = 10 * done // of
            click.echo(f"{what}: {tenths * 10} %", err=True)

    return tell
