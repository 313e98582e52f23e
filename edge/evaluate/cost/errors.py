"""What can go wrong while the cost of a frame is measured."""

from __future__ import annotations

from pathlib import Path

from edge.errors import EdgeError


class FiguresNotKeptError(EdgeError):
    """The figures of a run cannot be written where they were wanted."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: figures cannot be kept there; name a file in a folder that is there")


class ClipTooShortError(EdgeError):
    """A clip has too few pictures to be played over and over."""

    def __init__(self, clip: Path, frames: int) -> None:
        super().__init__(f"{clip}: it has {frames} pictures; at least 2 are needed")
        self.clip, self.frames = clip, frames


class FootageNotNamedError(EdgeError):
    """Nobody said where the clips are."""

    def __init__(self) -> None:
        super().__init__("no footage is named: give --footage DIR, or a mirror with a folder data/ (--mirror, LIFECERT_MIRROR)")


class ReferenceNotFoundError(EdgeError):
    """No frame of a clip shows a face that can serve as a reference."""

    def __init__(self, clip: str) -> None:
        super().__init__(f"{clip}: none of its frames shows one face that can be a reference; give --reference PHOTO")
        self.clip = clip


class VisitBrokenError(EdgeError):
    """A visit that was to be measured ended because something in the unit failed."""

    def __init__(self, clip: str, reason: str) -> None:
        super().__init__(f"{clip}: the visit ended with {reason}; `lifecert doctor` looks for the cause")
        self.clip, self.reason = clip, reason


class FaceNotThereError(EdgeError):
    """A clip that should show a face all the time shows none."""

    def __init__(self, clip: str) -> None:
        super().__init__(f"{clip}: the usual loop finds no face in it, so nothing can be compared; name another clip")
        self.clip = clip


class SavedRunInvalidError(EdgeError):
    """The file of a saved run cannot be read."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path}: {what}; `lifecert bench --save` writes such a file")
        self.path = path


class UnitProcessFailedError(EdgeError):
    """The process whose start and memory were to be measured did not do its work."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the measured process ended early: {what}")
