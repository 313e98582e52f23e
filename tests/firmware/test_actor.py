"""The actor is neutral until asked, does what it is asked once, and its time runs on without a gap."""

from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path

import pytest

from firmware.errors import CameraFormatError, CameraNotFoundError, FootageInvalidError
from firmware.frame import Frame
from firmware.twin.actor import CUT_NS, ActorCamera
from tests.firmware.builders import PERIOD_NS, level_of, levels, plain, write_clip, write_grey_clip

NEUTRAL, BLINK, MOUTH = 50, 100, 150

SCRIPT = """
ends_after_s = {ends_after_s}

[neutral]
clip = "person.avi"
start_s = 0
end_s = 0.2

[[action]]
code = "ASK_BLINK"
clip = "person.avi"
start_s = 0.2
end_s = 0.32
delay_s = {delay_s}

[[action]]
code = "ASK_MOUTH"
clip = "mouth.avi"
start_s = 0.04
end_s = 0.12
"""


class _Screen:
    """A screen that the actor watches."""

    def __init__(self) -> None:
        self.word = ""

    def __call__(self) -> str:
        return self.word


def _actor(tmp_path: Path, screen: _Screen, delay_s: float = 0.0, ends_after_s: float = 10) -> ActorCamera:
    write_grey_clip(tmp_path / "person.avi", [NEUTRAL] * 5 + [BLINK] * 3 + [NEUTRAL] * 4)
    write_grey_clip(tmp_path / "mouth.avi", [NEUTRAL] + [MOUTH] * 2 + [NEUTRAL])
    script = tmp_path / "person.toml"
    script.write_text(SCRIPT.format(delay_s=delay_s, ends_after_s=ends_after_s))
    return ActorCamera(script, screen)


def _next(frames: Iterator[Frame], number: int) -> list[int]:
    return levels(list(islice(frames, number)))


def test_nobody_asked_so_the_person_stays_neutral(tmp_path: Path) -> None:
    assert set(_next(_actor(tmp_path, _Screen()).frames(), 40)) == {NEUTRAL}


def test_the_person_blinks_once_when_asked_and_is_neutral_again(tmp_path: Path) -> None:
    screen = _Screen()
    frames = _actor(tmp_path, screen).frames()
    before = _next(frames, 3)

    screen.word = "ASK_BLINK"
    after = _next(frames, 12)

    assert before == [NEUTRAL] * 3
    assert after == [BLINK] * 3 + [NEUTRAL] * 9


def test_the_person_takes_time_to_react(tmp_path: Path) -> None:
    screen = _Screen()
    frames = _actor(tmp_path, screen, delay_s=0.3).frames()
    asked_at = next(frames)

    screen.word = "ASK_BLINK"
    blink = next(frame for frame in frames if level_of(frame) == BLINK)

    assert 0.3e9 <= blink.captured_ns - asked_at.captured_ns <= 0.3e9 + 2 * PERIOD_NS


def test_a_word_that_comes_while_something_is_done_is_heard_at_once_and_answered_after_it(tmp_path: Path) -> None:
    screen = _Screen()
    frames = _actor(tmp_path, screen, delay_s=0.2).frames()
    next(frames)
    screen.word = "ASK_MOUTH"
    opening = next(frames)

    screen.word = "ASK_BLINK"
    still_open = next(frames)
    blink = next(frame for frame in frames if level_of(frame) == BLINK)

    assert level_of(opening) == level_of(still_open) == MOUTH
    assert 0.2e9 <= blink.captured_ns - opening.captured_ns < 0.2e9 + 2 * PERIOD_NS


def test_what_is_asked_for_while_something_is_done_is_not_done_before_that_is_over(tmp_path: Path) -> None:
    screen = _Screen()
    frames = _actor(tmp_path, screen).frames()
    next(frames)
    screen.word = "ASK_BLINK"
    first = _next(frames, 1)
    screen.word = "ASK_MOUTH"

    assert first + _next(frames, 6) == [BLINK] * 3 + [NEUTRAL] + [MOUTH] * 2 + [NEUTRAL]


def test_a_word_that_leaves_the_screen_in_time_is_not_answered(tmp_path: Path) -> None:
    screen = _Screen()
    frames = _actor(tmp_path, screen, delay_s=0.3).frames()
    screen.word = "ASK_BLINK"
    _next(frames, 3)

    screen.word = "HOLD_STILL"

    assert set(_next(frames, 30)) == {NEUTRAL}


def test_each_action_has_its_own_footage_and_can_be_asked_again(tmp_path: Path) -> None:
    screen = _Screen()
    frames = _actor(tmp_path, screen).frames()
    next(frames)

    seen = []
    for word in ("ASK_MOUTH", "ASK_BLINK", "ASK_MOUTH"):
        screen.word = word
        seen.append(_next(frames, 8))

    assert seen[0] == [MOUTH] * 2 + [NEUTRAL] * 6
    assert seen[1] == [BLINK] * 3 + [NEUTRAL] * 5
    assert seen[2] == seen[0]


def test_an_action_without_footage_is_not_done(tmp_path: Path) -> None:
    screen = _Screen()
    screen.word = "ASK_NOD"

    assert set(_next(_actor(tmp_path, screen).frames(), 40)) == {NEUTRAL}


def test_time_runs_on_across_all_cuts(tmp_path: Path) -> None:
    screen = _Screen()
    frames = []
    for frame in islice(_actor(tmp_path, screen).frames(), 60):
        frames.append(frame)
        screen.word = ("", "ASK_BLINK", "ASK_MOUTH")[frame.sequence // 7 % 3]

    steps = {later.captured_ns - earlier.captured_ns for earlier, later in pairwise(frames)}

    assert frames[0].captured_ns == 0
    assert steps == {PERIOD_NS, CUT_NS}
    assert [frame.sequence for frame in frames] == list(range(60))


def test_the_performance_ends_in_time(tmp_path: Path) -> None:
    frames = list(_actor(tmp_path, _Screen(), ends_after_s=0.5).frames())

    assert 0.4e9 < frames[-1].captured_ns < 0.5e9


def test_the_performance_ends_when_the_camera_is_closed(tmp_path: Path) -> None:
    with _actor(tmp_path, _Screen()) as camera:
        frames = camera.frames()
        first = next(frames)

    assert first.sequence == 0
    assert list(frames) == []


# --- bad footage ---------------------------------------------------------------------------------------------------

GOOD_NEUTRAL = '[neutral]\nclip = "a.avi"\nstart_s = 0\nend_s = 0.2\n'
ACTION = '[[action]]\ncode = "ASK_BLINK"\nclip = "a.avi"\nstart_s = 0\nend_s = 0.1\n'


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("this is [not TOML", "not a readable TOML file"),
        (b"\xff\xfe\x00", "not a readable TOML file"),
        ("x = " + "[" * 5000, "not a readable TOML file"),
        ("", "top level, neutral: a table"),
        ("neutral = 5", "top level, neutral: a table"),
        ("speed = 2\n" + GOOD_NEUTRAL, "top level, speed: unknown key; known are action, ends_after_s, neutral"),
        (GOOD_NEUTRAL + "loop = true\n", r"\[neutral\], loop: unknown key"),
        (GOOD_NEUTRAL + ACTION + "when = 1\n", r"\[\[action\]\] number 1, when: unknown key"),
        (GOOD_NEUTRAL.replace("end_s = 0.2", ""), r"\[neutral\], end_s: a number of seconds"),
        (GOOD_NEUTRAL.replace("start_s = 0", "start_s = -1"), r"\[neutral\], start_s: a number of seconds"),
        (GOOD_NEUTRAL.replace("start_s = 0", "start_s = true"), r"\[neutral\], start_s: a number of seconds"),
        (GOOD_NEUTRAL.replace("start_s = 0", 'start_s = "0"'), r"\[neutral\], start_s: a number of seconds"),
        (GOOD_NEUTRAL.replace("end_s = 0.2", "end_s = nan"), r"\[neutral\], end_s: a number of seconds"),
        (GOOD_NEUTRAL.replace("end_s = 0.2", "end_s = inf"), r"\[neutral\], end_s: a number of seconds"),
        (GOOD_NEUTRAL.replace("end_s = 0.2", "end_s = 0.0"), r"\[neutral\], end_s: it must be later"),
        (GOOD_NEUTRAL.replace('"a.avi"', "7"), r"\[neutral\], clip: a text"),
        (GOOD_NEUTRAL.replace('"a.avi"', '""'), r"\[neutral\], clip: a text"),
        (GOOD_NEUTRAL.replace('"a.avi"', '"a\\u0000.avi"'), r"\[neutral\], clip: a text"),
        ("ends_after_s = 1e9\n" + GOOD_NEUTRAL, "top level, ends_after_s: a number of seconds from 0 to 3600"),
        (GOOD_NEUTRAL + "[action]\n", r"top level, action: tables \[\[action\]\]"),
        (GOOD_NEUTRAL + ACTION.replace('"ASK_BLINK"', "1"), "number 1, code: a text"),
        (GOOD_NEUTRAL + ACTION + ACTION, "given twice for code 'ASK_BLINK'"),
        (GOOD_NEUTRAL.replace("start_s = 0", "start_s = 7").replace("0.2", "8"), "holds no picture from 7 s to 8 s"),
        (GOOD_NEUTRAL + ACTION.replace("a.avi", "big.avi"), "pictures of different sizes"),
        ("x = 1\n" * 200_000, "larger than 1048576 bytes"),
    ],
)
def test_bad_footage_is_named(tmp_path: Path, script: str | bytes, sentence: str) -> None:
    write_grey_clip(tmp_path / "a.avi", [NEUTRAL] * 5)
    write_clip(tmp_path / "big.avi", [plain(NEUTRAL, 128, 96)] * 5)
    path = tmp_path / "person.toml"
    path.write_bytes(script if isinstance(script, bytes) else script.encode())

    with pytest.raises(FootageInvalidError, match=sentence):
        ActorCamera(path, _Screen())


def test_a_missing_clip_is_named(tmp_path: Path) -> None:
    path = tmp_path / "person.toml"
    path.write_text(GOOD_NEUTRAL)

    with pytest.raises(CameraNotFoundError, match=r"a\.avi: there is no such file"):
        ActorCamera(path, _Screen())


def test_a_clip_that_is_no_video_is_named(tmp_path: Path) -> None:
    path = tmp_path / "person.toml"
    path.write_text(GOOD_NEUTRAL)
    (tmp_path / "a.avi").write_text("no video")

    with pytest.raises(CameraFormatError, match=r"a\.avi: this is text"):
        ActorCamera(path, _Screen())


def test_missing_footage_is_named(tmp_path: Path) -> None:
    with pytest.raises(CameraNotFoundError, match=r"actor:.*nobody\.toml: there is no such file"):
        ActorCamera(tmp_path / "nobody.toml", _Screen())
    with pytest.raises(FootageInvalidError, match="this is not a file"):
        ActorCamera(tmp_path, _Screen())


@pytest.mark.footage
def test_a_real_person_answers_with_real_footage(tmp_path: Path, footage_dir: Path) -> None:
    clip = footage_dir / "clips" / "lp_d9_challenge_actions.mp4"
    scenes = f'[neutral]\nclip = "{clip}"\nstart_s = 3.4\nend_s = 4.0\n'
    scenes += f'[[action]]\ncode = "ASK_BLINK"\nclip = "{clip}"\nstart_s = 1.1\nend_s = 1.6\ndelay_s = 0.5\n'
    (tmp_path / "person.toml").write_text(scenes)
    screen = _Screen()
    frames = ActorCamera(tmp_path / "person.toml", screen).frames()

    neutral = list(islice(frames, 18))
    again = next(frames)
    screen.word = "ASK_BLINK"
    answered = list(islice(frames, 45))

    assert (again.bgr == neutral[0].bgr).all()
    known = {frame.luma.tobytes() for frame in neutral}
    foreign = [frame.captured_ns for frame in answered if frame.luma.tobytes() not in known]
    assert len(foreign) == 15
    assert 0.5e9 <= foreign[0] - again.captured_ns <= 0.6e9
