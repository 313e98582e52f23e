"""`lifecert models answer`: does every network answer here, and as it does on another machine?"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from edge.commands.console import Exit, Json, faults, json_option, manifest_option, mirror_option, print_json
from models.contract import Tensor
from models.errors import ModelError
from models.one_inference import TOLERANCE, Answers, answer, farthest, mark_of, read_answers, save_answers
from models.store import ModelStore, store_from_environment


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """What became of asking one network."""

    name: str
    problem: str
    """Why it is not well; empty when it is."""
    took_s: float
    """Finding, checking, opening and asking, by the clock of the wall."""
    apart: float | None
    """Largest difference as a share of the largest value; None where nothing is compared."""
    mark: str
    outputs: tuple[Tensor, ...]

    @property
    def ok(self) -> bool:
        """Whether it answered, and as the other machine did."""
        return not self.problem


@click.command(name="answer")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--save", type=click.Path(path_type=Path), metavar="FILE", help="Write the answers here (.npz).")
@click.option("--against", type=click.Path(path_type=Path), metavar="FILE", help="Answers of another machine to compare with.")
@mirror_option
@manifest_option
@json_option
def answer_once(
    names: tuple[str, ...], save: Path | None, against: Path | None, mirror: Path | None, manifest: Path | None, as_json: bool
) -> None:
    """Ask each network once, on a made-up input that is the same on every machine: those of every unit, or those named.

    With --against it says how far the answers are from those of another machine; more than a thousandth of the largest value of
    an output is too far. The seconds are not a measurement of speed. Ends with 1 when a network does not answer, or answers
    differently.

    \b
    Examples:
      lifecert models answer --save here.npz
      lifecert models answer --against there.npz --json
    """
    with faults(as_json=as_json):
        store = store_from_environment(os.environ, mirror, manifest)
        known = read_answers(against) if against else None
        chosen = names or tuple(name for name in store.manifest.default_names if store.card(name).input is not None)
        rows = [_told(_asked(store, name, known), as_json=as_json) for name in chosen]
        if save:
            save_answers(save, {row.mark: row.outputs for row in rows if row.outputs})
    if as_json:
        print_json(_document(rows))
    sys.exit(Exit.DONE if all(row.ok for row in rows) else Exit.REFUSED)


def _asked(store: ModelStore, name: str, known: Answers | None) -> _Row:
    # Said before the library runs: should it take the program down, this line is the last one.
    click.echo(f"{name} ...", err=True)
    started_s, card = time.perf_counter(), store.card(name)
    try:
        mark, outputs = mark_of(card), answer(card, store.path(name))
    except ModelError as error:
        return _Row(name, str(error), time.perf_counter() - started_s, None, "", ())
    took_s = time.perf_counter() - started_s
    if known is None:
        return _Row(name, "", took_s, None, mark, outputs)
    if mark not in known:
        return _Row(name, "the other machine gave no answer of this file to this question", took_s, None, mark, outputs)
    apart = farthest(outputs, known[mark])
    # A comparison with a number that is not finite never holds, so it is no agreement.
    problem = (
        "" if apart <= TOLERANCE else f"it answers differently than on the other machine, by {apart:.1e} of the largest value"
    )
    return _Row(name, problem, took_s, apart, mark, outputs)


def _told(row: _Row, *, as_json: bool) -> _Row:
    """Say at once what became of it, for a later network may take the program down."""
    apart = "" if row.apart is None else f"  largest difference {row.apart:.1e}"
    if not row.ok:
        click.echo(f"error: {row.name}: {row.problem}", err=True)
    elif not as_json:
        click.echo(f"{row.name:16} ok {row.took_s:6.2f} s{apart}")
    return row


def _document(rows: Sequence[_Row]) -> Json:
    return {"ok": all(row.ok for row in rows), "tolerance": TOLERANCE, "models": [_fields(row) for row in rows]}


def _fields(row: _Row) -> Json:
    # JSON has no word for a number that is not finite; the sentence says it.
    apart = row.apart if row.apart is not None and math.isfinite(row.apart) else None
    return {
        "name": row.name,
        "ok": row.ok,
        "problem": row.problem,
        "seconds": round(row.took_s, 3),
        "largest_difference": apart,
    }
