"""One way to run a network, whichever library runs it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, assert_never, runtime_checkable

from models.card import ModelCard, Runtime
from models.contract import Tensor
from models.digests import content_of, digest_of
from models.errors import DigestMismatchError, NetworkNotLoadedError
from models.matcher import MatcherCard


class Network(Protocol):
    """A network that answers one tensor at a time. Only one thread may use it."""

    def run(self, tensor: Tensor) -> tuple[Tensor, ...]:
        """Return the outputs, in the order of the card, as arrays that belong to the caller.

        `tensor` is float32 with the shape and value range of the card's input. Raises `NetworkContractError` when input or
        output is not as the card promises (shape, dtype, range, a number that is not finite), `NetworkFailedError` when the
        library stops with an error.
        """
        ...


@runtime_checkable
class Spare(Protocol):
    """A network that holds memory which only a run needs."""

    def give_back(self) -> None:
        """Free it, as networks of the same library do then, too. Raises `NetworkFailedError`."""
        ...


def open_network(card: ModelCard, path: Path) -> Network:
    """Open a model file with the library that its card names, one thread.

    The very bytes that are opened are the ones whose digest was checked, so a file that is swapped in between is not used.
    Raises `ModelFileUnreadableError`, `DigestMismatchError`, `NetworkNotLoadedError` or `NetworkContractError`.
    """
    content = content_of(path)
    found = digest_of(content)
    if found != card.sha256:
        raise DigestMismatchError(card, found, path)
    return network_of(card, content)


def network_of(card: ModelCard, content: bytes) -> Network:
    """Open the content of a file whose digest is known; raises `NetworkNotLoadedError` or `NetworkContractError`."""
    # The doors load lazily: who needs no TensorFlow Lite network does not pay for its library.
    match card.runtime:
        case Runtime.ONNX:
            from models.runtime_onnx import OnnxNetwork

            return OnnxNetwork(card, content)
        case Runtime.TFLITE:
            from models.runtime_tflite import TfliteNetwork

            return TfliteNetwork(card, content)
        case Runtime.OPENCV:
            from models.runtime_opencv import OpencvNetwork

            return OpencvNetwork(card, content)
        case Runtime.DATA:
            raise NetworkNotLoadedError(card, "it is data to read, not a network to run")
    assert_never(card.runtime)


def runtime_version(runtime: Runtime) -> str:
    """Return what runs the networks of a door, with its version: "onnxruntime 1.32.0".

    Embeddings of two versions of one library may differ, so a threshold names it. Raises `ValueError` for data, which nothing
    runs.
    """
    match runtime:
        case Runtime.ONNX:
            from models.runtime_onnx import VERSION

            return VERSION
        case Runtime.TFLITE:
            from models.runtime_tflite import VERSION as TFLITE_VERSION

            return TFLITE_VERSION
        case Runtime.OPENCV:
            from models.runtime_opencv import VERSION as OPENCV_VERSION

            return OPENCV_VERSION
        case Runtime.DATA:
            raise ValueError("data is read, not run")
    assert_never(runtime)


def matcher_runtime(matcher: MatcherCard, cards: Mapping[str, ModelCard]) -> str:
    """Return what runs all networks of a matcher, each library once; `cards` holds the networks by name."""
    return ", ".join(sorted({runtime_version(cards[name].runtime) for name in matcher.networks}))
