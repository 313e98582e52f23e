"""`lifecert models benchmark`: which file of each network runs on this board, and through which library."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import click

from edge.cold_start import ColdStart, ColdStartRequest, measure_cold_starts
from edge.commands.console import (
    Exit,
    Json,
    config_option,
    faults,
    json_option,
    manifest_option,
    mirror_option,
    print_json,
)
from edge.config import load_settings
from edge.durable_file import PRIVATE, write_durably
from edge.state_dir import StateDir
from models.benchmark import Measured, ModelBench, measure
from models.board import Board, this_board
from models.candidates import field_of
from models.card import Runtime
from models.choice import Choices
from models.choice_file import choices_bytes, numbers_fields, ratio_fields, read_choices
from models.digests import Sha256
from models.errors import ModelError
from models.matcher import digest_as_shipped
from models.runtime import runtime_version
from models.saved_session import save_session
from models.store import ModelStore, store_from_environment

STARTS = 3
_OUT = "The file of choices. Without it and without --state nothing is kept."
_INT8 = "Let a quantized embedder be chosen; policies of the centre must then name its digest."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was measured."""

    benches: Mapping[str, ModelBench]
    failed: Mapping[str, ModelError]
    """Models whose shipped file could not be measured; what was chosen for them before stays."""
    cold: Mapping[str, ColdStart]
    """Of the engine with the files that ship and with those that were chosen; empty when only some models were named."""


@click.command
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help=_OUT)
@click.option("--state", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="State directory of the unit.")
@click.option("--rounds", type=click.IntRange(5, 10_000), default=30, show_default=True, help="Turns of all candidates.")
@click.option("--embedders-int8", is_flag=True, help=_INT8)
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE.png", help="Draw the times.")
@mirror_option
@manifest_option
@config_option
@json_option
def benchmark(
    names: tuple[str, ...], out: Path | None, state: Path | None, rounds: int, embedders_int8: bool, plot: Path | None,
    mirror: Path | None, manifest: Path | None, config: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Measure what can run for each network on this board, and keep the fastest that answers the same.

    Measured are the shipped file, an exact rewrite (made when it is not there yet) and a quantized file that passed its gate,
    each through the libraries that can open it, in turns and in CPU time. Each is opened in a process of its own first. The
    shipped file is kept unless another one is faster beyond doubt. Without names all networks of a unit are measured, and its
    cold start.

    Ends with 1 when a shipped file could not be measured; what was chosen for it before stays.

    \b
    Examples:
      lifecert models benchmark --state /var/lib/lifecert
      lifecert models benchmark yunet_n embedder --rounds 100 --json
    """
    target = out or (StateDir(state).models if state else None)
    with faults(as_json=as_json):
        if plot:
            from edge.evaluate.plots import check_writable

            check_writable(plot)
        store = store_from_environment(os.environ, mirror, manifest)
        matcher = load_settings(config).unit.matcher
        embedders_of = digest_as_shipped(store.matcher(matcher), store.manifest.cards) if embedders_int8 else None
        benches, failed = _measure(store, names or _all(store), rounds, embedders_of)
        choices = _choices(benches, target)
        if target and benches:
            write_durably(target, choices_bytes(choices), PRIVATE)
        request = ColdStartRequest(matcher, _text(mirror), _text(manifest))
        outcome = Outcome(benches, failed, {} if names or failed else _cold_starts(request, choices))
        if plot:
            _draw(plot, benches)
    if as_json:
        print_json(_document(outcome, choices, target))
    else:
        _tell(outcome, target)
    sys.exit(Exit.REFUSED if failed else Exit.DONE)


def _all(store: ModelStore) -> tuple[str, ...]:
    return tuple(name for name in store.manifest.default_names if store.card(name).runtime is not Runtime.DATA)


def _measure(
    store: ModelStore, names: Sequence[str], rounds: int, embedders_of: Sha256 | None
) -> tuple[Mapping[str, ModelBench], Mapping[str, ModelError]]:
    benches: dict[str, ModelBench] = {}
    failed: dict[str, ModelError] = {}
    for name in dict.fromkeys(store.card(name).name for name in names):
        click.echo(f"{name}: measuring", err=True)
        try:
            bench = measure(field_of(store, name, embedders_of), rounds, time.process_time_ns)
            benches[name] = replace(bench, saved=save_session(store, bench.chosen))
        except ModelError as error:
            failed[name] = error
            click.echo(f"error: {error}", err=True)
    return benches, failed


def _choices(benches: Mapping[str, ModelBench], target: Path | None) -> Choices:
    """What was found, added to what was found before with the same board and the same libraries."""
    measured = {each.candidate.card.runtime for bench in benches.values() for each in bench.measured}
    versions = {runtime.value: runtime_version(runtime) for runtime in sorted(measured)}
    found = Choices(this_board(), versions, {name: bench.choice for name, bench in benches.items()})
    before = _before(target, found.board)
    if before is None or any(before.versions.get(word, version) != version for word, version in versions.items()):
        return found
    return Choices(found.board, {**before.versions, **versions}, {**before.by_model, **found.by_model})


def _before(target: Path | None, board: Board) -> Choices | None:
    if target is None or not target.exists():
        return None
    try:
        before = read_choices(target)
        before.insist_on_board(board)
    except ModelError as error:
        click.echo(f"what was chosen before is replaced: {error}", err=True)
        return None
    return before


def _cold_starts(request: ColdStartRequest, choices: Choices) -> Mapping[str, ColdStart]:
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        file.write(choices_bytes(choices))
        file.flush()
        chosen = ColdStartRequest(request.matcher, request.mirror, request.manifest, file.name)
        click.echo("engine: measuring its cold start", err=True)
        shipped_start, chosen_start = measure_cold_starts([request, chosen], STARTS, time.perf_counter_ns, os.environ)
    return {"shipped": shipped_start, "chosen": chosen_start}


def _text(path: Path | None) -> str | None:
    return str(path.absolute()) if path else None


def _draw(plot: Path, benches: Mapping[str, ModelBench]) -> None:
    from edge.evaluate.plots import write_plot
    from edge.evaluate.plots_models import draw_models

    write_plot(plot, draw_models(benches))


def _document(outcome: Outcome, choices: Choices, target: Path | None) -> Json:
    return {
        "board": asdict(choices.board),
        "versions": dict(choices.versions),
        "models": [_bench_fields(name, bench) for name, bench in outcome.benches.items()],
        "failed": [{"name": name, "message": str(error)} for name, error in outcome.failed.items()],
        "cold_start": {which: asdict(start) for which, start in outcome.cold.items()},
        "written": str(target) if target and outcome.benches else None,
    }


def _bench_fields(name: str, bench: ModelBench) -> Json:
    picked = bench.chosen.candidate
    return {
        "name": name,
        "chosen": {"form": picked.form.value, "runtime": picked.card.runtime.value, "sha256": picked.card.sha256},
        "saved": asdict(bench.saved) if bench.saved else None,
        "measured": [_measured_fields(each) for each in bench.measured],
        "refused": [{"what": refusal.label, "reason": refusal.reason} for refusal in bench.refused],
    }


def _measured_fields(each: Measured) -> Json:
    candidate = each.candidate
    about = {"form": candidate.form.value, "runtime": candidate.card.runtime.value}
    return {**about, **numbers_fields(each.numbers), "ratio": ratio_fields(each.ratio)}


def _tell(outcome: Outcome, target: Path | None) -> None:
    click.echo("CPU-ms: median, p99, cold start; memory; work of one run; time over that of the shipped file")
    for name, bench in outcome.benches.items():
        for each in bench.measured:
            click.echo(f"{'*' if each is bench.chosen else ' '} {name:16} {_line(each)}")
        for refusal in bench.refused:
            click.echo(f"  {name:16} {refusal.label:24} refused: {refusal.reason}")
    for which, start in outcome.cold.items():
        parts = f"{start.import_cpu_ms:.0f} modules, {start.open_cpu_ms:.0f} opening, {start.answer_cpu_ms:.0f} answers"
        memory = f"{start.rss_bytes / 1e6:.0f} MB"
        click.echo(f"cold start, {which} files: {start.wall_ms:.0f} ms, {start.cpu_ms:.0f} CPU-ms ({parts}), {memory}")
    click.echo(f"kept: {target}" if target and outcome.benches else "nothing was kept; --state or --out say where")


def _line(each: Measured) -> str:
    numbers, ratio = each.numbers, each.ratio
    work = f"{numbers.cost.mmac:6.1f} MMAC {numbers.cost.moved_bytes / 1e6:6.1f} MB" if numbers.cost else "    not counted     "
    times = f"{numbers.median_cpu_ms:7.2f} {numbers.p99_cpu_ms:7.2f} {numbers.cold_cpu_ms:6.1f}"
    memory = f"{numbers.added_bytes / 1e6:5.1f} MB"
    return f"{each.candidate.label:24} {times} {memory} {work}  {ratio.median:.3f} [{ratio.low:.3f}, {ratio.high:.3f}]"
