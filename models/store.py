"""Finds the file of a model and checks it before first use: mirror, beside its manifest, cache, official address, in this order.

Only a file without a public address is looked for beside its manifest. It does not open networks; `runtime` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from models.cache import Cache
from models.card import Conversion, Local, ModelCard
from models.digests import Sha256, content_of, digest_of, digest_of_file, is_there
from models.errors import (
    CacheUnusableError,
    DigestMismatchError,
    DownloadFailedError,
    LocalFileMissingError,
    MirrorNotFoundError,
    ModelError,
    ModelNotFoundError,
    UpstreamRefusedError,
    VariantMissingError,
)
from models.manifest import Manifest, load_manifest, manifest_of
from models.matcher import MatcherCard
from models.upstream import Fetch, OfficialFetch
from models.variant import RECORD_SUFFIX, Form, Variant, read_variant, record_of

if TYPE_CHECKING:
    from models.download import Progress


class Place(StrEnum):
    """Where a model file is."""

    MIRROR = "mirror"
    BESIDE = "beside"
    """In the folder of the manifest that lists it."""
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
        self._fetch = fetch
        self._checked: dict[str, Path] = {}

    def card(self, name: str) -> ModelCard:
        """Return the card of a model; raises `ModelUnknownError`."""
        return self.manifest.card(name)

    def matcher(self, name: str) -> MatcherCard:
        """Return a matcher, or an embedder as one; raises `MatcherUnknownError`, `EmbedderExpectedError`."""
        return self.manifest.matcher(name)

    def path(self, name: str) -> Path:
        """Return a file that has the promised content; it is checked once per process.

        A wrong file in the cache is set aside, one in the mirror is left as it is; both raise `DigestMismatchError`. Raises
        `ModelUnknownError`, `ModelNotFoundError` (what is missing, from where, what to do), `CacheUnusableError`.
        """
        if name not in self._checked:
            self._checked[name] = self._locate(self.card(name))
        return self._checked[name]

    def place(self, name: str) -> Path:
        """Return where a file is, unchecked: for whoever checks the very bytes that it opens. Raises as `path` does."""
        path = self._nearest(self.card(name))[1]
        return self.path(name) if path is None else path

    def variant(self, name: str, form: Form) -> Variant | None:
        """What was made of a model on this machine, as its record says; None without any. Raises as `read_variant` does."""
        return read_variant(self._cache.folder, self.card(name), form)

    def variant_path(self, variant: Variant) -> Path:
        """Where the file of a variant is. Whoever opens it checks its digest."""
        return self._cache.path(variant.file)

    def saved_path(self, file: str) -> Path:
        """Where a saved form is, see `models.saved_session`. Whoever opens it checks its digest."""
        return self._cache.path(file)

    def keep_saved(self, file: str, content: bytes) -> Path:
        """Put a saved form into the cache; raises `CacheUnusableError`."""
        with self._cache.writing():
            return self._cache.store(file, content)

    def using(self, form: Form) -> ModelStore:
        """This store with the variants of one form in place of the shipped files, where one is kept that passed.

        What is measured with it is measured of those files: digests of matchers are theirs. Raises `VariantMissingError` when
        none is kept, and as `read_variant` does.
        """
        if form is Form.SHIPPED:
            return self
        made = {name: self._card_of(card, form) for name, card in self.manifest.cards.items()}
        if not any(made.values()):
            raise VariantMissingError(form, self._cache.folder)
        cards = [made[name] or card for name, card in self.manifest.cards.items()]
        return ModelStore(manifest_of(cards, self.manifest.matchers.values()), self._mirror, self._cache.folder, self._fetch)

    def _card_of(self, card: ModelCard, form: Form) -> ModelCard | None:
        variant = read_variant(self._cache.folder, card, form)
        if variant is None or not variant.passed:
            return None
        return replace(variant.card_of(card), origin=Local(self._cache.folder, f"lifecert models, from {card.file}"))

    def keep(self, variant: Variant, content: bytes) -> Path:
        """Put a variant into the cache, the file before its record: a record without its file cannot come about.

        Raises `CacheUnusableError`, and `ValueError` when the content is not the variant's.
        """
        if digest_of(content) != variant.sha256:
            raise ValueError(f"the content is not that of {variant.file}")
        with self._cache.writing():
            self._cache.path(variant.file + RECORD_SUFFIX).unlink(missing_ok=True)
            path = self._cache.store(variant.file, content)
            self._cache.store(variant.file + RECORD_SUFFIX, record_of(variant))
            return path

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
        given = self._given(card)
        if given is not None:
            return given
        cached = self._cache.path(card.file)
        return (Place.CACHE, cached) if is_there(cached) else (Place.NOWHERE, None)

    def _given(self, card: ModelCard) -> tuple[Place, Path] | None:
        """Where somebody else put the file, in a folder that is never written here."""
        candidates: list[tuple[Place, Path]] = []
        if self._mirror is not None:
            candidates += [(Place.MIRROR, self._mirror / "models" / card.file), (Place.MIRROR, self._mirror / card.file)]
        if isinstance(card.origin, Local):
            candidates.append((Place.BESIDE, card.origin.folder / card.file))
        return next(((place, path) for place, path in candidates if is_there(path)), None)

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
        refusal = _why_never_fetched(card)
        if refusal is not None and self._nearest(card)[1] is None:
            raise ModelNotFoundError(card, self._looked_in(), refusal)
        with self._cache.writing():
            if self._is_cached(card):
                return PulledModel(card.name, Place.CACHE, self._cache.path(card.file), card.size_bytes)
            given = self._given(card)
            if given is None:
                return PulledModel(card.name, Place.UPSTREAM, self._fetched(card, progress), card.size_bytes)
            place, source = given
            content = content_of(source)
            _insist(card, digest_of(content), source)
            path = self._cache.store(card.file, content)
            progress(card.size_bytes, card.size_bytes)
            return PulledModel(card.name, place, path, card.size_bytes)

    def _is_cached(self, card: ModelCard) -> bool:
        cached = self._cache.path(card.file)
        if not is_there(cached):
            return False
        found = digest_of_file(cached)
        if found != card.sha256:
            self._cache.set_aside(cached, found)
        return found == card.sha256

    def _fetched(self, card: ModelCard, progress: Progress) -> Path:
        # What fetches and unpacks loads with the first file that is fetched: a unit that has its files never needs it.
        from models.official import OfficialOrigin

        try:
            return OfficialOrigin(self._cache, self._fetch).bring(card, progress)
        except (DownloadFailedError, UpstreamRefusedError, LocalFileMissingError) as error:
            raise ModelNotFoundError(card, self._looked_in(), error) from error

    def _looked_in(self) -> tuple[Path, ...]:
        return (self._cache.folder,) if self._mirror is None else (self._mirror, self._cache.folder)


def store_from_environment(environ: Mapping[str, str], mirror: Path | None, manifest: Path | None = None) -> ModelStore:
    """Return the store of the shipped manifest and of a further one.

    The mirror is the one given, else LIFECERT_MIRROR; the further manifest is the one given, else LIFECERT_MANIFEST; the cache is
    LIFECERT_CACHE, else lifecert in XDG_CACHE_HOME, else ~/.cache/lifecert. An empty variable counts as none. Raises
    `MirrorNotFoundError`, `ManifestInvalidError`.
    """
    listed = load_manifest(extra=manifest or _named(environ, "LIFECERT_MANIFEST"))
    return ModelStore(listed, mirror or _named(environ, "LIFECERT_MIRROR"), cache_folder(environ), OfficialFetch())


def _named(environ: Mapping[str, str], variable: str) -> Path | None:
    return Path(environ[variable]) if environ.get(variable) else None


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Return the folder of fetched files, whether it is there or not; raises `CacheUnusableError` where none is named."""
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
    return str(_why_never_fetched(card) or "pull fetches it")


def _why_never_fetched(card: ModelCard) -> ModelError | None:
    match card.origin:
        case Conversion() as conversion:
            return UpstreamRefusedError(card, conversion.official_names)
        case Local() as local:
            return LocalFileMissingError(card, local)
    return None


def _nobody_listens(done_bytes: int, total_bytes: int) -> None:
    """Take a progress report that nobody asked for."""
