"""The plan of a frame's work: heavy stages are spaced out, never share a frame, and none of them starves."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from edge.rules import Times
from edge.schedule import Schedule, Work
from edge.session.states import State
from tests.edge.observations import MS, usable

TIMES = Times()


def played(state: State, fps: float, frames: int, times: Times = TIMES) -> list[Work]:
    """The plans for so many frames, each done as planned."""
    schedule, plans = Schedule(times, 8), []
    for number in range(frames):
        at_ms = number * 1000 / fps
        work = schedule.plan(state, round(at_ms * MS))
        plans.append(work)
        schedule.done(usable(at_ms, texture=0.9 if work.texture else None, shot=90 if work.shot else None))
    return plans


def count(plans: list[Work]) -> Counter[str]:
    return Counter(name for work in plans for name in ("texture", "mesh", "shot") if getattr(work, name))


@pytest.mark.parametrize("state", set(State) - {State.PROBING, State.CHALLENGING}, ids=str)
def test_nothing_heavy_runs_while_nothing_is_gathered(state: State) -> None:
    assert count(played(state, 30, 60)) == Counter()


@pytest.mark.parametrize("fps", [3, 5, 8, 10, 12, 15, 25, 30, 60])
@pytest.mark.parametrize("state", [State.PROBING, State.CHALLENGING])
def test_every_camera_gets_texture_and_shots_within_six_seconds(state: State, fps: float) -> None:
    done = count(played(state, fps, round(6 * fps)))

    assert done["texture"] >= 8
    assert done["shot"] >= 3


@pytest.mark.parametrize("fps", [5, 10, 30, 60])
def test_texture_and_shot_never_share_a_frame(fps: float) -> None:
    assert not any(work.texture and work.shot for work in played(State.CHALLENGING, fps, 200))


@pytest.mark.parametrize(("fps", "interval"), [(30, 100), (60, 100), (30, 500)])
def test_probes_keep_their_distance_and_become_seldom(fps: float, interval: int) -> None:
    plans = played(State.PROBING, fps, 600, replace(TIMES, probe_apart_ms=interval))
    probed_ms = [number * 1000 / fps for number, work in enumerate(plans) if work.texture]
    apart_ms = [later - earlier for earlier, later in pairwise(probed_ms)]
    frame_ms = 1000 / fps

    # A shot may take the frame of a probe that is due, which then waits for the next.
    assert all(interval - 0.01 <= apart <= interval + 2 * frame_ms + 0.01 for apart in apart_ms[:7])
    assert all(5 * interval - 0.01 <= apart <= 5 * interval + 2 * frame_ms + 0.01 for apart in apart_ms[7:])
    assert len(apart_ms) > 8


def test_the_mesh_runs_on_every_frame_of_a_challenge_and_only_there() -> None:
    assert count(played(State.CHALLENGING, 30, 30))["mesh"] == 30
    assert count(played(State.PROBING, 30, 30))["mesh"] == 0


def test_what_was_planned_but_could_not_be_done_is_planned_again() -> None:
    schedule = Schedule(TIMES, 8)

    assert schedule.plan(State.PROBING, 0).texture
    schedule.done(usable(0))

    assert schedule.plan(State.PROBING, MS).texture
