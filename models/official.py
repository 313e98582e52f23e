"""Brings a model file from its official origin into the cache: as it is published, or out of the bundle that holds it.

A conversion is never fetched: its official files are not what the network was measured with.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import assert_never

from models.cache import Cache
from models.card import Bundle, Conversion, Local, ModelCard, Upstream
from models.digests import digest_of, digest_of_file
from models.download import Downloader, Progress, PublishedFile, WrongContent
from models.errors import BundleBrokenError, DigestMismatchError, LocalFileMissingError, UpstreamRefusedError
from models.upstream import Fetch


class OfficialOrigin:
    """Fetches model files into one cache; the caller holds the cache with `Cache.writing`."""

    def __init__(self, cache: Cache, fetch: Fetch) -> None:
        self._cache = cache
        self._downloader = Downloader(cache, fetch)

    def bring(self, card: ModelCard, progress: Progress) -> Path:
        """Return the checked file in the cache.

        Raises `UpstreamRefusedError` for a conversion, `LocalFileMissingError` for a file without a public address,
        `DownloadFailedError`, `DigestMismatchError`, `BundleBrokenError`.
        """
        match card.origin:
            case Upstream(address):
                wanted = PublishedFile(card.file, address, card.sha256, card.size_bytes)
                return self._published(card, wanted, progress)
            case Bundle() as bundle:
                return self._member(card, bundle, progress)
            case Conversion() as conversion:
                raise UpstreamRefusedError(card, conversion.official_names)
            case Local() as local:
                raise LocalFileMissingError(card, local)
        assert_never(card.origin)

    def _published(self, card: ModelCard, wanted: PublishedFile, progress: Progress) -> Path:
        came = self._downloader.bring(wanted, progress)
        if isinstance(came, WrongContent):
            raise DigestMismatchError(card, came.found, None, came.set_aside_as)
        return came

    def _member(self, card: ModelCard, bundle: Bundle, progress: Progress) -> Path:
        content = _unpacked(card, bundle, self._whole_bundle(card, bundle, progress))
        return self._cache.store(card.file, content)

    def _whole_bundle(self, card: ModelCard, bundle: Bundle, progress: Progress) -> Path:
        kept = self._cache.path(bundle.file)
        if kept.is_file() and digest_of_file(kept) == bundle.sha256:
            return kept
        came = self._downloader.bring(PublishedFile(bundle.file, bundle.address, bundle.sha256, bundle.size_bytes), progress)
        if isinstance(came, WrongContent):
            found, promised = came.found[:16], bundle.sha256[:16]
            raise BundleBrokenError(card, f"{bundle.address} has SHA-256 {found}..., promised is {promised}...")
        return came


def _unpacked(card: ModelCard, bundle: Bundle, path: Path) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo(bundle.member).file_size != card.size_bytes:
                raise BundleBrokenError(card, f"{bundle.member} has another size")
            content = archive.read(bundle.member)
    except (KeyError, zipfile.BadZipFile) as error:
        raise BundleBrokenError(card, str(error)) from error
    if digest_of(content) != card.sha256:
        raise BundleBrokenError(card, f"{bundle.member} has another content")
    return content
