"""The voice: rendered sentences, played by ALSA's `aplay` as a child. It renders nothing; `lifecert prompts render` did.

A sentence that was not rendered is never guessed: the buzzer makes a short sound, so that nobody waits for a voice, and the
log says so.
"""

from __future__ import annotations

import io
import logging
import subprocess
import tempfile
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np

from firmware.errors import FirmwareError, SpeakerFaultError
from firmware.ports import Buzzer, Tune
from firmware.rhythm import Rhythm
from firmware.voice_folder import Sentence, SoundSettings, read_voice

log = logging.getLogger(__name__)

PLAYER = ("aplay",)
LOOK_EVERY_MS, STOPS_WITHIN_S, TRIED_WITHIN_S = 200.0, 0.5, 5.0
SILENCE_RATE_HZ = 22_050


class AlsaSpeaker:
    """A loudspeaker. Obeys `firmware.ports.Speaker` and `Loudness`. A thread of its own starts and stops the player."""

    def __init__(self, settings: SoundSettings, buzzer: Buzzer, player: Sequence[str] = PLAYER) -> None:
        """Read the index and try the device with a moment of silence. Raises SpeakerFaultError."""
        self._device, self._gain = settings.device or "default", settings.volume_percent / 100
        self._command = (*player, "-q", "-D", self._device)
        self._buzzer = buzzer
        self._files = read_voice(settings.folder)
        self._wanted: Path | None = None
        self._playing: subprocess.Popen[bytes] | None = None
        self._rhythm = Rhythm("speaker", self._keep)
        self._try_device()

    @property
    def fault(self) -> FirmwareError | None:
        """Why it was not heard."""
        return self._rhythm.fault

    def say(self, text: str, language: str) -> None:
        """Speak this text, which was rendered; returns at once and cuts off what is still being said."""
        file = self._files.get(Sentence(language, text))
        if file is None:
            log.warning("sentence not rendered", extra={"language": language, "characters": len(text)})
            self._buzzer.play(Tune.NO_WORDS)
            return
        self._wanted = file
        self._rhythm.wake()

    @property
    def volume_percent(self) -> float:
        """Of what was rendered."""
        return 100 * self._gain

    def set_volume(self, percent: float) -> None:
        """Speak so loud from the next sentence on."""
        self._gain = percent / 100

    def close(self) -> None:
        """Fall silent."""
        self._rhythm.end()
        self._stop()

    def _keep(self) -> float | None:
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self._stop()
            self._playing = self._start(wanted)
        if self._playing is None:
            return None
        if self._playing.poll() is None:
            return LOOK_EVERY_MS
        ended, self._playing = self._playing, None
        self._insist_on_success(ended.returncode, ended.stderr.read() if ended.stderr else b"")
        return None

    def _start(self, file: Path) -> subprocess.Popen[bytes]:
        with self._louder(file) as sound:
            try:
                return subprocess.Popen(self._command, stdin=sound, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            except OSError as error:
                raise SpeakerFaultError(self._device, f"{self._command[0]} cannot be started: {error.strerror}") from error

    def _stop(self) -> None:
        if self._playing is None:
            return
        self._playing.terminate()
        try:
            self._playing.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._playing.kill()
            self._playing.wait(STOPS_WITHIN_S)
        self._playing = None

    def _louder(self, file: Path) -> IO[bytes]:
        """The file with the volume of the settings, ready to be read."""
        try:
            with wave.open(str(file), "rb") as source:
                form, content = source.getparams(), source.readframes(source.getnframes())
        except (OSError, EOFError, wave.Error) as error:
            raise SpeakerFaultError(self._device, f"{file.name} cannot be played; render the sentences again") from error
        if form.sampwidth != 2:
            raise SpeakerFaultError(self._device, f"{file.name} is not of 16 bits; render the sentences again")
        samples = np.frombuffer(content, "<i2").astype(np.float32) * self._gain
        return _sound(form.framerate, form.nchannels, np.clip(samples, -32768, 32767).astype("<i2").tobytes())

    def _try_device(self) -> None:
        try:
            with _sound(SILENCE_RATE_HZ, 1, bytes(SILENCE_RATE_HZ // 10)) as silence:
                done = subprocess.run(self._command, stdin=silence, capture_output=True, timeout=TRIED_WITHIN_S, check=False)
        except OSError as error:
            why = f"{self._command[0]} cannot be started: {error.strerror} (apt install alsa-utils)"
            raise SpeakerFaultError(self._device, why) from error
        except subprocess.TimeoutExpired as error:
            raise SpeakerFaultError(self._device, "it does not take any sound; another program may hold it") from error
        self._insist_on_success(done.returncode, done.stderr)

    def _insist_on_success(self, status: int, said: bytes) -> None:
        if status != 0:
            lines = said.decode("utf-8", "replace").strip().splitlines() or [f"{self._command[0]} ended with {status}"]
            raise SpeakerFaultError(self._device, f"{lines[-1]}; see which there are: aplay -L")


def _sound(rate_hz: int, channels: int, content: bytes) -> IO[bytes]:
    """A nameless WAV file of 16 bits."""
    whole = io.BytesIO()
    with wave.open(whole, "wb") as sink:
        sink.setnchannels(channels)
        sink.setsampwidth(2)
        sink.setframerate(rate_hz)
        sink.writeframes(content)
    file = tempfile.TemporaryFile()  # noqa: SIM115  # whoever asked closes it
    file.write(whole.getvalue())
    file.seek(0)
    return file
