"""`lifecert doctor`: look at this unit and say, one sentence per part, what works and what does not."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from edge.clock import UnitClock, machine_sources
from edge.commands.console import Exit, Json, config_option, faults, json_option, mirror_option, print_json
from edge.config import Settings, UnitSettings, load_settings
from edge.engine import open_engine
from edge.front import fittings_of
from edge.health.diagnosis import (
    Finding,
    of_clock,
    of_error,
    of_identity,
    of_lamps,
    of_lens,
    of_parts,
    of_rtc,
    of_speed,
    of_storage,
    of_supply,
)
from edge.heat import HeatLimits, heat_of, slowed
from edge.model_choice import chosen_models
from edge.rules import cues_lacking, cues_of
from edge.schedule import Heat
from edge.state_dir import StateDir
from firmware.board import open_board
from firmware.clock import SystemClock
from firmware.errors import FirmwareError
from firmware.ports import Thermometer
from firmware.rtc import clock_chips
from firmware.strobe import Strobe
from firmware.twin.parts import Recorder
from models.errors import ModelError
from models.store import ModelStore, store_from_environment
from wire.reasons import Reason
from wire.result import Mode


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
    unit, state = settings.unit, settings.unit.state
    yield _models(store, unit)
    yield from of_speed(_cpu_ms(state), _parts_of(store, unit.matcher))
    yield from _parts(settings, camera)
    yield of_lens(state)
    yield of_lamps(state)
    yield of_storage(state, settings.storage)
    clock = UnitClock(StateDir(state).clock, machine_sources())
    yield of_identity(state, clock)
    yield of_clock(clock)
    yield of_rtc(clock_chips(), round(machine_sources().wall_s()))


def _cpu_ms(state: Path) -> Mapping[str, float] | None:
    """What the networks cost on this board, where that was measured."""
    choices = chosen_models(StateDir(state).models)
    return {name: choice.numbers.median_cpu_ms for name, choice in choices.by_model.items()} if choices else None


def _parts_of(store: ModelStore, matcher: str) -> tuple[str, ...]:
    try:
        return store.matcher(matcher).networks
    except ModelError:
        return ()  # That the matcher is not there stands among the models already.


def _models(store: ModelStore, unit: UnitSettings) -> Finding:
    matcher = unit.matcher
    try:
        engine = open_engine(store, matcher, unit.texture, late=())
    except ModelError as error:
        return Finding("models", False, str(error), Reason.MATCHER_UNAVAILABLE)
    about = f"matcher {matcher}" if engine.rules.policy else f"matcher {matcher}, which only a policy gives a threshold"
    return Finding("models", True, f"{len(engine.networks)} networks are there, are the promised ones, and load; {about}.")


def _parts(settings: Settings, camera: str) -> Iterator[Finding]:
    try:
        parts, unit = fittings_of(settings, os.environ.get("LG_WD")), settings.unit
        with open_board(unit.board, camera, Recorder(SystemClock()), fittings=parts, lamps=unit.lamps) as board:
            yield from of_parts(board, lamps_are_seen=board.live or camera.startswith("scene:"))
            yield _lamps(board.strobe)
            yield heat_finding(board.thermometer, settings.heat)
            yield of_supply(board.thermometer.slowdowns())
    except FirmwareError as error:
        yield of_error("camera", error)


def _lamps(strobe: Strobe) -> Finding:
    """Which visits this unit can serve; a unit without lamps is fit for service, but not for every visit."""
    lacking = cues_lacking(cues_of(Mode.FULL), strobe.lamps)
    if lacking:
        return Finding("lamps", True, f"Visits in the mode full are refused: these lamps cannot give {' and '.join(lacking)}.")
    return Finding("lamps", True, f"The lamps {strobe.lamps} can give every cue, with symbols of {strobe.symbol_ns / 1e6:g} ms.")


def heat_finding(thermometer: Thermometer, limits: HeatLimits) -> Finding:
    """A hot unit serves visits, slowly; whoever sets it up should know that it lacks air."""
    celsius, slowdowns = thermometer.celsius(), thermometer.slowdowns()
    heat = slowed(heat_of(limits, Heat.COOL, celsius), slowdowns)
    measured = "no sensor tells the temperature" if celsius is None else f"{celsius:.1f} degrees Celsius, {heat.value}"
    why = "".join(f", {each.value}" for each in sorted(slowdowns))
    if heat is Heat.HOT:
        sentence = f"{measured}{why}: looks are made seldom; give the unit air, shade or a heat sink."
        return Finding("heat", False, sentence, Reason.TOO_HOT)
    return Finding("heat", True, f"{measured[0].upper()}{measured[1:]}{why}.")
