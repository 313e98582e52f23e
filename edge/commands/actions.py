"""`lifecert actions`: what the face of a clip does, and when."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import click

from edge.commands.console import Json, faults, json_option, mirror_option, print_json
from edge.engine import open_engine
from edge.evaluate.happened import ClipDiary, Noted, watch_clip
from edge.flow import ActionKind
from firmware.twin.camera import Clip
from models.store import store_from_environment

_DONE: Mapping[ActionKind, str] = {
    ActionKind.BLINK: "blinks, {share:.0%} closed",
    ActionKind.OPEN_MOUTH: "opens the mouth, {extent:.2f} of its width",
    ActionKind.NOD: "bows the head, {extent:.0f} degrees",
    ActionKind.LOOK_UP: "looks up, {extent:.0f} degrees",
    ActionKind.TURN_LEFT: "turns to their left, {extent:.0f} degrees",
    ActionKind.TURN_RIGHT: "turns to their right, {extent:.0f} degrees",
}


@click.command
@click.argument("clip", type=click.Path(path_type=Path), metavar="CLIP")
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE.png", help="Where a timeline goes.")
@mirror_option
@json_option
def actions(clip: Path, plot: Path | None, mirror: Path | None, as_json: bool) -> None:
    """List what the face of a clip does: blinks, an open mouth, nods, turns, and when.

    Nothing is asked for. Left and right are the person's. An event outside of the guide (too far, cut off, not alone, in the
    dark) would not count in a visit, nor would one that began before the clip, was never ended, or is a posture.

    \b
    Examples:
      lifecert actions visitor.mp4
      lifecert actions visitor.mp4 --json --plot timeline.png
    """
    with faults(as_json=as_json):
        if plot:
            from edge.evaluate.plots import check_writable

            check_writable(plot)
        diary = watch_clip(Clip(clip), open_engine(store_from_environment(os.environ, mirror)), _Told())
        if plot:
            from edge.evaluate.plots import write_plot
            from edge.evaluate.plots_actions import draw_timeline

            write_plot(plot, draw_timeline(clip.name, diary, ()))
    if as_json:
        print_json(_document(clip, diary))
    else:
        _print(clip, diary)


class _Told:
    """Says on stderr every ten seconds of the clip how far it is."""

    EVERY_S = 10.0

    def __init__(self) -> None:
        self._next_s = self.EVERY_S

    def __call__(self, at_s: float) -> None:
        if at_s >= self._next_s:
            click.echo(f"{at_s:.0f} s of the clip", err=True)
            self._next_s += self.EVERY_S


def _document(clip: Path, diary: ClipDiary) -> Json:
    return {
        "clip": clip.name,
        "seconds": round(diary.seconds, 3),
        "frames": diary.frames,
        "frames_watched": len(diary.sights),
        "events": [_event(noted) for noted in diary.noted],
    }


def _event(noted: Noted) -> Json:
    one = noted.happening
    return {
        "kind": one.kind.value,
        "start_s": round(one.start_ns / 1e9, 3),
        "end_s": round(one.end_ns / 1e9, 3),
        "extent": round(one.extent, 3),
        "whole": one.whole,
        "in_guide": noted.in_guide,
    }


def _print(clip: Path, diary: ClipDiary) -> None:
    click.echo(f"{clip.name}: {diary.seconds:.1f} s, a face in {len(diary.sights)} of {diary.frames} frames")
    for noted in diary.noted:
        one = noted.happening
        done = _DONE[one.kind].format(extent=one.extent, share=min(1.0, one.extent))
        aside = "".join((" (not whole)" if not one.whole else "", " (outside of the guide)" if not noted.in_guide else ""))
        click.echo(f"{one.start_ns / 1e9:7.2f} to {one.end_ns / 1e9:6.2f} s  {done}{aside}")
    if not diary.noted:
        click.echo("nothing happened" if diary.sights else "no face was seen")
