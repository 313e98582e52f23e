"""Parts that are not there: they do nothing, and lamps and cameras that should be there say why they are not."""

from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self

from firmware.errors import FirmwareError, LampLostError, LightInvalidError
from firmware.frame import Frame, Light
from firmware.ports import Tune


class NoTouches:
    """A screen that cannot be touched."""

    def taken(self) -> Iterable[str]:
        """Nothing, ever."""
        return ()


class NoMirror:
    """No place to show a visitor's own picture."""

    def wanted(self) -> bool:
        """Nobody looks."""
        return False

    def reflect(self, jpeg: bytes) -> None:
        """Nobody looks, so it goes nowhere."""


class NoBuzzer:
    """For a board without one."""

    def play(self, tune: Tune) -> None:
        """Nothing sounds."""


class NoTamperSwitch:
    """For a housing without one."""

    def opened_since_ns(self) -> int | None:
        """Nobody notices."""
        return None


class AbsentLamps:
    """Lamps that should be there and cannot be had: nothing shines, and whoever needs them learns why."""

    def __init__(self, why: FirmwareError) -> None:
        self._why = why

    def shine(self, light: Light) -> None:
        """Raises LightInvalidError for a light that is not known, and LampLostError for any but darkness."""
        if not light.known:
            raise LightInvalidError(light.word, "a light that is not known cannot be switched on")
        if light.emitters:
            raise LampLostError(str(self._why)) from self._why

    def off(self) -> None:
        """It is dark already."""


class AbsentCamera:
    """A camera that could not be opened: whoever asks for frames learns why. Obeys `firmware.ports.Camera`."""

    def __init__(self, name: str, why: FirmwareError) -> None:
        self._name, self._why = name, why

    @property
    def name(self) -> str:
        """The words by which it should have been opened."""
        return self._name

    def frames(self) -> Iterator[Frame]:
        """Raises the error that kept it from being opened."""
        raise self._why

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /) -> None:
        """There is nothing to close."""


def nobody_listens(_light: Light, _at_ns: int) -> None:
    """For whoever need not know when lamps are switched."""


NO_BUZZER = NoBuzzer()
NO_TAMPER_SWITCH = NoTamperSwitch()
NO_TOUCHES, NO_MIRROR = NoTouches(), NoMirror()
