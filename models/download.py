"""Brings one published file into the cache: goes on where a cut connection stopped, never past the promised size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models.cache import Cache
from models.digests import Sha256, digest_of_file
from models.errors import DownloadFailedError
from models.upstream import Fetch

Progress = Callable[[int, int], None]
"""Told how many bytes of the file in hand are there, and how many it has in all."""

MOST_TRIES = 5
"""How often a connection may be cut before we give up; a try that brings nothing ends it at once."""


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """What is fetched: a model file as it is, or the bundle that holds it."""

    file: str
    address: str
    sha256: Sha256
    size_bytes: int


@dataclass(frozen=True, slots=True)
class WrongContent:
    """The file came whole, but is another one; it was set aside."""

    found: Sha256
    set_aside_as: Path


class Downloader:
    """Fetches published files into one cache; the caller holds the cache with `Cache.writing`."""

    def __init__(self, cache: Cache, fetch: Fetch) -> None:
        self._cache = cache
        self._fetch = fetch

    def bring(self, wanted: PublishedFile, progress: Progress) -> Path | WrongContent:
        """Fetch a file and put it under its final name, or set it aside when it has the wrong content.

        A connection that is cut leaves `FILE.part`, from which the next call goes on. Raises `DownloadFailedError`,
        `CacheUnusableError`, and `OSError` when the disk fails.
        """
        part = self._cache.part(wanted.file)
        self._cache.insist_on_room(wanted.size_bytes - min(_size_of(part), wanted.size_bytes))
        self._complete(wanted, part, progress)
        found = digest_of_file(part)
        if found != wanted.sha256:
            return WrongContent(found, self._cache.set_aside(part, found))
        return self._cache.finish(wanted.file)

    def _complete(self, wanted: PublishedFile, part: Path, progress: Progress) -> None:
        if _size_of(part) > wanted.size_bytes:
            part.unlink()
        for _ in range(MOST_TRIES):
            before_bytes = _size_of(part)
            if before_bytes == wanted.size_bytes:
                return
            try:
                self._append(wanted, part, before_bytes, progress)
            except DownloadFailedError:
                if _size_of(part) <= before_bytes:
                    raise
        if _size_of(part) < wanted.size_bytes:
            raise DownloadFailedError(wanted.address, f"it was cut {MOST_TRIES} times; the next try goes on where it stopped")

    def _append(self, wanted: PublishedFile, part: Path, from_byte: int, progress: Progress) -> None:
        with self._fetch.open(wanted.address, from_byte) as download, part.open("ab") as file:
            file.truncate(download.starts_at)
            done_bytes = download.starts_at
            for chunk in download.chunks:
                done_bytes += len(chunk)
                if done_bytes > wanted.size_bytes:
                    file.truncate(0)
                    raise DownloadFailedError(wanted.address, f"it is longer than the promised {wanted.size_bytes} bytes")
                file.write(chunk)
                progress(done_bytes, wanted.size_bytes)
        if done_bytes < wanted.size_bytes:
            raise DownloadFailedError(wanted.address, f"it ends after {done_bytes} of {wanted.size_bytes} bytes")


def _size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
