"""A camera and the unit's own lamps, brought together: which light shone while a frame was exposed.

libcamera has no flash control, so software switches the lamps and knows only when it gave the word. A frame is attributed to a
light when its whole exposure lies after the word and before the next, each with a guard; any other frame has an unknown light.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Self

from firmware.frame import DARK, UNKNOWN_LIGHT, Frame, Light
from firmware.light_log import LightLog
from firmware.ports import Camera, Clock, ExposureHold, Illuminator


def lit(camera: Camera, lamps: Illuminator, clock: Clock, log: LightLog) -> tuple[Camera, Illuminator]:
    """The camera and the lamps, each of which knows of the other through the log.

    `clock` is the one that the camera stamps its frames with.
    """
    return LitCamera(camera, log), LoggedIlluminator(lamps, log, clock, camera)


class LitCamera:
    """Another camera whose frames get their light from the log. Obeys `firmware.ports.Camera`.

    Frames of a camera that does not tell its exposure keep an unknown light.
    """

    def __init__(self, camera: Camera, log: LightLog) -> None:
        """Times of the log and of the camera are of one clock."""
        self._camera, self._log = camera, log

    @property
    def name(self) -> str:
        """That of the camera."""
        return self._camera.name

    def frames(self) -> Iterator[Frame]:
        """The frames of the camera; raises what that raises."""
        for frame in self._camera.frames():
            yield replace(frame, light=self._light(frame))

    def __enter__(self) -> Self:
        self._camera.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._camera.__exit__(kind, error, trace)

    def _light(self, frame: Frame) -> Light:
        if frame.exposed_for_ns is None:
            return UNKNOWN_LIGHT
        return self._log.during(frame.captured_ns, frame.captured_ns + frame.exposed_for_ns)


class LoggedIlluminator:
    """Other lamps that tell the log what they are told, and hold the camera's exposure while their light changes.

    Lamps that know better, because they give less or go dark by themselves, tell the log so. Obeys `firmware.ports.Illuminator`.
    The first light after `off` is that of a face: the camera follows it. One that follows another belongs to a code: from then
    on, and until `off`, the exposure stays as it was in the first.
    """

    def __init__(self, lamps: Illuminator, log: LightLog, clock: Clock, camera: Camera) -> None:
        """`clock` is that of the log."""
        self._lamps, self._log, self._clock = lamps, log, clock
        self._exposure = camera if isinstance(camera, ExposureHold) else None
        self._shone: Light | None = None
        """What shines since the last `off`; None when nothing was lit since."""

    def shine(self, light: Light) -> None:
        """Light exactly these emitters; raises LightInvalidError for a light that is not known."""
        if self._shone not in (None, light) and self._exposure is not None:
            self._exposure.hold_exposure()
        self._switch(light, partial(self._lamps.shine, light))
        self._shone = light

    def off(self) -> None:
        """Go dark."""
        self._switch(DARK, self._lamps.off)
        if self._exposure is not None:
            self._exposure.follow_light()
        self._shone = None

    def _switch(self, light: Light, tell: Callable[[], None]) -> None:
        """While the lamps are told, nobody knows the light; and nobody does afterwards, if they raise."""
        changes = light.word != self._log.latest.word or self._shone not in (None, light)
        if changes:
            self._log.switched(UNKNOWN_LIGHT, self._clock.now_ns())
        tell()
        if not self._log.latest.known:
            self._log.switched(light, self._clock.now_ns())
