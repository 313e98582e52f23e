"""Parts that a unit does not have: nobody touches them, nobody looks into them."""

from collections.abc import Iterable


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


NO_TOUCHES, NO_MIRROR = NoTouches(), NoMirror()
