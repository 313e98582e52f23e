"""`lifecert-edge`: the program that sees faces. It has no network; results leave it only through the spool."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import click

from edge.clock import UnitClock, machine_sources
from edge.commands.console import Exit, Json, Program, config_option, faults, json_option, mirror_option, print_json
from edge.conclude import Origin
from edge.config import Settings, load_settings
from edge.engine import open_engine
from edge.errors import (
    PolicyUnfitError,
    ReferenceMissingError,
    TicketExpiredError,
    TicketMissingError,
    TicketUsedError,
)
from edge.gallery import find_photos
from edge.health.assemble import Surroundings, watch_over
from edge.health.emitter_memory import LampMemory
from edge.health.health import Limits
from edge.heat import HeatLadder
from edge.identity import load_identity
from edge.lens_memory import LensMemory
from edge.log import log_to_stderr
from edge.model_choice import chosen_models
from edge.prompts.catalogue import load_catalogue
from edge.rounds import PassedOver, Rounds
from edge.spool.spool import Spool, open_spool
from edge.state_dir import StateDir
from edge.unit import Unit, VisitReport
from edge.version import software_version
from firmware.board import is_live, open_board, thermometer_of
from firmware.clock import SystemClock
from firmware.twin.parts import Happening, Recorder, RecordingLed, RecordingScreen
from models.store import cache_folder, store_from_environment
from wire.result import Verdict
from wire.ticket import Ticket

POLL_S = 0.1
REFUSALS = (PolicyUnfitError, TicketExpiredError, TicketUsedError, ReferenceMissingError)
"""Errors that mean: not this visit; the unit itself is well."""

PhotoSource = Path | tuple[Path, ...]
"""A folder to find the photos of a ticket in, or the very photos."""


@dataclass(frozen=True, slots=True)
class Options:
    """Where a visit takes its parts from."""

    settings: Settings
    camera: str
    photos: PhotoSource
    mirror: Path | None


def options(state: Path | None, camera: str | None, photos: PhotoSource, mirror: Path | None, config: Path | None) -> Options:
    """Settings file first, then what the command line says."""
    settings = load_settings(config)
    if state is not None:
        settings = replace(settings, unit=replace(settings.unit, state=state))
    return Options(settings, camera or settings.unit.camera, photos, mirror)


@contextmanager
def open_unit(chosen: Options) -> Iterator[Unit]:
    """Assemble an enrolled unit; what a power cut left open is reported first."""
    settings, state = chosen.settings, StateDir(chosen.settings.unit.state)
    identity = load_identity(state.root)
    clock = UnitClock(state.clock, machine_sources())
    with open_spool(state.spool, clock.now_s) as spool:
        store, choice = store_from_environment(os.environ, chosen.mirror), chosen_models(state.models)
        engine = open_engine(store, settings.unit.matcher, settings.unit.texture, choice)
        engine = replace(engine, rules=replace(engine.rules, times=settings.times, grade=settings.grade))
        origin = Origin(identity.unit, software_version(), settings.digest, identity.debug, engine.models)
        catalogue = load_catalogue(settings.unit.language)
        lens, heat, lamps = LensMemory(state.lens), HeatLadder(settings.heat), LampMemory(state.lamps)
        unit = Unit(identity, clock, spool, engine, origin, catalogue, time.thread_time_ns, lens, heat, lamps)
        yield replace(unit, interrupted=bool(unit.report_interrupted()))


_state = click.option("--state", type=click.Path(path_type=Path), metavar="DIR", help="State directory of the unit.")
_camera = click.option("--camera", metavar="SPEC", help="Camera; without it, the one of the settings.")
_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
_GALLERY_HELP = "Folder with the reference photos; the ticket names the right ones by their digests."


@click.group(cls=Program)
@click.option("--verbose", is_flag=True, help="Write events to stderr.")
def main(verbose: bool) -> None:
    """Serve visits on this unit. It must be enrolled; `lifecert-uplink` brings tickets and takes results away.

    \b
    Examples:
      lifecert-edge visit case-2026-000123 --gallery /var/lib/lifecert/gallery
      lifecert-edge serve --gallery /var/lib/lifecert/gallery
    """
    log_to_stderr(logging.INFO if verbose else logging.WARNING)


@main.command
@click.argument("case")
@_state
@_camera
@click.option("--gallery", type=_FOLDER, metavar="DIR", help=_GALLERY_HELP)
@click.option(
    "--photo",
    "photos",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    multiple=True,
    metavar="FILE",
    help="A reference photo, in place of --gallery; give each photo that the ticket names.",
)
@click.option("--wait-s", type=click.FloatRange(0, 3600), default=0.0, help="Wait so long for the ticket to arrive.")
@mirror_option
@config_option
@json_option
def visit(
    case: str, state: Path | None, camera: str | None, gallery: Path | None, photos: tuple[Path, ...], wait_s: float,
    mirror: Path | None, config: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Serve the visit of one case. With --json, what happens is told on stderr, one JSON object a line.

    Ends with 0 when accepted, 1 with any other verdict or without a valid ticket or a policy that fits, 2 on a fault.

    \b
    Examples:
      lifecert-edge visit case-2026-000123 --gallery photos --camera usb:0 --wait-s 10
      lifecert-edge visit case-2026-000124 --photo on-the-card.jpg --photo taken-at-the-office.png
    """
    if (gallery is None) is (not photos):
        raise click.UsageError("give either --gallery DIR or one or more --photo FILE")
    with faults(as_json=as_json):
        chosen = options(state, camera, gallery or photos, mirror, config)
        with open_unit(chosen) as unit, refusals(as_json=as_json):
            report = serve_one(unit, await_ticket(unit.spool, case, wait_s), chosen, as_json=as_json)
    if as_json:
        print_json(_document(report))
    else:
        click.echo(f"{report.judgement.decision.verdict.value} {_words(report)}".strip())
    sys.exit(Exit.DONE if report.judgement.decision.verdict is Verdict.ACCEPTED else Exit.REFUSED)


@main.command
@_state
@_camera
@click.option("--gallery", required=True, type=_FOLDER, metavar="DIR", help=_GALLERY_HELP)
@mirror_option
@config_option
def serve(state: Path | None, camera: str | None, gallery: Path, mirror: Path | None, config: Path | None) -> None:
    """Serve every ticket that arrives, one after the other, until stopped.

    \b
    Example:
      lifecert-edge serve --gallery /var/lib/lifecert/gallery --config /etc/lifecert/unit.toml
    """
    with faults(as_json=False):
        chosen = options(state, camera, gallery, mirror, config)
        with open_unit(chosen) as unit:
            rounds = _rounds(unit, chosen)
            while True:
                rounds.turn()
                time.sleep(POLL_S)


def serve_one(unit: Unit, ticket: Ticket, chosen: Options, *, as_json: bool) -> VisitReport:
    """Open the board for one visit, so that nothing is lit or captured between visits."""
    photos = find_photos(chosen.photos, ticket) if isinstance(chosen.photos, Path) else chosen.photos
    teller, unit_settings = Teller(as_json), chosen.settings.unit
    recorder = Recorder(SystemClock(), teller.happened)
    with open_board(unit_settings.board, chosen.camera, recorder, lamps=unit_settings.lamps) as board:
        return unit.visit(ticket, photos, board, teller.opened)


def await_ticket(spool: Spool, case: str, wait_s: float) -> Ticket:
    """The ticket of a case, waiting for the uplink to bring it; `TicketMissingError` when it does not come."""
    until = time.monotonic() + wait_s
    while True:
        ticket = spool.ticket(case)
        if ticket is not None:
            return ticket
        if time.monotonic() >= until:
            raise TicketMissingError(case)
        time.sleep(POLL_S)


class Teller:
    """Tells what happens while it happens, on stderr: for people in words, for programs as JSON lines."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json

    def opened(self) -> None:
        """The attempt is written down; from now on it leaves one result, whatever comes."""
        self._tell("attempt", "opened")

    def happened(self, happening: Happening) -> None:
        """A part of the board was told something."""
        self._tell(happening.part.value, happening.what)

    def _tell(self, part: str, what: str) -> None:
        line = json.dumps({"part": part, "what": what}, ensure_ascii=False) if self._as_json else f"{part:12} {what}"
        click.echo(line, err=True)


@contextmanager
def refusals(*, as_json: bool) -> Iterator[None]:
    """A visit that may not take place ends with 1 and one sentence."""
    try:
        yield
    except (*REFUSALS, TicketMissingError) as error:
        if as_json:
            print_json({"error": {"code": type(error).__name__.removesuffix("Error"), "message": str(error)}})
        else:
            click.echo(f"refused: {error}", err=True)
        sys.exit(Exit.REFUSED)


def _rounds(unit: Unit, chosen: Options) -> Rounds:
    """What the unit does in one turn after the other."""
    watch, announcer = watch_over(unit, _surroundings(chosen))

    def serve_as_told(ticket: Ticket) -> VisitReport:
        return serve_one(unit, ticket, chosen, as_json=True)

    return Rounds(unit.spool, serve_as_told, REFUSALS, unit.report_interrupted, PassedOver(unit.spool), watch, announcer)


def _surroundings(chosen: Options) -> Surroundings:
    """What the watch of a serving unit looks at; its light and screen tell on stderr what they show, as those of a visit do."""
    settings, unit, state = chosen.settings, chosen.settings.unit, StateDir(chosen.settings.unit.state)
    recorder = Recorder(SystemClock(), Teller(as_json=True).happened)
    choice = chosen_models(state.models)
    live = is_live(chosen.camera)
    return Surroundings(
        place=state,
        limits=Limits(settings.storage, settings.heat),
        opened=lambda: open_board(unit.board, chosen.camera, Recorder(SystemClock()), lamps=unit.lamps),
        thermometer=thermometer_of(unit.board, recorder, live=live),
        led=RecordingLed(recorder),
        screen=RecordingScreen(recorder),
        cpu_ms={name: one.numbers.median_cpu_ms for name, one in choice.by_model.items()} if choice else {},
        matcher_parts=store_from_environment(os.environ, chosen.mirror).matcher(unit.matcher).networks,
        cache=cache_folder(os.environ),
        monotonic_s=time.monotonic,
        wall_s=time.time,
    )


def _words(report: VisitReport) -> str:
    return ", ".join(reason.value for reason in report.judgement.decision.reasons)


def _document(report: VisitReport) -> Json:
    decision = report.judgement.decision
    return {
        "case": report.case,
        "verdict": decision.verdict.value,
        "reasons": [reason.value for reason in decision.reasons],
        "sequence": report.queued.sequence,
        "result_id": report.queued.result_id.hex(),
        "frames": report.judgement.frames,
        "cpu_ms_per_frame": round(report.cpu_ms_per_frame, 2),
    }
