"""The folder of fetched files: under its final name a file is whole, or it is not there at all.

Content arrives under `FILE.part`, is checked, synced to the disk and renamed. Only one process writes at a time.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.digests import Sha256
from models.errors import CacheUnusableError

SPARE_BYTES = 16 * 1024 * 1024
"""Room that a download leaves free for others."""


class Cache:
    """Files of models in one folder, which is made on the first write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, file: str) -> Path:
        """Return where a file is, or would be."""
        return self.folder / file

    def part(self, file: str) -> Path:
        """Return where a file grows until it is whole."""
        return self.folder / f"{file}.part"

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the folder for this process alone; another one waits.

        Raises `CacheUnusableError`, also for any `OSError` of the body: a full or read-only disk.
        """
        with self._translated():
            self.folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / ".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield

    def insist_on_room(self, size_bytes: int) -> None:
        """Raise `CacheUnusableError` unless so many bytes fit and some remain."""
        free_bytes = shutil.disk_usage(self.folder).free
        if free_bytes < size_bytes + SPARE_BYTES:
            raise CacheUnusableError(self.folder, f"{size_bytes} bytes and some to spare are needed, {free_bytes} are free")

    def store(self, file: str, content: bytes) -> Path:
        """Put checked content under its final name."""
        self.insist_on_room(len(content))
        self.part(file).write_bytes(content)
        return self.finish(file)

    def finish(self, file: str) -> Path:
        """Give a part that was checked its final name, so that it survives a loss of power."""
        part = self.part(file)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        final = part.rename(self.path(file))
        self._sync_folder()
        return final

    def set_aside(self, path: Path, found: Sha256) -> Path:
        """Rename a file of the wrong content to `NAME.bad-DIGEST8`, so that nobody uses it and somebody can look at it."""
        with self._translated():
            return path.rename(path.with_name(f"{path.name.removesuffix('.part')}.bad-{found[:8]}"))

    def _sync_folder(self) -> None:
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise CacheUnusableError(self.folder, error.strerror or str(error)) from error
