"""A part that fails three times in a row is given up, and tried again all the same."""

from __future__ import annotations

from edge.health.faults import Fault
from edge.health.strikes import NO_STRIKES, is_due, struck, tried_well


def test_the_pause_grows_and_the_third_failure_gives_the_part_up() -> None:
    strikes, seen = NO_STRIKES, []
    for _ in range(5):
        strikes = struck(strikes, Fault.CAMERA_SILENT, now_s=100.0)
        seen.append((strikes.try_at_s - 100.0, strikes.fault))

    assert seen == [
        (5.0, Fault.CAMERA_SILENT),
        (10.0, Fault.CAMERA_SILENT),
        (60.0, Fault.CAMERA_GIVEN_UP),
        (60.0, Fault.CAMERA_GIVEN_UP),
        (60.0, Fault.CAMERA_GIVEN_UP),
    ]


def test_a_part_is_tried_when_its_pause_is_over_and_not_while_nothing_is_wrong() -> None:
    strikes = struck(NO_STRIKES, Fault.LAMPS_DEAD, now_s=100.0)

    assert [is_due(strikes, now_s) for now_s in (104.9, 105.0)] == [False, True]
    assert not is_due(NO_STRIKES, 1e9)
    assert not is_due(tried_well(strikes), 1e9)


def test_a_trial_that_succeeds_takes_no_failure_back() -> None:
    """A camera that works for a moment and fails in each visit must not ask for a third person, a fourth and a fifth."""
    strikes = NO_STRIKES
    for _ in range(2):
        strikes = tried_well(struck(strikes, Fault.CAMERA_SILENT, now_s=0.0))
        assert strikes.fault is None

    assert struck(strikes, Fault.CAMERA_SILENT, now_s=0.0).fault is Fault.CAMERA_GIVEN_UP
