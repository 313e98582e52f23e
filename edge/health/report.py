"""What is told about the unit: to the panel beside it, and in fewer words to the centre. Nothing in it is of a person."""

from __future__ import annotations

from edge.health.health import Facts, Health
from edge.showing.messages import Condition
from firmware.ports import Slowdown
from wire.condition import Slowed, UnitCondition


def condition_of(health: Health, facts: Facts) -> Condition:
    """How the unit is, for the operator's page and `/metrics`."""
    return Condition(
        {
            "state": health.state.value,
            "serves": health.serves,
            "trouble": health.trouble.value if health.trouble else None,
            "faults": " ".join(health.faults),
            "celsius": facts.celsius,
            "heat": facts.heat.value,
            "slowdowns": ", ".join(sorted(facts.slowdowns)),
            "disk_total_bytes": facts.storage.total_bytes,
            "disk_free_bytes": facts.storage.free_bytes,
            "spool_share": round(facts.storage.spool_share, 4),
            "ballast": facts.storage.ballast,
            "results_waiting": facts.waiting,
            "contact_age_s": facts.contact_age_s,
            "clock": facts.clock.value,
            "identity_ends_in_s": facts.identity_ends_in_s,
            "lens_dirty": facts.smudged,
            "lamps_silent": facts.silent_lamps,
            "lamps_fading": facts.fading_lamps,
        }
    )


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
