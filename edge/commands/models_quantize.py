"""`lifecert models quantize`: INT8 networks, made with the user's pictures, kept when they decide as the float ones do."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.commands.console import Exit, Json, faults, json_option, manifest_option, mirror_option, print_json
from models.digests import content_of
from models.errors import GraphNotRewrittenError, NetworkNotQuantizedError
from models.store import ModelStore, store_from_environment
from models.variant import Variant

# What quantizes and counts needs libraries that are slow to load or that a unit in the field lacks.
if TYPE_CHECKING:
    from edge.engine import Sight
    from edge.evaluate.quantization.gate import Judged
    from edge.evaluate.quantization.material import Material

_CALIBRATION = "Folder of pictures and clips, or a list of pairs, to quantize with. May be given several times."
_HELD_BACK = "Folder, or list of pairs (columns a, b, same), to judge with. May be given several times."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one network."""

    name: str
    variant: Variant | None
    """None when it could not be made at all."""
    judged: Judged | None
    reasons: tuple[str, ...]
    """Why it was not kept; empty when it was."""


@click.command
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--calibration", type=click.Path(path_type=Path), multiple=True, required=True, metavar="PLACE", help=_CALIBRATION)
@click.option("--held-back", type=click.Path(path_type=Path), multiple=True, required=True, metavar="PLACE", help=_HELD_BACK)
@mirror_option
@manifest_option
@json_option
def quantize(
    names: tuple[str, ...],
    calibration: tuple[Path, ...],
    held_back: tuple[Path, ...],
    mirror: Path | None,
    manifest: Path | None,
    as_json: bool,
) -> None:
    """Make INT8 files of a detector, of texture networks or of embedders, and judge each on pictures that were held back.

    The pictures go through the very stages that serve visitors, with the float network and with the INT8 one. It passes when at
    most 0.5 % of the decisions at the shipped threshold change; for an embedder the mean cosine of both must reach 0.985, the
    least 0.93, and misses may rise by 0.3 points. A file that passes is kept in the cache with the record of how it was made; one
    that does not is not kept, and what was kept before stays. Ends with 1 when one is refused.

    \b
    Examples:
      lifecert models quantize embedder --calibration photos/a --held-back photos/b/pairs.csv
      lifecert models quantize yunet_n minifasnet_v2 --calibration photos --calibration clips --held-back others --json
    """
    with faults(as_json=as_json):
        from edge.engine import open_sight
        from edge.evaluate.quantization.material import find_material, insist_on_apart

        materials = [find_material(place) for place in calibration]
        others = [find_material(place) for place in held_back]
        insist_on_apart(materials, others)
        store = store_from_environment(os.environ, mirror, manifest)
        sight = open_sight(store)
        outcomes = [_outcome(store, sight, name, materials, others) for name in names]
    if as_json:
        print_json({"models": [_document(each) for each in outcomes]})
    else:
        for each in outcomes:
            _tell(each)
    sys.exit(Exit.REFUSED if any(each.reasons for each in outcomes) else Exit.DONE)


def _outcome(store: ModelStore, sight: Sight, name: str, materials: Sequence[Material], others: Sequence[Material]) -> Outcome:
    from edge.evaluate.quantization.inputs import inputs_of
    from edge.evaluate.quantization.judge import judge, judged_within
    from edge.evaluate.quantization.material import all_pictures
    from models.int8.recipe import recipe_for
    from models.quantize import open_made, quantized, quantized_variant, some
    from models.runtime import open_network

    card = store.card(name)
    click.echo(f"{name}: looking at the pictures", err=True)
    try:
        fed = some(inputs_of(card, open_network(card, store.path(name)), sight, all_pictures(materials)))
        within = judged_within(store, card)
        recipe = recipe_for(card)
        made = quantized(card, content_of(store.path(name)), fed, recipe, _Meter(name))
    except (GraphNotRewrittenError, NetworkNotQuantizedError) as error:
        return Outcome(name, None, None, (str(error),))
    click.echo(f"{name}: judging it on the pictures that were held back", err=True)
    judged = judge(store, card, open_made(card, made.content), sight, others)
    variant = quantized_variant(card, made, fed, recipe, judged.document, passed=judged.passed, judged_within=within)
    if judged.passed:
        store.keep(variant, made.content)
    return Outcome(name, variant, judged, judged.reasons)


class _Meter:
    """Tells standard error how far the search for sensitive layers is."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, done: int, of: int) -> None:
        if done % 10 == 0 or done == of:
            click.echo(f"{self._name}: {done} of {of} layers tried", err=True)


def _document(outcome: Outcome) -> Json:
    document: dict[str, object] = {"name": outcome.name, "kept": not outcome.reasons, "reasons": list(outcome.reasons)}
    if outcome.variant is not None:
        document |= {"file": outcome.variant.file, "sha256": outcome.variant.sha256, "size_bytes": outcome.variant.size_bytes}
        document |= outcome.variant.provenance
    return document


def _tell(outcome: Outcome) -> None:
    variant, judged = outcome.variant, outcome.judged
    if variant is None or judged is None:
        click.echo(f"{outcome.name} is refused: {'; '.join(outcome.reasons)}")
        return
    share = variant.provenance["share_of_multiplications"]
    click.echo(f"{outcome.name} is {'refused' if outcome.reasons else 'kept'}: {variant.file}, {variant.size_bytes} bytes")
    for reason in outcome.reasons:
        click.echo(f"  {reason}")
    click.echo(f"  in integers       {share} of the multiplications")
    flips = judged.flips
    click.echo(f"  decisions changed {flips.errors} of {flips.of} (95 %: {flips.low:.3%} to {flips.high:.3%})")
    for what, value in judged.figures.items():
        click.echo(f"  {what:17} {value:g}")
