"""`firmware-selftest`: try each part of the unit, one line per part. It needs no networks, no identity and no visitor."""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import replace
from pathlib import Path

import click

from edge.commands.console import Exit, config_option, faults, json_option, print_json
from edge.config import Settings, load_settings
from edge.front import fittings_of
from edge.log import log_to_stderr
from firmware.board import fit_board, open_blind_board, open_board
from firmware.clock import SystemClock
from firmware.errors import FirmwareError
from firmware.screen_settings import ScreenSettings
from firmware.selftest import Finding, try_parts
from firmware.twin.parts import Recorder
from firmware.voice_folder import SoundSettings


@click.command
@click.option("--camera", metavar="SPEC", help="Camera to try; without it, the one of the settings.")
@click.option("--dark", is_flag=True, help="Try nothing: only make sure that all lamps are off.")
@config_option
@json_option
def main(camera: str | None, dark: bool, config: Path | None, as_json: bool) -> None:
    """Try camera, lamps, LED, screen, speaker, button, buzzer, tamper switch and clock, one line per part.

    The lamps shine for a moment, the LED shows all its patterns, the buzzer plays a tune. A part that no setting names only
    remembers, and is fine. Ends with 0 when every part is fit for service, 1 when one is not, 2 on a wrong use or a fault of the
    settings.

    \b
    Examples:
      firmware-selftest --config /etc/lifecert/unit.toml
      firmware-selftest --camera clip:visit.mp4 --json
      firmware-selftest --dark --config /etc/lifecert/unit.toml
    """
    log_to_stderr(logging.CRITICAL)
    with faults(as_json=as_json):
        settings = load_settings(config)
        findings = _darken(settings) if dark else _try(settings, camera or settings.unit.camera)
    good = all(finding.ok for finding in findings)
    if as_json:
        rows = [{"part": finding.part, "ok": finding.ok, "sentence": finding.sentence} for finding in findings]
        print_json({"ok": good, "findings": rows})
    else:
        for finding in findings:
            click.echo(f"{'ok ' if finding.ok else 'BAD'} {finding.part:12} {finding.sentence}")
    sys.exit(Exit.DONE if good else Exit.REFUSED)


def _try(settings: Settings, camera: str) -> tuple[Finding, ...]:
    fittings, unit = fittings_of(settings, os.environ.get("LG_WD")), settings.unit
    try:
        with open_board(unit.board, camera, Recorder(SystemClock()), fittings=fittings, lamps=unit.lamps) as board:
            return try_parts(board)
    except FirmwareError as error:
        with open_blind_board(unit.board, camera, error, Recorder(SystemClock()), fittings) as board:
            return try_parts(board)


def _darken(settings: Settings) -> tuple[Finding, ...]:
    """Opening the lamps makes them dark, and closing them leaves them so."""
    lamps = replace(fittings_of(settings, os.environ.get("LG_WD")), screen=ScreenSettings(), sound=SoundSettings())
    with fit_board(settings.unit.board, lamps, SystemClock()) as parts:
        why = parts.faults().get("illuminator")
    return (Finding("illuminator", why is None, str(why) if why else "All lamps are off."),)
