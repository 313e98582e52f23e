"""Runs a network and looks at every tensor inside: extremes, histograms, channel means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from models.card import Colour, Dimension, Layout, ModelCard, TensorContract
from models.contract import Tensor
from models.int8.ranges import BINS, Histogram
from models.runtime import Network

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was seen of one tensor."""

    histogram: Histogram
    spread: NDArray[np.float64]
    """(channels,) largest absolute number of each channel; one number where there are no channels."""


def watched(card: ModelCard, content: bytes, tensors: Sequence[str]) -> Network:
    """The network with these inner tensors as its answers."""
    from models.runtime_onnx import OnnxNetwork

    model = onnx.load_model_from_string(content)
    # What enters can not leave under its own name.
    seen = {each.name: f"{each.name}_seen" for each in model.graph.input}
    model.graph.node.extend(helper.make_node("Identity", [name], [seen[name]]) for name in tensors if name in seen)
    named = [seen.get(name, name) for name in tensors]
    known = onnx.shape_inference.infer_shapes(model).graph
    shapes = {each.name: _shape(each) for each in (*known.value_info, *known.output)}
    outputs = {each.name for each in model.graph.output}
    for name in named:
        if name not in outputs:
            model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shapes[name]))
    contracts = tuple(TensorContract(name, shapes[name], Layout.ROWS, Colour.NONE, "inside", None, 1) for name in named)
    return OnnxNetwork(replace(card, outputs=contracts), model.SerializeToString())


def _shape(entry: onnx.ValueInfoProto) -> tuple[Dimension, ...]:
    return tuple(each.dim_value or each.dim_param or "open" for each in entry.type.tensor_type.shape.dim)


def watch(network: Network, names: Sequence[str], inputs: Sequence[Tensor]) -> dict[str, Seen]:
    """Run all inputs twice: once for the extremes, once for the histograms between them."""
    lows, highs, spreads = _extremes(network, names, inputs)
    counts = {name: np.zeros(BINS) for name in names}
    for found in runs(network, names, inputs):
        for name, values in found.items():
            if highs[name] > lows[name]:
                counts[name] += np.histogram(values, BINS, (lows[name], highs[name]))[0]
    return {name: Seen(Histogram(lows[name], highs[name], counts[name]), spreads[name]) for name in names}


def _extremes(
    network: Network, names: Sequence[str], inputs: Sequence[Tensor]
) -> tuple[dict[str, float], dict[str, float], dict[str, NDArray[np.float64]]]:
    lows, highs = dict.fromkeys(names, np.inf), dict.fromkeys(names, -np.inf)
    spreads: dict[str, NDArray[np.float64]] = {}
    for found in runs(network, names, inputs):
        for name, values in found.items():
            lows[name], highs[name] = min(lows[name], float(values.min())), max(highs[name], float(values.max()))
            spreads[name] = np.maximum(spreads.get(name, 0.0), _by_channel(np.abs(values)).max(axis=1))
    return lows, highs, spreads


def channel_means(network: Network, names: Sequence[str], inputs: Sequence[Tensor]) -> dict[str, Floats]:
    """The mean of each channel of each tensor over all inputs, (channels,)."""
    sums = {name: np.zeros(1) for name in names}
    for found in runs(network, names, inputs):
        for name, values in found.items():
            sums[name] = sums[name] + _by_channel(values).mean(axis=1, dtype=np.float64)
    return {name: total / len(inputs) for name, total in sums.items()}


def runs(network: Network, names: Sequence[str], inputs: Sequence[Tensor]) -> Iterator[dict[str, Tensor]]:
    """What each input gives, by the names of the tensors."""
    for tensor in inputs:
        yield dict(zip(names, network.run(tensor), strict=True))


def _by_channel(values: Tensor) -> Tensor:
    """(channels, rest): the second axis is that of the channels, if there is one."""
    return values[0].reshape(values.shape[1], -1) if values.ndim > 1 else values.reshape(1, -1)
