"""Programs that stand for `aplay`: they take its arguments and write down what they were given to play."""

from __future__ import annotations

import io
import sys
import wave
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firmware.voice_folder import INDEX, Sentence, index_text

RATE_HZ = 22_050

PLAYER = """
import sys, time, signal
folder, takes_s = sys.argv[1], float(sys.argv[2])
arguments, content = sys.argv[3:], sys.stdin.buffer.read()
number = len([name for name in __import__("os").listdir(folder) if name.endswith(".wav")])
path = f"{folder}/{number:03}"
open(path + ".tmp", "wb").write(content)
__import__("os").rename(path + ".tmp", path + ".wav")
open(f"{folder}/arguments", "w").write(" ".join(arguments))
open(path + ".pid", "w").write(str(__import__("os").getpid()))
if len(content) > 10_000:
    time.sleep(takes_s)
    open(path + ".played", "w").close()
"""


def player(folder: Path, takes_s: float = 0.0) -> tuple[str, ...]:
    """A player that writes what it plays into this folder; a sentence takes so long."""
    folder.mkdir(exist_ok=True)
    return (sys.executable, "-c", PLAYER, str(folder), str(takes_s))


def failing(sentence: str) -> tuple[str, ...]:
    """A player without a sound card."""
    return (sys.executable, "-c", f"import sys; sys.stdin.read(); sys.exit({sentence!r})")


def played(folder: Path) -> list[NDArray[np.int16]]:
    """The samples of all that was begun, but the moment of silence at the start."""
    return [samples for path in sorted(folder.glob("*.wav")) if len(samples := samples_of(path.read_bytes())) > 5_000]


def samples_of(content: bytes) -> NDArray[np.int16]:
    with wave.open(io.BytesIO(content)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, RATE_HZ)
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2")


def write_voice(folder: Path, sentences: Mapping[Sentence, int]) -> Path:
    """A rendered voice: each sentence is a tone of this amplitude."""
    folder.mkdir(parents=True)
    files = {}
    for number, (sentence, amplitude) in enumerate(sentences.items()):
        name = f"{number:032x}.wav"
        with wave.open(str(folder / name), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(RATE_HZ)
            sound.writeframes((amplitude * np.sin(np.arange(RATE_HZ) / 10)).astype("<i2").tobytes())
        files[sentence] = name
    (folder / INDEX).write_text(index_text("tone", files), encoding="utf-8")
    return folder
