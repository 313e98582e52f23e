"""Who is measured when, and how sure a median is: made-up numbers, no clock."""

from __future__ import annotations

import numpy as np
import pytest

from edge.evaluate.cost.bootstrap import Spread, spread
from edge.evaluate.cost.interleave import Block, Turn, evenly, interleave


def silent(done: int, of: int) -> None:
    """Nobody hears how far it is."""


def test_turns_are_taken_in_the_same_order_and_on_the_same_frames() -> None:
    told: list[tuple[str, tuple[int, ...]]] = []

    def ours(first: int) -> Turn:
        told.append(("ours", (first,)))
        return Turn(first, 60, 30.0)

    def other(name: str, ms: float) -> object:
        def run(frames: tuple[int, ...]) -> float:
            told.append((name, frames))
            return ms

        return run

    blocks = interleave(2, ours, {"a": other("a", 5.0), "b": other("b", 2.0)}, 60, silent)  # type: ignore[dict-item]

    assert [name for name, _ in told] == ["ours", "a", "b", "ours", "a", "b"]
    assert told[1][1] == told[2][1] == tuple(range(60))
    assert told[4][1] == tuple(range(60, 120))
    assert [block.ratio("a") for block in blocks] == [10.0, 10.0]
    assert [block.ratio("b") for block in blocks] == [4.0, 4.0]


def test_a_long_block_is_thinned_evenly_and_a_short_one_is_whole() -> None:
    assert evenly(7, 4, 50) == (7, 8, 9, 10)
    assert evenly(100, 300, 50) == tuple(range(100, 400, 6))


def test_others_never_look_at_fewer_than_fifty_frames_of_a_longer_block() -> None:
    seen: list[int] = []

    def look(frames: tuple[int, ...]) -> float:
        seen.append(len(frames))
        return 1.0

    interleave(1, lambda first: Turn(first, 200, 1.0), {"a": look}, 3, silent)

    assert seen == [50]


def test_a_block_counts_everything_that_ours_did_over_its_frames() -> None:
    assert Block(Turn(0, 50, 100.0), {"a": 30.0}).ratio("a") == 15.0


def test_the_interval_of_a_median_holds_it_and_the_same_values_give_the_same_interval() -> None:
    values = [20.0, 21.0, 19.5, 22.0, 20.5, 40.0]
    many = list(np.random.default_rng(3).normal(20, 2, 100))

    found = spread(values)

    assert spread(many) == spread(many)
    assert found.median == pytest.approx(20.75)
    assert 19.5 <= found.low < found.median < found.high <= 40.0


def test_more_blocks_make_the_interval_narrower() -> None:
    drawn = np.random.default_rng(5).normal(20, 2, 400)

    few, many = spread(list(drawn[:10])), spread(list(drawn))

    assert many.high - many.low < (few.high - few.low) / 2
    assert many.low < 20 < many.high


def test_the_interval_covers_the_true_median_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    found = [spread(list(rng.normal(20, 2, 16))) for _ in range(200)]

    covering = sum(one.low <= 20 <= one.high for one in found)

    assert covering >= 0.88 * len(found)


def test_one_block_has_no_width_and_none_is_refused() -> None:
    assert spread([3.0]) == Spread(3.0, 3.0, 3.0)
    with pytest.raises(ValueError, match="nothing"):
        spread([])
