"""How the unit is follows from facts alone; what trembles at a limit is told once."""

from __future__ import annotations

from typing import Any

import pytest

from edge.health.faults import TABLE, Fault, State
from edge.health.health import WELL, Facts, Health, judge
from edge.health.storage import MIB, Standing, Storage
from edge.schedule import Heat
from firmware.ports import LedPattern, Slowdown
from tests.edge.health.facts import LIMITS, disk, facts
from wire.reasons import Reason
from wire.result import ClockState


def test_a_sound_unit_serves_and_nobody_is_told_anything() -> None:
    health = judge(facts(), LIMITS)

    assert (health.state, health.trouble, health.faults, health.led) == (State.SERVING, None, (), LedPattern.IDLE)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"storage": disk(80)}, Fault.STORAGE_LOW),
        ({"storage": disk(10, ballast=False)}, Fault.STORAGE_LOW),
        ({"storage": disk(95)}, Fault.STORAGE_FULL),
        ({"storage": Storage(100 * MIB, 63 * MIB)}, Fault.STORAGE_FULL),
        ({"storage": Storage(0, 0)}, Fault.STORAGE_FULL),
        ({"storage": disk(10, standing=Standing.READ_ONLY)}, Fault.STORE_READ_ONLY),
        ({"storage": disk(10, standing=Standing.UNUSABLE)}, Fault.STORE_UNUSABLE),
        ({"storage": disk(10, spool_share=0.95)}, Fault.STORE_FULL),
        ({"device": Fault.CAMERA_SILENT}, Fault.CAMERA_SILENT),
        ({"celsius": 85.0, "heat": Heat.HOT}, Fault.OVERHEATED),
        ({"celsius": 84.9, "heat": Heat.HOT}, Fault.HOT),
        ({"slowdowns": frozenset({Slowdown.THROTTLED})}, Fault.HOT),
        ({"slowdowns": frozenset({Slowdown.WEAK_SUPPLY})}, Fault.SUPPLY_WEAK),
        ({"clock": ClockState.UNSYNCED}, Fault.CLOCK_UNSYNCED),
        ({"identity_ends_in_s": None}, Fault.IDENTITY_MISSING),
        ({"identity_ends_in_s": 0}, Fault.IDENTITY_EXPIRED),
        ({"identity_ends_in_s": 13 * 86_400}, Fault.IDENTITY_ENDING),
        ({"waiting": 1, "contact_age_s": 86_400}, Fault.NETWORK_LONG_AGO),
        ({"smudged": True}, Fault.LENS_DIRTY),
        ({"silent_lamps": "L"}, Fault.LAMP_SILENT),
        ({"fading_lamps": "R"}, Fault.LAMP_FADING),
        ({"interrupted": True}, Fault.RESTARTED),
        ({"supported": False}, Fault.UNSUPPORTED),
        ({"housing_open": True}, Fault.HOUSING_OPEN),
    ],
)
def test_one_fact_that_is_wrong_is_that_one_fault(changes: dict[str, Any], fault: Fault) -> None:
    health = judge(facts(**changes), LIMITS)

    assert health.faults == (fault,)
    assert (health.state, health.trouble) == (TABLE[fault].state, TABLE[fault].reason)


@pytest.mark.parametrize(
    "changes",
    [
        {"clock": ClockState.HOLDOVER},
        {"celsius": 79.9, "heat": Heat.WARM},
        {"waiting": 3, "contact_age_s": 86_399},
        {"waiting": 0, "contact_age_s": 10**7},
        {"storage": disk(79.9)},
        {"identity_ends_in_s": 14 * 86_400},
        {"celsius": None},
        {"waiting": 1},
    ],
)
def test_what_is_usual_is_no_fault(changes: dict[str, Any]) -> None:
    assert judge(facts(**changes), LIMITS) == WELL


def test_a_date_that_nobody_can_judge_ends_no_service() -> None:
    """A unit that wakes up without a clock must not think its certificate expired; the centre judges by its own."""
    health = judge(facts(clock=ClockState.UNSYNCED, identity_ends_in_s=-5), LIMITS)

    assert Fault.IDENTITY_EXPIRED not in health.faults
    assert health.serves


def run(before: Health, course: list[Facts]) -> list[State]:
    """The states that follow each other."""
    states = []
    for each in course:
        before = judge(each, LIMITS, before)
        states.append(before.state)
    return states


def test_a_hot_board_pauses_once_and_goes_on_five_degrees_cooler() -> None:
    course = [facts(celsius=celsius, heat=Heat.HOT) for celsius in (84.0, 85.0, 83.0, 85.0, 80.0, 79.9, 84.9)]

    assert run(WELL, course) == [
        *(State.DEGRADED, State.PAUSED, State.PAUSED, State.PAUSED, State.PAUSED, State.DEGRADED, State.DEGRADED),
    ]


def test_a_sensor_that_falls_silent_on_a_board_that_was_too_hot_keeps_the_pause() -> None:
    assert run(WELL, [facts(celsius=90.0), facts(celsius=None)]) == [State.PAUSED, State.PAUSED]


def test_a_full_disk_must_become_two_per_cent_emptier() -> None:
    course = [facts(storage=disk(used)) for used in (94.9, 95.0, 94.0, 93.1, 92.9, 94.9)]

    assert run(WELL, course) == [
        *(State.DEGRADED, State.PAUSED, State.PAUSED, State.PAUSED, State.DEGRADED, State.DEGRADED),
    ]


def test_of_many_faults_the_worst_is_shown() -> None:
    health = judge(facts(smudged=True, celsius=90.0, storage=disk(99), supported=False, clock=ClockState.UNSYNCED), LIMITS)

    assert health.faults[:3] == (Fault.UNSUPPORTED, Fault.STORAGE_FULL, Fault.OVERHEATED)
    assert (health.state, health.trouble) == (State.OUT_OF_SERVICE, Reason.HW_UNSUPPORTED)
    assert set(health.faults[3:]) == {Fault.LENS_DIRTY, Fault.CLOCK_UNSYNCED}
