"""What can go wrong while measuring. A picture without a face is not an error: it is counted."""

from __future__ import annotations

from pathlib import Path

from edge.errors import EdgeError


class ListUnreadableError(EdgeError):
    """The list of files is missing or is not a table of comma-separated values in UTF-8."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path}: {what}")
        self.path, self.what = path, what


class ListInvalidError(EdgeError):
    """A line of the list of files cannot be used."""

    def __init__(self, path: Path, line: int, column: str, what: str) -> None:
        super().__init__(f"{path}, line {line}, column {column}: {what}")
        self.path, self.line, self.column, self.what = path, line, column, what


class FolderNotFoundError(EdgeError):
    """The folder that should hold the pictures does not exist."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder}: there is no such folder")
        self.folder = folder


class ToolNotInstalledError(EdgeError):
    """A library that only measuring needs is not installed."""

    def __init__(self, library: str) -> None:
        super().__init__(f"measuring needs the library {library}, which is not installed: install lifecert[models]")
        self.library = library


class PlotNotWrittenError(EdgeError):
    """The picture or the page of the results cannot be written where it should go."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path}: the result cannot be written: {what}")
        self.path, self.what = path, what


class PortraitsTooFewError(EdgeError):
    """Too few portraits show one face that is large enough."""

    def __init__(self, listed: Path, found: int, needed: int) -> None:
        super().__init__(
            f"{listed}: {found} of the portraits show one face with eyes at least 38 px apart, and {needed} are needed"
        )
        self.listed, self.found, self.needed = listed, found, needed


class NothingToCompareError(EdgeError):
    """The sets hold too few usable faces to compare."""

    def __init__(self) -> None:
        super().__init__("nothing is left to compare: two usable strangers and one usable pair of one person are needed")


class PresentationInvalidError(EdgeError):
    """The file that says what a recorded presentation is cannot be used."""

    def __init__(self, path: Path, key: str, problem: str) -> None:
        super().__init__(f"{path}, {key}: {problem}")
        self.path, self.key = path, key


class PresentationTakenError(EdgeError):
    """There already is a presentation of that name."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder}: there is one of that name, or half of one; record again, or take it away")
        self.folder = folder


class NothingRecordedError(EdgeError):
    """A visit that was to be recorded ended before its first frame."""

    def __init__(self, reasons: str) -> None:
        super().__init__(f"no frame was seen ({reasons}), so nothing is kept; `lifecert doctor` looks at photo, camera and lamps")
        self.reasons = reasons


class PresentationsNotFoundError(EdgeError):
    """A folder holds no recorded presentation."""

    def __init__(self, root: Path) -> None:
        super().__init__(f"{root}: no presentation lies here; `lifecert pad record --out {root}` makes them")
        self.root = root


class LivingTooFewError(EdgeError):
    """There are not enough living people to calibrate a camera."""

    def __init__(self, half: str, found: int, needed: int) -> None:
        super().__init__(
            f"the half {half!r} of the people has {found} presentations of the living with a texture score; {needed} are needed "
            "in each half: record more people"
        )
        self.half, self.found = half, found


class FacesTooFewError(EdgeError):
    """There are not enough people to play the scenes."""

    def __init__(self, listed: Path, found: int, needed: int) -> None:
        super().__init__(f"{listed}: {found} people belong to this half; at least {needed} are needed, each with one photo")
        self.listed = listed
        self.found = found


class ExamplesTooFewError(EdgeError):
    """There is too little to fit weights on."""

    def __init__(self, living: int, needed: int, shape: str, found: int, needed_of_it: int) -> None:
        super().__init__(
            f"{living} living people and {found} attacks of the shape {shape} were weighed; at least {needed} people and "
            f"{needed_of_it} attacks of each shape are needed: ask for more"
        )


class FacesNotFoundError(EdgeError):
    """There are no photos that the scenes could wear."""

    def __init__(self, mirror: Path | None) -> None:
        where = f"the mirror {mirror} holds no development portraits" if mirror else "no mirror is named"
        super().__init__(f"{where}: give a list of photos and its folder (--faces LIST.csv --images DIR), or LIFECERT_MIRROR")
        self.mirror = mirror


class HeldBackSharedError(EdgeError):
    """A picture that should judge a network was used to make it."""

    def __init__(self, file: Path, twin: Path) -> None:
        super().__init__(
            f"{file} is held back to judge with, but it is the same file as {twin}, which is used to quantize: leave it out"
        )
        self.file, self.twin = file, twin
