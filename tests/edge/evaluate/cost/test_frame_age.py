"""How old a frame is when it is judged: made-up costs, no clock."""

from __future__ import annotations

import pytest

from edge.evaluate.cost.frame_age import Ages, newest, overloaded, queue, slowed

PERIOD_MS = 10.0


def test_a_loop_that_is_fast_enough_is_as_old_as_its_work_either_way() -> None:
    assert newest([4.0], PERIOD_MS) == queue([4.0], PERIOD_MS) == Ages(0.0, 0.4, 1)


def test_a_loop_that_is_too_slow_stays_young_with_the_newest_frame_and_ages_in_a_queue() -> None:
    slot, line = newest([20.0], PERIOD_MS, frames=300), queue([20.0], PERIOD_MS, frames=300)

    assert slot.taken_p95 < 1
    assert slot.judged_p95 < 3
    assert line.judged_p95 > 250
    assert line.deepest > 100


def test_a_frame_taken_late_is_never_older_than_one_period() -> None:
    slot = newest([13.0, 2.0, 31.0, 7.0], PERIOD_MS)

    assert 0 < slot.taken_p95 <= 1


def test_costs_are_stretched_to_twice_the_time_there_is() -> None:
    stretched = overloaded([1.0, 3.0], PERIOD_MS)

    assert sum(stretched) / 2 == pytest.approx(2 * PERIOD_MS)
    assert stretched[1] == pytest.approx(3 * stretched[0])
    assert slowed([1.0, 3.0]) == [2.0, 6.0]
