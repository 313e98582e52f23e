"""A recording that waits for nobody, as a live camera: a thread of its own plays it, and whoever asks gets the newest frame."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from firmware.errors import CameraClosedError, CameraStalledError, FirmwareError
from firmware.frame import Frame
from firmware.ports import Camera
from firmware.slot import NewestSlot

STALLED_AFTER_S = 5.0


class LiveFootage:
    """Plays a camera that keeps the pace of life. One thread takes `frames`, once; close it in the end."""

    def __init__(self, camera: Camera) -> None:
        """`camera` stays the caller's; nothing else may take its frames."""
        self._camera = camera
        self._slot: NewestSlot[Frame | FirmwareError] = NewestSlot()
        self._stopped = threading.Event()
        self._player = threading.Thread(target=self._play, name="footage", daemon=True)
        self.played = 0
        """Frames that were there, whether anybody saw them or not."""

    def frames(self) -> Iterator[Frame]:
        """The newest frame whenever one is asked for. Raises CameraStalledError, and what the camera raises."""
        self._player.start()
        while True:
            try:
                came = self._slot.take(STALLED_AFTER_S)
            except CameraClosedError:
                return
            if came is None:
                raise CameraStalledError(self._camera.name, f"no picture came for {STALLED_AFTER_S:g} s")
            if isinstance(came, FirmwareError):
                raise came
            yield came

    def close(self) -> None:
        """Let the player end."""
        self._stopped.set()
        self._slot.close()
        if self._player.ident is not None:
            self._player.join()

    def _play(self) -> None:
        try:
            for frame in self._camera.frames():
                if self._stopped.is_set():
                    return
                self.played += 1
                self._slot.put(frame)
        except FirmwareError as error:
            self._slot.put(error)
            return
        self._slot.close()
