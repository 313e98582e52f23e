"""Rewrites a network so that it runs faster and answers the same; onnx reads and writes the file, `models.rewrites` knows how.

What is gained depends on the machine, so a rewritten file is one more choice of the benchmark, not a promise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import onnx

from models.card import ModelCard, Runtime
from models.contract import Tensor, input_contract
from models.difference import difference
from models.digests import digest_of
from models.errors import DigestMismatchError, GraphNotRewrittenError, NetworkContractError, NetworkFailedError
from models.question import well_formed
from models.rewrites.blocked import append_silent, read_interleaved
from models.rewrites.channels import fill_channels
from models.rewrites.from_tflite import converted
from models.rewrites.network import BROKEN, NetworkGraph
from models.rewrites.norm import fold_norms
from models.rewrites.siblings import join_siblings
from models.rewrites.slopes import recognise_slopes, write_slopes
from models.rewrites.tidy import fold, name_constants, upgraded
from models.runtime import Network, network_of
from models.variant import REWRITABLE, Form, Variant, variant_file

TOLERANCE = 1e-4
"""Share of an answer's largest number by which rounding may change any of its numbers."""

OPEN_LENGTH_PX = 96
"""Lengths that the caller chooses get this many in the made-up inputs; a multiple of every stride of ours."""


def rewritten(card: ModelCard, content: bytes, shape: Sequence[int] | None = None) -> bytes:
    """The file rewritten for speed; the same bytes for the same file, anywhere.

    `shape` fixes the lengths of the input that the card leaves open, for a caller that uses one size only. Raises
    `GraphNotRewrittenError` for a file that is no whole network, is not that of its card, or has nothing to gain. One of
    TensorFlow Lite becomes one of ONNX.
    """
    return _rewrite(card, content, shape)[0]


def rewritten_variant(card: ModelCard, content: bytes, tensors: Sequence[Tensor] = ()) -> tuple[Variant, bytes]:
    """The file rewritten, and its record: it passed when it answers these inputs as its source does, within `TOLERANCE`.

    Without inputs, made-up ones are compared. Raises as `rewritten` does, `DigestMismatchError` for a file that is not the one of
    the card, `NetworkNotLoadedError` when this machine cannot open it, `NetworkContractError` for an input that does not fit.
    """
    found = digest_of(content)
    if found != card.sha256:
        raise DigestMismatchError(card, found)
    made, done = _rewrite(card, content, None)
    compared = list(tensors) or _made_up_inputs(card)
    differs = largest_difference(card, content, made, compared)
    provenance = {
        "recipe": "rewrite",
        "rewrites": done,
        "versions": {"onnx": onnx.__version__},
        "gate": {"inputs": len(compared), "made_up": not tensors, "largest_difference": differs, "tolerance": TOLERANCE},
    }
    passed = differs <= TOLERANCE
    file = variant_file(card, Form.REWRITTEN)
    return Variant(card.name, Form.REWRITTEN, file, digest_of(made), len(made), card.sha256, passed, provenance), made


def largest_difference(card: ModelCard, source: bytes, made: bytes, tensors: Sequence[Tensor]) -> float:
    """How far two files differ at most, as a share of the largest number of an answer; infinite when one does not answer."""
    one, other = network_of(card, source), network_of(replace(card, runtime=Runtime.ONNX), made)
    return max((_difference(one, other, tensor) for tensor in tensors), default=float("inf"))


def _difference(one: Network, other: Network, tensor: Tensor) -> float:
    true = one.run(tensor)
    try:
        found = other.run(tensor)
    except (NetworkContractError, NetworkFailedError):
        # The source answers and what was made of it does not: as different as can be.
        return float("inf")
    return max(difference(second, first) for first, second in zip(true, found, strict=True))


def _made_up_inputs(card: ModelCard) -> list[Tensor]:
    """Inputs within the range of the card, the same every time, of no picture."""
    return [well_formed(card, seed, OPEN_LENGTH_PX, (-1.0, 1.0)) for seed in range(3)]


def _rewrite(card: ModelCard, content: bytes, shape: Sequence[int] | None) -> tuple[bytes, dict[str, int]]:
    if card.runtime not in REWRITABLE:
        raise GraphNotRewrittenError(card, f"only ONNX and TensorFlow Lite files are rewritten, this is {card.runtime}")
    steps = 0
    if card.runtime is Runtime.TFLITE:
        content, steps = converted(card, content)
    graph = upgraded(card, content)
    try:
        done = {**({"steps of TensorFlow Lite": steps} if steps else {}), **_apply(graph, _lengths(card, shape))}
        made = graph.content()
    except (*BROKEN, onnx.checker.ValidationError) as error:
        raise GraphNotRewrittenError(card, f"a rewrite does not know what it found: {error}") from error
    if not done:
        raise GraphNotRewrittenError(card, "it has nothing to gain")
    return made, done


def _lengths(card: ModelCard, shape: Sequence[int] | None) -> list[int]:
    """The lengths of the input that are fixed; 0 where they are open."""
    promised = [length if isinstance(length, int) else 0 for length in input_contract(card).shape]
    if shape is None:
        return promised
    if len(shape) != len(promised) or any(known not in (0, asked) for known, asked in zip(promised, shape, strict=True)):
        raise GraphNotRewrittenError(card, f"the shape {list(shape)} is not one that its card allows")
    return list(shape)


def _apply(graph: NetworkGraph, lengths: Sequence[int]) -> dict[str, int]:
    """Do all that can be done; the rewrites that were a gain, each with how many places it changed."""
    name_constants(graph)
    graph.fix_input(lengths)
    spelled = recognise_slopes(graph)
    folded = fold(graph, lengths[0] or None)
    norms = fold_norms(graph)
    siblings = join_siblings(graph)
    filled = fill_channels(graph)
    doubled = append_silent(graph)
    interleaved = read_interleaved(graph, *lengths[1:]) if len(lengths) == 4 and all(lengths) else 0
    slopes = write_slopes(graph)
    done = {"folded nodes": folded, "folded norms": norms, "joined siblings": siblings}
    done |= {"filled channels": filled, "doubled channels": doubled}
    done |= {"inputs not turned": interleaved, "rewritten slopes": slopes}
    if spelled > slopes:
        # A slope that could not be written in a better form now stands as a slow PRelu.
        raise ValueError(f"only {slopes} of {spelled} slopes can be written")
    return {name: count for name, count in done.items() if count}
