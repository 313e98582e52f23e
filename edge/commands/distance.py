"""`lifecert distance`: what a unit needs to know how far away a face is."""

from __future__ import annotations

import os
from pathlib import Path

import click

from edge.commands.console import Json, faults, json_option, mirror_option, print_json
from edge.engine import open_engine
from edge.focal import FocalFound, measure_focal
from edge.stages.distance import EYES_CM
from firmware.board import BoardKind, open_board
from firmware.clock import SystemClock
from firmware.twin.parts import Recorder
from models.store import store_from_environment


@click.group(name="distance")
def group() -> None:
    """Teach a unit how far away faces are.

    \b
    Example:
      lifecert distance calibrate --camera usb:0 --at 40
    """


@group.command
@click.option("--camera", required=True, metavar="SPEC", help="clip:FILE, folder:DIR, usb:N, pi or jetson")
@click.option("--at", "away_cm", required=True, type=click.FloatRange(15, 150), metavar="CM", help="From the lens to the eyes.")
@click.option(
    "--eyes", "eyes_cm", type=click.FloatRange(4, 9), default=EYES_CM, show_default=True, metavar="CM",
    help="Between the pupils; measure it, and the result is better.",
)  # fmt: skip
@mirror_option
@json_option
def calibrate(camera: str, away_cm: float, eyes_cm: float, mirror: Path | None, as_json: bool) -> None:
    """Measure the focal length of the camera, once: one person sits still at a distance that was measured with a tape.

    What it prints goes into the settings, section [grade]; from then on faces belong between 20 and 50 cm from the lens. Lenses
    of one kind need it once. A zoom, another resolution that cuts the picture, or another lens needs it anew.

    \b
    Examples:
      lifecert distance calibrate --camera usb:0 --at 40
      lifecert distance calibrate --camera clip:forty.mp4 --at 40 --eyes 6.1 --json
    """
    with faults(as_json=as_json):
        engine = open_engine(store_from_environment(os.environ, mirror))
        with open_board(BoardKind.TWIN, camera, Recorder(SystemClock())) as board:
            found = measure_focal(board.camera.frames(), engine.detector, engine.aligner, away_cm, eyes_cm)
    if as_json:
        print_json(_document(found))
    else:
        _print(found)


def _document(found: FocalFound) -> Json:
    return {
        "focal_widths": round(found.focal_widths, 4),
        "across_deg": round(found.across_deg, 1),
        "spread": round(found.spread, 4),
        "frames": found.frames,
    }


def _print(found: FocalFound) -> None:
    click.echo(f"{found.frames} frames, spread {found.spread:.1%}; the picture sees {found.across_deg:.0f} degrees across")
    click.echo("Put into the settings of this kind of unit:")
    click.echo(f"[grade]\nfocal_widths = {found.focal_widths:.4f}")
