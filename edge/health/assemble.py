"""Puts together the watch of a unit that serves: where its facts come from, how it tries its parts, and whom it tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from edge.front import Front
from edge.health.announce import Announcer, nothing_beside
from edge.health.emitter_memory import LampMemory
from edge.health.faults import Fault
from edge.health.gather import Gather, identity_end_s
from edge.health.health import Facts, Limits
from edge.health.notes import NoteBook
from edge.health.purge import find_expendables, make_room, plan
from edge.health.report import Beside
from edge.health.tally import Tally
from edge.health.trial import Trial
from edge.health.watch import Watch
from edge.showing.messages import Condition
from edge.state_dir import StateDir
from edge.unit import Unit
from firmware.board import Board
from firmware.errors import FirmwareError
from firmware.ports import TamperSwitch, Thermometer


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a watch needs beside the unit."""

    place: StateDir
    limits: Limits
    opened: Callable[[], AbstractContextManager[Board]]
    """Opens the board, as for a visit."""
    thermometer: Thermometer
    tamper: TamperSwitch
    front: Front
    """Shows how the unit is."""
    tell: Callable[[Condition], None]
    """Tells a panel how the unit is."""
    cpu_ms: Mapping[str, float]
    """What the networks cost on this board, by name; empty where nobody measured it."""
    matcher_parts: tuple[str, ...]
    cache: Path | None
    """The folder of fetched models, where saved sessions lie."""
    monotonic_s: Callable[[], float]
    wall_s: Callable[[], float]
    """The clock of the file system."""
    tally: Tally = field(default_factory=Tally)
    beside: Callable[[], Beside] = nothing_beside
    """What is told to the panel beside the health."""


@dataclass(frozen=True, slots=True)
class _Gathering:
    """The facts, and whether the trial found the unit fit for service."""

    gather: Gather
    trial: Trial

    def facts(self, device: Fault | None, *, interrupted: bool) -> Facts:
        self.gather.supported = not self.trial.lacks
        return self.gather.facts(device, interrupted=interrupted)


def watch_over(unit: Unit, around: Surroundings) -> tuple[Watch, Announcer]:
    """The watch of a unit, after a first trial of its parts; the announcer is to be told when a visit has used the screen."""
    place = around.place
    notes = NoteBook(place.condition, unit.identity.unit, unit.clock.now_s, around.monotonic_s)
    announcer = Announcer(around.front, notes, around.tell, around.beside)
    gather = Gather(
        place, unit.spool, unit.clock, around.thermometer, unit.heat, unit.lens, unit.lamps or LampMemory(place.lamps),
        identity_end_s(place.root), around.tamper,
    )  # fmt: skip
    trial = Trial(around.opened, around.cpu_ms, around.matcher_parts)

    def room(needed_bytes: int) -> int:
        return make_room(plan(find_expendables(place.root, around.cache, around.wall_s()), needed_bytes))

    watch = Watch(
        _Gathering(gather, trial), around.limits, trial, room, around.monotonic_s, announcer, unit.interrupted, around.tally
    )
    try:
        trial()
    except FirmwareError as error:
        watch.failed(error)
    return watch, announcer
