"""Which networks we ship and which matchers they make: the manifest, by name.

It says what was promised; `store` finds the files, `runtime` runs them. It needs nothing but the standard library, so the
centre can read it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from models.card import (
    Bundle,
    Colour,
    Conversion,
    FaceInput,
    Layout,
    Local,
    ModelCard,
    OfficialFile,
    Origin,
    Purpose,
    Runtime,
    TensorContract,
    Upstream,
)
from models.errors import EmbedderExpectedError, ManifestInvalidError, MatcherUnknownError, ModelUnknownError
from models.manifest_file import read_manifest
from models.matcher import MatcherCard, MatcherPart, single

__all__ = [
    "Bundle",
    "Colour",
    "Conversion",
    "FaceInput",
    "Layout",
    "Local",
    "Manifest",
    "MatcherCard",
    "MatcherPart",
    "ModelCard",
    "OfficialFile",
    "Origin",
    "Purpose",
    "Runtime",
    "TensorContract",
    "Upstream",
    "load_manifest",
    "manifest_of",
]


@dataclass(frozen=True, slots=True)
class Manifest:
    """All models and matchers that can be used here, by name."""

    cards: Mapping[str, ModelCard]
    matchers: Mapping[str, MatcherCard]

    def card(self, name: str) -> ModelCard:
        """Return the card of a model; raises `ModelUnknownError`."""
        try:
            return self.cards[name]
        except KeyError as error:
            raise ModelUnknownError(name, self.names) from error

    def matcher(self, name: str) -> MatcherCard:
        """Return the matcher of this name, or the one that is the embedder of this name alone.

        Raises `MatcherUnknownError`, and `EmbedderExpectedError` for a model that is for something else.
        """
        if name in self.matchers:
            return self.matchers[name]
        if name not in self.cards:
            raise MatcherUnknownError(name, tuple(self.matchers))
        if self.cards[name].purpose is not Purpose.EMBEDDER:
            raise EmbedderExpectedError(self.cards[name])
        return single(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all models, in the order of the manifest."""
        return tuple(self.cards)

    @property
    def default_names(self) -> tuple[str, ...]:
        """The names of the models that a unit has without being asked for more, in order."""
        return tuple(card.name for card in self.cards.values() if not card.optional)


def manifest_of(cards: Iterable[ModelCard], matchers: Iterable[MatcherCard] = ()) -> Manifest:
    """Return the manifest that lists these cards.

    Raises `ManifestInvalidError` for a name or a file that stands twice, and for a matcher of anything but listed embedders.
    """
    listed, named = tuple(cards), tuple(matchers)
    _refuse_doubles(listed, named)
    by_name = {card.name: card for card in listed}
    for matcher in named:
        if matcher.name in by_name and matcher.networks != (matcher.name,):
            raise ManifestInvalidError(matcher.name, "name", "is that of a model, so it can only be the matcher of that one")
        for network in matcher.networks:
            if network not in by_name or by_name[network].purpose is not Purpose.EMBEDDER:
                raise ManifestInvalidError(matcher.name, "networks", f"{network} is not listed as an embedder")
    return Manifest(MappingProxyType(by_name), MappingProxyType({matcher.name: matcher for matcher in named}))


def load_manifest(path: Path | None = None, extra: Path | None = None) -> Manifest:
    """Read the manifest that is shipped with this room, or another one, and add the entries of a further file.

    Raises `ManifestInvalidError` naming entry and key for anything unknown, missing, double or of a wrong type, also when the
    further file uses a name of the first.
    """
    files = [read_manifest(path or Path(__file__).with_name("manifest.toml"))]
    if extra is not None:
        files.append(read_manifest(extra))
    return manifest_of(
        (card for file in files for card in file.cards),
        (matcher for file in files for matcher in file.matchers),
    )


def _refuse_doubles(cards: Sequence[ModelCard], matchers: Sequence[MatcherCard]) -> None:
    for number, card in enumerate(cards):
        for other in cards[:number]:
            if other.name == card.name:
                raise ManifestInvalidError(card.name, "name", "is the name of two entries")
            if other.file == card.file:
                raise ManifestInvalidError(card.name, "file", f"is also the file of {other.name}")
    for number, matcher in enumerate(matchers):
        if any(other.name == matcher.name for other in matchers[:number]):
            raise ManifestInvalidError(matcher.name, "name", "is the name of two matchers")
