"""Files made from a shipped one on this machine: rewritten for speed, or quantized; each with a record of how it was made.

A variant lies in the cache beside the file that it was made of, `FILE` and `FILE.json`, and is never shipped: the same command
makes the same bytes anywhere. Which of them runs on a board is a `Choice`, made by the benchmark.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from models.card import ModelCard, Purpose, Runtime
from models.digests import Sha256, content_of, is_sha256
from models.errors import VariantInvalidError

RECORD_SUFFIX = ".json"

REWRITABLE = (Runtime.ONNX, Runtime.TFLITE)
"""What files are for that can be rewritten."""


class Form(StrEnum):
    """How a file relates to the one that ships."""

    SHIPPED = "shipped"
    REWRITTEN = "rewritten"
    """Exact: the same answers within rounding, so it is the same model for every threshold."""
    INT8 = "int8"
    """Quantized: close, and only used when its gate passed."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One file made of a shipped one."""

    model: str
    """Name of the card that it was made of."""
    form: Form
    file: str
    """Its name in the cache."""
    sha256: Sha256
    size_bytes: int
    source_sha256: Sha256
    """Of the file that it was made of: another one makes it worthless."""
    passed: bool
    """Whether it may be used: its answers were compared with those of its source and stayed within the gate."""
    provenance: Mapping[str, object]
    """How it was made: recipe, versions, digest of the calibration set, what the gate counted. Plain JSON."""
    judged_within: Sha256 | None = None
    """Of a quantized embedder: the digest of the matcher, with all its networks as they ship, within which it passed its gate."""

    def runs_within(self, source: ModelCard, matcher: Sha256 | None) -> bool:
        """Whether a unit that runs this matcher may run it: a quantized embedder only within the one that it was judged in."""
        if self.form is not Form.INT8 or source.purpose is not Purpose.EMBEDDER:
            return True
        return matcher is not None and self.judged_within == matcher

    def card_of(self, source: ModelCard) -> ModelCard:
        """The card to open it by: all that its source promises, of another file, which may be for another library."""
        runtime = Runtime.ONNX if _becomes_onnx(source, self.form) else source.runtime
        return replace(source, file=self.file, sha256=self.sha256, size_bytes=self.size_bytes, runtime=runtime)


def variant_file(card: ModelCard, form: Form) -> str:
    """The name of a variant in the cache: `det.onnx` becomes `det.int8.onnx`, and `mesh.tflite` `mesh.rewritten.onnx`."""
    name = Path(card.file)
    return f"{name.stem}.{form.value}{'.onnx' if _becomes_onnx(card, form) else name.suffix}"


def _becomes_onnx(source: ModelCard, form: Form) -> bool:
    """A network of TensorFlow Lite is rewritten as one of ONNX."""
    return form is Form.REWRITTEN and source.runtime is Runtime.TFLITE


def record_of(variant: Variant) -> bytes:
    """The record that lies beside a variant, JSON with sorted keys."""
    fields = {
        "model": variant.model,
        "form": variant.form.value,
        "file": variant.file,
        "sha256": variant.sha256,
        "size_bytes": variant.size_bytes,
        "source_sha256": variant.source_sha256,
        "passed": variant.passed,
        "provenance": variant.provenance,
        "judged_within": variant.judged_within,
    }
    return (json.dumps(fields, sort_keys=True, indent=1) + "\n").encode()


def read_variant(folder: Path, card: ModelCard, form: Form) -> Variant | None:
    """The variant of this form in a folder; None when there is none, or when it was made of another file than the card's.

    Raises `VariantInvalidError` for a record that is not written as it must be, `ModelFileUnreadableError`.
    """
    path = folder / (variant_file(card, form) + RECORD_SUFFIX)
    if not path.is_file():
        return None
    found = _parse(path, content_of(path))
    if (found.model, found.form, found.file) != (card.name, form, variant_file(card, form)):
        raise VariantInvalidError(path, "it is about another model or file")
    return found if found.source_sha256 == card.sha256 else None


def _parse(path: Path, content: bytes) -> Variant:
    try:
        fields = json.loads(content)
        variant = Variant(
            str(fields["model"]),
            Form(fields["form"]),
            str(fields["file"]),
            Sha256(str(fields["sha256"])),
            int(fields["size_bytes"]),
            Sha256(str(fields["source_sha256"])),
            fields["passed"] is True,
            dict(fields["provenance"]),
            None if fields.get("judged_within") is None else Sha256(str(fields["judged_within"])),
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise VariantInvalidError(path, f"{type(error).__name__}: {error}") from error
    digests = (variant.sha256, variant.source_sha256, variant.judged_within)
    if not all(is_sha256(each) for each in digests if each is not None) or variant.form is Form.SHIPPED:
        raise VariantInvalidError(path, "a digest or the form is not one")
    return variant
