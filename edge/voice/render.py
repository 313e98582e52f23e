"""Every sentence through espeak-ng into a folder that the unit plays from: 16 bits, one channel, slow enough for old ears."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.durable_file import write_durably
from edge.next_steps import asked_by
from edge.prompts.catalogue import Catalogue
from edge.prompts.spoken import Spoken, every_sentence
from edge.sheet import Sheet
from edge.voice.errors import VoiceMissingError
from edge.voice.pinyin import pinyin_of
from firmware.voice_folder import INDEX, Sentence, index_text

ESPEAK = ("espeak-ng",)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a language is spoken: slower than espeak's own 175 words a minute, for old ears in a noisy hall."""

    voice: str
    words_per_minute: int
    """For Chinese espeak counts syllables shorter than words: 145 gives about three syllables a second."""
    gap_10_ms: int
    """Between words, in units of 10 ms."""


MANNERS: Mapping[str, Manner] = {"zh-CN": Manner("cmn-latn-pinyin", 145, 1), "en": Manner("en-gb", 130, 2)}
RENDERED_WITHIN_S = 30
READABLE = 0o644
"""Nothing secret is in it, and another user plays it."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice of one espeak-ng."""

    language: str
    program: Sequence[str]
    version: str

    @property
    def name(self) -> str:
        """What makes it sound as it does; a part of each file's name."""
        manner = MANNERS[self.language]
        return f"{self.version}, {manner.voice}, {manner.words_per_minute} words a minute, gap {manner.gap_10_ms}"

    def file_of(self, text: str) -> str:
        """The name of a sentence's file: the same words of the same voice have the same."""
        return hashlib.sha256(f"{self.language}\n{text}\n{self.name}".encode()).hexdigest()[:32] + ".wav"


def find_voice(language: str, program: Sequence[str] = ESPEAK) -> Voice:
    """The voice of a language. Raises VoiceMissingError where espeak-ng is not installed."""
    said = _run((*program, "--version"), "").decode("utf-8", "replace")
    return Voice(language, program, said.partition("  Data at")[0].strip())


def render(
    catalogues: Sequence[Catalogue],
    folder: Path,
    tell: Callable[[int, int], None],
    program: Sequence[str] = ESPEAK,
    sheet: Sheet | None = None,
) -> Mapping[Sentence, str]:
    """Render all sentences of these languages; returns sentence -> file name. `tell` hears how many of how many are done.

    A programme's sheet adds who asks for what to the question for consent.

    The index is written last, so a folder that was left half done has none or the old one. Raises VoiceMissingError,
    SentenceUnreadableError, and OSError where the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    asked = {each.language: asked_by(sheet or Sheet(), each) for each in catalogues}
    said = [(each, spoken) for each in catalogues for spoken in every_sentence(each, asked[each.language])]
    work = [(find_voice(each.language, program), spoken) for each, spoken in said]
    files: dict[Sentence, str] = {}
    for done, (voice, spoken) in enumerate(work, 1):
        name = voice.file_of(spoken.text)
        write_durably(folder / name, speak(voice, spoken), READABLE)
        files[Sentence(voice.language, spoken.text)] = name
        tell(done, len(work))
    names = "; ".join(dict.fromkeys(voice.name for voice, _ in work))
    write_durably(folder / INDEX, index_text(names, files).encode(), READABLE)
    return files


def speak(voice: Voice, spoken: Spoken) -> bytes:
    """One sentence as the bytes of a WAV file. Raises VoiceMissingError and SentenceUnreadableError."""
    chinese = voice.language.startswith("zh")
    said = ". ".join((pinyin_of(part) if chinese else part).rstrip(". ") for part in spoken.parts) + "."
    manner = MANNERS[voice.language]
    how = ("-v", manner.voice, "-s", str(manner.words_per_minute), "-g", str(manner.gap_10_ms))
    return _with_length(_run((*voice.program, *how, "-b", "1", "--stdout", "--stdin"), said))


def _run(command: Sequence[str], said: str) -> bytes:
    try:
        done = subprocess.run(command, input=said.encode(), capture_output=True, timeout=RENDERED_WITHIN_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise VoiceMissingError(command[0], "cannot be run; apt install espeak-ng") from error
    if done.returncode != 0 or not done.stdout:
        why = done.stderr.decode("utf-8", "replace").strip() or f"it ended with {done.returncode} and said nothing"
        raise VoiceMissingError(command[0], why.splitlines()[0])
    return done.stdout


def _with_length(content: bytes) -> bytes:
    """What espeak writes into a pipe claims to be endless: put the true lengths into the header (RIFF, fields at 4 and 40)."""
    return (
        content[:4]
        + (len(content) - 8).to_bytes(4, "little")
        + content[8:40]
        + (len(content) - 44).to_bytes(4, "little")
        + content[44:]
    )
