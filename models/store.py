"""Finds the file of a model: in the mirror, in the cache, at its official address, in this order, and checks it before first use.

It does not open networks; `runtime` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from models.cache import Cache
from models.card import Conversion, ModelCard
from models.digests import Sha256, content_of, digest_of, digest_of_file, is_there
from models.download import Progress
from models.errors import (
    CacheUnusableError,
    DigestMismatchError,
    DownloadFailedError,
    MirrorNotFoundError,
    ModelError,
    ModelNotFoundError,
    UpstreamRefusedError,
)
from models.manifest import Manifest, load_manifest
from models.official import OfficialOrigin
from models.upstream import Fetch, OfficialFetch


class Place(StrEnum):
    """Where a model file is."""

    MIRROR = "mirror"
    CACHE = "cache"
    UPSTREAM = "upstream"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class ModelState:
    """What became of looking at one model file."""

    name: str
    where: Place
    ok: bool
    sentence: str
    path: Path | None
    """None when the file is nowhere."""


@dataclass(frozen=True, slots=True)
class PulledModel:
    """A model file that is now in the cache."""

    name: str
    came_from: Place
    """`cache` when it was there already."""
    path: Path
    size_bytes: int


class ModelStore:
    """The files of all models of a manifest. Only one thread may use it; several processes may."""

    def __init__(self, manifest: Manifest, mirror: Path | None, cache: Path, fetch: Fetch) -> None:
        if mirror is not None and not mirror.is_dir():
            raise MirrorNotFoundError(mirror)
        self.manifest = manifest
        self._mirror = mirror
        self._cache = Cache(cache)
        self._official = OfficialOrigin(self._cache, fetch)
        self._checked: dict[str, Path] = {}

    def card(self, name: str) -> ModelCard:
        """Return the card of a model; raises `ModelUnknownError`."""
        return self.manifest.card(name)

    def path(self, name: str) -> Path:
        """Return a file that has the promised content; it is checked once per process.

        A wrong file in the cache is set aside, one in the mirror is left as it is; both raise `DigestMismatchError`. Raises
        `ModelUnknownError`, `ModelNotFoundError` (what is missing, from where, what to do), `CacheUnusableError`.
        """
        if name not in self._checked:
            self._checked[name] = self._locate(self.card(name))
        return self._checked[name]

    def pull(self, names: Iterable[str], progress: Progress) -> tuple[PulledModel, ...]:
        """Bring these models into the cache; a wrong file in the cache is set aside and replaced.

        `progress(bytes_done, bytes_in_all)` is called for the file in hand. Raises as `path` does.
        """
        cards = [self.card(name) for name in names]
        return tuple(self._pull(card, progress) for card in cards)

    def verify(self) -> list[ModelState]:
        """Look at every model file within reach; fetches nothing and changes nothing."""
        return [self.check(name) for name in self.manifest.names]

    def check(self, name: str) -> ModelState:
        """Look at the file that `path` would return; fetches nothing and changes nothing."""
        card = self.card(name)
        where, path = self._nearest(card)
        if path is None:
            return ModelState(name, where, False, f"{card.file} is not within reach; {_way_to_get(card)}", None)
        try:
            _insist(card, digest_of_file(path), path)
        except ModelError as error:
            return ModelState(name, where, False, str(error), path)
        return ModelState(name, where, True, f"{card.file} has the promised content", path)

    def _nearest(self, card: ModelCard) -> tuple[Place, Path | None]:
        mirrored = self._mirrored(card)
        if mirrored is not None:
            return Place.MIRROR, mirrored
        cached = self._cache.path(card.file)
        return (Place.CACHE, cached) if is_there(cached) else (Place.NOWHERE, None)

    def _mirrored(self, card: ModelCard) -> Path | None:
        if self._mirror is None:
            return None
        candidates = (self._mirror / "models" / card.file, self._mirror / card.file)
        return next((path for path in candidates if is_there(path)), None)

    def _locate(self, card: ModelCard) -> Path:
        where, path = self._nearest(card)
        if path is None:
            return self._pull(card, _nobody_listens).path
        found = digest_of_file(path)
        if found != card.sha256:
            set_aside_as = self._cache.set_aside(path, found) if where is Place.CACHE else None
            raise DigestMismatchError(card, found, path, set_aside_as)
        return path

    def _pull(self, card: ModelCard, progress: Progress) -> PulledModel:
        # Asked before the cache is touched, so that a unit with a read-only disk hears the true reason.
        if self._nearest(card)[1] is None and isinstance(card.origin, Conversion):
            raise ModelNotFoundError(card, self._looked_in(), UpstreamRefusedError(card, card.origin.official_names))
        with self._cache.writing():
            if self._is_cached(card):
                return PulledModel(card.name, Place.CACHE, self._cache.path(card.file), card.size_bytes)
            mirrored = self._mirrored(card)
            if mirrored is None:
                return PulledModel(card.name, Place.UPSTREAM, self._fetched(card, progress), card.size_bytes)
            content = content_of(mirrored)
            _insist(card, digest_of(content), mirrored)
            path = self._cache.store(card.file, content)
            progress(card.size_bytes, card.size_bytes)
            return PulledModel(card.name, Place.MIRROR, path, card.size_bytes)

    def _is_cached(self, card: ModelCard) -> bool:
        cached = self._cache.path(card.file)
        if not is_there(cached):
            return False
        found = digest_of_file(cached)
        if found != card.sha256:
            self._cache.set_aside(cached, found)
        return found == card.sha256

    def _fetched(self, card: ModelCard, progress: Progress) -> Path:
        try:
            return self._official.bring(card, progress)
        except (DownloadFailedError, UpstreamRefusedError) as error:
            raise ModelNotFoundError(card, self._looked_in(), error) from error

    def _looked_in(self) -> tuple[Path, ...]:
        return (self._cache.folder,) if self._mirror is None else (self._mirror, self._cache.folder)


def store_from_environment(environ: Mapping[str, str], mirror: Path | None) -> ModelStore:
    """Return the store of the shipped manifest.

    The mirror is the one given, else LIFECERT_MIRROR; the cache is LIFECERT_CACHE, else lifecert in XDG_CACHE_HOME, else
    ~/.cache/lifecert. An empty variable counts as none. Raises `MirrorNotFoundError`.
    """
    named = environ.get("LIFECERT_MIRROR")
    chosen = mirror or (Path(named) if named else None)
    return ModelStore(load_manifest(), chosen, _cache_folder(environ), OfficialFetch())


def _cache_folder(environ: Mapping[str, str]) -> Path:
    if environ.get("LIFECERT_CACHE"):
        return Path(environ["LIFECERT_CACHE"])
    # The XDG Base Directory Specification tells us to ignore a relative path here.
    if Path(environ.get("XDG_CACHE_HOME", "")).is_absolute():
        return Path(environ["XDG_CACHE_HOME"]) / "lifecert"
    if environ.get("HOME"):
        return Path(environ["HOME"]) / ".cache" / "lifecert"
    raise CacheUnusableError(Path("lifecert"), "none of LIFECERT_CACHE, XDG_CACHE_HOME and HOME says where it is")


def _insist(card: ModelCard, found: Sha256, where: Path) -> None:
    if found != card.sha256:
        raise DigestMismatchError(card, found, where)


def _way_to_get(card: ModelCard) -> str:
    if isinstance(card.origin, Conversion):
        return str(UpstreamRefusedError(card, card.origin.official_names))
    return "pull fetches it"


def _nobody_listens(done_bytes: int, total_bytes: int) -> None:
    """Take a progress report that nobody asked for."""
