"""The folder of rendered sentences: an index (`index.json`) and one WAV file for each sentence. Written where a package is built.

{"voice": "espeak-ng 1.51 ...", "sentences": [{"language": "zh-CN", "text": "...", "file": "0a1b....wav"}]}
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from firmware.errors import SpeakerFaultError

INDEX = "index.json"
LARGEST_INDEX_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said, to the letter."""

    language: str
    """BCP 47 tag, such as "zh-CN"."""
    text: str


def read_voice(folder: Path) -> Mapping[Sentence, Path]:
    """Sentence -> its WAV file. Raises SpeakerFaultError where the index is missing or broken."""
    try:
        with (folder / INDEX).open("rb") as file:
            content = file.read(LARGEST_INDEX_BYTES + 1)
        rows = json.loads(content)["sentences"] if len(content) <= LARGEST_INDEX_BYTES else ()
        files = {Sentence(row["language"], row["text"]): row["file"] for row in rows}
        if not all(isinstance(name, str) and re.fullmatch(r"[0-9a-f]{32}\.wav", name) for name in files.values()):
            raise SpeakerFaultError(str(folder), f"{INDEX} names other files than those of a rendered voice")
    except OSError as error:
        raise SpeakerFaultError(str(folder), f"{INDEX} cannot be read; render it: lifecert prompts render --out DIR") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SpeakerFaultError(str(folder), f"{INDEX} is broken; render it again: lifecert prompts render --out DIR") from error
    return {sentence: folder / name for sentence, name in files.items()}


def index_text(voice: str, files: Mapping[Sentence, str]) -> str:
    """The index as text; the order of the sentences is kept."""
    rows = [{"language": each.language, "text": each.text, "file": name} for each, name in files.items()]
    return json.dumps({"voice": voice, "sentences": rows}, ensure_ascii=False, indent=1) + "\n"


@dataclass(frozen=True, slots=True)
class SoundSettings:
    """The settings `[sound]`."""

    device: str | None = None
    """A device of ALSA, such as "default" or "plughw:1,0"; None where there is no loudspeaker."""
    volume_percent: float = 100.0
    """Of what was rendered; above 100 loud parts are flattened."""
    folder: Path = Path("/usr/share/lifecert/voice")
    """Where the rendered sentences are."""
