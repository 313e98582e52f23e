"""The whole examination of a unit, part after part: what `lifecert doctor` prints, and what an operator's order finds out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from edge.clock import UnitClock, machine_sources
from edge.config import Settings
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
from firmware.board import Board, is_live
from firmware.errors import FirmwareError
from firmware.ports import Thermometer
from firmware.rtc import clock_chips
from firmware.strobe import Strobe
from models.errors import ModelError
from models.store import ModelStore
from wire.reasons import Reason
from wire.result import Mode


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined."""

    settings: Settings
    camera: str
    opened: Callable[[], AbstractContextManager[Board]]
    """Opens the board, as for a visit."""
    clock: UnitClock
    matcher_parts: tuple[str, ...]
    """The networks of its matcher; empty where they are not known."""


def examine(patient: Patient, models: Callable[[], Finding]) -> Iterator[Finding]:
    """Everything, each as soon as it is found; `models` says how the networks are, which each caller knows in its own way."""
    settings, state = patient.settings, patient.settings.unit.state
    yield models()
    yield from of_speed(_cpu_ms(state), patient.matcher_parts)
    yield from _of_board(patient)
    yield of_lens(state)
    yield of_lamps(state)
    yield of_storage(state, settings.storage)
    yield of_identity(state, patient.clock)
    yield of_clock(patient.clock)
    yield of_rtc(clock_chips(), round(machine_sources().wall_s()))


def networks_of(store: ModelStore, matcher: str) -> tuple[str, ...]:
    """The networks of a matcher; none where it is not there, which stands among the models already."""
    try:
        return store.matcher(matcher).networks
    except ModelError:
        return ()


def _cpu_ms(state: Path) -> Mapping[str, float] | None:
    """What the networks cost on this board, where that was measured."""
    choices = chosen_models(StateDir(state).models)
    return {name: choice.numbers.median_cpu_ms for name, choice in choices.by_model.items()} if choices else None


def _of_board(patient: Patient) -> Iterator[Finding]:
    lamps_are_seen = is_live(patient.camera) or patient.camera.startswith("scene:")
    try:
        with patient.opened() as board:
            yield from of_parts(board, lamps_are_seen=lamps_are_seen)
            yield _of_strobe(board.strobe)
            yield of_heat(board.thermometer, patient.settings.heat)
            yield of_supply(board.thermometer.slowdowns())
    except FirmwareError as error:
        yield of_error("camera", error)


def _of_strobe(strobe: Strobe) -> Finding:
    """Which visits this unit can serve; a unit without lamps is fit for service, but not for every visit."""
    lacking = cues_lacking(cues_of(Mode.FULL), strobe.lamps)
    if lacking:
        return Finding("lamps", True, f"Visits in the mode full are refused: these lamps cannot give {' and '.join(lacking)}.")
    return Finding("lamps", True, f"The lamps {strobe.lamps} can give every cue, with symbols of {strobe.symbol_ns / 1e6:g} ms.")


def of_heat(thermometer: Thermometer, limits: HeatLimits) -> Finding:
    """A hot unit serves visits, slowly; whoever sets it up should know that it lacks air."""
    celsius, slowdowns = thermometer.celsius(), thermometer.slowdowns()
    heat = slowed(heat_of(limits, Heat.COOL, celsius), slowdowns)
    measured = "no sensor tells the temperature" if celsius is None else f"{celsius:.1f} degrees Celsius, {heat.value}"
    why = "".join(f", {each.value}" for each in sorted(slowdowns))
    if heat is Heat.HOT:
        sentence = f"{measured}{why}: looks are made seldom; give the unit air, shade or a heat sink."
        return Finding("heat", False, sentence, Reason.TOO_HOT)
    return Finding("heat", True, f"{measured[0].upper()}{measured[1:]}{why}.")
