"""`lifecert evaluate shots`: what several frames of a visit are worth against single ones."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.commands.console import Json, faults, json_option, mirror_option, print_json, tell_progress
from edge.engine import open_engine
from models.store import store_from_environment

if TYPE_CHECKING:
    from edge.evaluate.shots import Gain, ShotReport

SIZES = (2, 3, 5, 8)


@click.command
@click.argument("pairs", type=click.Path(path_type=Path), metavar="PAIRS.csv")
@click.option("--root", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder of the files.")
@click.option("--strangers", type=click.Path(path_type=Path), metavar="LIST.csv", help="Pictures of other people: column file.")
@click.option("--images", type=click.Path(path_type=Path), metavar="DIR", help="Folder of the strangers' pictures.")
@click.option("--apart-ms", type=click.IntRange(1, 10_000), default=250, show_default=True, help="Time between two shots.")
@mirror_option
@json_option
def shots(
    pairs: Path, root: Path, strangers: Path | None, images: Path | None, apart_ms: int, mirror: Path | None, as_json: bool
) -> None:
    """Compare recordings with another time of the same person: single frames against means of 2, 3, 5 and 8 shots.

    Columns a (the visit, a recording), b (a recording or a picture of another time) and same (1). With strangers it also
    says how far the threshold must move for the same FMR.

    \b
    Examples:
      lifecert evaluate shots docs/accuracy/clip-pairs.csv --root data
      lifecert evaluate shots pairs.csv --root data --strangers data/elders/images.csv --images data/elders/images --json
    """
    if (strangers is None) != (images is None):
        raise click.UsageError("--strangers and --images belong together")
    with faults(as_json=as_json):
        from edge.evaluate.shots import read_recordings, read_strangers, record_all, weigh_shots

        listed = read_recordings(pairs, root)
        engine = open_engine(store_from_environment(os.environ, mirror))
        others = read_strangers(strangers, images, engine, tell_progress) if strangers and images else ()
        report = weigh_shots(listed, record_all(listed, engine, apart_ms, tell_progress), others, SIZES)
    for pair in report.left_out:
        click.echo(f"{pair.a} against {pair.b} is left out: fewer than {max(SIZES)} usable shots, or no usable face", err=True)
    if as_json:
        print_json(_document(report, apart_ms))
    else:
        _print(report)


def gain_document(gain: Gain) -> Json:
    """The figures of one number of pictures."""
    return {"mean": gain.genuine.mean, "percentile_5": gain.genuine.low, "threshold_at": dict(gain.strangers)}


def gain_words(gain: Gain) -> str:
    """The same for people."""
    if gain.genuine.mean is None or gain.genuine.low is None:
        return "no genuine comparison"
    asked = "".join(f"   threshold at FMR {word}: {threshold:.3f}" for word, threshold in gain.strangers.items())
    return f"genuine mean {gain.genuine.mean:.3f}, 5th percentile {gain.genuine.low:.3f}{asked}"


def _document(report: ShotReport, apart_ms: int) -> Json:
    return {
        "pairs": report.pairs,
        "strangers": report.strangers,
        "apart_ms": apart_ms,
        "shots": [{"shots": gain.shots, **gain_document(gain)} for gain in report.gains],
    }


def _print(report: ShotReport) -> None:
    click.echo(f"{report.pairs} pairs of recordings, {report.strangers} strangers")
    for gain in report.gains:
        click.echo(f"{gain.shots:3} {'shot ' if gain.shots == 1 else 'shots'}   {gain_words(gain)}")
