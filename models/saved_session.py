"""Keeps what onnxruntime made of a file when it opened it: optimising the graph again at every start is most of a cold start.

The saved form belongs to one version of the library and one processor, as the choice does that names it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from models.benchmark import Measured
from models.card import ModelCard, Runtime
from models.choice import SavedSession, saved_card
from models.contract import Tensor
from models.digests import content_of, digest_of
from models.errors import CacheUnusableError, ModelError
from models.question import well_formed
from models.runtime import open_network
from models.store import ModelStore
from models.trial import try_network

SUFFIX = ".ort"


def save_session(store: ModelStore, chosen: Measured) -> SavedSession | None:
    """Save what the library makes of a chosen file; None where that does not work, answers otherwise, or does not save time.

    It is tried in a process of its own, as every file is. Raises `CacheUnusableError`.
    """
    card, path = chosen.candidate.card, chosen.candidate.path
    if card.runtime is not Runtime.ONNX:
        return None
    try:
        content = _saved_form(card, content_of(path))
        saved = SavedSession(Path(card.file).stem + SUFFIX, digest_of(content), 0.0)
        kept = store.keep_saved(saved.file, content)
        cold_cpu_ms = try_network(saved_card(card, saved), kept).cold_cpu_ms
        same = _same(card, path, saved_card(card, saved), kept, [well_formed(card, seed) for seed in (1, 2)])
    except CacheUnusableError:
        raise
    except ModelError:
        return None
    return replace(saved, cold_cpu_ms=cold_cpu_ms) if same and cold_cpu_ms < chosen.numbers.cold_cpu_ms else None


def _saved_form(card: ModelCard, content: bytes) -> bytes:
    from models.runtime_onnx import saved_form

    with tempfile.TemporaryDirectory() as scratch:
        return saved_form(card, content, Path(scratch))


def _same(card: ModelCard, path: Path, saved: ModelCard, kept: Path, questions: Sequence[Tensor]) -> bool:
    """Whether both answer the same numbers: nothing was reckoned anew, so nothing may differ."""
    one, other = open_network(card, path), open_network(saved, kept)
    pairs = [zip(one.run(question), other.run(question), strict=True) for question in questions]
    return all(np.array_equal(first, second) for pair in pairs for first, second in pair)
