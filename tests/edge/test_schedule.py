"""The plan of a frame's work: heavy stages are spaced out, never share a frame, and none of them starves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from edge.rules import Times
from edge.schedule import LOOK_MS, NOTHING, OTHERS_MS, Cover, Facts, Gaze, Heat, Schedule, Work
from edge.session.states import State
from edge.stages.track import LOST_AFTER_NS
from tests.edge.observations import MS, flawed, nobody, usable
from wire.reasons import Reason

TIMES = Times()
FRAME_NS = 33_333_334


def played(state: State, fps: float, frames: int, times: Times = TIMES) -> list[Work]:
    """The plans for so many frames, each done as planned."""
    schedule, plans, probed = Schedule(times), [], 0
    for number in range(frames):
        at_ms = number * 1000 / fps
        work = schedule.plan(state, Facts(round(at_ms * MS), texture_open=probed < 8))
        probed += work.texture
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


def test_who_turns_the_head_as_asked_is_watched_in_every_frame_and_probed_and_shot_once_they_look_back() -> None:
    schedule, turned, back = Schedule(TIMES), [], []
    for number in range(90):
        at_ms = number * 1000 / 30
        work = schedule.plan(State.CHALLENGING, Facts(round(at_ms * MS)))
        schedule.done(flawed(at_ms, Reason.HEAD_TURNED) if number < 60 else usable(at_ms))
        (turned if number < 60 else back).append(work)

    watched = turned[1:]
    assert not any(work.texture or work.shot for work in watched)
    assert all(work.mesh or work.gaze is Gaze.WHOLE for work in watched)
    assert sum(work.gaze is Gaze.FOLLOW for work in watched) > 30
    assert {"texture", "shot"} <= count(back[:7]).keys()


@pytest.mark.parametrize("fps", [15, 30, 60])
@pytest.mark.parametrize("state", [State.ACQUIRING, State.PROBING])
def test_no_two_heavy_stages_share_a_frame(state: State, fps: float) -> None:
    plans = played(state, fps, 200)
    heavy = [(work.texture, work.cover is Cover.BY_PIECES, work.mesh, work.gaze is Gaze.WHOLE) for work in plans[1:]]

    assert not any(sum(stages) > 1 for stages in heavy)
    assert sum(work.cover is Cover.BY_PIECES for work in plans) >= 20
    assert any(work.gaze is Gaze.WHOLE for work in plans[1:])


@pytest.mark.parametrize(
    ("state", "fps", "by_pieces"),
    [
        (State.PROBING, 60, True),
        (State.PROBING, 30, True),
        (State.PROBING, 15, True),
        (State.PROBING, 10, False),
        (State.CHALLENGING, 30, False),
    ],
)
def test_a_probe_takes_two_frames_where_they_come_fast_and_no_action_needs_the_second(
    state: State, fps: float, by_pieces: bool
) -> None:
    plans = played(state, fps, 200)
    after = [later for work, later in pairwise(plans[1:]) if work.texture]

    assert {work.by_pieces for work in plans[2:] if work.texture} == {by_pieces}
    assert len(after) > 8
    assert not by_pieces or not any(work.gaze is Gaze.WHOLE for work in after)


@pytest.mark.parametrize("fps", [25, 30, 60])
def test_a_look_for_other_people_comes_a_little_sooner_where_a_shot_is_due_and_takes_it(fps: float) -> None:
    plans = played(State.PROBING, fps, round(10 * fps))
    looked_ms = [number * 1000 / fps for number, work in enumerate(plans) if work.gaze is Gaze.WHOLE]
    taken = [work.shot for work in plans[1:] if work.gaze is Gaze.WHOLE]

    assert all(OTHERS_MS - LOOK_MS - 0.01 <= later - earlier <= OTHERS_MS + 1000 / fps for earlier, later in pairwise(looked_ms))
    assert any(taken)


@pytest.mark.parametrize("fps", [5, 10, 20])
def test_frames_far_apart_show_every_moment_of_an_action(fps: float) -> None:
    lacking = [work for work in played(State.CHALLENGING, fps, 60) if not work.mesh]

    assert all(work.gaze is Gaze.WHOLE for work in lacking)
    assert len(lacking) <= 60 / fps


@pytest.mark.parametrize("fps", [25, 30, 60])
def test_where_frames_come_fast_no_two_in_a_row_lack_the_mesh_and_none_bears_it_beside_the_texture(fps: float) -> None:
    plans = played(State.CHALLENGING, fps, 200)

    assert not any(work.texture and work.mesh for work in plans[1:])
    # Once a second a look for other people may come before a probe: a blink lasts longer than both.
    assert not any(not any(work.mesh for work in three) for three in zip(plans, plans[1:], plans[2:], strict=False))


@pytest.mark.parametrize(("fps", "interval"), [(30, 100), (60, 100), (30, 500)])
def test_probes_keep_their_distance_and_become_seldom(fps: float, interval: int) -> None:
    plans = played(State.PROBING, fps, 600, replace(TIMES, probe_apart_ms=interval))
    probed_ms = [number * 1000 / fps for number, work in enumerate(plans) if work.texture]
    apart_ms = [later - earlier for earlier, later in pairwise(probed_ms)]
    late_ms = LOOK_MS + 2 * 1000 / fps

    # A probe waits for the next look. A look for other people may take its frame; a seldom one then waits for a shot.
    assert all(interval - 0.01 <= apart <= interval + late_ms for apart in apart_ms[:7])
    assert all(5 * interval - 0.01 <= apart <= 5 * interval + late_ms + TIMES.shot_apart_ms for apart in apart_ms[7:])
    assert len(apart_ms) > 8


@pytest.mark.parametrize("fps", [15, 24, 25, 30, 60])
def test_a_texture_that_is_judged_is_probed_in_the_frames_of_shots(fps: float) -> None:
    """Those are compared first, for the very face was judged to live."""
    later = played(State.PROBING, fps, round(12 * fps))[round(2 * fps) :]

    assert sum(work.texture for work in later) >= 10
    assert all(work.shot for work in later if work.texture)


def test_whoever_seems_ready_is_looked_at_in_every_second_frame_and_a_flawed_face_eight_times_a_second() -> None:
    def looks(state: State, *reasons: Reason) -> int:
        schedule, looked = Schedule(TIMES), 0
        for number in range(60):
            at_ms = number * FRAME_NS / MS
            looked += schedule.plan(state, Facts(number * FRAME_NS, texture_open=False)).gaze in (Gaze.NEAR, Gaze.WHOLE)
            schedule.done(flawed(at_ms, *reasons) if reasons else usable(at_ms, texture=0.9, shot=90))
        return looked

    assert looks(State.ACQUIRING) == 30
    assert 15 <= looks(State.ACQUIRING, Reason.TOO_DARK) <= 18
    assert looks(State.PROBING) <= 10


def test_nothing_is_looked_for_before_a_face_while_an_action_is_asked_for() -> None:
    assert {work.cover for work in played(State.CHALLENGING, 30, 90)[1:]} == {Cover.NOT}
    assert {work.cover for work in played(State.CHALLENGING, 5, 90)[1:]} == {Cover.NOT}


def test_however_dear_frames_are_evidence_is_at_most_four_times_as_far_apart() -> None:
    schedule, probed_ms = Schedule(TIMES), []
    for number in range(600):
        work = schedule.plan(State.PROBING, Facts(number * FRAME_NS, heat=Heat.HOT))
        if work.texture:
            probed_ms.append(number * FRAME_NS / MS)
        seen = usable(number * FRAME_NS / MS, texture=0.9 if work.texture else None, shot=90 if work.shot else None)
        schedule.done(seen, 10_000 * MS)

    assert max(later - earlier for earlier, later in pairwise(probed_ms[3:])) <= 4 * TIMES.probe_apart_ms + LOOK_MS


def test_the_mesh_runs_in_a_challenge_only() -> None:
    assert count(played(State.CHALLENGING, 30, 300))["mesh"] >= 260
    assert count(played(State.PROBING, 30, 30))["mesh"] == 0


def test_most_frames_of_a_face_that_holds_still_are_not_looked_at() -> None:
    gazes = Counter(work.gaze for work in played(State.PROBING, 30, 300))

    assert gazes[Gaze.HOLD] >= 200
    assert 30 <= gazes[Gaze.NEAR] <= 60
    assert 9 <= gazes[Gaze.WHOLE] <= 11
    assert gazes[Gaze.FOLLOW] == 0


def test_between_two_looks_an_action_is_followed_by_landmarks() -> None:
    gazes = [work.gaze for work in played(State.CHALLENGING, 30, 120)]

    assert Gaze.HOLD not in gazes
    assert gazes.count(Gaze.FOLLOW) > gazes.count(Gaze.NEAR) > gazes.count(Gaze.WHOLE) >= 4


@pytest.mark.parametrize("state", [State.ACQUIRING, State.PROBING])
def test_whoever_answers_the_lamps_is_looked_at_in_every_frame(state: State) -> None:
    schedule = Schedule(TIMES, lit=True)
    gazes = []
    for number in range(60):
        gazes.append(schedule.plan(state, Facts(number * FRAME_NS)).gaze)
        schedule.done(usable(number * FRAME_NS / MS))

    assert set(gazes) == {Gaze.NEAR, Gaze.WHOLE}


def looks_for_somebody(stirs: Callable[[int], bool], frames: int, heat: Heat = Heat.COOL) -> list[int]:
    """The numbers of the frames of an empty place that are looked at."""
    schedule, looked = Schedule(TIMES), []
    for number in range(frames):
        gaze = schedule.plan(State.ACQUIRING, Facts(number * FRAME_NS, stirs(number), heat)).gaze
        assert gaze in ((Gaze.WHOLE,) if number == 0 else (Gaze.SEARCH, Gaze.HOLD))
        if gaze is not Gaze.HOLD:
            looked.append(number)
        schedule.done(nobody(number * FRAME_NS / MS))
    return looked


def test_an_empty_place_is_looked_at_twice_a_second_while_something_stirs_and_seldom_else() -> None:
    assert len(looks_for_somebody(lambda _: True, 300)) == 20
    assert len(looks_for_somebody(lambda _: False, 300)) == 5


def test_what_stirred_between_two_looks_is_not_forgotten() -> None:
    assert looks_for_somebody(lambda number: number == 3, 40) == [0, 15]


@pytest.mark.parametrize("fps", [2, 3, 4, 5, 6, 8, 10, 12, 13, 15, 25, 30, 60, 90])
@pytest.mark.parametrize("heat", [Heat.COOL, Heat.HOT])
@pytest.mark.parametrize("cost_ms", [0, 500])
@pytest.mark.parametrize("state", [State.ACQUIRING, State.PROBING, State.CHALLENGING])
def test_a_face_is_never_left_alone_for_so_long_that_it_is_another_one(
    state: State, cost_ms: int, heat: Heat, fps: float
) -> None:
    schedule, looked = Schedule(TIMES), []
    for number in range(round(10 * fps)):
        at_ns = round(number * 1e9 / fps)
        work = schedule.plan(state, Facts(at_ns, heat=heat, texture_open=False))
        probed, shot = 0.9 if work.texture else None, 90 if work.shot else None
        schedule.done(usable(at_ns / MS, texture=probed, shot=shot), cost_ms * MS)
        if work.gaze in (Gaze.NEAR, Gaze.GLANCE, Gaze.WHOLE):
            looked.append(at_ns)

    assert max(later - earlier for earlier, later in pairwise(looked)) <= LOST_AFTER_NS


def test_whoever_is_found_by_a_search_is_not_alone_before_everybody_was_looked_for() -> None:
    schedule, gazes = Schedule(TIMES), []
    for number in range(60):
        gazes.append(schedule.plan(State.ACQUIRING, Facts(number * FRAME_NS)).gaze)
        come = number >= 20
        schedule.done(usable(number * FRAME_NS / MS) if come else nobody(number * FRAME_NS / MS))

    found = gazes.index(Gaze.SEARCH, 20)
    assert gazes[found + 1] is Gaze.WHOLE
    assert Gaze.WHOLE not in gazes[1:found]


def test_a_hot_board_looks_less_often() -> None:
    assert len(looks_for_somebody(lambda _: True, 300, Heat.HOT)) == 9


def test_frames_that_cost_more_than_there_is_time_for_are_looked_at_less_often() -> None:
    def probes(cost_ms: float) -> int:
        schedule, probed = Schedule(TIMES), 0
        for number in range(300):
            work = schedule.plan(State.PROBING, Facts(number * FRAME_NS))
            probed += work.texture
            schedule.done(usable(number * FRAME_NS / MS, texture=0.9 if work.texture else None), round(cost_ms * MS))
        return probed

    assert probes(5) == probes(0) > 1.7 * probes(45) > 0


def test_who_was_there_a_moment_ago_is_looked_for_at_once() -> None:
    schedule = Schedule(TIMES)
    schedule.plan(State.ACQUIRING, Facts(0))
    schedule.done(usable(0))
    looked = []
    for number in range(1, 30):
        looked.append(schedule.plan(State.ACQUIRING, Facts(number * FRAME_NS, stirs=False)).gaze is not Gaze.HOLD)
        schedule.done(nobody(number * FRAME_NS / MS))

    assert sum(looked) >= 8


def test_a_frame_that_was_held_changes_nothing_about_who_is_there() -> None:
    schedule = Schedule(TIMES)
    assert not schedule.idle

    schedule.plan(State.ACQUIRING, Facts(0))
    schedule.done(nobody(0))
    assert schedule.idle
    assert schedule.plan(State.ACQUIRING, Facts(FRAME_NS)) == NOTHING
    schedule.done(replace(usable(FRAME_NS / MS), held=True))

    assert schedule.idle


def test_what_was_planned_but_could_not_be_done_is_planned_again() -> None:
    schedule = Schedule(TIMES)

    assert schedule.plan(State.PROBING, Facts(0)).texture
    schedule.done(usable(0))

    assert schedule.plan(State.PROBING, Facts(LOOK_MS * MS)).texture
