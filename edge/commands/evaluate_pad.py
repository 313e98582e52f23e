"""`lifecert evaluate pad`: how well attacks are told from the living, on files of others, or on simulated scenes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.commands.console import Json, faults, json_option, mirror_option, print_json, tell_progress
from edge.commands.rate_words import spelled
from edge.conclude import scaled
from edge.engine import open_engine
from models.store import store_from_environment

# What draws and counts needs libraries that a unit in the field lacks, so it loads only when something is measured.
if TYPE_CHECKING:
    from edge.evaluate.pad import Answer, KindRate, PadReport

FEWEST_OF_EACH = 80
"""One error among so many leaves the upper 95 % bound below 7 %."""


@click.command
@click.argument("labels", required=False, type=click.Path(path_type=Path), metavar="LABELS.csv")
@click.option("--root", type=click.Path(path_type=Path), metavar="DIR", help="Folder of the files.")
@click.option("--simulated", is_flag=True, help="Simulated scenes in place of files; see docs/pad.md for what they prove.")
@click.option(
    "--of-each", type=click.IntRange(1, 10_000), default=FEWEST_OF_EACH, show_default=True, help="Scenes per species and place."
)
@click.option("--forged", type=click.IntRange(0, 10_000), default=100, show_default=True, help="Forged streams of each kind.")
@click.option("--half", type=click.Choice(["fit", "report"]), default="report", show_default=True, help="People and variants.")
@click.option("--faces", type=click.Path(path_type=Path), metavar="LIST.csv", help="Photos that the scenes wear: column file.")
@click.option("--images", type=click.Path(path_type=Path), metavar="DIR", help="Folder of these photos.")
@click.option("--workers", type=click.IntRange(1, 64), default=os.cpu_count() or 1, help="Processes side by side.")
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE.png", help="Where the plot goes.")
@mirror_option
@json_option
def pad(
    labels: Path | None, root: Path | None, simulated: bool, of_each: int, forged: int, half: str, faces: Path | None,
    images: Path | None, workers: int, plot: Path | None, mirror: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Measure the detection of attacks: columns file, label (live or attack) and attack_kind, files relative to DIR.

    Files may be pictures or clips. Scores are x 10000. A file without a usable face gets no response, and is counted apart.

    With --simulated there are no files: people and eight species of attacks are drawn in five places, before lamps that follow
    the code of each visit, and so are streams that answer another code, late, or not at all. Without --faces the development
    portraits of the mirror are worn. A visit ends where a cue denies; all of the living and every eighth of the others are heard
    out, and show what each cue is worth. The default takes some thousand scenes and, on two cores, an hour and a half.

    \b
    Examples:
      lifecert evaluate pad set/labels.csv --root set
      lifecert evaluate pad set/labels.csv --root set --json --plot scores.png
      lifecert evaluate pad --simulated --json
      lifecert evaluate pad --simulated --of-each 5 --forged 5 --plot quick.png
    """
    if simulated == bool(labels):
        raise click.UsageError("give either LABELS.csv with --root, or --simulated")
    if (labels is None) != (root is None) or (faces is None) != (images is None):
        raise click.UsageError("LABELS.csv and --root belong together, and so do --faces and --images")
    if labels and root:
        _measure_files(labels, root, plot, mirror, as_json=as_json)
    else:
        from edge.commands.simulated_pad import Order, measure_scenes

        measure_scenes(Order(of_each, forged, half, faces, images, workers, plot, mirror), as_json=as_json)


def _measure_files(labels: Path, root: Path, plot: Path | None, mirror: Path | None, *, as_json: bool) -> None:
    with faults(as_json=as_json):
        from edge.evaluate.pad import probe_all, read_labels, weigh_answers
        from edge.evaluate.plots import check_writable, draw_pad, write_plot

        presentations = read_labels(labels, root)
        if plot:
            check_writable(plot)
        engine = open_engine(store_from_environment(os.environ, mirror))
        answers = probe_all(presentations, engine, tell_progress)
        report = weigh_answers(answers, engine.rules.thresholds.texture)
        if plot:
            write_plot(plot, draw_pad(labels.resolve().parent.name, report))
    for answer in answers:
        if answer.why:
            click.echo(f"{answer.presentation.file}: no response, {answer.why}", err=True)
    if as_json:
        print_json(_pad_document(report))
    else:
        _print_pad(report)


def _pad_document(report: PadReport) -> Json:
    return {
        "bpcer": asdict(report.bpcer),
        "apcer": _by_kind(report.apcer),
        "bpnrr": asdict(report.bpnrr),
        "apnrr": _by_kind(report.apnrr),
        "threshold": scaled(report.threshold),
        "files": [_answer_fields(answer) for answer in report.answers],
    }


def _by_kind(rates: Sequence[KindRate]) -> Json:
    return {each.kind: asdict(each.rate) for each in rates}


def _answer_fields(answer: Answer) -> Json:
    return {
        "file": answer.presentation.file,
        "label": answer.presentation.label.value,
        "verdict": answer.verdict.value,
        "score": None if answer.score is None else scaled(answer.score),
    }


def _print_pad(report: PadReport) -> None:
    for answer in report.answers:
        shown = answer.presentation.kind or answer.presentation.label.value
        score = "" if answer.score is None else f"{answer.score:.4f}"
        click.echo(f"{shown:10} {answer.verdict.value:12} {score:7} {answer.presentation.file}")
    click.echo(f"BPCER         {spelled(report.bpcer)}   no response {spelled(report.bpnrr)}")
    for wrong, silent in zip(report.apcer, report.apnrr, strict=True):
        click.echo(f"APCER {wrong.kind:8}{spelled(wrong.rate)}   no response {spelled(silent.rate)}")
