"""The voice plays exactly the sentence that was rendered, cut off by the next; without a sound card it is a named fault."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from firmware.errors import SpeakerFaultError
from firmware.ports import Tune
from firmware.sound import AlsaSpeaker
from firmware.twin.parts import Part, Recorder, RecordingBuzzer
from firmware.voice_folder import INDEX, Sentence, SoundSettings, read_voice
from tests.firmware.builders import SteppingClock, eventually
from tests.firmware.players import failing, played, player, write_voice

NOD, DONE = Sentence("zh-CN", "请点点头 慢慢来。"), Sentence("zh-CN", "办好了 谢谢您。")


@pytest.fixture
def recorder() -> Recorder:
    return Recorder(SteppingClock())


@pytest.fixture
def settings(tmp_path: Path) -> SoundSettings:
    return SoundSettings("plughw:1,0", 100.0, write_voice(tmp_path / "voice", {NOD: 1000, DONE: 20_000}))


def speaker_of(settings: SoundSettings, recorder: Recorder, command: tuple[str, ...]) -> AlsaSpeaker:
    return AlsaSpeaker(settings, RecordingBuzzer(recorder), command)


def test_a_sentence_is_played_on_the_device_of_the_settings(settings: SoundSettings, recorder: Recorder, tmp_path: Path) -> None:
    speaker = speaker_of(settings, recorder, player(tmp_path / "out"))

    speaker.say(NOD.text, NOD.language)
    heard = eventually(lambda: len(played(tmp_path / "out")) == 1)
    speaker.close()

    assert heard
    assert abs(played(tmp_path / "out")[0]).max() == pytest.approx(1000, abs=2)
    assert (tmp_path / "out" / "arguments").read_text() == "-q -D plughw:1,0"
    assert (speaker.fault, recorder.of(Part.BUZZER)) == (None, ())


@pytest.mark.parametrize(("percent", "loudest"), [(50.0, 10_000), (0.0, 0), (100.0, 20_000), (400.0, 32_767)])
def test_the_volume_is_that_of_the_settings_and_never_overflows(
    settings: SoundSettings, recorder: Recorder, tmp_path: Path, percent: float, loudest: int
) -> None:
    louder = SoundSettings(settings.device, percent, settings.folder)
    speaker = speaker_of(louder, recorder, player(tmp_path / "out"))

    speaker.say(DONE.text, DONE.language)
    assert eventually(lambda: len(played(tmp_path / "out")) == 1)
    speaker.close()

    (samples,) = played(tmp_path / "out")
    assert samples.max() == pytest.approx(loudest, abs=3)
    assert samples[:16].min() >= 0  # the tone begins upwards: nothing has wrapped round


def test_the_next_sentence_cuts_off_the_one_before(settings: SoundSettings, recorder: Recorder, tmp_path: Path) -> None:
    speaker = speaker_of(settings, recorder, player(tmp_path / "out", takes_s=60))

    speaker.say(NOD.text, NOD.language)
    first = eventually(lambda: len(played(tmp_path / "out")) == 1)
    speaking = eventually(lambda: len(list((tmp_path / "out").glob("*.pid"))) == 2)  # the silence at the start, and this
    speaker.say(DONE.text, DONE.language)
    second = eventually(lambda: len(played(tmp_path / "out")) == 2)
    silent = not Path(f"/proc/{(tmp_path / 'out' / '001.pid').read_text()}").exists()
    speaker.close()

    assert (first, speaking, second, silent) == (True, True, True, True)
    assert list((tmp_path / "out").glob("*.played")) == []
    assert speaker.fault is None


def test_a_sentence_that_was_not_rendered_is_a_short_tone_and_a_line_in_the_log_without_its_words(
    settings: SoundSettings, recorder: Recorder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    speaker = speaker_of(settings, recorder, player(tmp_path / "out"))

    with caplog.at_level(logging.WARNING):
        speaker.say("请靠近一点", "zh-CN")
        speaker.say(NOD.text, "en")
    speaker.close()

    assert recorder.of(Part.BUZZER) == (Tune.NO_WORDS, Tune.NO_WORDS)
    assert played(tmp_path / "out") == []
    assert [record.getMessage() for record in caplog.records] == ["sentence not rendered"] * 2
    assert "靠近" not in caplog.text


ALSA = "aplay: main:831: audio open error: No such file or directory"


def test_without_a_sound_card_there_is_a_named_fault(settings: SoundSettings, recorder: Recorder) -> None:
    with pytest.raises(SpeakerFaultError) as caught:
        speaker_of(settings, recorder, failing(f"ALSA lib confmisc.c: cannot find card '0'\n{ALSA}"))

    assert str(caught.value) == f"speaker plughw:1,0: {ALSA}; see which there are: aplay -L"


def test_without_the_player_there_is_a_named_fault(settings: SoundSettings, recorder: Recorder) -> None:
    with pytest.raises(SpeakerFaultError, match=r"/no/such/aplay cannot be started: .* \(apt install alsa-utils\)"):
        speaker_of(settings, recorder, ("/no/such/aplay",))


def test_a_card_that_is_pulled_out_later_is_a_named_fault_and_the_unit_lives(
    settings: SoundSettings, recorder: Recorder, tmp_path: Path
) -> None:
    speaker = speaker_of(settings, recorder, player(tmp_path / "out"))
    speaker._command = failing(ALSA)

    speaker.say(NOD.text, NOD.language)
    failed = eventually(lambda: speaker.fault is not None)
    speaker.close()

    assert failed
    assert "audio open error" in str(speaker.fault)


def test_a_rendered_file_that_was_cut_off_is_a_named_fault(settings: SoundSettings, recorder: Recorder, tmp_path: Path) -> None:
    speaker = speaker_of(settings, recorder, player(tmp_path / "out"))
    read_voice(settings.folder)[NOD].write_bytes(b"RIFF\0\0\0\0WAVE")

    speaker.say(NOD.text, NOD.language)

    assert eventually(lambda: "render the sentences again" in str(speaker.fault))
    speaker.close()


BROKEN = [
    "",
    "[]",
    "{}",
    '{"sentences": 3}',
    '{"sentences": [{"language": "en"}]}',
    '{"sentences": [{"language": "en", "text": "a", "file": "../../etc/passwd"}]}',
    '{"sentences": [{"language": "en", "text": "a", "file": 7}]}',
    '{"sentences": [{"language": [], "text": {}, "file": "a.wav"}]}',
    "[" * 100_000,
]


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_index_is_a_named_fault(text: str, tmp_path: Path) -> None:
    (tmp_path / INDEX).write_text(text, encoding="utf-8")

    with pytest.raises(SpeakerFaultError, match=r"index\.json (is broken|names other files)"):
        read_voice(tmp_path)


def test_a_folder_without_an_index_is_a_named_fault(tmp_path: Path) -> None:
    with pytest.raises(SpeakerFaultError, match="render it: lifecert prompts render --out DIR"):
        read_voice(tmp_path)
