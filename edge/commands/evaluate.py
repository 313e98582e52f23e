"""`lifecert evaluate`: error rates on pictures and footage of real people, with the very stages that serve visitors."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.commands.console import Json, faults, file_word, form_option, json_option, mirror_option, print_json, tell_progress
from edge.commands.evaluate_actions import actions
from edge.commands.evaluate_distance import distance
from edge.commands.evaluate_fusion import fusion
from edge.commands.evaluate_guidance import guidance
from edge.commands.evaluate_pad import pad
from edge.commands.evaluate_population import population
from edge.commands.evaluate_references import references
from edge.commands.evaluate_shots import shots
from edge.commands.evaluate_waiting import waiting
from edge.commands.rate_words import share, spelled
from edge.engine import Engine, open_engine, open_quality_probe
from models.matcher import DEFAULT_MATCHER
from models.store import store_from_environment
from models.variant import Form

# What draws and counts needs libraries that a unit in the field lacks, so it loads only when something is measured.
if TYPE_CHECKING:
    from edge.evaluate.pairs import PairList
    from edge.evaluate.people import People
    from edge.evaluate.portrait import Lost
    from edge.evaluate.quality_bands import QualityBand
    from edge.evaluate.verification import Comparisons, VerificationReport
    from edge.stages.match import Embedding

_plot = click.option("--plot", type=click.Path(path_type=Path), metavar="FILE.png", help="Where the plot goes.")


@click.group(name="evaluate")
def group() -> None:
    """Measure error rates on pictures and footage.

    It needs the extra `models`. What the figures mean stands in docs/accuracy.md.
    """


@group.command
@click.argument("pairs", type=click.Path(path_type=Path), metavar="PAIRS.csv")
@click.option("--images", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder of the pictures.")
@click.option("--at", "further", multiple=True, type=click.FloatRange(-1, 1), metavar="SIMILARITY", help="FNMR there, too.")
@click.option("--matcher", default=DEFAULT_MATCHER, show_default=True, help="Matcher of the manifest.")
@click.option("--quality", is_flag=True, help="Divide the misses by the quality of the poorer picture, too.")
@_plot
@form_option
@mirror_option
@json_option
def verification(
    pairs: Path,
    images: Path,
    further: tuple[float, ...],
    matcher: str,
    quality: bool,
    plot: Path | None,
    form: Form,
    mirror: Path | None,
    as_json: bool,
) -> None:
    """Measure how often the matcher errs: columns a, b and same (1 or 0), files relative to DIR.

    Who is who, for impostors all against all, comes from a column person or person_id of an images.csv beside the list;
    else from the pairs and from file names such as NAME_0001.jpg. Without --plot the DET curve goes to det-NAME.png here.

    \b
    Examples:
      lifecert evaluate verification set/pairs.csv --images set/images
      lifecert evaluate verification set/pairs.csv --images set/images --json --plot det.png
    """
    with faults(as_json=as_json):
        from edge.evaluate.pairs import read_pairs
        from edge.evaluate.people import TABLE_NAME, find_people
        from edge.evaluate.plots import check_writable, draw_verification, write_plot
        from edge.evaluate.statistics import false_non_match_rate
        from edge.evaluate.verification import compare_all, embed_pictures, weigh

        listed = read_pairs(pairs, images)
        people = find_people(listed, pairs.parent / TABLE_NAME)
        target = plot or Path(f"det-{file_word(listed.name)}.png")
        check_writable(target)
        engine = open_engine(store_from_environment(os.environ, mirror).using(form), matcher)
        pictures = embed_pictures(listed, engine.eyes, tell_progress)
        comparisons = compare_all(listed, people, pictures)
        report = weigh(comparisons, engine.rules.thresholds.match)
        missed = {f"{at:g}": false_non_match_rate(comparisons.genuine, at) for at in further}
        bands = _quality_bands(listed, pictures, report, engine, mirror) if quality else ()
        write_plot(target, draw_verification(listed.name, people.count, comparisons, report))
    _warn_verification(listed, people, comparisons, report)
    click.echo(f"plot: {target}", err=True)
    if as_json:
        extra: Json = {"quality_bands": [asdict(band) for band in bands]} if quality else {}
        there: Json = {"fnmr_at_threshold": {at: asdict(rate) for at, rate in missed.items()}} if missed else {}
        print_json({**_verification_document(report, people, comparisons, target), **there, **extra})
    else:
        _print_verification(report, people, comparisons)
        further_lines = [f"FNMR at {at:11} {spelled(rate)}" for at, rate in missed.items()]
        click.echo("".join(f"{line}\n" for line in (*further_lines, *map(_spelled_band, bands))), nl=False)


group.add_command(actions)
group.add_command(distance)
group.add_command(guidance)
group.add_command(pad)
group.add_command(population)
group.add_command(shots)
group.add_command(references)
group.add_command(fusion)
group.add_command(waiting)


def _quality_bands(
    listed: PairList,
    pictures: Mapping[str, Embedding | Lost],
    report: VerificationReport,
    engine: Engine,
    mirror: Path | None,
) -> tuple[QualityBand, ...]:
    from edge.evaluate.quality_bands import judge_pictures, weigh_bands

    probe = open_quality_probe(store_from_environment(os.environ, mirror))
    qualities = judge_pictures(listed, pictures, engine.eyes, probe, tell_progress)
    chosen = {point.word: point.threshold for point in report.points}
    return weigh_bands(listed, pictures, qualities, report.threshold, chosen)


def _spelled_band(band: QualityBand) -> str:
    at = ", ".join(f"{share(fnmr)} at FMR {word}" for word, fnmr in band.fnmr_at.items() if fnmr is not None)
    return f"quality {band.low:.2f} to {band.high:.2f}   FNMR {spelled(band.fnmr)}; {at or 'no pair'}"


def _warn_verification(listed: PairList, people: People, comparisons: Comparisons, report: VerificationReport) -> None:
    for picture in comparisons.lost:
        click.echo(f"{picture.file}: failed to acquire, {picture.lost.loss} {picture.lost.what}".rstrip(), err=True)
    if people.contradictions:
        click.echo(f"{people.contradictions} pairs are labelled against {people.source}, which tells who is who", err=True)
    unknown = len(listed.files) - len(people.persons)
    if unknown:
        click.echo(f"{unknown} files are of persons unknown to {people.source}: they are not compared all against all", err=True)
    for point in report.points:
        if point.threshold is None:
            count = comparisons.all_impostors.size
            click.echo(f"FMR {point.word} cannot be resolved: there are only {count} impostor comparisons", err=True)


def _verification_document(report: VerificationReport, people: People, comparisons: Comparisons, plot: Path) -> Json:
    return {
        "pairs": {"same": report.listed_same, "different": report.listed_different},
        "failed_to_acquire": report.failed_to_acquire,
        "threshold": report.threshold,
        "fmr": asdict(report.fmr),
        "fnmr": asdict(report.fnmr),
        "eer": report.eer,
        "best_accuracy": report.best_accuracy,
        "fnmr_at_fmr": {point.word: point.fnmr for point in report.points},
        "threshold_at_fmr": {point.word: point.threshold for point in report.points},
        "frr": asdict(report.frr),
        "impostor_comparisons": comparisons.all_impostors.size,
        "fmr_all_against_all": asdict(report.fmr_all),
        "lost_pictures": [{"file": each.file, "reason": each.lost.loss.value} for each in comparisons.lost],
        "persons": people.count,
        "persons_known_from": people.source.value,
        "plot": str(plot),
    }


def _print_verification(report: VerificationReport, people: People, comparisons: Comparisons) -> None:
    compared = report.listed_same + report.listed_different - report.failed_to_acquire
    click.echo(f"pairs               {report.listed_same} same, {report.listed_different} different, {people.count} persons")
    click.echo(f"failed to acquire   {report.failed_to_acquire} pairs ({len(comparisons.lost)} pictures), {compared} compared")
    click.echo(f"at threshold {report.threshold:g}")
    click.echo(f"  FNMR              {spelled(report.fnmr)}")
    click.echo(f"  FRR               {spelled(report.frr)}  (failed to acquire counts as refused)")
    click.echo(f"  FMR               {spelled(report.fmr)}")
    click.echo(f"  FMR, all to all   {spelled(report.fmr_all)}  (pictures recur: the interval is too narrow)")
    click.echo(f"EER                 {share(report.eer)}")
    click.echo(f"best accuracy       {share(report.best_accuracy)}")
    for point in report.points:
        chosen = "cannot be resolved" if point.threshold is None else f"{share(point.fnmr)}, threshold {point.threshold:.4f}"
        click.echo(f"FNMR at FMR {point.word}    {chosen}")
