"""A scene obeys its lamps as they really are, while its frames tell what the lamps were told."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice, pairwise

import numpy as np
import pytest

from firmware.frame import DARK, UNKNOWN_LIGHT, Emitter, Frame, Light
from firmware.twin.parts import Part, Recorder
from firmware.twin.physics.lights import Place
from firmware.twin.physics.motion import Expression
from firmware.twin.physics.optics import Grid
from firmware.twin.physics.surface import TONE
from firmware.twin.scene import FACE_LEVEL, LampFaults, Lamps, Scene, SceneLamp, Shining
from firmware.twin.sitter import Deed
from firmware.twin.staging import stage
from tests.firmware.builders import SteppingClock
from tests.firmware.scenes import Booth, Sitting, casting, full

LEFT, RIGHT, WHITE = Emitter.LEFT, Emitter.RIGHT, Emitter.VISIBLE
MS = 1_000_000


def _words(frames: list[Frame]) -> list[str]:
    return [frame.light.word for frame in frames]


# --- frames --------------------------------------------------------------------------------------------------------


def _visit(seed: int = 1) -> list[Frame]:
    word = ""
    booth = Booth(stage(casting(seed=seed)), asked=lambda: word)
    frames = booth.camera.frames()
    seen = list(islice(frames, 2))
    booth.shine("LV", 60)
    word = Deed.TURN_LEFT
    return seen + list(islice(frames, 28))


def test_the_same_staging_gives_the_same_frames() -> None:
    one, other = _visit(), _visit()

    assert all(np.array_equal(frame.bgr, again.bgr) for frame, again in zip(one, other, strict=True))
    assert [(frame.captured_ns, frame.light) for frame in one] == [(frame.captured_ns, frame.light) for frame in other]


def test_another_seed_gives_other_frames() -> None:
    assert not np.array_equal(_visit()[0].bgr, _visit(seed=2)[0].bgr)


def test_no_two_frames_have_the_same_noise() -> None:
    still = replace(stage(casting()), sitter=Sitting(stage(casting()).rest))
    frames = list(islice(Booth(still).camera.frames(), 5))

    assert all(not np.array_equal(earlier.bgr, later.bgr) for earlier, later in pairwise(frames))


def test_frames_come_at_their_rate_until_the_scene_ends() -> None:
    staging = replace(stage(casting()), frames_per_second=25.0, ends_after_s=0.2)

    frames = list(Booth(staging).camera.frames())

    assert [frame.captured_ns for frame in frames] == [0, 40 * MS, 80 * MS, 120 * MS, 160 * MS]


def test_who_sits_there_sees_the_word_that_is_on_the_screen_now() -> None:
    sitting, word = Sitting(stage(casting()).rest), ""
    frames = Booth(replace(stage(casting()), sitter=sitting), asked=lambda: word).camera.frames()
    next(frames)

    word = Deed.NOD
    next(frames)

    assert [asked for _, asked in sitting.asked] == ["", Deed.NOD]
    assert sitting.asked[1][0] == pytest.approx(1 / 30, abs=1e-6)


# --- what the frames tell ------------------------------------------------------------------------------------------


def test_a_frame_tells_what_the_lamps_were_told() -> None:
    booth = Booth()
    frames = booth.camera.frames()

    seen = []
    for word in ("L", "L", "0", "LRV", "0"):
        booth.shine(word, 40)
        seen.append(next(frames).light)

    # The first word is given at the very start of the first exposure.
    assert seen[0] == UNKNOWN_LIGHT
    assert seen[1:] == [Light.parse("L", 40), DARK, Light.parse("LRV", 40), DARK]


def test_near_a_switch_a_frame_does_not_know_its_light() -> None:
    booth = Booth(replace(stage(casting()), exposure_ms=32.0))
    frames = booth.camera.frames()
    before = list(islice(frames, 2))

    booth.shine("L")
    after = list(islice(frames, 3))

    assert _words(before) == ["0", "0"]
    assert _words(after) == ["?", "L", "L"]


def test_a_switch_while_a_frame_is_exposed_leaves_its_light_unknown() -> None:
    booth = Booth()
    booth.lamps.now_ns = 6 * MS

    booth.shine("L")

    assert _words(list(islice(booth.camera.frames(), 2))) == ["?", "L"]


def test_what_the_lamps_do_is_seen() -> None:
    booth = Booth()
    frames = booth.camera.frames()
    dark = next(frames)

    booth.shine("L")
    lit = next(frames)

    assert lit.luma.mean() > 2 * dark.luma.mean()


# --- what really shone ---------------------------------------------------------------------------------------------


def _shone(faults: LampFaults | None = None) -> Shining:
    """The left lamp is lit at 40 percent 25 ms after the start, and put out 75 ms after it; seen is from 0 to 100 ms."""
    lamps = Lamps(faults)
    for at_ms, word in ((25, "L"), (75, "0")):
        lamps.now_ns = at_ms * MS
        lamps.tell(Light.parse(word, 40))
    return lamps.shone(0, 100 * MS)


def test_a_lamp_counts_by_its_time_and_strength() -> None:
    assert _shone() == {LEFT: pytest.approx(0.5 * 0.4)}


def test_a_late_lamp_shines_later() -> None:
    assert _shone(LampFaults(late_ms=50)) == {LEFT: pytest.approx(0.25 * 0.4)}
    assert _shone(LampFaults(late_ms=75)) == {}


def test_a_stuck_lamp_shines_whatever_it_is_told() -> None:
    assert _shone(LampFaults(stuck=frozenset({LEFT, WHITE}))) == {LEFT: 1.0, WHITE: 1.0}


def test_a_dead_lamp_never_shines() -> None:
    assert _shone(LampFaults(dead=frozenset({LEFT}))) == {}
    assert _shone(LampFaults(dead=frozenset({RIGHT}))) == _shone()


def test_all_lamps_of_a_word_shine() -> None:
    lamps = Lamps()
    lamps.tell(Light.parse("LRV"))

    assert lamps.shone(10 * MS, 20 * MS) == {LEFT: 1.0, RIGHT: 1.0, WHITE: 1.0}


def _seen(word: str, faults: LampFaults | None = None) -> Frame:
    """The fourth frame, long after the word was given before the second."""
    booth = Booth(faults=faults)
    frames = booth.camera.frames()
    next(frames)
    booth.shine(word)
    return list(islice(frames, 3))[-1]


@pytest.mark.parametrize(
    ("faults", "told", "like"),
    [
        (LampFaults(dead=frozenset({LEFT})), "L", "0"),
        (LampFaults(dead=frozenset({LEFT})), "LR", "R"),
        (LampFaults(stuck=frozenset({LEFT})), "0", "L"),
        (LampFaults(stuck=frozenset({LEFT})), "R", "LR"),
        (LampFaults(late_ms=500), "L", "0"),
    ],
    ids=["dead", "dead-beside-another", "stuck", "stuck-beside-another", "late"],
)
def test_a_broken_lamp_lies_in_the_word_and_shows_in_the_picture(faults: LampFaults, told: str, like: str) -> None:
    broken, sound = _seen(told, faults), _seen(like)

    assert broken.light.word == told
    assert np.array_equal(broken.bgr, sound.bgr)
    assert not np.array_equal(broken.bgr, _seen(told).bgr)


def test_a_forged_truth_changes_the_picture_and_not_the_word() -> None:
    def right_instead(begin_ns: int, end_ns: int) -> Shining:
        return full(RIGHT) if begin_ns else {}

    booth = Booth(truth=right_instead)
    frames = booth.camera.frames()
    next(frames)
    booth.shine("L")

    forged = list(islice(frames, 3))[-1]

    assert forged.light.word == "L"
    assert np.array_equal(forged.bgr, _seen("R").bgr)


def test_the_truth_is_asked_for_each_exposure() -> None:
    asked: list[tuple[int, int]] = []

    def dark(begin_ns: int, end_ns: int) -> Shining:
        asked.append((begin_ns, end_ns))
        return {}

    staging = replace(stage(casting()), frames_per_second=25.0, exposure_ms=12.0)
    list(islice(Booth(staging, truth=dark).camera.frames(), 3))

    assert asked == [(0, 12 * MS), (40 * MS, 52 * MS), (80 * MS, 92 * MS)]


# --- light ---------------------------------------------------------------------------------------------------------


def _drawn(shining: Mapping[Emitter, float], place: Place = Place.OFFICE) -> Grid:
    staging = stage(casting(place=place))
    return Scene(staging).draw(staging.rest, Expression(), shining)


def test_lamps_add_up() -> None:
    dark = _drawn({})

    both = _drawn(full(LEFT, WHITE)) - dark

    assert np.allclose(both, (_drawn(full(LEFT)) - dark) + (_drawn(full(WHITE)) - dark), atol=1e-4)
    assert both.mean() > 0.1


def test_half_the_time_is_half_the_light() -> None:
    dark = _drawn({})

    half = _drawn({LEFT: 0.5, WHITE: 0.5}) - dark

    assert np.allclose(2 * half, _drawn(full(LEFT, WHITE)) - dark, atol=1e-4)


def test_the_lamps_reach_the_face_and_hardly_the_room() -> None:
    added = (_drawn(full(WHITE)) - _drawn({})).mean(axis=0)

    assert np.median(added[18:30, 26:38]) > 5 * added[2:6, 2:6].max()


@pytest.mark.parametrize("place", list(Place))
def test_the_face_is_exposed_for_the_light_of_the_unit(place: Place) -> None:
    staging = stage(casting(place=place))

    pixels = Scene(staging).picture(0.0, "", {LEFT: 0.3, RIGHT: 0.3, WHITE: 0.6})

    face = (pixels[16:32, 24:40] / 255.0) ** TONE
    assert float(face.mean()) == pytest.approx(FACE_LEVEL, rel=0.3)


def test_the_exposure_does_not_follow_the_lamps() -> None:
    booth = Booth()
    frames = booth.camera.frames()
    booth.shine("LRV")
    list(islice(frames, 10))

    booth.shine("0")
    dark = list(islice(frames, 10))

    assert max(frame.luma.mean() for frame in dark) - min(frame.luma.mean() for frame in dark) < 2


def test_the_lamp_of_a_scene_remembers_what_it_was_told() -> None:
    recorder = Recorder(SteppingClock())
    lamp = SceneLamp(Lamps(), recorder)

    lamp.shine(Light.parse("LR", 40))
    light = lamp.light
    lamp.off()

    assert (light, lamp.light) == (Light.parse("LR", 40), DARK)
    assert recorder.of(Part.ILLUMINATOR) == ("LR 40", "0 0")
