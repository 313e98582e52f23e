"""What a failing disk leaves open is reported before the next visit, and what the unit shows follows the state (F2, F5)."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.errors import StoreUnusableError
from edge.health.faults import State
from edge.spool.spool import Spool
from tests.faults.duty import on_duty
from wire.reasons import Reason
from wire.result import Verdict


def test_a_visit_whose_result_the_disk_did_not_take_is_reported_as_cut_off_and_its_ticket_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> object:
        raise StoreUnusableError("its disk is read-only")

    with on_duty(tmp_path) as duty:
        duty.desk.ticket()
        with monkeypatch.context() as broken:
            broken.setattr(Spool, "conclude", refuses)

            assert duty.turn() is State.PAUSED
            assert duty.shows == ("FAULT", "STORE_FULL")
            assert duty.is_dark
            assert len(duty.desk.spool.unfinished()) == 1
            assert duty.turn(after_s=5) is State.PAUSED

        assert duty.turn(after_s=10) is State.SERVING
        assert [(one.verdict, one.reasons) for one in duty.results] == [
            (Verdict.ABORTED, (Reason.INTERRUPTED,)),
            (Verdict.ACCEPTED, ()),
        ]
        assert duty.desk.spool.unfinished() == []


def test_light_and_screen_are_told_once_for_each_change(tmp_path: Path) -> None:
    with on_duty(tmp_path) as duty:
        for celsius in (50.0, 90.0, 91.0, 70.0, 71.0):
            duty.thermometer.tell(celsius)
            duty.turn(after_s=5)

        shown = [
            (happening.part.value, happening.what)
            for happening in duty.recorder.happenings
            if happening.part.value in ("led", "screen")
        ]

    trial = [("led", "OFF")]  # the board that was tried at the start goes dark
    assert [each for each in shown if each not in trial] == [
        *(("led", "IDLE"), ("screen", "READY")),
        *(("led", "FAULT"), ("screen", "TOO_HOT")),
        *(("led", "IDLE"), ("screen", "READY")),
    ]
