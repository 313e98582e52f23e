"""What could run for a model on this board: files that ship or were made of it, each through the libraries that can open it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from models.card import ModelCard, Purpose, Runtime
from models.digests import Sha256, content_of
from models.errors import ModelError
from models.store import ModelStore
from models.variant import REWRITABLE, Form, Variant


@dataclass(frozen=True, slots=True)
class Candidate:
    """One file through one library."""

    source: ModelCard
    """The card of the file that ships."""
    form: Form
    card: ModelCard
    """The card to open it by: its own file, digest and runtime."""
    path: Path

    @property
    def label(self) -> str:
        """For people, as "int8 through onnx"."""
        return f"{self.form} through {self.card.runtime}"

    @property
    def ships(self) -> bool:
        """Whether this is what runs without any choice."""
        return self.form is Form.SHIPPED and self.card.runtime is self.source.runtime


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is not measured or not chosen, and why."""

    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class Field:
    """All that runs against each other for one model."""

    shipped: Candidate
    others: tuple[Candidate, ...]
    refused: tuple[Refusal, ...]


def field_of(store: ModelStore, name: str, embedders_of: Sha256 | None = None) -> Field:
    """Find what can run for a model; raises as `ModelStore.path` does when the shipped file is not to be had.

    An exact rewrite that is not there yet is made and kept. A quantized embedder runs only within the matcher that it was judged
    in; `embedders_of` is the digest of the one that the unit runs, as it ships, and None lets no quantized embedder in.
    """
    source = store.card(name)
    shipped = Candidate(source, Form.SHIPPED, source, store.path(name))
    others: list[Candidate] = []
    refused: list[Refusal] = []
    for form in (Form.REWRITTEN, Form.INT8):
        try:
            variant = _variant(store, source, shipped.path, form)
        except ModelError as error:
            refused.append(Refusal(form.value, str(error)))
            continue
        if variant is None:
            continue
        if reason := _why_not(source, variant, embedders_of):
            refused.append(Refusal(form.value, reason))
        else:
            others.append(Candidate(source, form, variant.card_of(source), store.variant_path(variant)))
    if source.runtime is Runtime.ONNX:
        exact = [each for each in (shipped, *others) if each.form is not Form.INT8]
        if source.purpose is Purpose.EMBEDDER:
            refused.append(Refusal(Runtime.OPENCV.value, "the thresholds of a matcher name what runs it"))
        else:
            others += [replace(each, card=replace(each.card, runtime=Runtime.OPENCV)) for each in exact]
    return Field(shipped, tuple(others), tuple(refused))


def _variant(store: ModelStore, source: ModelCard, shipped: Path, form: Form) -> Variant | None:
    found = store.variant(source.name, form)
    if found is not None or form is not Form.REWRITTEN or source.runtime not in REWRITABLE:
        return found
    from models.graph import rewritten_variant

    made, content = rewritten_variant(source, content_of(shipped))
    store.keep(made, content)
    return made


def _why_not(source: ModelCard, variant: Variant, embedders_of: Sha256 | None) -> str:
    if not variant.passed:
        return "it did not pass its gate"
    if variant.runs_within(source, embedders_of):
        return ""
    if embedders_of is None:
        return "a quantized embedder is another matcher than the one that thresholds and policies name"
    return "it passed its gate within another matcher than the unit runs"
