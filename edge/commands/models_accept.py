"""`lifecert models accept`: may a policy name this matcher? Measured on a population, with a record for the centre."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from edge.commands.console import (
    Exit,
    Json,
    faults,
    form_option,
    json_option,
    manifest_option,
    mirror_option,
    print_json,
    tell_progress,
)
from edge.durable_file import write_durably
from edge.engine import open_eyes
from models.acceptance import Acceptance, Verdict
from models.acceptance_file import write_acceptance
from models.errors import (
    AcceptanceNotWrittenError,
    NetworkContractError,
    NetworkFailedError,
    NetworkNotLoadedError,
)
from models.matcher import DEFAULT_MATCHER, MatcherCard
from models.store import ModelStore, store_from_environment
from models.variant import Form
from wire.result import SCALE

# What counts needs libraries that a unit in the field lacks, so it loads only when something is measured.
if TYPE_CHECKING:
    from edge.evaluate.acceptance import Measurement, Trial
    from edge.evaluate.verification import Progress

_GENUINE = "Pairs of one person: columns a, b and same. May be given several times."

BROKEN_CONTRACT = (NetworkContractError, NetworkNotLoadedError, NetworkFailedError)

READABLE_BY_ALL = 0o644
"""A page about a matcher holds nothing personal."""


@click.command
@click.argument("name", metavar="MATCHER_OR_EMBEDDER")
@click.option("--population", required=True, type=click.Path(path_type=Path), metavar="LIST.csv", help="Pictures of many people.")
@click.option("--images", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder of these pictures.")
@click.option("--one-person", type=click.Path(path_type=Path), metavar="PAIRS.csv", help="Pairs of the list that are one person.")
@click.option("--genuine", type=click.Path(path_type=Path), multiple=True, metavar="PAIRS.csv", help=_GENUINE)
@click.option("--genuine-images", type=click.Path(path_type=Path), multiple=True, metavar="DIR", help="Folder of their pictures.")
@click.option("--claim", type=click.Choice(["1e-2", "1e-3", "1e-4"]), default="1e-2", show_default=True, help="FMR to prove.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="The record. Without it: NAME.VERDICT.toml here.")
@form_option
@mirror_option
@manifest_option
@json_option
def accept(
    name: str,
    population: Path,
    images: Path,
    one_person: Path | None,
    genuine: tuple[Path, ...],
    genuine_images: tuple[Path, ...],
    claim: str,
    out: Path | None,
    form: Form,
    mirror: Path | None,
    manifest: Path | None,
    as_json: bool,
) -> None:
    """Measure a matcher, or one embedder alone, and say whether a policy may name it.

    It finds the threshold that proves the claim among people of 60 and over, in each of their groups that is large enough, over
    comparisons and over persons; says what it misses; and checks that the embedder is steady and at most 4 times as slow as
    the default matcher. Writes the record that the centre asks for, and a page for people beside it (.md). Ends with 1 when
    the matcher is refused.

    LIST.csv has the columns file, age, and where known person, sex and group, as for `lifecert evaluate population`.

    \b
    Examples:
      lifecert models accept foamliu --population elders/images.csv --images elders/images
      lifecert models accept licensed --manifest own.toml --population roster.csv --images photos --claim 1e-3 --json
    """
    with faults(as_json=as_json):
        _insist_on_folder(out or Path())
        trial = _trial(population, images, one_person, genuine, genuine_images, claim)
        store = store_from_environment(os.environ, mirror, manifest).using(form)
        matcher = store.matcher(name)
        try:
            outcome = _measure(trial, store, matcher)
        except BROKEN_CONTRACT as error:
            if error.card.name not in matcher.networks:
                raise
            _refuse(matcher, f"a network breaks its contract: {error}", as_json=as_json)
        if outcome is None:
            _refuse(matcher, "not a single picture of the population shows a usable face", as_json=as_json)
        target = out or Path(f"{matcher.name}.{outcome.record.verdict}.toml")
        page = _write(outcome, target)
    click.echo(f"record: {target}, page: {page}", err=True)
    if as_json:
        print_json({**_document(outcome), "record": str(target), "page": str(page)})
    else:
        _tell(outcome.record)
    sys.exit(Exit.DONE if outcome.record.verdict is Verdict.ACCEPTED else Exit.REFUSED)


@dataclass(frozen=True, slots=True, eq=False)
class _Outcome:
    """What became of a matcher."""

    record: Acceptance
    measured: Measurement
    page: str
    """For people, Markdown."""


def _measure(trial: Trial, store: ModelStore, matcher: MatcherCard) -> _Outcome | None:
    from edge.evaluate.acceptance import record_of, try_matcher
    from edge.evaluate.acceptance_card import card_text

    cards = {network: store.card(network) for network in matcher.networks}
    eyes, default = open_eyes(store, matcher), open_eyes(store, store.matcher(DEFAULT_MATCHER))
    measured = try_matcher(trial, eyes, default, time.process_time_ns, _told)
    if measured is None:
        return None
    record = record_of(measured, trial, eyes, matcher, cards, datetime.now(UTC).date())
    return _Outcome(record, measured, card_text(record, measured, trial, cards))


def _write(outcome: _Outcome, target: Path) -> Path:
    """Write the page, then the record beside it, each whole or not at all, so that no record is without its page; return that."""
    page = target.with_name(f"{target.name.removesuffix('.toml')}.md")
    write_durably(page, outcome.page.encode("utf-8"), READABLE_BY_ALL)
    write_acceptance(outcome.record, target)
    return page


def _trial(
    population: Path,
    images: Path,
    one_person: Path | None,
    genuine: Sequence[Path],
    genuine_images: Sequence[Path],
    claim: str,
) -> Trial:
    if len(genuine) != len(genuine_images):
        raise click.UsageError("each --genuine needs its --genuine-images")
    from edge.evaluate.acceptance import Trial
    from edge.evaluate.one_person import read_one_person
    from edge.evaluate.pairs import read_pairs
    from edge.evaluate.population_list import read_population

    listed = read_population(population, images)
    declared = read_one_person(one_person, {each.file for each in listed.pictures}) if one_person else ()
    lists = tuple(read_pairs(pairs, folder) for pairs, folder in zip(genuine, genuine_images, strict=True))
    return Trial(listed, declared, claim, lists)


def _insist_on_folder(out: Path) -> None:
    """Measuring takes minutes; that nothing can be written is said at once."""
    if not out.parent.is_dir():
        raise AcceptanceNotWrittenError(out, "its folder is not there")


def _told(what: str) -> Progress:
    click.echo(f"{what} ...", err=True)
    return tell_progress


def _refuse(matcher: MatcherCard, reason: str, *, as_json: bool) -> NoReturn:
    """Without figures there is no record."""
    if as_json:
        print_json({"matcher": matcher.name, "verdict": Verdict.REFUSED.value, "reasons": [reason]})
    else:
        click.echo(f"{matcher.name} is refused: {reason}")
    sys.exit(Exit.REFUSED)


def _tell(record: Acceptance) -> None:
    click.echo(f"{record.matcher} is {record.verdict}")
    for reason in record.reasons:
        click.echo(f"  {reason}")
    if record.claim is not None:
        threshold, review = record.claim.threshold_x10000 / SCALE, record.claim.review_from_x10000 / SCALE
        click.echo(
            f"threshold       {threshold:.4f}, review from {review:.4f}: FMR {record.claim.fmr:g} among {record.claim.band}"
        )
    for band in record.bands:
        share = "none compared" if band.fmr is None else f"{band.fmr:.3%}"
        click.echo(f"  {band.name:28} {band.people:6} people {band.comparisons:10} comparisons   FMR {share}")
    for misses in record.misses:
        click.echo(f"missed          {misses.missed} of {misses.pairs} pairs of {misses.name}")
    click.echo(f"speed           {record.speed_ratio:.2f} times the default matcher")


def _document(outcome: _Outcome) -> Json:
    record, measured, claim = outcome.record, outcome.measured, outcome.record.claim
    return {
        "matcher": record.matcher,
        "digest": record.digest.hex(),
        "runtime": record.runtime,
        "verdict": record.verdict.value,
        "reasons": list(record.reasons),
        "threshold": None if claim is None else claim.threshold_x10000,
        "review_from": None if claim is None else claim.review_from_x10000,
        "claim": None if claim is None else {"fmr": claim.fmr, "band": claim.band, "population": claim.population},
        "bands": [{**asdict(band), "fmr": band.fmr} for band in record.bands],
        "genuine": [{**asdict(misses), "fnmr": misses.fnmr} for misses in record.misses],
        "too_small": list(measured.elders.too_small),
        "steadiness": asdict(measured.steadiness),
        "speed_ratio": record.speed_ratio,
    }
