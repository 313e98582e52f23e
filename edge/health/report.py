"""What is told about the unit: to the panel beside it, and in fewer words to the centre. Nothing in it is of a person."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from edge.health.faults import CAMERA_FAULTS, Fault
from edge.health.health import Facts, Health
from edge.health.storage import MIB
from edge.health.tally import Tally
from edge.showing.messages import Condition
from firmware.ports import Slowdown
from wire.condition import Slowed, UnitCondition


@dataclass(frozen=True, slots=True)
class Beside:
    """What is told beside the health."""

    version: str
    tally: Tally = field(default_factory=Tally)
    volume_percent: int | None = None
    """None where no loudness can be set."""
    findings: Mapping[str, str] = field(default_factory=dict)
    """What orders found out, such as `doctor.camera`."""


def condition_of(health: Health, facts: Facts, beside: Beside) -> Condition:
    """How the unit is, for the operator's page and `/metrics`: the facts that `edge.showing.facts` knows, and no others."""
    ends_in_s, faults = facts.identity_ends_in_s, health.faults
    return Condition(
        {
            "state": health.state.value,
            "trouble": health.trouble.value if health.trouble else None,
            "serves": health.serves,
            "fault": faults[0].value if faults else "none",
            "faults": len(faults),
            "camera": _first(faults, {*CAMERA_FAULTS, Fault.CAMERA_GIVEN_UP, Fault.UNSUPPORTED}),
            "light": _first(faults, _OF_LIGHT),
            "lens": _first(faults, {Fault.LENS_DIRTY}),
            "net": _first(faults, {Fault.NETWORK_LONG_AGO}),
            "clock": facts.clock.value,
            "heat": facts.heat.value,
            "celsius": facts.celsius,
            "slowed": len(facts.slowdowns),
            "free_mib": facts.storage.free_bytes // MIB,
            "disk_percent": round(facts.storage.used_percent, 1),
            "spool_percent": round(100 * facts.storage.spool_share, 1),
            "spool_queued": facts.waiting,
            "spool_mib": round(facts.spool_bytes / MIB, 2),
            "tickets": facts.tickets,
            "ballast": facts.storage.ballast,
            "contact_age_s": facts.contact_age_s,
            "enrolled": ends_in_s is not None,
            "certificate_days": None if ends_in_s is None else ends_in_s // 86_400,
            "visits": beside.tally.visits,
            "accepted": beside.tally.accepted,
            "last_reasons": " ".join(reason.value for reason in beside.tally.last_reasons),
            "volume": beside.volume_percent,
            "version": beside.version,
            **beside.findings,
        }
    )


_OF_LIGHT = {Fault.LAMPS_DEAD, Fault.LAMPS_GIVEN_UP, Fault.LAMP_SILENT, Fault.LAMP_FADING}


def _first(faults: Sequence[Fault], among: Collection[Fault]) -> str:
    return next((fault.value for fault in faults if fault in among), "ok")


_SLOWED = {
    Slowdown.WEAK_SUPPLY: Slowed.WEAK_SUPPLY,
    Slowdown.CAPPED: Slowed.CAPPED,
    Slowdown.THROTTLED: Slowed.THROTTLED,
    Slowdown.SOFT_LIMIT: Slowed.SOFT_LIMIT,
}


def said_to_centre(health: Health, facts: Facts) -> UnitCondition:
    """The same as it travels."""
    return UnitCondition(
        state=unit_state(health),
        trouble=health.trouble,
        faults=tuple(fault.value for fault in health.faults),
        celsius=None if facts.celsius is None else round(facts.celsius),
        slowed=frozenset(_SLOWED[each] for each in facts.slowdowns),
        free_mib=facts.storage.free_bytes // 2**20,
        clock=facts.clock,
    )


def unit_state(health: Health) -> str:
    """The state in one word, as results and hellos may say it."""
    return health.state.value
