"""`lifecert models`: which networks this unit ships, where their files are, and whether they are the promised ones."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from edge.commands.console import Exit, faults, json_option, manifest_option, mirror_option, print_json
from edge.commands.models_accept import accept
from edge.commands.models_answer import answer_once
from edge.commands.models_benchmark import benchmark
from edge.commands.models_quantize import quantize
from edge.commands.models_rewrite import rewrite
from models.card import ModelCard
from models.errors import ModelError
from models.matcher import MatcherCard, matcher_digest
from models.store import ModelState, ModelStore, PulledModel, store_from_environment

_names = click.argument("names", nargs=-1, metavar="[NAME]...")
_optional = click.option("--optional", is_flag=True, help="Those that a unit does without, too: further embedders.")


@dataclass(frozen=True, slots=True)
class FailedPull:
    """A model that could not be brought, and why."""

    name: str
    error: ModelError


@click.group(name="models")
def group() -> None:
    """List, fetch and check the networks, make faster ones and measure them on this board, and try matchers made of them.

    A file is looked for in the mirror, then in the cache (LIFECERT_CACHE, else ~/.cache/lifecert), then at its official
    address. Nothing is used whose SHA-256 is not the promised one. LIFECERT_MANIFEST names a manifest of your own, whose entries
    are added to ours.
    """


for _command in (accept, answer_once, benchmark, quantize, rewrite):
    group.add_command(_command)


@group.command(name="list")
@mirror_option
@manifest_option
@json_option
def list_models(mirror: Path | None, manifest: Path | None, as_json: bool) -> None:
    """Show every model, its licence, and where its file is; then the matchers made of them.

    \b
    Examples:
      lifecert models list
      lifecert models list --mirror /media/usb --json
    """
    with faults(as_json=as_json):
        store = store_from_environment(os.environ, mirror, manifest)
        rows = [(store.card(state.name), state) for state in store.verify()]
    if as_json:
        matchers = [_matcher_fields(store, matcher) for matcher in store.manifest.matchers.values()]
        print_json({"models": [_card_fields(card) | _state_fields(state) for card, state in rows], "matchers": matchers})
        return
    for card, state in rows:
        use = f"{card.needed_by}, optional" if card.optional else card.needed_by
        click.echo(f"{card.name:16} {card.purpose:12} {state.where:8} {card.licence:11} {card.size_bytes:>9}  {use}")
    for matcher in store.manifest.matchers.values():
        click.echo(f"{matcher.name:16} matcher      {_matcher_words(matcher)}")


@group.command
@_names
@_optional
@mirror_option
@manifest_option
@json_option
def pull(names: tuple[str, ...], optional: bool, mirror: Path | None, manifest: Path | None, as_json: bool) -> None:
    """Bring files into the cache: those of every unit, or those named.

    A connection that is cut is taken up again where it stopped. A file of the wrong content is set aside and replaced.

    \b
    Examples:
      lifecert models pull --mirror /media/usb
      lifecert models pull yunet_n landmarks478
      lifecert models pull sface
    """
    with faults(as_json=as_json):
        store = store_from_environment(os.environ, mirror, manifest)
        brought = [_bring(store, card.name) for card in _chosen(store, names, optional=optional)]
    pulled = [model for model in brought if isinstance(model, PulledModel)]
    failed = [model for model in brought if isinstance(model, FailedPull)]
    if as_json:
        print_json(_pull_document(pulled, failed))
    else:
        for model in pulled:
            click.echo(f"{model.name}: {model.path} (from the {model.came_from})")
        for failure in failed:
            click.echo(f"error: {failure.error}", err=True)
    sys.exit(Exit.FAULT if failed else Exit.DONE)


@group.command
@_names
@_optional
@mirror_option
@manifest_option
@json_option
def verify(names: tuple[str, ...], optional: bool, mirror: Path | None, manifest: Path | None, as_json: bool) -> None:
    """Check the content of the files: those of every unit, or those named. Changes nothing.

    Ends with 1 when a file is missing or is not the promised one.

    \b
    Examples:
      lifecert models verify
      lifecert models verify embedder --mirror /media/usb --json
    """
    with faults(as_json=as_json):
        store = store_from_environment(os.environ, mirror, manifest)
        states = [store.check(card.name) for card in _chosen(store, names, optional=optional)]
    good = all(state.ok for state in states)
    if as_json:
        print_json({"ok": good, "models": [{"name": state.name, **_state_fields(state)} for state in states]})
    else:
        for state in states:
            click.echo(f"{'ok ' if state.ok else 'BAD'} {state.name}: {state.sentence}")
    sys.exit(Exit.DONE if good else Exit.REFUSED)


def _chosen(store: ModelStore, names: Sequence[str], *, optional: bool) -> list[ModelCard]:
    """Those named; without a name those of every unit, or all when options are wanted too."""
    standard = store.manifest.names if optional else store.manifest.default_names
    return [store.card(name) for name in names or standard]


def _bring(store: ModelStore, name: str) -> PulledModel | FailedPull:
    try:
        (pulled,) = store.pull([name], _Meter(name))
    except ModelError as error:
        return FailedPull(name, error)
    return pulled


class _Meter:
    """Tells standard error how far a file is, once per tenth."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._tenths_told = -1

    def __call__(self, done_bytes: int, total_bytes: int) -> None:
        tenths = done_bytes * 10 // total_bytes
        if tenths > self._tenths_told:
            self._tenths_told = tenths
            click.echo(f"{self._name}: {done_bytes} of {total_bytes} bytes", err=True)


def _pull_document(pulled: Sequence[PulledModel], failed: Sequence[FailedPull]) -> Mapping[str, object]:
    document: dict[str, object] = {
        "pulled": [
            {"name": each.name, "came_from": each.came_from, "path": str(each.path), "size_bytes": each.size_bytes}
            for each in pulled
        ],
        "failed": [{"name": each.name, **_error_fields(each.error)} for each in failed],
    }
    return {"error": _error_fields(failed[0].error), **document} if failed else document


def _card_fields(card: ModelCard) -> dict[str, object]:
    return {
        "name": card.name,
        "purpose": card.purpose,
        "file": card.file,
        "sha256": card.sha256,
        "size_bytes": card.size_bytes,
        "licence": card.licence,
        "runtime": card.runtime,
        "origin": type(card.origin).__name__.lower(),
        "needed_by": card.needed_by,
        "threshold": None if card.threshold is None else card.threshold_x10000,
        "optional": card.optional,
    }


def _matcher_fields(store: ModelStore, matcher: MatcherCard) -> dict[str, object]:
    shipped = matcher.shipped
    return {
        "name": matcher.name,
        "networks": list(matcher.networks),
        "weights": [part.weight for part in matcher.parts],
        "preparation": matcher.preparation,
        "digest": matcher_digest(matcher, store.manifest.cards).hex(),
        "threshold": None if shipped is None else shipped.threshold_x10000,
        "review_from": None if shipped is None else shipped.review_from_x10000,
        "population": None if shipped is None else shipped.calibration.population,
        "claimed_fmr": None if shipped is None else shipped.calibration.claimed_fmr,
    }


def _matcher_words(matcher: MatcherCard) -> str:
    made_of = " + ".join(f"{part.weight} {part.network}" for part in matcher.parts)
    if matcher.shipped is None:
        return f"{made_of}; no proven threshold"
    proof = matcher.shipped.calibration
    claim = f"FMR {proof.claimed_fmr:g} among {proof.population}"
    return f"{made_of}; threshold {matcher.threshold_x10000 / 10_000:.4f}: {claim}"


def _state_fields(state: ModelState) -> dict[str, object]:
    path = None if state.path is None else str(state.path)
    return {"where": state.where, "ok": state.ok, "path": path, "sentence": state.sentence}


def _error_fields(error: ModelError) -> dict[str, object]:
    return {"code": type(error).__name__.removesuffix("Error"), "message": str(error)}
