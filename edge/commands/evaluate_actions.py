"""`lifecert evaluate actions`: how many marked movements are found in clips, and what is found that nobody did."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.commands.console import Json, faults, file_word, json_option, mirror_option, print_json, tell_progress
from edge.commands.rate_words import spelled
from edge.engine import open_engine
from firmware.twin.camera import Clip
from models.store import store_from_environment

# What draws and counts needs libraries that a unit in the field lacks, so it loads only when something is measured.
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edge.evaluate.actions import ActionReport, FalseEvent, Hit, Mark
    from edge.evaluate.happened import ClipDiary


@click.command
@click.argument("events", type=click.Path(path_type=Path), metavar="EVENTS.csv")
@click.option("--root", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder of the clips.")
@click.option("--plots", type=click.Path(path_type=Path), metavar="DIR", help="Folder for a timeline of each clip.")
@mirror_option
@json_option
def actions(events: Path, root: Path, plots: Path | None, mirror: Path | None, as_json: bool) -> None:
    """Measure how well movements are found: columns file, event, start_s and end_s, files relative to DIR.

    Events are blink, mouth_open, face_to_left_edge, face_to_right_edge (edges of the picture), head_down and head_up; one is
    found when a movement of its kind is seen at the same time, give or take 0.25 s. While a clip is marked as talks,
    smile_teeth or frontal, everything else that is seen is false. A clip without events is marked none, without times.

    \b
    Examples:
      lifecert evaluate actions clips/events.csv --root clips
      lifecert evaluate actions clips/events.csv --root clips --json --plots timelines
    """
    with faults(as_json=as_json):
        from edge.evaluate.actions import read_marks, weigh_marks
        from edge.evaluate.happened import watch_clip

        marks = read_marks(events, root)
        clips = {mark.file: Clip(mark.path) for mark in marks}
        if plots:
            _check(plots)
        engine = open_engine(store_from_environment(os.environ, mirror))
        diaries: dict[str, ClipDiary] = {}
        for file, clip in clips.items():
            diaries[file] = watch_clip(clip, engine, lambda _: None)
            tell_progress(len(diaries), len(clips))
        report = weigh_marks(marks, diaries)
        if plots:
            _draw(plots, marks, diaries)
    if as_json:
        print_json(_document(report))
    else:
        _print(report)


def _check(folder: Path) -> None:
    from edge.evaluate.plots import check_writable

    folder.mkdir(exist_ok=True)
    check_writable(folder / "timeline.png")


def _draw(folder: Path, marks: Sequence[Mark], diaries: Mapping[str, ClipDiary]) -> None:
    from edge.evaluate.plots import write_plot
    from edge.evaluate.plots_actions import draw_timeline

    for file, diary in diaries.items():
        of_file = [mark for mark in marks if mark.file == file]
        write_plot(folder / f"{file_word(file)}.png", draw_timeline(file, diary, of_file))


def _document(report: ActionReport) -> Json:
    return {
        "kinds": {event: asdict(found) for event, found in report.kinds},
        "false_per_minute": report.false_per_minute,
        "contexts": {
            one.context: {"seconds": round(one.seconds, 3), "false": one.found, "false_per_minute": one.per_minute}
            for one in report.contexts
        },
        "missed": [_missed(hit) for hit in report.hits if hit.found is None],
        "false": [_false(one) for one in report.false_events],
    }


def _missed(hit: Hit) -> Json:
    mark = hit.mark
    return {"file": mark.file, "event": mark.event, "start_s": mark.start_s, "end_s": mark.end_s}


def _false(one: FalseEvent) -> Json:
    seen = one.happening
    start_s, end_s = round(seen.start_ns / 1e9, 3), round(seen.end_ns / 1e9, 3)
    return {"file": one.file, "kind": seen.kind.value, "start_s": start_s, "end_s": end_s, "context": one.context}


def _print(report: ActionReport) -> None:
    for event, found in report.kinds:
        click.echo(f"{event:20} found {spelled(found)}")
    for one in report.contexts:
        click.echo(f"false while {one.context:12} {one.found} in {one.seconds:.1f} s")
    if report.false_per_minute is not None:
        click.echo(f"false per minute     {report.false_per_minute:.1f}")
    for hit in report.hits:
        if hit.found is None:
            click.echo(f"missed: {hit.mark.event} at {hit.mark.start_s:.2f} s of {hit.mark.file}")
    for wrong in report.false_events:
        seen = wrong.happening
        click.echo(f"false: {seen.kind.value} at {seen.start_ns / 1e9:.2f} s of {wrong.file}, while {wrong.context}")
