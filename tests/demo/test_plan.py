"""The plan speaks the words of the unit, and says what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.cameras import Actor, actor_toml, camera_words
from demo.errors import FootageMissingError, RecordingUnreadableError
from demo.stills import take_still
from demo.story import require_footage
from demo.visits import LIVE, PLAN, WILLING
from demo.words import LED_COLOURS
from edge.prompts.catalogue import ScreenCode
from edge.session.challenge import asked_action
from firmware.ports import LedPattern
from firmware.twin.footage import read_footage
from wire.result import Verdict


def laid_out(folder: Path) -> Path:
    """A mirror with an empty file for every recording of the plan."""
    for visit in PLAN:
        for file in (visit.camera.recording, visit.reference.recording):
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).touch()
    return folder


def test_every_pattern_of_the_led_has_a_colour() -> None:
    assert set(LED_COLOURS) == {pattern.value for pattern in LedPattern}


def test_the_willing_visitor_answers_every_action_that_an_active_visit_can_ask() -> None:
    asked = {f"ASK_{asked_action(bytes([number])).value.upper()}" for number in range(64)}

    assert asked < set(ScreenCode)
    assert len(asked) == 2
    assert {answer.code for answer in WILLING.answers} == asked


def test_the_plan_shows_acceptance_refusal_attack_and_guidance() -> None:
    assert {visit.verdict for visit in PLAN} == {Verdict.ACCEPTED, Verdict.REFUSED, Verdict.ATTACK}
    assert [visit.case for visit in PLAN if visit.told] == ["demo-4"]
    assert len({visit.case for visit in PLAN}) == len(PLAN)


def test_the_genuine_visit_is_compared_with_another_recording() -> None:
    assert PLAN[0].camera.recording != PLAN[0].reference.recording


@pytest.mark.parametrize("file", sorted({visit.camera.recording for visit in PLAN}))
def test_a_missing_recording_is_named_with_what_to_do(tmp_path: Path, file: str) -> None:
    mirror = laid_out(tmp_path)
    (mirror / file).unlink()

    with pytest.raises(FootageMissingError, match=rf"the recording {file} is not in .*--mirror DIR or LIFECERT_MIRROR=DIR"):
        require_footage(PLAN, mirror)


def test_without_a_mirror_the_first_recording_is_named() -> None:
    with pytest.raises(FootageMissingError, match=f"the recording {LIVE} is not in any mirror"):
        require_footage(PLAN, None)


def test_a_whole_mirror_is_taken(tmp_path: Path) -> None:
    assert require_footage(PLAN, laid_out(tmp_path)) == tmp_path


def test_a_clip_is_named_by_its_full_path(tmp_path: Path) -> None:
    assert camera_words(PLAN[0].camera, tmp_path, tmp_path) == f"clip:{tmp_path / LIVE}"


@pytest.mark.parametrize("name", ["person.mp4", 'per"son 人.mp4'])
def test_an_actor_is_described_as_the_unit_reads_it(tmp_path: Path, name: str) -> None:
    recording = tmp_path / name
    recording.touch()
    description = tmp_path / "actor.toml"
    description.write_text(actor_toml(WILLING, recording), encoding="utf-8")

    footage = read_footage(description)

    assert footage.neutral.clip == recording
    assert [action.code for action in footage.actions] == [answer.code for answer in WILLING.answers]
    assert footage.ends_after_ns == WILLING.ends_after_s * 1_000_000_000


def test_an_actor_is_written_into_the_folder_and_named(tmp_path: Path) -> None:
    (actor,) = [visit.camera for visit in PLAN if visit.camera is WILLING]

    words = camera_words(actor, tmp_path / "mirror", tmp_path)

    assert isinstance(actor, Actor)
    assert words == f"actor:{tmp_path / 'lp_d18_mouth_open.toml'}"
    assert (tmp_path / "lp_d18_mouth_open.toml").is_file()


def test_a_recording_without_pictures_gives_no_still(tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"no film")

    with pytest.raises(RecordingUnreadableError, match=r"broken\.mp4"):
        take_still(tmp_path / "broken.mp4", 0.5, tmp_path / "still.png")
    assert not (tmp_path / "still.png").exists()
