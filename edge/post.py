"""A unit at its post: what it takes its parts from, how it opens them, and how it serves one visit, or all that come."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path

import click

from edge.checks import Checks
from edge.clock import UnitClock, machine_sources
from edge.conclude import Origin
from edge.config import Settings, load_settings
from edge.consent import ConsentSetting
from edge.engine import open_engine
from edge.errors import (
    ConsentUnaskableError,
    PolicyUnfitError,
    ReferenceMissingError,
    TicketExpiredError,
    TicketUsedError,
    VisitLockedError,
)
from edge.front import Facade, Front, fittings_of, open_facade
from edge.gallery import find_photos
from edge.health.announce import Announcer
from edge.health.assemble import Surroundings, watch_over
from edge.health.emitter_memory import LampMemory
from edge.health.examine import Patient, networks_of
from edge.health.health import Limits
from edge.health.report import Beside
from edge.health.tally import Tally
from edge.heat import HeatLadder
from edge.identity import load_identity
from edge.lens_memory import LensMemory
from edge.model_choice import chosen_models
from edge.operator import Operator
from edge.prompts.catalogue import LANGUAGES, ScreenCode, load_catalogue
from edge.pulse import Pulse, unwatched
from edge.reception import Reception
from edge.rounds import PassedOver, Rounds
from edge.sheet import load_sheet
from edge.spare_memory import Repose
from edge.spool.spool import open_spool
from edge.state_dir import StateDir
from edge.tries import TriesMemory
from edge.unit import Unit, VisitReport
from edge.version import software_version
from edge.volume import Volume, VolumeMemory
from firmware.absent import NO_TAMPER_SWITCH
from firmware.board import Board, fit_board, has_imagined_visitor, is_live, open_board, thermometer_of
from firmware.clock import SystemClock
from firmware.fitted import Fitted
from firmware.twin.parts import Happening, Recorder
from models.store import cache_folder, store_from_environment
from wire.ticket import Ticket

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
        lens, heat, lamps = LensMemory(state.lens), HeatLadder(settings.heat), LampMemory(state.lamps)
        reception, words = reception_of(settings), load_catalogue(settings.unit.language)
        unit = Unit(identity, clock, spool, engine, origin, words, time.thread_time_ns, lens, reception, heat, pulse, lamps)
        yield replace(unit, interrupted=bool(unit.report_interrupted()))


@contextmanager
def opened_for_tickets(chosen: Options, post: Post, pulse: Pulse) -> Iterator[Callable[[], str | None]]:
    """A unit at its post, and what it does in one turn: it looks after itself, serves what waits, shows how it is, and does what
    its operator has ordered."""
    with open_unit(chosen, pulse) as unit:
        rounds = _rounds(unit, chosen, post, pulse)
        operator = _operator(unit, chosen, post, pulse, rounds.announcer)

        def turn() -> str | None:
            rounds.turn()
            post.front.look()
            operator.turn()
            health = rounds.watch.look()
            return None if health.serves or health.trouble is None else health.trouble.value

        yield turn


@dataclass(frozen=True, slots=True)
class Post:
    """What is open for all visits, also while the unit behind it is not: its parts, and its face."""

    place: Place
    front: Front
    facade: Facade
    volume: Volume
    tally: Tally = field(default_factory=Tally)
    findings: dict[str, str] = field(default_factory=dict)
    """What the operator's orders found out."""

    def beside(self) -> Beside:
        """What is told of the unit beside its health."""
        return Beside(software_version(), self.tally, self.volume.percent, self.findings)


def insist_on_consent(chosen: Options) -> None:
    """Raises `ConsentUnaskableError` where every visit would end without consent, and nobody would know why."""
    settings, unit = chosen.settings, chosen.settings.unit
    answered = settings.stage or settings.pins.button or has_imagined_visitor(unit.board, chosen.camera)
    if unit.consent is ConsentSetting.ASK and not answered:
        raise ConsentUnaskableError


@contextmanager
def open_post(chosen: Options) -> Iterator[Post]:
    """Open parts and face; from then on they say that the unit starts. Raises `ConsentUnaskableError`, `StageTakenError`,
    `ConfigInvalidError`."""
    insist_on_consent(chosen)
    unit = chosen.settings.unit
    since_boot_ms = time.monotonic_ns() // 1_000_000  # Nobody shows a thousand views a second: it outruns what was shown before.
    with open_parts(chosen) as parts, open_facade(parts, chosen.settings.stage, since_boot_ms) as facade:
        front = Front(facade, reception_of(chosen.settings), load_catalogue(unit.language), time.monotonic)
        front.wait(ScreenCode.STARTING)
        yield Post(Place(parts, facade.panel), front, facade, volume_of(parts, unit.state))


def reception_of(settings: Settings) -> Reception:
    """How the unit of these settings meets its visitors. Raises `ConfigInvalidError` for a sheet that is wrong."""
    unit = settings.unit
    others = {language: load_catalogue(language) for language in LANGUAGES}
    return Reception(TriesMemory(StateDir(unit.state).tries), unit.consent, load_sheet(unit.sheet), others)


def open_parts(chosen: Options) -> Fitted:
    """Open the parts of the unit beside its camera, for all visits; what is missing stands in the log. It speaks as loud as its
    operator ordered last."""
    unit = chosen.settings.unit
    parts = fit_board(unit.board, fittings_of(chosen.settings, os.environ.get("LG_WD")), SystemClock())
    volume_of(parts, unit.state).restore()
    return parts


def volume_of(parts: Fitted, state: Path) -> Volume:
    """How loud the unit speaks."""
    return Volume(parts.speaker, VolumeMemory(StateDir(state).volume))


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


def _rounds(unit: Unit, chosen: Options, post: Post, pulse: Pulse) -> Rounds:
    """What the unit does in one turn after the other."""
    watch, announcer = watch_over(unit, _surroundings(chosen, post))

    def serve_as_told(ticket: Ticket) -> VisitReport:
        pulse.ready("serves a visit")
        return serve_one(replace(unit, catalogue=post.front.words), ticket, chosen, post.place, as_json=True)

    passed_over = PassedOver(unit.spool)
    repose = Repose(unit.engine.rest, time.monotonic)
    return Rounds(unit.spool, serve_as_told, REFUSALS, unit.report_interrupted, passed_over, watch, announcer, repose)


def _operator(unit: Unit, chosen: Options, post: Post, pulse: Pulse, announcer: Announcer) -> Operator:
    """What does as an operator orders, with the unit's own networks."""
    settings, store = chosen.settings, store_from_environment(os.environ, chosen.mirror)
    opened = partial(_board_of, chosen, post.place.parts)
    patient = Patient(settings, chosen.camera, opened, unit.clock, networks_of(store, settings.unit.matcher))
    checks = Checks(patient, unit.engine, pulse, lambda: datetime.now().astimezone())
    return Operator(post.front, pulse, checks.by_order, post.volume, post.findings, announcer.again)


def _board_of(chosen: Options, parts: Fitted) -> Board:
    """The board as for a visit, when nobody visits."""
    unit = chosen.settings.unit
    return open_board(unit.board, chosen.camera, Recorder(SystemClock()), fittings=parts, lamps=unit.lamps)


def _surroundings(chosen: Options, post: Post) -> Surroundings:
    """What the watch of a serving unit looks at."""
    settings, unit, state = chosen.settings, chosen.settings.unit, StateDir(chosen.settings.unit.state)
    recorder = Recorder(SystemClock(), Teller(as_json=True).happened)
    choice, live = chosen_models(state.models), is_live(chosen.camera)
    return Surroundings(
        place=state,
        limits=Limits(settings.storage, settings.heat),
        opened=partial(_board_of, chosen, post.place.parts),
        thermometer=thermometer_of(unit.board, recorder, live=live),
        tamper=post.place.parts.tamper or NO_TAMPER_SWITCH,
        front=post.front,
        tell=post.facade.tell,
        cpu_ms={name: one.numbers.median_cpu_ms for name, one in choice.by_model.items()} if choice else {},
        matcher_parts=store_from_environment(os.environ, chosen.mirror).matcher(unit.matcher).networks,
        cache=cache_folder(os.environ),
        monotonic_s=time.monotonic,
        wall_s=time.time,
        tally=post.tally,
        beside=post.beside,
    )
