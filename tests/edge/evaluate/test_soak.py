"""A soak: what the dice throw, what is found at fault, and a short one with a real unit process."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from edge.cli import main
from edge.evaluate.soak.dice import EQUIPMENT, HARMLESS, LIVING, Mishap, Visit, visits
from edge.evaluate.soak.findings import Course, Finding, Played, findings
from edge.evaluate.soak.process import Complaint
from edge.evaluate.soak.slope import theil_sen
from edge.evaluate.soak.staged import FastClock, Scene, StagedCamera, read_scene, write_scene
from edge.evaluate.soak.vitals import Vitals, look_at
from firmware.picture import read_picture
from firmware.twin.camera import ClipCamera
from tests import builders as a
from wire.reasons import Reason
from wire.result import ResultStatement

MB = 1_000_000


def a_visit(mishap: Mishap = Mishap.NONE, number: int = 1) -> Visit:
    return Visit(number, LIVING[0], LIVING[0], mishap, None, 8, network=True)


def a_result(number: int) -> ResultStatement:
    return a.result(sequence=number, result_id=number.to_bytes(16, "big"))


def at(number: int, **changes: int) -> Vitals:
    """One look in every 6 s of the wall: a minute of the soak."""
    return replace(Vitals(6.0 * number, number, 250 * MB, 12, 2, 0, 260_000), **changes)


def a_course() -> Course:
    """Two sound hours."""
    results = [a_result(number) for number in range(1, 121)]
    played = [Played(a_visit(number=number), (result,), ()) for number, result in enumerate(results, 1)]
    return Course(10.0, played, [at(number) for number in range(120)], results, 120, 2, 2, 5, 720.0)


def broken(course: Course) -> list[str]:
    return [one.name for one in findings(course) if one.holds is False]


def finding(course: Course, name: str) -> Finding:
    return next(one for one in findings(course) if one.name == name)


def test_a_sound_course_has_nothing_against_it() -> None:
    found = findings(a_course())

    assert [one.name for one in found if one.holds is not True] == []


def test_memory_that_grows_by_more_than_a_megabyte_in_an_hour_is_found() -> None:
    course = a_course()
    course.vitals = [at(number, rss_bytes=250 * MB + round(number / 60 * 1.2 * MB)) for number in range(120)]

    assert broken(course) == ["memory"]
    assert finding(course, "memory").words.startswith("+1.20 MB/h")


def test_memory_that_only_grows_while_the_unit_is_warming_up_is_forgiven() -> None:
    course = a_course()
    course.vitals = [at(number, rss_bytes=(250 + min(number, 20)) * MB) for number in range(120)]

    assert broken(course) == []


def test_what_is_held_while_the_unit_is_warming_up_is_forgiven_and_nothing_after_it() -> None:
    course = a_course()
    course.vitals[23] = at(23, descriptors=40)  # The first fifth of 119 minutes ends between this look and the next.
    late = a_course()
    late.vitals[24] = at(24, descriptors=40)

    assert (broken(course), broken(late)) == ([], ["descriptors"])


def test_the_faster_the_soak_the_more_hours_its_growth_is_spread_over() -> None:
    course = a_course()
    course.vitals = [at(number, rss_bytes=250 * MB + round(number / 60 * 1.2 * MB)) for number in range(120)]
    course.speed = 20.0

    assert broken(course) == []
    assert finding(course, "memory").words.startswith("+0.60 MB/h")


def test_a_short_soak_says_nothing_of_memory_rather_than_that_it_holds() -> None:
    course = a_course()
    course.vitals = course.vitals[:20]

    assert finding(course, "memory").holds is None
    assert broken(course) == []


@pytest.mark.parametrize("name", ["descriptors", "threads", "children"])
def test_one_thing_more_that_is_held_between_visits_is_found(name: str) -> None:
    course = a_course()
    course.vitals[-1] = at(119, **{name: 40})

    assert broken(course) == [name]


def test_a_journal_of_eight_mib_is_found_even_while_the_unit_is_warming_up() -> None:
    course = a_course()
    course.vitals[0] = at(0, wal_bytes=8 * 2**20)

    assert broken(course) == ["journal"]


def test_a_lost_and_a_doubled_result_are_found() -> None:
    lost, doubled = a_course(), a_course()
    lost.results = lost.results[:-1]
    doubled.results = [*doubled.results[:-1], doubled.results[0]]

    assert broken(lost) == ["results"]
    assert broken(doubled) == ["results", "chain"]


@pytest.mark.parametrize("mishap", [each for each in Mishap if not a_visit(each).may_accept])
def test_a_yes_under_a_fault_that_forbids_it_is_found(mishap: Mishap) -> None:
    course = a_course()
    course.played[7] = replace(course.played[7], visit=a_visit(mishap))

    assert broken(course) == ["no wrong yes"]


def test_a_visitor_who_is_turned_away_without_a_reason_is_found() -> None:
    course = a_course()
    course.played[7] = replace(course.played[7], results=(a.refused(Reason.TOO_DARK),))

    assert broken(course) == ["no wrong no"]


def test_an_error_in_the_log_is_expected_at_a_fault_and_right_after_it_and_nowhere_else() -> None:
    course = a_course()
    for at_visit in (10, 11, 12):
        course.played[at_visit] = replace(course.played[at_visit], complaints=(Complaint("equipment failed", "{}"),))
    course.played[10] = replace(course.played[10], visit=a_visit(Mishap.CAMERA_DIES), results=())

    assert broken(course) == ["log"]
    assert finding(course, "log").words.startswith("1 unexpected errors: 13 none: equipment failed")


def test_an_error_that_no_fault_explains_is_found_even_at_a_fault() -> None:
    course = a_course()
    died = Played(a_visit(Mishap.CAMERA_DIES), (), (Complaint("traceback", "boom"),))
    course.played[10] = died

    assert broken(course) == ["log"]


def test_an_attempt_that_a_restart_cut_off_and_nobody_reported_is_found() -> None:
    course = a_course()
    course.interrupted -= 1

    assert broken(course) == ["restarts"]


def test_the_slope_is_that_of_most_values_whatever_a_few_of_them_do() -> None:
    hours = list(np.linspace(0, 2, 61))
    values = [3.0 * hour + (500 if number % 10 == 0 else 0) for number, hour in enumerate(hours)]

    slope = theil_sen(hours, values)

    assert slope.value == pytest.approx(3.0)
    assert slope.low <= 3.0 <= slope.high


def test_the_interval_of_a_slope_without_growth_holds_zero() -> None:
    noise = np.random.default_rng(5).normal(0, 1, 100)

    slope = theil_sen(list(range(100)), list(noise))

    assert slope.low < 0 < slope.high
    assert slope.high - slope.low < 0.05


def test_no_slope_is_made_of_two_moments() -> None:
    with pytest.raises(ValueError, match="three"):
        theil_sen([0.0, 0.0, 1.0], [1.0, 2.0, 3.0])


def test_the_dice_throw_the_same_for_a_seed_and_every_mishap_in_time() -> None:
    first, again, other = (list(islice(visits(seed), 400)) for seed in (3, 3, 4))

    counted = Counter(visit.mishap for visit in first)
    assert first == again != other
    assert set(counted) == set(Mishap)
    assert counted[Mishap.NONE] > 100
    assert any(not visit.network for visit in first)


def test_two_faults_of_the_equipment_never_follow_each_other() -> None:
    thrown = [visit.mishap in EQUIPMENT for visit in islice(visits(1), 2000)]

    assert sum(thrown) > 100
    assert not any(one and after for one, after in pairwise(thrown))


def test_a_fault_comes_long_before_a_visit_can_end_well() -> None:
    thrown = list(islice(visits(1), 500))

    assert max(visit.at_frame for visit in thrown) < 44  # Eight shots 250 ms apart, at 25 frames a second.
    assert all(visit.photo_of != visit.clip for visit in thrown if visit.mishap is Mishap.STRANGER)
    assert all(visit.photo_of == visit.clip for visit in thrown if visit.mishap in HARMLESS)


def test_the_vitals_of_this_very_process_are_what_it_knows_of_itself(tmp_path: Path) -> None:
    wal = tmp_path / "spool.db-wal"
    before = look_at(os.getpid(), wal, 1.0, 3)
    wal.write_bytes(bytes(1000))

    with wal.open("rb"):
        seen = look_at(os.getpid(), wal, 2.0, 4)

    assert seen.descriptors == before.descriptors + 1
    assert (before.wal_bytes, seen.wal_bytes) == (0, 1000)
    assert seen.rss_bytes > 10 * MB
    assert seen.threads >= 1


def test_a_scene_is_read_as_it_was_written(tmp_path: Path) -> None:
    scene = Scene("clip:somebody.mp4", press_at=7, celsius=81.0)

    write_scene(tmp_path, scene)

    assert read_scene(tmp_path) == scene


def test_a_clock_at_ten_times_the_speed_runs_ten_times_as_fast() -> None:
    class Standing:
        def now_ns(self) -> int:
            return 123

    assert FastClock(Standing(), 10.0).now_ns() == 1230


@pytest.mark.footage
def test_the_button_is_pressed_at_its_frame_and_the_camera_is_closed_when_nobody_looks_any_more(footage_dir: Path) -> None:
    pressed: list[int] = []
    opened = ClipCamera(footage_dir / LIVING[1])
    staged = StagedCamera("staged", lambda: opened, 2, lambda: pressed.append(1))

    frames = staged.frames()
    seen = [next(frames).sequence, next(frames).sequence]
    before = list(pressed)
    next(frames)
    frames.close()  # type: ignore[attr-defined] # a generator

    assert (seen, before, pressed) == ([0, 1], [], [1])
    assert list(opened.frames()) == []


@pytest.mark.footage
@pytest.mark.weights
def test_a_unit_that_is_worn_out_for_some_minutes_of_the_soak_holds(footage_dir: Path, tmp_path: Path) -> None:
    plot, mirror = tmp_path / "soak.png", footage_dir.parent
    words = [
        "soak",
        "--hours",
        "0.08",
        "--restarts",
        "0",
        "--sample-s",
        "0.1",
        "--json",
        "--plot",
        str(plot),
        "--mirror",
        str(mirror),
    ]

    done = CliRunner().invoke(main, words)

    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert {one["name"]: one["holds"] for one in told["findings"]} == {
        "memory": None,
        **dict.fromkeys(("descriptors", "threads", "children", "journal", "results", "chain"), True),
        **dict.fromkeys(("no wrong yes", "no wrong no", "log", "restarts"), True),
    }
    assert told["visits"] >= 4
    assert any("accepted" in words for counts in told["verdicts"].values() for words in counts)
    assert told["vitals"][-1]["threads"] < 20
    assert read_picture(plot).shape[2] == 3


def test_a_unit_that_does_not_start_is_a_fault_and_says_why(tmp_path: Path) -> None:
    from edge.evaluate.cost.errors import UnitProcessFailedError
    from edge.evaluate.soak.process import UnitProcess

    dying = UnitProcess([sys.executable, "-c", "raise SystemExit('no camera')"], os.environ)

    with pytest.raises(UnitProcessFailedError, match=r"exit code 1; last: no camera"), dying:
        pass
