"""The growth of memory is told by visits in the middle: one frame more or less is none."""

from __future__ import annotations

from edge.commands.bench_unit import middle


def test_memory_of_a_tenth_is_that_of_its_middle_visit() -> None:
    after_visits = [(frames, frames * 1000 + (7 if frames % 20 else 0)) for frames in range(10, 1001, 10)]

    assert middle(after_visits, 2) == 155_003  # (150007 + 160000) / 2
    assert middle(after_visits, 10) == 955_003


def test_a_visit_that_is_longer_than_a_tenth_counts_for_it() -> None:
    assert middle([(62, 5_000)], 2) == 5_000
    assert middle([(100, 5_000), (900, 6_000), (1000, 7_000)], 2) == 6_000
