"""Sentences are rendered by the real espeak-ng: files that a unit plays, with sound in them, the same again and again."""

from __future__ import annotations

import io
import json
import wave
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from edge.cli import main
from edge.prompts.catalogue import LANGUAGES, ScreenCode, load_catalogue
from edge.prompts.spoken import Spoken, every_sentence, spoken_text
from edge.voice.errors import VoiceMissingError
from edge.voice.render import find_voice, render, speak
from firmware.voice_folder import INDEX, Sentence, read_voice
from wire.reasons import Reason


def quiet(_done: int, _of: int) -> None:
    """Nobody listens."""


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All sentences of both languages."""
    folder = tmp_path_factory.mktemp("voice")
    render([load_catalogue(language) for language in LANGUAGES], folder, quiet)
    return folder


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_the_unit_says_is_there_to_the_letter(rendered: Path, language: str) -> None:
    voice, catalogue = read_voice(rendered), load_catalogue(language)
    calls = catalogue.view(ScreenCode.CALL_STAFF).title

    for code in (*ScreenCode, *Reason):
        assert Sentence(language, spoken_text(catalogue.view(code))) in voice
    for reason in Reason:
        assert Sentence(language, f"{catalogue.view(reason).title} {calls}") in voice
    assert len({sentence for sentence in voice if sentence.language == language}) == len(list(every_sentence(catalogue)))


def test_every_file_is_of_16_bits_and_one_channel_and_has_speech_in_it(rendered: Path) -> None:
    for sentence, path in read_voice(rendered).items():
        with wave.open(str(path)) as sound:
            seconds = sound.getnframes() / sound.getframerate()
            samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(float)
            assert (sound.getnchannels(), sound.getsampwidth()) == (1, 2)
        assert len(samples) == round(seconds * sound.getframerate())
        assert np.sqrt((samples**2).mean()) > 1000, sentence
        assert abs(samples).max() < 32_768
        assert 0.7 < seconds < max(14, 0.4 * len(sentence.text)), sentence


@pytest.mark.parametrize(("language", "least", "most"), [("zh-CN", 0.2, 0.45), ("en", 0.05, 0.13)])
def test_the_voice_is_slow_and_not_a_drawl(rendered: Path, language: str, least: float, most: float) -> None:
    """Seconds for each character: three to four Chinese syllables a second, about 130 English words a minute."""
    rates = []
    for sentence, path in read_voice(rendered).items():
        if sentence.language == language and len(sentence.text) > 15:
            with wave.open(str(path)) as sound:
                rates.append(sound.getnframes() / sound.getframerate() / len(sentence.text))

    assert least < np.median(rates) < most


def test_two_sentences_do_not_sound_the_same(rendered: Path) -> None:
    contents = [path.read_bytes() for path in read_voice(rendered).values()]

    assert len(set(contents)) == len(contents)


def test_the_same_words_of_the_same_voice_give_the_same_file(rendered: Path) -> None:
    voice, files = find_voice("zh-CN"), read_voice(rendered)

    for spoken in list(every_sentence(load_catalogue("zh-CN")))[:10]:
        path = files[Sentence("zh-CN", spoken.text)]
        assert path.name == voice.file_of(spoken.text)
        assert path.read_bytes() == speak(voice, spoken)


def test_a_file_is_named_by_language_words_and_voice() -> None:
    chinese, english = find_voice("zh-CN"), find_voice("en")

    names = {chinese.file_of("a"), chinese.file_of("b"), english.file_of("a")}
    assert len(names) == 3
    assert chinese.file_of("a") == find_voice("zh-CN").file_of("a")
    assert "eSpeak NG" in chinese.name


def test_cause_and_remedy_are_parted_by_a_pause() -> None:
    english = find_voice("en")

    together = seconds_of(speak(english, Spoken("", ("It is too dark. Please switch on a light.",))))
    parted = seconds_of(speak(english, Spoken("", ("It is too dark", "Please switch on a light."))))
    run_on = seconds_of(speak(english, Spoken("", ("It is too dark please switch on a light.",))))

    assert parted == pytest.approx(together, abs=0.02)
    assert parted > run_on + 0.1


def seconds_of(content: bytes) -> float:
    with wave.open(io.BytesIO(content)) as sound:
        return sound.getnframes() / sound.getframerate()


def test_without_espeak_it_is_said_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(VoiceMissingError, match="apt install espeak-ng"):
        render([load_catalogue("en")], tmp_path, quiet, ("/no/such/espeak-ng",))

    assert not (tmp_path / INDEX).exists()


def test_the_command_tells_how_far_it_is_and_what_it_made(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["prompts", "render", "--out", str(tmp_path), "--language", "en", "--json"])

    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["sentences"] == len(list(every_sentence(load_catalogue("en"))))
    assert list(document["voices"]) == ["en"]
    assert f"{document['sentences']} of {document['sentences']} files" in done.stderr
    assert len(read_voice(tmp_path)) == document["sentences"]
