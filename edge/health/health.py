"""How the unit is, judged from facts alone. It asks nothing, reads no clock and remembers nothing but the health before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from edge.health.faults import TABLE, Fault, State
from edge.health.storage import Standing, Storage, StorageLimits, is_full, is_low
from edge.heat import OF_HEAT, HeatLimits, is_too_hot
from edge.schedule import Heat
from firmware.ports import LedPattern, Slowdown
from wire.reasons import Reason
from wire.result import ClockState

ENDING_S = 14 * 86_400
"""So long before its certificate ends somebody is told."""
LONG_AGO_S = 86_400
"""The centre answers within a day, or somebody is told that results wait."""
SPOOL_FULL = 0.95


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the unit. What nobody measured is None, or as if all were well."""

    storage: Storage
    device: Fault | None = None
    """What is wrong with camera, lamps or networks, as their failures in a row tell."""
    celsius: float | None = None
    heat: Heat = Heat.COOL
    slowdowns: frozenset[Slowdown] = frozenset()
    clock: ClockState = ClockState.SYNCED
    identity_ends_in_s: int | None = None
    """By the unit's clock; None where there is no identity."""
    waiting: int = 0
    """Results without a receipt."""
    tickets: int = 0
    """Tickets whose visit has not come."""
    spool_bytes: int = 0
    contact_age_s: int | None = None
    """Since the centre answered last; None where nobody knows."""
    smudged: bool = False
    silent_lamps: str = ""
    """Lamps that have not been seen to shine, as a light word."""
    fading_lamps: str = ""
    interrupted: bool = False
    """Whether a visit was cut off, and none has ended since."""
    supported: bool = True
    """Whether camera and computer are fit for service."""
    housing_open: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on a fact is a fault."""

    storage: StorageLimits = field(default_factory=StorageLimits)
    heat: HeatLimits = field(default_factory=HeatLimits)


@dataclass(frozen=True, slots=True)
class Health:
    """How the unit is."""

    faults: tuple[Fault, ...] = ()
    """All that is wrong, the most important first."""

    @property
    def state(self) -> State:
        """That of the most important fault."""
        return TABLE[self.faults[0]].state if self.faults else State.SERVING

    @property
    def trouble(self) -> Reason | None:
        """Why the unit does not serve, or what somebody should look after; None where all is well."""
        return TABLE[self.faults[0]].reason if self.faults else None

    @property
    def serves(self) -> bool:
        """Whether a visit may begin."""
        return self.state.serves

    @property
    def led(self) -> LedPattern:
        """What the status LED says between visits."""
        return self.state.led


WELL = Health()


def judge(facts: Facts, limits: Limits, before: Health = WELL) -> Health:
    """What is wrong with a unit that was so before: a fault ends a little later than it began, so that nothing trembles."""
    found = set(_found(facts, limits, before))
    worst_first = sorted(TABLE, key=lambda fault: list(State).index(TABLE[fault].state), reverse=True)
    return Health(tuple(fault for fault in worst_first if fault in found))


def _found(facts: Facts, limits: Limits, before: Health) -> Iterator[Fault]:
    if facts.device:
        yield facts.device
    yield from _of_storage(facts.storage, limits.storage, before)
    yield from _of_heat(facts, limits.heat, before)
    yield from _of_identity(facts)
    plain = {
        Fault.HOUSING_OPEN: facts.housing_open,
        Fault.UNSUPPORTED: not facts.supported,
        Fault.LAMP_SILENT: bool(facts.silent_lamps),
        Fault.LAMP_FADING: bool(facts.fading_lamps),
        Fault.LENS_DIRTY: facts.smudged,
        Fault.CLOCK_UNSYNCED: facts.clock is ClockState.UNSYNCED,
        Fault.NETWORK_LONG_AGO: facts.waiting > 0 and (facts.contact_age_s or 0) >= LONG_AGO_S,
        Fault.RESTARTED: facts.interrupted,
    }
    yield from (fault for fault, there in plain.items() if there)


def _of_storage(storage: Storage, limits: StorageLimits, before: Health) -> Iterator[Fault]:
    if storage.standing is Standing.READ_ONLY:
        yield Fault.STORE_READ_ONLY
    elif storage.standing is Standing.UNUSABLE:
        yield Fault.STORE_UNUSABLE
    elif storage.spool_share >= SPOOL_FULL:
        yield Fault.STORE_FULL
    if is_full(storage, limits, was_full=Fault.STORAGE_FULL in before.faults):
        yield Fault.STORAGE_FULL
    elif is_low(storage, limits):
        yield Fault.STORAGE_LOW


def _of_heat(facts: Facts, limits: HeatLimits, before: Health) -> Iterator[Fault]:
    if is_too_hot(limits, facts.celsius, was_too_hot=Fault.OVERHEATED in before.faults):
        yield Fault.OVERHEATED
    elif facts.heat is Heat.HOT or facts.slowdowns & OF_HEAT:
        yield Fault.HOT
    if Slowdown.WEAK_SUPPLY in facts.slowdowns:
        yield Fault.SUPPLY_WEAK


def _of_identity(facts: Facts) -> Iterator[Fault]:
    if facts.identity_ends_in_s is None:
        yield Fault.IDENTITY_MISSING
    elif facts.identity_ends_in_s <= 0 and facts.clock is not ClockState.UNSYNCED:
        yield Fault.IDENTITY_EXPIRED
    elif facts.identity_ends_in_s < ENDING_S:
        yield Fault.IDENTITY_ENDING
