"""Work of the networks in one visit, on made-up counts."""

from __future__ import annotations

from edge.evaluate.cost.counters import work_of
from models.counting import TallySnapshot

FILES = {"detector": 300, "embedder": 4000, "unused": 70_000}


def test_what_comes_after_the_loop_is_in_the_mean_and_in_no_frame() -> None:
    looped = [
        TallySnapshot({"detector": 1}, {"detector": 100.0}, {"detector": 4_000_000}),
        TallySnapshot({}, {}, {}),
        TallySnapshot({"detector": 2}, {"detector": 200.0}, {"detector": 8_000_000}),
    ]
    after = TallySnapshot({"embedder": 2}, {"embedder": 600.0}, {"embedder": 12_000_000})

    found = work_of(looped, after, 3, FILES)

    assert (found.mean_mmac, found.max_mmac, found.concluding_mmac) == (300.0, 200.0, 600.0)
    assert found.moved_mb == 8.0
    assert (found.file_bytes, found.runs) == (4300, {"detector": 3, "embedder": 2})
