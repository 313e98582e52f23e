"""Quantizes a network to INT8 with inputs that the caller gives; deterministic: the same inputs give the same bytes.

What it makes is close to its source, and only a gate on held-back inputs says whether it is close enough; that is the caller's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
import onnx
from numpy.typing import NDArray

from models.card import ModelCard
from models.contract import Tensor
from models.digests import Sha256, digest_of
from models.errors import NetworkNotQuantizedError
from models.int8.bias import Means, corrected
from models.int8.equalise import equalise
from models.int8.fidelity import Answers, loss
from models.int8.grid import Grid, GridWeights, grid_for, grid_weights
from models.int8.layers import Layer, is_depthwise, layers_of, places_of, products, trimmed
from models.int8.prepare import prepared
from models.int8.qdq import Plan, gridded_tensors, written
from models.int8.ranges import range_of
from models.int8.recipe import Recipe
from models.int8.rounding import moments, rounded_with_feedback
from models.int8.search import Progress, choose
from models.int8.watch import channel_means, runs, watch, watched
from models.rewrites.network import NetworkGraph
from models.rewrites.slopes import write_slopes
from models.runtime import Network, runtime_version
from models.variant import Form, Variant, variant_file

FEWEST_INPUTS = 16
MOST_INPUTS = 128
TUNED_ON = 64
"""Inputs on which layers are tried; the ranges come from all."""

CORRECTED_ON = 16


@dataclass(frozen=True, slots=True)
class Quantized:
    """A quantized file, and what is known of it."""

    content: bytes
    share: float
    """Of all multiplications, those on integers."""
    loss: float
    """On the inputs that it was tuned on: no proof of anything."""
    float_layers: tuple[str, ...]


def quantized(card: ModelCard, content: bytes, inputs: Sequence[Tensor], recipe: Recipe, progress: Progress) -> Quantized:
    """Quantize a file; `inputs` are what the network is fed in the pipeline, of pictures that are not held back for the gate.

    Raises `GraphNotRewrittenError` for a file that is no ONNX network, `NetworkContractError` for inputs that do not fit,
    `NetworkNotQuantizedError` when there are too few inputs, or when too little of it can work on integers.
    """
    if len(inputs) < FEWEST_INPUTS:
        raise NetworkNotQuantizedError(card, f"{len(inputs)} inputs tell too little, at least {FEWEST_INPUTS} are needed")
    bench = _Bench(card, _even(card, prepared(card, content), inputs, recipe), inputs, recipe)
    return bench.tuned(progress)


def some(inputs: Sequence[Tensor]) -> list[Tensor]:
    """As many inputs as are of use, evenly out of all."""
    step = max(1, len(inputs) // MOST_INPUTS)
    return list(inputs[::step][:MOST_INPUTS])


def open_made(card: ModelCard, content: bytes) -> Network:
    """Open what was made of a model; raises `NetworkNotLoadedError`, `NetworkContractError`."""
    from models.runtime_onnx import OnnxNetwork

    return OnnxNetwork(card, content)


def quantized_variant(
    card: ModelCard,
    made: Quantized,
    inputs: Sequence[Tensor],
    recipe: Recipe,
    gate: Mapping[str, object],
    *,
    passed: bool,
    judged_within: Sha256 | None = None,
) -> Variant:
    """The record of a quantized file; `gate` is what the gate counted, plain JSON, and `passed` its verdict.

    `judged_within` is the digest of the matcher, as it ships, that an embedder was judged in.
    """
    provenance = {
        "recipe": asdict(recipe),
        "versions": {"onnx": onnx.__version__, "numpy": np.__version__, "runtime": runtime_version(card.runtime)},
        "calibration": {"inputs": len(inputs), "sha256": calibration_digest(inputs)},
        "share_of_multiplications": round(made.share, 4),
        "loss": made.loss,
        "float_layers": list(made.float_layers),
        "gate": dict(gate),
    }
    file = variant_file(card, Form.INT8)
    sha256, size = digest_of(made.content), len(made.content)
    return Variant(card.name, Form.INT8, file, sha256, size, card.sha256, passed, provenance, judged_within)


def calibration_digest(inputs: Sequence[Tensor]) -> Sha256:
    """SHA-256 over the inputs in their order, shapes included."""
    return digest_of(b"".join(str(each.shape).encode() + each.tobytes() for each in inputs))


def _even(card: ModelCard, graph: NetworkGraph, inputs: Sequence[Tensor], recipe: Recipe) -> NetworkGraph:
    """The graph with its weights evened out, and its slopes in the form that integers suit."""
    if recipe.equalise:
        made = [node.output[0] for node in graph.nodes if node.op_type == "Conv"]
        seen = watch(watched(card, graph.content(), made), made, inputs)
        equalise(graph, {name: each.spread for name, each in seen.items()})
    write_slopes(graph)
    return graph


@dataclass(slots=True)
class _Bench:
    """One network while it is quantized: what was seen of it, and what was tried."""

    card: ModelCard
    graph: NetworkGraph
    inputs: Sequence[Tensor]
    recipe: Recipe
    layers: list[Layer] = field(init=False)
    grids: dict[str, Grid] = field(init=False)
    weights: dict[str, GridWeights] = field(init=False)
    biases: dict[str, NDArray[np.float64]] = field(init=False)
    places: dict[str, int] = field(init=False)
    true: list[Answers] = field(init=False)

    def __post_init__(self) -> None:
        self.layers = layers_of(self.graph)
        self._weigh()
        self._look()
        if self.recipe.feedback:
            self._round()
        network = open_made(self.card, self.graph.content())
        self.true = [network.run(each) for each in self._tuning]

    @property
    def _tuning(self) -> Sequence[Tensor]:
        """Some inputs, evenly out of all."""
        return self.inputs[:: max(1, len(self.inputs) // TUNED_ON)][:TUNED_ON]

    def _weigh(self) -> None:
        self.weights, self.biases = {}, {}
        for node in (node for layer in self.layers for node in layer.convolutions):
            weights = np.asarray(self.graph.constants[node.input[1]], np.float64)
            bias = self.graph.constants[node.input[2]] if len(node.input) > 2 else np.zeros(len(weights))
            self.weights[node.output[0]] = grid_weights(weights, reduce_range=self.recipe.reduce_range)
            self.biases[node.output[0]] = np.asarray(bias, np.float64)

    def _look(self) -> None:
        flowing = gridded_tensors(self.graph, self.layers)
        network = watched(self.card, self.graph.content(), flowing)
        seen = watch(network, flowing, self.inputs)
        kind = self.recipe.activations
        self.grids = {name: grid_for(*range_of(each.histogram, self.recipe), kind) for name, each in seen.items()}
        made = list(self.biases)
        shapes = watched(self.card, self.graph.content(), made).run(self.inputs[0])
        self.places = {name: places_of(each.shape) for name, each in zip(made, shapes, strict=True)}

    def _round(self) -> None:
        """Round the weights anew, by what their layers are fed."""
        nodes = [node for layer in self.layers for node in layer.convolutions]
        weights = {node.output[0]: np.asarray(self.graph.constants[node.input[1]], np.float64) for node in nodes}
        sums: dict[str, NDArray[np.float64]] = {}
        entries = list(dict.fromkeys(node.input[0] for node in nodes))
        for seen in runs(watched(self.card, self.graph.content(), entries), entries, self._tuning):
            for node in nodes:
                made = node.output[0]
                sums[made] = sums.get(made, 0.0) + moments(node, weights[made], self._through(node.input[0], seen))
        most = 63 if self.recipe.reduce_range else 127
        for made, found in sums.items():
            self.weights[made] = rounded_with_feedback(weights[made], self.weights[made], found, most)

    def _through(self, name: str, seen: Mapping[str, Tensor]) -> Tensor:
        return self.grids[name].rounded(seen[name].astype(np.float64)).astype(np.float32)

    def _chosen(self, names: Sequence[str]) -> list[Layer]:
        wanted = set(names)
        return trimmed(self.graph, [layer for layer in self.layers if layer.name in wanted])

    def _plan(self, names: Sequence[str]) -> Plan:
        return Plan(self._chosen(names), self.grids, self.weights, self.biases)

    def _written(self, names: Sequence[str]) -> bytes:
        return written(self.graph, self._plan(names))

    def _loss(self, names: Sequence[str]) -> float:
        network = open_made(self.card, self._written(names))
        return loss(self.card, self.true, [network.run(each) for each in self._tuning])

    def _correct(self, names: Sequence[str]) -> None:
        """Take back what rounding shifts, with these layers on integers."""
        layers = self._chosen(names)
        made = [layer.name for layer in layers]
        seen = self._tuning[:CORRECTED_ON]

        def means_with(biases: Means, tensors: Sequence[str]) -> Means:
            content = written(self.graph, Plan(layers, self.grids, self.weights, biases))
            return channel_means(watched(self.card, content, tensors), tensors, seen)

        true = channel_means(watched(self.card, self.graph.content(), made), made, seen)
        self.biases = corrected(self.biases, true, means_with)

    def tuned(self, progress: Progress) -> Quantized:
        names = [layer.name for layer in self.layers if self.recipe.depthwise or not is_depthwise(layer)]
        uncorrected = self.biases
        if self.recipe.correct_bias:
            self._correct(names)
        costs = {layer.name: products(self.graph, layer, self.places) for layer in self.layers}
        chosen = choose(names, costs, self._loss, self.recipe.limit, progress)
        share = sum(costs[name] for name in chosen) / max(1, sum(costs.values()))
        if share < self.recipe.least_share:
            raise NetworkNotQuantizedError(self.card, f"only {share:.0%} of its multiplications could be integers")
        if self.recipe.correct_bias and chosen != names:
            # What the layers that are floats after all shifted must not be taken back.
            self.biases = uncorrected
            self._correct(chosen)
        floats = tuple(layer.name for layer in self.layers if layer.name not in set(chosen))
        return Quantized(self._written(chosen), share, self._loss(chosen), floats)
