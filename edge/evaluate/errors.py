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


class NothingToCompareError(EdgeError):
    """The sets hold too few usable faces to compare."""

    def __init__(self) -> None:
        super().__init__("nothing is left to compare: two usable strangers and one usable pair of one person are needed")
