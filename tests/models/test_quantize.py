"""A quantized network stays close to its source, is the same file every time, and is refused when it is not worth the name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from models.card import ModelCard, Purpose
from models.contract import Tensor
from models.errors import GraphNotRewrittenError, NetworkContractError, NetworkNotQuantizedError
from models.graph import largest_difference
from models.int8.equalise import equalise
from models.int8.fidelity import loss
from models.int8.grid import grid_for, grid_weights
from models.int8.prepare import prepared
from models.int8.ranges import BINS, Histogram, range_of
from models.int8.recipe import Activations, Observer, Recipe
from models.int8.rounding import moments, rounded_with_feedback
from models.int8.search import choose
from models.int8.watch import watch, watched
from models.quantize import Quantized, open_made, quantized, quantized_variant
from models.variant import Form
from tests.models.graphs import card_for, drawn, mobile_network, network, picture

INPUTS = [picture(seed) for seed in range(24)]
OTHERS = [picture(seed) for seed in range(100, 120)]
LOOSE = Recipe(limit=10.0)


def nobody(done: int, of: int) -> None:
    """Listen to no progress."""


def made_of(source: bytes, recipe: Recipe = LOOSE, inputs: Sequence[Tensor] = INPUTS) -> Quantized:
    return quantized(card_for(source, 5), source, inputs, recipe, nobody)


def weights_of(content: bytes) -> dict[str, NDArray[np.generic]]:
    return {each.name: numpy_helper.to_array(each) for each in onnx.load_model_from_string(content).graph.initializer}


def test_a_quantized_network_stays_close_on_inputs_that_it_never_saw() -> None:
    source = mobile_network()

    made = made_of(source)

    assert made.share == 1.0
    assert made.float_layers == ()
    networks = [open_made(card_for(source, 5), content) for content in (source, made.content)]
    true, found = ([each.run(one)[0] for one in OTHERS] for each in networks)
    assert 0 < np.abs(np.array(true) - np.array(found)).mean() < 0.03 * np.abs(true).mean()


def test_the_same_inputs_give_the_same_bytes_and_others_give_others() -> None:
    source = mobile_network()

    made = [made_of(source, inputs=inputs).content for inputs in (INPUTS, INPUTS, OTHERS)]

    assert made[0] == made[1]
    assert made[0] != made[2]


@pytest.mark.parametrize("activations", Activations)
def test_what_flows_is_of_the_kind_that_the_recipe_asks_for(activations: Activations) -> None:
    made = weights_of(made_of(mobile_network(), replace(LOOSE, activations=activations)).content)

    zeros = {value.dtype.name for name, value in made.items() if name.endswith("_zero")}
    assert zeros == {activations.value}
    assert {value.dtype.name for name, value in made.items() if name.endswith("_weights_integers")} == {"int8"}


def test_weights_have_a_scale_for_each_channel_and_seven_bits_where_eight_may_overflow() -> None:
    made = weights_of(made_of(mobile_network(), replace(LOOSE, reduce_range=True)).content)

    integers = [value for name, value in made.items() if name.endswith("_weights_integers")]
    scales = [value for name, value in made.items() if name.endswith("_weights_scales")]
    assert max(np.abs(each.astype(int)).max() for each in integers) == 63
    assert [each.size for each in scales] == [each.shape[0] for each in integers]


def test_layers_go_back_to_floats_until_the_loss_is_within_the_limit() -> None:
    source = mobile_network()
    whole = made_of(source)

    made = made_of(source, replace(LOOSE, limit=whole.loss / 2, least_share=0.0))

    assert made.loss <= whole.loss / 2
    assert 0 < len(made.float_layers) < 3
    assert 0 < made.share < 1


def test_a_network_of_which_too_little_works_on_integers_is_not_called_int8() -> None:
    with pytest.raises(NetworkNotQuantizedError, match=r"model small.*only 0%"):
        made_of(mobile_network(), Recipe(limit=0.0))


def test_too_few_inputs_are_refused() -> None:
    with pytest.raises(NetworkNotQuantizedError, match="15 inputs"):
        made_of(mobile_network(), inputs=INPUTS[:15])


def test_inputs_of_another_shape_are_refused() -> None:
    with pytest.raises(NetworkContractError, match="small"):
        made_of(mobile_network(), inputs=[each[:, :, :4] for each in INPUTS])


@pytest.mark.parametrize("content", [b"", b"no network", mobile_network()[:-100]], ids=["empty", "text", "cut off"])
def test_what_is_no_network_is_refused_with_its_name(content: bytes) -> None:
    with pytest.raises(GraphNotRewrittenError, match=r"small\.onnx"):
        made_of(content)


def test_a_record_says_how_a_file_was_made() -> None:
    source = mobile_network()
    card = card_for(source, 5)
    made = made_of(source)

    variant = quantized_variant(card, made, INPUTS, LOOSE, {"flips": 0}, passed=False)

    assert (variant.form, variant.file, variant.passed) == (Form.INT8, "small.int8.onnx", False)
    assert variant.source_sha256 == card.sha256
    assert variant.provenance["share_of_multiplications"] == 1.0
    assert variant.provenance["gate"] == {"flips": 0}
    assert variant.provenance["calibration"]["inputs"] == 24  # type: ignore[index]  # a record is plain JSON


def joined_network() -> bytes:
    """Two ways that meet: what detectors and residual networks have, with a Relu that a convolution takes along."""
    nodes = [
        helper.make_node("Conv", ["x", "w1"], ["a"], kernel_shape=[1, 1]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("Conv", ["b", "w2"], ["c"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Add", ["b", "c"], ["d"]),
        helper.make_node("Conv", ["d", "w3"], ["e"], kernel_shape=[1, 1]),
        helper.make_node("Sigmoid", ["e"], ["y"]),
    ]
    weights = {"w1": drawn(8, 3, 1, 1, seed=1), "w2": drawn(8, 8, 3, 3, seed=2), "w3": drawn(5, 8, 1, 1, seed=3)}
    return network(nodes, weights, 5)


def test_ways_that_meet_are_quantized_too_and_what_nobody_reads_inside_is_not() -> None:
    source = joined_network()

    made = made_of(source)

    operators = Counter(node.op_type for node in onnx.load_model_from_string(made.content).graph.node)
    assert operators["QuantizeLinear"] == 5  # x, b (not a: the Relu is part of its layer), c, d, e; y is read by nobody inside
    assert largest_difference(card_for(source, 5), source, made.content, OTHERS) < 0.05


def test_evening_out_changes_no_answer_and_makes_channels_alike() -> None:
    source = mobile_network()
    card = card_for(source, 5)
    graph = prepared(card, source)
    graph.constants["w1_"] = graph.constants[graph.nodes[0].input[1]] * np.linspace(0.2, 5, 16).reshape(-1, 1, 1, 1)
    graph.nodes[0].input[1] = "w1_"
    graph.constants["w1_"] = graph.constants["w1_"].astype(np.float32)
    before = graph.content()
    made = [node.output[0] for node in graph.nodes if node.op_type == "Conv"]
    spreads = {name: seen.spread for name, seen in watch(watched(card, before, made), made, INPUTS).items()}

    pairs = equalise(graph, spreads)

    after = watch(watched(card, graph.content(), made), made, INPUTS)[made[0]].spread[:13]
    assert pairs == 2
    assert largest_difference(card, before, graph.content(), OTHERS) < 1e-5
    assert after.max() / after.min() < spreads[made[0]][:13].max() / spreads[made[0]][:13].min() / 2


@pytest.mark.parametrize("kind", Activations)
def test_a_number_comes_back_within_half_a_step_and_zero_exactly(kind: Activations) -> None:
    grid = grid_for(-1.3, 4.1, kind)
    numbers = np.linspace(-1.3, 4.1, 500)

    found = grid.rounded(numbers)

    assert np.abs(found - numbers).max() <= grid.scale * 1.01
    assert grid.rounded(np.zeros(1))[0] == 0
    assert np.abs(grid.rounded(np.array([-99.0, 99.0])) - [-1.3, 4.1]).max() < grid.scale


def with_an_outlier() -> Histogram:
    counts = np.zeros(BINS)
    # Pairs of bins that are full and nearly empty in turn: coarse steps no longer tell them apart.
    counts[:400] = np.where(np.arange(400) // 2 % 2, 1900.0, 100.0)
    counts[-1] = 1.0
    return Histogram(0.0, 10.0, counts)


RANGES = {
    Observer.EXTREMES: (10, 10),
    Observer.PERCENTILE: (1.9, 2.1),
    Observer.LEAST_SQUARES: (2, 9.9),
    Observer.ENTROPY: (2, 9.9),
}


@pytest.mark.parametrize("observer", Observer)
def test_each_observer_cuts_off_what_it_says(observer: Observer) -> None:
    low, high = range_of(with_an_outlier(), Recipe(observer=observer, percentile=99.9))

    least, most = RANGES[observer]
    assert 0 <= low < 0.05
    assert least <= high <= most


def test_least_squares_cuts_off_outliers_that_cost_less_than_the_steps_they_make_coarse() -> None:
    seen = with_an_outlier()
    many = Histogram(0.0, 10.0, np.where(np.arange(BINS) < 400, 1e7, seen.counts))

    _, high = range_of(many, Recipe(observer=Observer.LEAST_SQUARES))

    assert high < 5


def test_rounding_with_feedback_changes_answers_less_than_plain_rounding() -> None:
    draw = np.random.default_rng(3)
    mixed = draw.normal(size=(16, 16)) * np.linspace(0.1, 2, 16)
    entry = (mixed @ draw.normal(size=(16, 400))).reshape(1, 16, 20, 20).astype(np.float32)
    weights = draw.normal(size=(6, 16, 1, 1))
    node = helper.make_node("Conv", ["x", "w"], ["y"], kernel_shape=[1, 1])
    plain = grid_weights(weights, reduce_range=True)

    found = rounded_with_feedback(weights, plain, moments(node, weights, entry), 63)

    flat = entry.reshape(16, -1)
    errors = [np.square((each.values - weights).reshape(6, 16) @ flat).mean() for each in (found, plain)]
    assert errors[0] < 0.7 * errors[1]


def test_moments_of_a_convolution_of_each_channel_alone_are_those_of_its_windows() -> None:
    entry = drawn(1, 4, 6, 6, seed=7)
    weights = drawn(4, 1, 3, 3, seed=8).astype(np.float64)
    node = helper.make_node("Conv", ["x", "w"], ["y"], kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2], group=4)

    found = moments(node, weights, entry)

    padded = np.pad(entry[0], ((0, 0), (1, 1), (1, 1)))
    windows = [padded[2, row : row + 3, column : column + 3].reshape(-1) for row in (0, 2, 4) for column in (0, 2, 4)]
    assert found.shape == (4, 9, 9)
    assert np.allclose(found[2], sum(np.outer(each, each) for each in windows), atol=1e-5)


def test_the_search_leaves_in_floats_what_loses_most_for_what_it_saves() -> None:
    costs = {"early": 10, "middle": 100, "late": 10}
    lost = {"early": 0.5, "middle": 0.6, "late": 0.01}

    chosen = choose(list(costs), costs, lambda names: sum(lost[name] for name in names), 0.62, nobody)

    assert chosen == ["middle", "late"]


def test_the_search_gives_up_every_layer_rather_than_the_limit() -> None:
    assert choose(["a", "b"], {"a": 1, "b": 1}, lambda names: float(len(names)), 0.0, nobody) == []


def test_the_loss_of_an_embedder_is_of_its_direction_alone() -> None:
    card = replace(card_for(b"", 5), purpose=Purpose.EMBEDDER)
    one = np.array([[3.0, 4.0]], np.float32)

    assert loss(card, [(one,)], [(one * 7,)]) == pytest.approx(0)
    assert loss(card, [(one,)], [(np.array([[-4.0, 3.0]], np.float32),)]) == pytest.approx(1)


def test_the_loss_of_a_detector_is_of_cells_with_a_face_alone() -> None:
    card: ModelCard = replace(card_for(b"", 5), purpose=Purpose.DETECTOR)
    sure, unsure = np.full((1, 1, 1), 0.9, np.float32), np.full((1, 1, 1), 0.1, np.float32)
    box, moved = np.zeros((1, 1, 4), np.float32), np.ones((1, 1, 4), np.float32)
    points = np.zeros((1, 1, 10), np.float32)

    assert loss(card, [(sure, sure, box, points)], [(sure, sure, moved, points)]) == pytest.approx(0.2)
    assert loss(card, [(unsure, unsure, box, points)], [(unsure, unsure, moved, points)]) == 0


def test_bias_correction_brings_the_mean_of_an_answer_back() -> None:
    source = mobile_network()
    card = card_for(source, 5)

    shifts = []
    for correct in (False, True):
        made = made_of(source, replace(LOOSE, correct_bias=correct, reduce_range=True, feedback=False))
        both = [open_made(card, content) for content in (source, made.content)]
        means = [np.mean([each.run(one)[0] for one in INPUTS], axis=(0, 1, 3, 4)) for each in both]
        shifts.append(float(np.abs(means[1] - means[0]).mean()))

    assert shifts[1] < 0.8 * shifts[0]
