"""Several networks opened at once, by name: those that ship, or those that were chosen for this board."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from models.card import ModelCard, Purpose
from models.choice import Choice, Choices, chosen_file, saved_card
from models.digests import Sha256
from models.errors import ChoiceStaleError, DigestMismatchError, ModelError
from models.late import LateNetwork
from models.runtime import Network, open_network, runtime_version
from models.store import ModelStore
from models.variant import Form

log = logging.getLogger("lifecert.models")

Open = Callable[[ModelCard, Path], Network]
"""Checks a file and opens it, now or later; raises `ModelError`."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenedNetwork:
    """A network, and what was opened for it."""

    network: Network
    card: ModelCard
    """That of the file that was really opened: its digest, its runtime."""
    form: Form


def open_networks(store: ModelStore, names: Iterable[str]) -> Mapping[str, Network]:
    """Find, check and open these models; raises the first `ModelError`, so either all are open or none is."""
    return MappingProxyType({name: _open_shipped(store, store.card(name), open_network) for name in names})


def open_chosen(
    store: ModelStore,
    names: Collection[str],
    choices: Choices | None,
    late: Collection[str] = (),
    matcher: Sha256 | None = None,
) -> Mapping[str, OpenedNetwork]:
    """Open what was chosen for these models, and the shipped file where nothing was or where the chosen one cannot be used.

    `matcher` is the digest of the matcher, as it ships, that the embedders among them make: a quantized one runs only within the
    matcher that it was judged in. Those of `late` that run as they ship are checked now and opened when they are first asked.
    Why a choice was not used is logged, once for each model. Raises the first `ModelError` of a shipped file.
    """
    # What the largest file was read into is then at hand for all others: a tenth fewer pages to ask the system for.
    largest_first = sorted(names, key=lambda name: store.card(name).size_bytes, reverse=True)
    openers = {name: LateNetwork if name in late else open_network for name in largest_first}
    opened = {name: _open(store, name, choices, opener, matcher) for name, opener in openers.items()}
    return MappingProxyType({name: opened[name] for name in names})


def _open(store: ModelStore, name: str, choices: Choices | None, opener: Open, matcher: Sha256 | None) -> OpenedNetwork:
    card = store.card(name)
    choice = choices.by_model.get(name) if choices else None
    if choices is not None and choice is not None and not _ships(card, choice):
        try:
            choices.insist_on_fresh(choice, card, runtime_version(choice.runtime))
            return _open_choice(store, card, choice, opener, matcher)
        except ModelError as error:
            log.warning("chosen model not used, the shipped one is", extra={"model": name, "reason": str(error)})
    return OpenedNetwork(_open_shipped(store, card, opener), card, Form.SHIPPED)


def _ships(card: ModelCard, choice: Choice) -> bool:
    """Whether a choice changes nothing: it then need not be fresh, and no library is loaded only to ask its version."""
    return choice.form is Form.SHIPPED and choice.runtime is card.runtime and choice.saved is None


def _open_shipped(store: ModelStore, card: ModelCard, opener: Open) -> Network:
    """Open a file whose digest is checked as it is read; only a wrong one is read again, by the store, which sets it aside."""
    try:
        return opener(card, store.place(card.name))
    except DigestMismatchError:
        return opener(card, store.path(card.name))


def _open_choice(store: ModelStore, card: ModelCard, choice: Choice, opener: Open, matcher: Sha256 | None) -> OpenedNetwork:
    if choice.file != chosen_file(card, choice.form):
        raise ChoiceStaleError(choice.model, f"it names the file {choice.file}")
    if card.purpose is Purpose.EMBEDDER and choice.runtime is not card.runtime:
        raise ChoiceStaleError(choice.model, "the thresholds of a matcher name what runs it")
    if choice.form is Form.SHIPPED:
        opened, path = card, store.place(card.name)
    else:
        variant = store.variant(card.name, choice.form)
        if variant is None or not variant.passed or variant.sha256 != choice.sha256:
            raise ChoiceStaleError(choice.model, "the file that was measured is not there any more, or did not pass its gate")
        if not variant.runs_within(card, matcher):
            raise ChoiceStaleError(choice.model, "it passed its gate within another matcher than this unit runs")
        opened, path = variant.card_of(card), store.variant_path(variant)
    opened = replace(opened, runtime=choice.runtime)
    # Whatever is not as it ships may not load any more, and then the shipped file takes its place: that must show now.
    opener = opener if opened == card else open_network
    return OpenedNetwork(_open_saved(store, opened, choice) or opener(opened, path), opened, choice.form)


def _open_saved(store: ModelStore, card: ModelCard, choice: Choice) -> Network | None:
    """What the library saved of a chosen file, to be opened in its place; None without any, or when it cannot be used."""
    if choice.saved is None:
        return None
    try:
        return open_network(saved_card(card, choice.saved), store.saved_path(choice.saved.file))
    except ModelError as error:
        log.warning("saved session not used, its file is", extra={"model": choice.model, "reason": str(error)})
        return None
