"""`lifecert doctor`: look at this unit and say, one sentence per part, what works and what does not."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import click

from edge.clock import UnitClock, machine_sources
from edge.commands.console import Exit, Json, config_option, faults, json_option, mirror_option, print_json
from edge.config import Settings, UnitSettings, load_settings
from edge.engine import open_engine
from edge.front import fittings_of
from edge.health.diagnosis import Finding
from edge.health.examine import Patient, examine, networks_of
from edge.state_dir import StateDir
from firmware.board import Board, open_board
from firmware.clock import SystemClock
from firmware.twin.parts import Recorder
from models.errors import ModelError
from models.store import ModelStore, store_from_environment
from wire.reasons import Reason


@click.command
@click.option("--camera", metavar="SPEC", help="Camera to try; without it, the one of the settings.")
@mirror_option
@config_option
@json_option
def doctor(camera: str | None, mirror: Path | None, config: Path | None, as_json: bool) -> None:
    """Try models, speed, camera and parts, lamps, heat, supply, lens, storage, identity, clock and rtc.

    Each defect has a code, which is the word that the screen and the centre use. A camera is held to what service needs; a
    recording is not. Hold a hand before the unit while its lamps are tried.

    Ends with 0 when all is well, 1 when a part is not fit for service, 2 on a usage error.

    \b
    Examples:
      lifecert doctor
      lifecert doctor --camera clip:visit.mp4 --json
    """
    with faults(as_json=as_json):
        settings = load_settings(config)
        store = store_from_environment(os.environ, mirror)
        findings = list(_examine(settings, store, camera or settings.unit.camera))
    good = all(finding.ok for finding in findings)
    if as_json:
        print_json({"ok": good, "findings": [_row(finding) for finding in findings]})
    else:
        for finding in findings:
            code = f" [{finding.code.value}]" if finding.code else ""
            click.echo(f"{'ok ' if finding.ok else 'BAD'} {finding.part:12} {finding.sentence}{code}")
    sys.exit(Exit.DONE if good else Exit.REFUSED)


def _row(finding: Finding) -> Json:
    code = finding.code.value if finding.code else None
    return {"part": finding.part, "ok": finding.ok, "sentence": finding.sentence, "code": code}


def _examine(settings: Settings, store: ModelStore, camera: str) -> Iterator[Finding]:
    unit = settings.unit
    clock = UnitClock(StateDir(unit.state).clock, machine_sources())
    patient = Patient(settings, camera, partial(_opened, settings, camera), clock, networks_of(store, unit.matcher))
    return examine(patient, lambda: _models(store, unit))


def _opened(settings: Settings, camera: str) -> Board:
    parts, unit = fittings_of(settings, os.environ.get("LG_WD")), settings.unit
    return open_board(unit.board, camera, Recorder(SystemClock()), fittings=parts, lamps=unit.lamps)


def _models(store: ModelStore, unit: UnitSettings) -> Finding:
    matcher = unit.matcher
    try:
        engine = open_engine(store, matcher, unit.texture, late=())
    except ModelError as error:
        return Finding("models", False, str(error), Reason.MATCHER_UNAVAILABLE)
    about = f"matcher {matcher}" if engine.rules.policy else f"matcher {matcher}, which only a policy gives a threshold"
    return Finding("models", True, f"{len(engine.networks)} networks are there, are the promised ones, and load; {about}.")
