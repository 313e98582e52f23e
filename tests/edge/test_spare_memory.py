"""What nobody holds any more goes back to the kernel, after every visit."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from edge.spare_memory import RESTS_AFTER_S, Repose, give_back_memory
from tests.fakes.networks import Answering
from tests.fakes.stage import Scene, Stage
from tests.faults.duty import on_duty

MB = 1_000_000


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_what_was_freed_is_given_back() -> None:
    held = [bytes(10_000) for _ in range(8_000)]
    above = [bytes(10_000) for _ in range(100)]  # As long as it is there, glibc gives back nothing of what lies below.
    del held
    kept = resident_bytes()

    give_back_memory()

    assert kept - resident_bytes() > 40 * MB
    assert len(above) == 100


def test_a_unit_rests_once_nobody_has_come_for_a_minute_and_again_only_after_a_visit() -> None:
    now_s, rests = [100.0], []
    repose = Repose(lambda: rests.append(now_s[0]), lambda: now_s[0])

    for at_s in (100.0, 100.0 + RESTS_AFTER_S - 1, 100.0 + RESTS_AFTER_S, 900.0):
        now_s[0] = at_s
        repose.turn()
    repose.stir()
    repose.turn()
    now_s[0] += RESTS_AFTER_S
    repose.turn()

    assert rests == [100.0 + RESTS_AFTER_S, 900.0 + RESTS_AFTER_S]


def test_what_a_visit_took_is_given_back_when_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    given = []
    monkeypatch.setattr("edge.spare_memory.give_back_memory", lambda: given.append("heap"))
    repose = Repose(lambda: given.append("all"), lambda: 0.0)

    repose.turn()
    assert given == []
    repose.stir()

    assert given == ["heap"]


def test_a_serving_unit_rests_between_visits_and_not_while_they_follow_each_other(tmp_path: Path) -> None:
    with on_duty(tmp_path) as duty:
        duty.turn()
        duty.turn(after_s=RESTS_AFTER_S)
        opened = duty.rested
        duty.desk.ticket()
        duty.turn(after_s=5)
        duty.turn(after_s=RESTS_AFTER_S - 1)
        served = duty.rested
        duty.turn(after_s=2)

        assert (opened, served, duty.rested) == (1, 1, 2)


def test_an_engine_that_rests_lets_its_networks_free_what_only_runs_need(monkeypatch: pytest.MonkeyPatch) -> None:
    freed = []

    class Sparing(Answering):
        def give_back(self) -> None:
            freed.append("networks")

    monkeypatch.setattr("edge.engine.give_back_memory", lambda: freed.append("heap"))

    Stage(lambda _: Scene()).engine(landmarks5=Sparing(lambda _: ())).rest()

    assert freed == ["networks", "heap"]
