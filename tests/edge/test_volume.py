"""How loud the unit speaks: as ordered last, also after a restart; a unit that cannot says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.volume import Volume, VolumeMemory
from firmware.clock import SystemClock
from firmware.sound import AlsaSpeaker
from firmware.twin.parts import Recorder, RecordingBuzzer, RecordingSpeaker
from firmware.voice_folder import Sentence, SoundSettings
from tests.firmware.builders import eventually
from tests.firmware.players import played, player, write_voice

DONE = Sentence("en", "Done Thank you.")


def speaker_in(folder: Path) -> AlsaSpeaker:
    """A speaker of the settings' 100 per cent, whose player writes down what it is given."""
    voice = folder / "voice"
    if not voice.exists():
        write_voice(voice, {DONE: 20_000})
    return AlsaSpeaker(
        SoundSettings("plughw:1,0", 100.0, voice), RecordingBuzzer(Recorder(SystemClock())), player(folder / "out")
    )


def loudest(speaker: AlsaSpeaker, folder: Path) -> int:
    """The largest sample of what is said now."""
    before = len(played(folder / "out"))
    speaker.say(DONE.text, DONE.language)
    assert eventually(lambda: len(played(folder / "out")) > before)
    speaker.close()
    return int(abs(played(folder / "out")[-1]).max())


def test_the_next_sentence_is_as_loud_as_ordered_and_so_is_the_first_after_a_restart(tmp_path: Path) -> None:
    memory, speaker = VolumeMemory(tmp_path / "volume"), speaker_in(tmp_path)

    answer = Volume(speaker, memory).order(50)
    before = loudest(speaker, tmp_path)
    again = speaker_in(tmp_path)
    Volume(again, memory).restore()
    after = loudest(again, tmp_path)

    assert answer == "ok 50 % from now on."
    assert (before, after) == (pytest.approx(10_000, abs=2), pytest.approx(10_000, abs=2))
    assert Volume(again, memory).percent == 50


@pytest.mark.parametrize("speaker", [None, RecordingSpeaker(Recorder(SystemClock()))])
def test_a_speaker_without_volume_says_so_and_nothing_is_kept(tmp_path: Path, speaker: RecordingSpeaker | None) -> None:
    volume = Volume(speaker, VolumeMemory(tmp_path / "volume"))

    answer = volume.order(50)

    assert answer.startswith("BAD HW_UNSUPPORTED ")
    assert volume.percent is None
    assert not (tmp_path / "volume").exists()


def test_where_nothing_can_be_written_down_the_order_counts_until_the_restart_and_says_so(tmp_path: Path) -> None:
    speaker = speaker_in(tmp_path)
    volume = Volume(speaker, VolumeMemory(tmp_path / "nowhere" / "volume"))

    answer = volume.order(30)

    speaker.close()
    assert answer.startswith("BAD STORE_FULL 30 % until the next restart only")
    assert volume.percent == 30


@pytest.mark.parametrize("content", [b"", b"loud", b"101", b"-1", b"\xff\xfe", b"7" * 5000])
def test_a_damaged_memory_leaves_the_settings_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "volume").write_bytes(content)
    speaker = speaker_in(tmp_path)
    volume = Volume(speaker, VolumeMemory(tmp_path / "volume"))

    volume.restore()

    speaker.close()
    assert volume.percent == 100
