"""A ticket that is passed over leaves a screen that is ready for the next visitor."""

from __future__ import annotations

from pathlib import Path

from edge.front import ENDING_SHOWN_S
from tests.builders import NOW_S
from tests.faults.duty import on_duty


def test_why_nothing_came_of_a_visit_makes_place_for_the_next_visitor(tmp_path: Path) -> None:
    with on_duty(tmp_path) as duty:
        duty.turn()
        duty.desk.ticket(not_after_s=NOW_S - 1, issued_at_s=NOW_S - 100)

        duty.turn(after_s=5)
        refused = duty.shows
        duty.turn(after_s=ENDING_SHOWN_S)

        assert refused == ("REFUSED", "TICKET_EXPIRED")
        assert duty.shows == ("IDLE", "READY")
