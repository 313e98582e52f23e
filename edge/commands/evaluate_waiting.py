"""`lifecert evaluate waiting`: how long a visitor waits for the decision, once the face is in place."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.commands.bench import data_folder
from edge.commands.console import Json, faults, json_option, mirror_option, print_json
from edge.engine import open_engine
from firmware.clock import SystemClock
from models.store import store_from_environment

# What draws and counts needs libraries that a unit in the field lacks, so it loads only when something is measured.
if TYPE_CHECKING:
    from edge.evaluate.waiting.report import Quantile, Summary
    from edge.evaluate.waiting.visits import Wait

SIMULATED = (
    "SIMULATED: real people from footage, played in real time to a unit without hardware; the words on the screen start a "
    "movement after an assumed delay of 1 to 4 s. No lamps: a full visit also asks by light."
)


@click.command
@click.option("--of-each", type=click.IntRange(1, 500), default=22, show_default=True, help="Visits of each kind.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the dice for the delays.")
@click.option("--footage", type=click.Path(path_type=Path), metavar="DIR", help="Folder with clips/ and pad/; else the mirror's.")
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE.png", help="Where the picture of all waits goes.")
@mirror_option
@json_option
def waiting(of_each: int, seed: int, footage: Path | None, plot: Path | None, mirror: Path | None, as_json: bool) -> None:
    """Measure how long a visitor waits, from the face in place to the decision, in real time. It is a simulation.

    People of the footage come one after the other: some only look, some are asked for one action, some for two. The camera waits
    for nobody and the unit takes the newest frame, so a slow machine tells. A visit takes as long as it takes: 22 of each kind
    are some eight minutes.

    \b
    Examples:
      lifecert evaluate waiting
      lifecert evaluate waiting --of-each 60 --json --plot waiting.png
    """
    with faults(as_json=as_json):
        from edge.evaluate.plots import check_writable, write_plot
        from edge.evaluate.plots_waiting import draw_waits
        from edge.evaluate.waiting.report import summarise

        if plot:
            check_writable(plot)
        waits = _play(footage or data_folder(mirror), mirror, of_each, seed)
        if plot:
            write_plot(plot, draw_waits(waits, summarise(waits)))
    if as_json:
        print_json(_document(waits))
    else:
        for line in _lines(waits):
            click.echo(line)


def _play(footage: Path, mirror: Path | None, of_each: int, seed: int) -> Sequence[Wait]:
    from edge.evaluate.waiting.cast import Asked, plans
    from edge.evaluate.waiting.visits import Player
    from edge.stages.match import Embedding

    engine = open_engine(store_from_environment(os.environ, mirror))
    waits: list[Wait] = []
    references: dict[str, Embedding] = {}
    with tempfile.TemporaryDirectory() as scratch:
        player = Player(engine, footage, Path(scratch), SystemClock(), time.thread_time_ns, time.sleep)
        for plan in (plan for asked in Asked for plan in plans(asked, of_each, seed)):
            clip = plan.sitter.clip
            if clip not in references:
                references[clip] = player.reference(clip)
            waits.append(player.play(plan, references[clip]))
            _tell(waits, of_each * len(Asked))
    return waits


def _tell(waits: Sequence[Wait], of: int) -> None:
    last = waits[-1]
    took = "no face" if last.total_s is None else f"{last.total_s:.1f} s"
    said = " ".join((last.verdict.value, *last.reasons))
    asked = " ".join(action.value for action in last.plan.actions) or "nothing asked"
    click.echo(f"{len(waits)} of {of} visits: {Path(last.plan.sitter.clip).stem}, {asked}: {took}, {said}", err=True)


def _document(waits: Sequence[Wait]) -> Json:
    from edge.evaluate.waiting.report import by_action, mixed_p95, summarise

    mixed = mixed_p95(waits)
    return {
        "simulated": True,
        "kinds": {one.asked.value: {**asdict(one), "goal_s": one.goal_s, "met": one.met} for one in summarise(waits)},
        "face_and_head_reckoned_p95": mixed and asdict(mixed),
        "action_s": {action.value: seconds for action, seconds in by_action(waits).items() if seconds},
        "visits": [
            {
                "clip": wait.plan.sitter.clip,
                "asked": wait.plan.asked.value,
                "actions": [action.value for action in wait.plan.actions],
                "delays_s": [round(delay_s, 3) for delay_s in wait.plan.delays_s],
                "theirs_s": wait.plan.theirs_s,
                "total_s": wait.total_s,
                "still_s": wait.still_s,
                "asking_s": wait.asking_s,
                "judging_s": wait.judging_s,
                "verdict": wait.verdict.value,
                "reasons": wait.reasons,
            }
            for wait in waits
        ],
    }


def _lines(waits: Sequence[Wait]) -> Iterator[str]:
    from edge.evaluate.waiting.report import mixed_p95, summarise

    yield SIMULATED
    for one in summarise(waits):
        yield f"{one.asked.value:12} {_counts(one)}; median {_seconds(one.median)}, 95 % within {_seconds(one.p95)}{_goal(one)}"
        parts = f"still {one.still_s:.2f} s, asked {one.asking_s:.2f} s, judged {one.judging_s:.2f} s"
        yield f"{'':12} of which the unit adds, beside what the visitors take to react and act: 95 % within {_seconds(one.own_s)}"
        yield f"{'':12} medians of the parts: {parts}; {one.seen_share:.0%} of the frames were looked at"
    if mixed := mixed_p95(waits):
        yield f"one action of the face and one of the head, reckoned from the parts: 95 % within {_seconds(mixed)}"


def _counts(one: Summary) -> str:
    return f"{one.visits} visits, {one.accepted} accepted, {one.never} without a usable face"


def _seconds(found: Quantile) -> str:
    return f"{found.value:.2f} s ({found.low:.2f} to {found.high:.2f})"


def _goal(one: Summary) -> str:
    return "" if one.goal_s is None else f"; goal {one.goal_s:g} s: {'met' if one.met else 'MISSED'}"
