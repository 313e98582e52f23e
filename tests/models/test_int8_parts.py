"""The parts of quantization, each by itself: what they promise at their edges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from onnx import helper

from models.card import ModelCard, Purpose
from models.graph import largest_difference
from models.int8.equalise import MOST, equalise
from models.int8.fidelity import loss
from models.int8.grid import grid_for, grid_weights
from models.int8.prepare import prepared
from models.int8.ranges import BINS, Histogram, range_of
from models.int8.recipe import Activations, Observer, Recipe
from models.quantize import MOST_INPUTS, calibration_digest, quantized, some
from tests.models.graphs import card_for, drawn, mobile_network, network, picture

INPUTS = [picture(seed) for seed in range(24)]
LOOSE = Recipe(limit=10.0)


def nobody(done: int, of: int) -> None:
    """Listen to no progress."""


@pytest.mark.parametrize("kind", Activations)
@pytest.mark.parametrize("ends", [(1.0, 3.0), (-3.0, -1.0)])
def test_zero_is_a_step_even_where_no_number_is_near_it(kind: Activations, ends: tuple[float, float]) -> None:
    grid = grid_for(*ends, kind)

    assert grid.rounded(np.array([0.0])).tolist() == [0.0]
    assert np.abs(grid.rounded(np.array(ends)) - ends).max() < grid.scale


def test_weights_lose_less_with_their_own_scale_than_with_that_of_the_largest_one() -> None:
    weights = drawn(4, 50, 3, 3).astype(np.float64)
    steps = np.abs(weights).max(axis=(1, 2, 3), keepdims=True) / 63

    lost = ((grid_weights(weights, reduce_range=True).values - weights) ** 2).sum(axis=(1, 2, 3))

    plain = ((np.rint(weights / steps) * steps - weights) ** 2).sum(axis=(1, 2, 3))
    assert np.all(lost <= plain * 1.0001)
    assert lost.sum() < 0.98 * plain.sum()


def test_no_channel_is_scaled_by_more_than_its_limit() -> None:
    source = mobile_network(channels=12)
    graph = prepared(card_for(source, 5), source)
    first = graph.nodes[0]
    before = np.abs(graph.constants[first.input[1]]).max(axis=(1, 2, 3))

    equalise(graph, {node.output[0]: np.geomspace(1e-3, 1, 12) for node in graph.nodes if node.op_type == "Conv"})

    factors = np.abs(graph.constants[first.input[1]]).max(axis=(1, 2, 3)) / before
    assert factors.max() == pytest.approx(MOST)


def test_layers_of_which_one_works_in_groups_of_channels_are_quantized_as_they_are() -> None:
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"], kernel_shape=[1, 1]),
        helper.make_node("Relu", ["a"], ["p"]),
        helper.make_node("Conv", ["p", "v"], ["b"], kernel_shape=[1, 1], group=2),
        helper.make_node("Mul", ["b", "factor"], ["c"]),
        helper.make_node("Conv", ["c", "u"], ["y"], kernel_shape=[1, 1]),
    ]
    weights = {"w": drawn(8, 3, 1, 1), "v": drawn(8, 4, 1, 1, seed=1), "u": drawn(5, 8, 1, 1, seed=2)}
    source = network(nodes, {**weights, "factor": np.array(0.37, np.float32)}, 5)
    card = card_for(source, 5)

    made = quantized(card, source, INPUTS, LOOSE, nobody)

    assert largest_difference(card, source, made.content, INPUTS) < 0.05


@pytest.mark.parametrize(
    ("window", "pads", "operator"), [(8, 0, "GlobalAveragePool"), (8, 4, "AveragePool"), (2, 0, "AveragePool")]
)
def test_only_an_average_over_the_whole_picture_is_called_so(window: int, pads: int, operator: str) -> None:
    pool = helper.make_node("AveragePool", ["c"], ["a"], kernel_shape=[window, window], pads=[pads] * 4)
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], kernel_shape=[1, 1]),
        pool,
        helper.make_node("Resize", ["a", "", "", "to"], ["y"]),
    ]
    source = network(nodes, {"w": drawn(5, 3, 1, 1), "to": np.array([1, 5, 8, 8])}, 5)

    found = [node.op_type for node in prepared(card_for(source, 5), source).nodes]

    assert found == ["Conv", operator, "Resize"]


def test_a_percentile_leaves_half_of_the_rest_on_each_side() -> None:
    seen = Histogram(-1.0, 1.0, np.ones(BINS))

    low, high = range_of(seen, Recipe(observer=Observer.PERCENTILE, percentile=80))

    assert (low, high) == (pytest.approx(-0.8, abs=3 / BINS), pytest.approx(0.8, abs=5 / BINS))


def test_a_face_that_only_the_quantized_detector_sees_is_a_loss() -> None:
    card: ModelCard = replace(card_for(b"", 5), purpose=Purpose.DETECTOR)
    sure, unsure = np.full((1, 1, 1), 0.9, np.float32), np.full((1, 1, 1), 0.1, np.float32)
    rest = (np.zeros((1, 1, 4), np.float32), np.zeros((1, 1, 10), np.float32))

    assert loss(card, [(unsure, unsure, *rest)], [(sure, sure, *rest)]) == pytest.approx(0.8)


def test_inputs_are_taken_evenly_out_of_all() -> None:
    inputs = [np.array([index], np.float32) for index in range(3 * MOST_INPUTS)]

    taken = [int(each[0]) for each in some(inputs)]

    assert (len(taken), taken[:2], taken[-1]) == (MOST_INPUTS, [0, 3], 3 * MOST_INPUTS - 3)


def test_the_digest_of_a_calibration_tells_shapes_apart() -> None:
    flat = np.zeros((4,), np.float32)

    assert calibration_digest([flat]) != calibration_digest([flat.reshape(2, 2)])
