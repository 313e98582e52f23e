"""Each fault has its row, its words in both languages and its light, and the page for people tells the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from edge.errors import StoreFullError, StoreUnusableError
from edge.health.faults import ELSEWHERE, TABLE, Fault, State, fault_of_error, fault_of_reason, given_up
from edge.health.page import health_page
from edge.prompts.catalogue import LANGUAGES, load_catalogue
from firmware.errors import (
    CameraBusyError,
    CameraDeniedError,
    CameraFormatError,
    CameraNotFoundError,
    CameraStalledError,
    LightInvalidError,
)
from firmware.ports import LedPattern
from wire.condition import STATES
from wire.reasons import Category, Reason

PAGE = Path(__file__).resolve().parents[3] / "docs" / "health.md"


def test_every_fault_has_one_row_with_words_in_each_language() -> None:
    assert set(TABLE) == set(Fault)
    for row in TABLE.values():
        assert row.cause
        assert row.recovery
        for language in LANGUAGES:
            assert load_catalogue(language).view(row.reason).title


@pytest.mark.parametrize("number", range(58, 67))
def test_each_fault_of_the_appliance_is_answered_by_a_row_or_elsewhere(number: int) -> None:
    told = {test for row in TABLE.values() for test in re.findall(r"F\d+", row.tests)} | set(ELSEWHERE)

    assert f"F{number}" in told


def test_only_the_states_that_serve_show_no_fault() -> None:
    assert [(state.serves, state.led) for state in State] == [
        (True, LedPattern.IDLE),
        (True, LedPattern.IDLE),
        (False, LedPattern.FAULT),
        (False, LedPattern.FAULT),
    ]


def test_the_words_of_the_states_are_those_that_travel() -> None:
    assert tuple(state.value for state in State) == STATES


def test_what_keeps_a_visitor_from_being_served_is_never_called_their_fault() -> None:
    shown = {row.reason.category for row in TABLE.values() if not row.state.serves}

    assert shown <= {Category.EQUIPMENT, Category.TRUST}


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (CameraNotFoundError("usb:0", "gone"), Fault.CAMERA_MISSING),
        (CameraDeniedError("usb:0", "/dev/video0"), Fault.CAMERA_DENIED),
        (CameraBusyError("usb:0", "/dev/video0"), Fault.CAMERA_BUSY),
        (CameraStalledError("usb:0", "silent"), Fault.CAMERA_SILENT),
        (CameraFormatError("usb:0", "grey"), Fault.CAMERA_UNUSABLE),
        (LightInvalidError("L", "dead"), Fault.LAMPS_DEAD),
        (StoreFullError("full"), Fault.STORE_FULL),
        (StoreUnusableError("read-only"), Fault.STORE_UNUSABLE),
        (RuntimeError("anything"), Fault.ENGINE_BROKEN),
    ],
)
def test_each_error_stands_for_its_fault(error: Exception, fault: Fault) -> None:
    assert fault_of_error(error) is fault


def test_a_visitor_who_cancels_or_is_refused_is_no_fault_of_the_equipment() -> None:
    at_fault = {reason for reason in Reason if fault_of_reason(reason)}

    assert at_fault == {
        *(Reason.CAMERA_LOST, Reason.CAMERA_DENIED, Reason.CAMERA_BUSY, Reason.CAMERA_FAULT, Reason.LIGHT_FAULT),
        *(Reason.LIVENESS_UNAVAILABLE, Reason.MATCHER_UNAVAILABLE),
    }


def test_what_is_given_up_needs_a_person() -> None:
    for reason in Reason:
        fault = fault_of_reason(reason)
        if fault:
            assert TABLE[fault].state is State.PAUSED
            assert TABLE[given_up(fault)].state is State.OUT_OF_SERVICE


def test_the_page_for_people_is_written_from_the_tables() -> None:
    assert PAGE.read_text(encoding="utf-8") == health_page()
