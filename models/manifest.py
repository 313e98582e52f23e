"""Which networks we ship: the manifest, by name.

It says what was promised; `store` finds the files, `runtime` runs them. It needs nothing but the standard library, so the
centre can read it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from models.card import (
    Bundle,
    Colour,
    Conversion,
    Layout,
    ModelCard,
    OfficialFile,
    Origin,
    Purpose,
    Runtime,
    TensorContract,
    Upstream,
)
from models.errors import ModelUnknownError
from models.manifest_file import read_cards

__all__ = [
    "Bundle",
    "Colour",
    "Conversion",
    "Layout",
    "Manifest",
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
    """All models that we ship, by name."""

    cards: Mapping[str, ModelCard]

    def card(self, name: str) -> ModelCard:
        """Return the card of a model; raises `ModelUnknownError`."""
        try:
            return self.cards[name]
        except KeyError as error:
            raise ModelUnknownError(name, self.names) from error

    @property
    def names(self) -> tuple[str, ...]:
        """All names, in the order of the manifest."""
        return tuple(self.cards)


def manifest_of(cards: tuple[ModelCard, ...]) -> Manifest:
    """Return the manifest that lists these cards."""
    return Manifest(MappingProxyType({card.name: card for card in cards}))


def load_manifest(path: Path | None = None) -> Manifest:
    """Read the manifest that is shipped with this room, or another one.

    Raises `ManifestInvalidError` naming entry and key for anything unknown, missing, double or of a wrong type.
    """
    return manifest_of(read_cards(path or Path(__file__).with_name("manifest.toml")))
