"""`lifecert-edge`: the program that sees faces. It has no network; results leave it only through the spool."""

from __future__ import annotations

import faulthandler
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import click

import edge.one_thread  # noqa: F401  # before numpy is loaded
from edge.clock import UnitClock, machine_sources
from edge.commands.console import Exit, Json, Program, config_option, faults, json_option, mirror_option, print_json
from edge.conclude import Origin
from edge.config import Settings, load_settings
from edge.duty import DISK_ERRORS, stay_on_duty
from edge.engine import open_engine
from edge.errors import (
    PolicyUnfitError,
    ReferenceMissingError,
    TicketExpiredError,
    TicketMissingError,
    TicketUsedError,
    VisitLockedError,
)
from edge.front import ENDING_SHOWN_S, Front, fittings_of, open_facade
from edge.gallery import find_photos
from edge.heat import HeatLadder
from edge.identity import load_identity
from edge.lens_memory import LensMemory
from edge.log import log_to_stderr
from edge.model_choice import chosen_models
from edge.prompts.catalogue import LANGUAGES, load_catalogue
from edge.pulse import Pulse, unwatched
from edge.reception import Reception
from edge.service_manager import teller
from edge.sheet import load_sheet
from edge.spool.spool import Spool, open_spool
from edge.state_dir import StateDir
from edge.tries import TriesMemory
from edge.unit import Unit, VisitReport
from edge.version import software_version
from firmware.board import Board, fit_board, open_board
from firmware.clock import SystemClock
from firmware.errors import FirmwareError
from firmware.fitted import Fitted
from firmware.twin.parts import Happening, Recorder
from models.store import store_from_environment
from wire.result import Verdict
from wire.ticket import Ticket

POLL_S = 0.1
WAITING_WHEN_LATE = 2
"""So many results wait where there is no network: one may be on its way, and one may have just been made."""
REFUSALS = (PolicyUnfitError, TicketExpiredError, TicketUsedError, ReferenceMissingError, VisitLockedError)
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
def open_unit(chosen: Options, pulse: Pulse | None = None) -> Iterator[Unit]:
    """Assemble an enrolled unit; what a power cut left open is reported first."""
    pulse = pulse or unwatched()
    settings, state = chosen.settings, StateDir(chosen.settings.unit.state)
    identity = load_identity(state.root)
    clock = UnitClock(state.clock, machine_sources())
    with open_spool(state.spool, clock.now_s) as spool:
        store, choice = store_from_environment(os.environ, chosen.mirror), chosen_models(state.models)
        engine = open_engine(store, settings.unit.matcher, settings.unit.texture, choice)
        engine = replace(engine, rules=replace(engine.rules, times=settings.times, grade=settings.grade))
        origin = Origin(identity.unit, software_version(), settings.digest, identity.debug, engine.models)
        catalogues = {language: load_catalogue(language) for language in LANGUAGES}
        lens, heat = LensMemory(state.lens), HeatLadder(settings.heat)
        unit_settings = settings.unit
        sheet = load_sheet(unit_settings.sheet)
        reception = Reception(TriesMemory(state.tries), unit_settings.consent, sheet, catalogues)
        words = catalogues[unit_settings.language]
        unit = Unit(identity, clock, spool, engine, origin, words, time.thread_time_ns, lens, reception, heat, pulse)
        unit.report_interrupted()
        yield unit


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
        with open_unit(chosen) as unit, open_parts(chosen) as parts, refusals(as_json=as_json):
            report = serve_one(unit, await_ticket(unit.spool, case, wait_s), chosen, Place(parts), as_json=as_json)
            time.sleep(ENDING_SHOWN_S if parts.shows else 0)
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
    """Serve every ticket that arrives, one after the other, until stopped (SIGTERM).

    A disk that is full or read-only, or a camera that is missing, does not end it: it says so to the service manager and in the
    log, and tries again.

    \b
    Example:
      lifecert-edge serve --gallery /var/lib/lifecert/gallery --config /etc/lifecert/unit.toml
    """
    with faults(as_json=False):
        chosen = options(state, camera, gallery, mirror, config)
        pulse = Pulse(teller(os.environ), time.monotonic)
        _heed_the_service_manager(pulse)
        stay_on_duty(lambda: _opened_for_tickets(chosen, pulse), pulse, time.sleep, (*DISK_ERRORS, FirmwareError))


def _heed_the_service_manager(pulse: Pulse) -> None:
    """SIGTERM unwinds what is open, so that lamps go dark; the attempt is reported at the next start. A program that its
    watchdog ends (SIGABRT) says first where it hung."""

    def leave(_number: int, _frame: object) -> None:
        pulse.stopping()
        sys.exit(Exit.DONE)

    faulthandler.enable()
    signal.signal(signal.SIGTERM, leave)


@contextmanager
def _opened_for_tickets(chosen: Options, pulse: Pulse) -> Iterator[Callable[[], None]]:
    """A unit, and what it does in one turn: it serves every ticket that waits."""
    stage = chosen.settings.unit.stage
    with open_parts(chosen) as parts, open_facade(parts, stage) as facade, open_unit(chosen, pulse) as unit:
        passed_over, front = PassedOver(unit.spool), Front(facade, unit.reception, unit.catalogue, time.monotonic)

        def turn() -> None:
            for ticket in unit.spool.tickets():
                if ticket.nonce not in passed_over:
                    pulse.ready("serves a visit")
                    visited = replace(unit, catalogue=front.words)
                    _serve_or_pass_over(visited, ticket, chosen, Place(parts, facade.panel), passed_over)
                    front.visited()
            front.look(late=unit.spool.count_waiting() > WAITING_WHEN_LATE)

        yield turn


def open_parts(chosen: Options) -> Fitted:
    """Open the parts of the unit beside its camera, for all visits; what is missing stands in the log."""
    return fit_board(chosen.settings.unit.board, fittings_of(chosen.settings, os.environ.get("LG_WD")), SystemClock())


@dataclass(frozen=True, slots=True)
class Place:
    """Where visits are served: what is open for all of them."""

    parts: Fitted
    panel: Callable[[Board], Board] = lambda board: board
    """Puts a panel beside the screen of a board."""


def serve_one(unit: Unit, ticket: Ticket, chosen: Options, place: Place, *, as_json: bool) -> VisitReport:
    """Open the camera for one visit, so that nothing is lit or captured between visits."""
    photos = find_photos(chosen.photos, ticket) if isinstance(chosen.photos, Path) else chosen.photos
    teller, unit_settings = Teller(as_json), chosen.settings.unit
    recorder = Recorder(SystemClock(), teller.happened)
    with open_board(unit_settings.board, chosen.camera, recorder, fittings=place.parts, lamps=unit_settings.lamps) as board:
        return unit.visit(ticket, photos, place.panel(board), teller.opened)


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


class PassedOver:
    """Tickets that were tried and are not tried again: for good, or until the uplink has brought something, perhaps a policy."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._for_good: set[bytes] = set()
        self._at_version: dict[bytes, int] = {}

    def __contains__(self, nonce: bytes) -> bool:
        return nonce in self._for_good or self._at_version.get(nonce) == self._spool.data_version()

    def add(self, nonce: bytes) -> None:
        """Pass a ticket over for good."""
        self._for_good.add(nonce)

    def add_for_now(self, nonce: bytes, version: int) -> None:
        """Pass a ticket over until the spool is of another version than this, that of before the try."""
        self._at_version[nonce] = version


def _serve_or_pass_over(unit: Unit, ticket: Ticket, chosen: Options, place: Place, passed_over: PassedOver) -> None:
    version = unit.spool.data_version()
    try:
        report = serve_one(unit, ticket, chosen, place, as_json=True)
    except REFUSALS as error:
        if isinstance(error, PolicyUnfitError):
            passed_over.add_for_now(ticket.nonce, version)
        else:
            passed_over.add(ticket.nonce)
        logging.getLogger("lifecert.edge").warning("ticket passed over", extra={"why": str(error)})
        return
    if report.judgement.decision.verdict is Verdict.ABORTED:
        passed_over.add(ticket.nonce)


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
