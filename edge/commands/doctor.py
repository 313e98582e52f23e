"""`lifecert doctor`: look at this unit and say, one sentence per part, what works and what does not."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from edge.clock import UnitClock, machine_sources
from edge.commands.console import Exit, config_option, faults, json_option, mirror_option, print_json
from edge.config import Settings, UnitSettings, load_settings
from edge.engine import open_engine
from edge.errors import EdgeError
from edge.front import fittings_of
from edge.heat import HeatLimits, heat_of, slowed
from edge.identity import load_identity
from edge.lens_memory import LensMemory
from edge.rules import cues_lacking, cues_of
from edge.schedule import Heat
from edge.stages.lens_watch import VISITS
from edge.state_dir import StateDir
from firmware.board import open_board
from firmware.clock import SystemClock
from firmware.errors import FirmwareError
from firmware.ports import Thermometer
from firmware.selftest import try_parts
from firmware.strobe import Strobe
from firmware.twin.parts import Recorder
from models.errors import ModelError
from models.store import ModelStore, store_from_environment
from wire.reasons import Reason
from wire.result import ClockState, Mode


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one part of the unit."""

    part: str
    ok: bool
    sentence: str


@click.command
@click.option("--camera", metavar="SPEC", help="Camera to try; without it, the one of the settings.")
@mirror_option
@config_option
@json_option
def doctor(camera: str | None, mirror: Path | None, config: Path | None, as_json: bool) -> None:
    """Try models, camera and parts, heat, lens, storage, identity and clock.

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
        rows = [{"part": finding.part, "ok": finding.ok, "sentence": finding.sentence} for finding in findings]
        print_json({"ok": good, "findings": rows})
    else:
        for finding in findings:
            click.echo(f"{'ok ' if finding.ok else 'BAD'} {finding.part:12} {finding.sentence}")
    sys.exit(Exit.DONE if good else Exit.REFUSED)


def _examine(settings: Settings, store: ModelStore, camera: str) -> Iterator[Finding]:
    yield _models(store, settings.unit)
    yield from _parts(settings, camera)
    yield _lens(settings.unit.state)
    yield _storage(settings.unit.state)
    yield _identity(settings.unit.state)
    yield _clock(settings.unit.state)


def _models(store: ModelStore, unit: UnitSettings) -> Finding:
    matcher = unit.matcher
    try:
        engine = open_engine(store, matcher, unit.texture, late=())
    except ModelError as error:
        return Finding("models", False, str(error))
    about = f"matcher {matcher}" if engine.rules.policy else f"matcher {matcher}, which only a policy gives a threshold"
    return Finding("models", True, f"{len(engine.networks)} networks are there, are the promised ones, and load; {about}.")


def _parts(settings: Settings, camera: str) -> Iterator[Finding]:
    try:
        parts, unit = fittings_of(settings, os.environ.get("LG_WD")), settings.unit
        with open_board(unit.board, camera, Recorder(SystemClock()), fittings=parts, lamps=unit.lamps) as board:
            for finding in try_parts(board):
                yield Finding(finding.part, finding.ok, finding.sentence)
            yield _lamps(board.strobe)
            yield heat_finding(board.thermometer, settings.heat)
    except FirmwareError as error:
        yield Finding("camera", False, str(error))


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
        return Finding("heat", False, f"{measured}{why}: looks are made seldom; give the unit air, shade or a heat sink.")
    return Finding("heat", True, f"{measured[0].upper()}{measured[1:]}{why}.")


def _lens(state: Path) -> Finding:
    smudge = LensMemory(StateDir(state).lens).smudge
    if smudge is None:
        return Finding("lens", True, "No place in the picture has stayed blurred over the last visits.")
    across = ("left", "middle", "right")[int(3 * smudge.x_share)]
    down = ("upper", "middle", "lower")[int(3 * smudge.y_share)]
    sentence = f"the {down} {across} of the picture has not been sharp for {VISITS} visits: wipe the lens with a soft cloth."
    return Finding("lens", False, f"{Reason.LENS_DIRTY.value}: {sentence}")


def _storage(state: Path) -> Finding:
    place = next(folder for folder in (state, *state.parents) if folder.exists())
    if not os.access(place, os.W_OK):
        return Finding("storage", False, f"{place} cannot be written to: results could not be kept.")
    facts = os.statvfs(place)
    free_mib = facts.f_bavail * facts.f_frsize // 2**20
    if free_mib < 64:
        return Finding("storage", False, f"only {free_mib} MiB are free in {place}; 64 MiB are needed.")
    return Finding("storage", True, f"{free_mib} MiB are free in {place}.")


def _identity(state: Path) -> Finding:
    try:
        identity = load_identity(state)
    except EdgeError as error:
        return Finding("identity", False, str(error))
    return Finding("identity", True, f"enrolled as {identity.unit}.")


def _clock(state: Path) -> Finding:
    clock = UnitClock(StateDir(state).clock, machine_sources()).read()
    if clock.state is ClockState.UNSYNCED:
        return Finding("clock", False, "the clock is not set: results are marked as unsynced until the unit reaches the centre.")
    return Finding("clock", True, f"{clock.state.value}, within {clock.bound_s} s.")
