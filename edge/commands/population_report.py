"""What `lifecert evaluate population` tells: one JSON document, or a table for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from edge.commands.console import Json
from edge.evaluate import population_words as words
from edge.evaluate.population import DRAWS
from edge.evaluate.population_report import ASKED_FMR, Band, PopulationReport
from edge.flow import MatcherIdentity
from models.calibration.blocks import STEPS


def population_document(report: PopulationReport, matcher: MatcherIdentity, page: Path) -> Json:
    """The figures as JSON. Similarities and thresholds are numbers from -1 to 1."""
    return {
        "threshold": report.threshold_x10000 / STEPS,
        "bands": [_band(band) for band in report.bands],
        "matcher": {"name": matcher.name, "model_digest": matcher.model_digest.hex(), "runtime": matcher.runtime},
        "pictures": {"listed": report.listed, "compared": report.listed - len(report.lost)},
        "persons": report.persons,
        "persons_known_from": report.known_from.name.lower(),
        "fnmr": asdict(report.fnmr) if report.genuine.comparisons else None,
        "draws": DRAWS,
        "left_out": {"comparisons": report.left_out, "one_person_pairs": report.declared},
        "same_pictures": [
            {
                "a": twin.a,
                "b": twin.b,
                "correlation": round(twin.found.correlation, 4),
                "mirrored": twin.found.mirrored,
                "two_persons": twin.two_persons,
            }
            for twin in report.twins
        ],
        "most_alike": [{"a": pair.a, "b": pair.b, "similarity": pair.similarity_x10000 / STEPS} for pair in report.alike],
        "most_false_matches": [asdict(hub) for hub in report.hubs],
        "lost_pictures": [{"file": picture.file, "reason": picture.lost.loss.value} for picture in report.lost],
        "warnings": list(report.warnings),
        "page": str(page),
    }


def _band(band: Band) -> Json:
    return {
        "name": band.tally.name,
        "people": band.tally.persons,
        "comparisons": band.fmr.of,
        "fmr": asdict(band.fmr),
        "fmr_by_person": asdict(band.by_person),
        "threshold_at": {needed.word: _similarity(needed.counted_x10000) for needed in band.thresholds},
        "threshold_at_supported": {needed.word: _similarity(needed.supported_x10000) for needed in band.thresholds},
        "fnmr_at": {needed.word: needed.fnmr and needed.fnmr.value for needed in band.thresholds},
    }


def _similarity(x10000: int | None) -> float | None:
    return None if x10000 is None else x10000 / STEPS


def tell_population(report: PopulationReport) -> None:
    """Print the figures for people; what deserves attention goes to stderr."""
    for picture in report.lost:
        click.echo(f"{picture.file}: failed to acquire, {picture.lost.loss} {picture.lost.what}".rstrip(), err=True)
    for warning in report.warnings:
        click.echo(f"warning: {warning}", err=True)
    compared = report.listed - len(report.lost)
    click.echo(f"{compared} of {report.listed} pictures compared, {report.persons} persons, known from {report.known_from}")
    declared = f"{report.declared} pairs declared one person"
    click.echo(f"{report.left_out} comparisons left out: the same picture under two names, {declared}")
    if report.genuine.comparisons:
        click.echo(f"FNMR at {words.similarity(report.threshold_x10000)}: {_rate(report)}")
    _print_table(_table(report))
    _print_pairs(report)


def _rate(report: PopulationReport) -> str:
    return f"{words.share(report.fnmr.value)}, {words.counts(report.fnmr)} (95 %: {words.span(report.fnmr)})"


def _table(report: PopulationReport) -> list[list[str]]:
    asked = [f"for {words.fmr_word(word)}" for word in ASKED_FMR]
    header = [
        "band",
        "people",
        "comparisons",
        f"FMR at {words.similarity(report.threshold_x10000)}",
        "95 %",
        "over persons",
        *asked,
    ]
    return [header, *(_row(band) for band in report.bands)]


def _row(band: Band) -> list[str]:
    needed = [f"{words.similarity(each.counted_x10000)} ({words.similarity(each.supported_x10000)})" for each in band.thresholds]
    figures = [words.share(band.fmr.value), words.exact(band), words.over_persons(band)]
    return [band.tally.name, f"{band.tally.persons}", f"{band.fmr.of}", *figures, *needed]


def _print_table(table: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    for row in table:
        click.echo("  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]))
    click.echo("thresholds: the lowest that was counted (the lowest that both 95 % bounds support)")


def _print_pairs(report: PopulationReport) -> None:
    for twin in report.twins:
        whose = "two persons, not counted" if twin.two_persons else "one person"
        click.echo(f"same picture: {twin.a} {twin.b} ({whose})")
    for pair in report.alike:
        click.echo(f"look at: {words.similarity(pair.similarity_x10000)} {pair.a} {pair.b}")
