"""`lifecert evaluate references`: what several references of one person are worth."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.commands.console import Json, faults, json_option, mirror_option, print_json, tell_progress
from edge.commands.evaluate_shots import gain_document, gain_words
from edge.engine import open_engine
from models.store import store_from_environment

if TYPE_CHECKING:
    from edge.evaluate.references import ReferenceReport

SIZES = (1, 2, 3, 4)


@click.command
@click.argument("pictures", type=click.Path(path_type=Path), metavar="LIST.csv")
@click.option("--images", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder of the pictures.")
@mirror_option
@json_option
def references(pictures: Path, images: Path, mirror: Path | None, as_json: bool) -> None:
    """Compare pictures with the mean of 1, 2, 3 and 4 other pictures of the same person, and with strangers.

    Columns file and, where known, person; else persons come from names such as NAME_0001.jpg. Who has five pictures or more is
    compared; everybody else lends one picture as a stranger.

    \b
    Examples:
      lifecert evaluate references set/images.csv --images set/images
      lifecert evaluate references set/images.csv --images set/images --json
    """
    with faults(as_json=as_json):
        from edge.evaluate.population_list import read_population
        from edge.evaluate.portrait import Lost, embed_file
        from edge.evaluate.references import weigh_references
        from edge.evaluate.shots import STRANGERS_FMR

        listed = read_population(pictures, images).pictures
        eyes = open_engine(store_from_environment(os.environ, mirror)).eyes
        embeddings = {}
        for number, picture in enumerate(listed, start=1):
            found = embed_file(picture.path, eyes)
            if not isinstance(found, Lost):
                embeddings[picture.file] = found
            tell_progress(number, len(listed))
        report = weigh_references(listed, embeddings, SIZES, STRANGERS_FMR)
    if as_json:
        print_json(_document(report))
    else:
        _print(report)


def _document(report: ReferenceReport) -> Json:
    gains = [{"references": gain.shots, **gain_document(gain)} for gain in report.gains]
    return {"persons": report.persons, "strangers": report.strangers, "references": gains}


def _print(report: ReferenceReport) -> None:
    click.echo(f"{report.persons} persons with several pictures, {report.strangers} strangers")
    for gain in report.gains:
        click.echo(f"{gain.shots} {'reference ' if gain.shots == 1 else 'references'}   {gain_words(gain)}")
