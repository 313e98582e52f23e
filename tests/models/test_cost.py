"""What a network costs is counted exactly: by hand for small graphs, and as published for those that ship."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import NodeProto, helper

from models.card import Dimension, ModelCard, Runtime
from models.contract import Tensor
from models.cost import NetworkCost, cost_of
from models.counting import Tally, counted
from models.errors import CostUnknownError, NetworkFailedError, NetworkNotLoadedError
from models.store import ModelStore
from tests.models.made_up import card, network_card, tensor
from tests.models.onnx_steps import noise, onnx_file
from tests.models.test_from_tflite import card_for, small_file
from tests.models.tflite_file import Net

Weights = Mapping[str, NDArray[np.generic]]


def cost(nodes: list[NodeProto], inputs: tuple[int, ...], outputs: tuple[int, ...], weights: Weights) -> NetworkCost:
    content = onnx_file(nodes, inputs, outputs, weights)
    return cost_of(network_card(content, tensor("x", inputs), tensor("y", outputs)), content, inputs)


def test_a_convolution_costs_its_outputs_times_kernel_and_channels() -> None:
    step = helper.make_node("Conv", ["x", "w", "b"], ["y"], kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2])

    found = cost([step], (1, 3, 8, 8), (1, 5, 4, 4), {"w": noise(5, 3, 3, 3), "b": noise(5)})

    assert found == NetworkCost(5 * 4 * 4 * 3 * 3 * 3, (5 * 3 * 3 * 3 + 5) * 4, (3 * 8 * 8 + 5 * 4 * 4) * 4)


def test_a_depthwise_convolution_costs_one_channel_for_each_output() -> None:
    step = helper.make_node("Conv", ["x", "w"], ["y"], kernel_shape=[3, 3], pads=[1, 1, 1, 1], group=6)

    assert cost([step], (1, 6, 8, 8), (1, 6, 8, 8), {"w": noise(6, 1, 3, 3)}).macs == 6 * 8 * 8 * 9


def test_a_transposed_convolution_costs_its_inputs_times_kernel_and_channels() -> None:
    step = helper.make_node("ConvTranspose", ["x", "w"], ["y"], kernel_shape=[2, 2], strides=[2, 2])

    assert cost([step], (1, 3, 4, 4), (1, 5, 8, 8), {"w": noise(3, 5, 2, 2)}).macs == 3 * 4 * 4 * 5 * 2 * 2


@pytest.mark.parametrize("turned", [0, 1])
def test_a_fully_connected_layer_costs_the_product_of_its_lengths(turned: int) -> None:
    step = helper.make_node("Gemm", ["x", "w"], ["y"], transA=turned)
    inputs = (7, 2) if turned else (2, 7)

    assert cost([step], inputs, (2, 5), {"w": noise(7, 5)}).macs == 2 * 7 * 5


def test_a_matrix_product_costs_the_length_that_it_sums_over_for_each_output() -> None:
    step = helper.make_node("MatMul", ["x", "w"], ["y"])

    assert cost([step], (3, 4, 7), (3, 4, 5), {"w": noise(7, 5)}).macs == 3 * 4 * 7 * 5


def test_a_step_that_only_renames_moves_nothing() -> None:
    steps = [helper.make_node("Reshape", ["x", "shape"], ["flat"]), helper.make_node("Relu", ["flat"], ["y"])]

    found = cost(steps, (1, 3, 4), (1, 12), {"shape": np.array([1, 12])})

    assert (found.macs, found.activation_bytes) == (0, (12 + 12) * 4)


def test_what_follows_from_weights_alone_is_done_when_the_file_is_opened() -> None:
    steps = [helper.make_node("Cast", ["half"], ["w"], to=1), helper.make_node("MatMul", ["x", "w"], ["y"])]

    found = cost(steps, (1, 7), (1, 5), {"half": noise(7, 5).astype(np.float16)})

    assert found == NetworkCost(7 * 5, 7 * 5 * 2, (7 + 5) * 4)


def test_a_quantized_tensor_is_read_and_written_as_whole_numbers() -> None:
    scale, zero = {"s": np.float32(0.1) * np.ones((), np.float32)}, {"z": np.zeros((), np.uint8), "zw": np.zeros((), np.int8)}
    steps = [
        helper.make_node("QuantizeLinear", ["x", "s", "z"], ["xq"]),
        helper.make_node("DequantizeLinear", ["xq", "s", "z"], ["xd"]),
        helper.make_node("DequantizeLinear", ["wq", "s", "zw"], ["w"]),
        helper.make_node("MatMul", ["xd", "w"], ["m"]),
        helper.make_node("QuantizeLinear", ["m", "s", "z"], ["mq"]),
        helper.make_node("DequantizeLinear", ["mq", "s", "z"], ["md"]),
        helper.make_node("Relu", ["md"], ["y"]),
    ]

    found = cost(steps, (1, 7), (1, 5), {"wq": np.ones((7, 5), np.int8), **scale, **zero})

    assert found == NetworkCost(35, 35 + 4 + 1 + 1, 7 + 5 + 5 + 5 * 4)


def test_a_tensor_that_somebody_reads_as_floats_as_well_is_written_as_floats() -> None:
    scale, zero = {"s": np.float32(0.1) * np.ones((), np.float32)}, {"z": np.zeros((), np.uint8)}
    steps = [
        helper.make_node("Relu", ["x"], ["r"]),
        helper.make_node("QuantizeLinear", ["r", "s", "z"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"]),
        helper.make_node("Add", ["r", "d"], ["y"]),
    ]

    assert cost(steps, (1, 7), (1, 7), {**scale, **zero}).activation_bytes == 7 * (4 + 4) + 7 * (4 + 1 + 4)


def test_the_shape_of_the_input_decides_what_a_network_of_any_size_costs() -> None:
    open_lengths: tuple[Dimension, ...] = (1, 3, "h", "w")
    step = helper.make_node("Conv", ["x", "w"], ["y"], kernel_shape=[1, 1])
    content = onnx_file([step], open_lengths, (1, 5, "h", "w"), {"w": noise(5, 3, 1, 1)})
    each = network_card(content, tensor("x", open_lengths), tensor("y", (1, 5, "h", "w")))

    assert [cost_of(each, content, (1, 3, side, side)).macs for side in (4, 8)] == [15 * 16, 15 * 64]


@pytest.mark.parametrize("runtime", [Runtime.ONNX, Runtime.TFLITE])
@pytest.mark.parametrize("content", [b"", b"rubbish"])
def test_rubbish_costs_nothing_but_a_sentence(content: bytes, runtime: Runtime) -> None:
    with pytest.raises(NetworkNotLoadedError, match="tiny"):
        cost_of(replace(card(content), runtime=runtime), content, (1, 2))


def test_an_input_of_other_axes_is_refused() -> None:
    content = onnx_file([helper.make_node("Relu", ["x"], ["y"])], (1, 2), (1, 2), {})

    with pytest.raises(NetworkNotLoadedError, match="no input x of 3 lengths"):
        cost_of(card(content), content, (1, 1, 2))


def test_a_loop_whose_length_no_file_tells_is_refused() -> None:
    body = helper.make_graph(
        [helper.make_node("Identity", ["c"], ["c2"]), helper.make_node("Add", ["v", "v"], ["v2"])],
        "body",
        [
            helper.make_tensor_value_info("i", 7, []),
            helper.make_tensor_value_info("c", 9, []),
            helper.make_tensor_value_info("v", 1, None),
        ],
        [helper.make_tensor_value_info("c2", 9, []), helper.make_tensor_value_info("v2", 1, None)],
    )
    step = helper.make_node("Loop", ["n", "", "x"], ["y"], body=body)
    content = onnx_file([step], (1, 2), (1, 2), {"n": np.array(3)})

    with pytest.raises(CostUnknownError, match="Loop"):
        cost_of(card(content), content, (1, 2))


PUBLISHED = {
    "yunet_n": ((1, 3, 320, 320), 136),
    "landmarks5": ((1, 3, 48, 48), 10),
    "embedder": ((1, 3, 128, 128), 289),
    "foamliu": ((1, 3, 112, 112), 234),
    "minifasnet_v2": ((1, 3, 80, 80), 41),
    "minifasnet_v1se": ((1, 3, 80, 80), 41),
    "lightqnet_dm100": ((1, 96, 96, 3), 37),
}
"""Shape of an input, and millions of multiply-accumulates as the authors or other counters have them, without decimals."""


@pytest.mark.weights
@pytest.mark.parametrize("name", PUBLISHED)
def test_the_networks_that_ship_cost_what_is_published_of_them(model_store: ModelStore, name: str) -> None:
    shape, mmac = PUBLISHED[name]

    found = cost_of(model_store.card(name), model_store.path(name).read_bytes(), shape)

    assert found.mmac == pytest.approx(mmac, rel=0.02, abs=0.5)
    assert 0.9 < found.weight_bytes / model_store.card(name).size_bytes <= 1


def test_each_kind_of_convolution_of_tensorflow_lite_is_counted_by_its_own_rule() -> None:
    """5 by 5 places of 8 channels by 27 products, 3 by 3 of 16 by 9; and what each of the seven steps reads and writes."""
    content = small_file()

    found = cost_of(card_for(content), content, (1, 9, 9, 3))

    x, a, b, c = 9 * 9 * 3, 5 * 5 * 8, 3 * 3 * 16, 3 * 3 * 8
    assert found.macs == a * 27 + b * 9
    assert found.activation_bytes == 4 * ((x + a) + (a + b) + (a + c) + (c + b) + 3 * b + 2 * b)


def test_a_step_of_tensorflow_lite_that_only_renames_moves_nothing() -> None:
    net = Net()
    x, y = net.tensor("x", (1, 2, 2, 3)), net.tensor("y", (1, 12))
    net.step(22, [x, net.constant(np.array([1, 12], np.int32))], y)
    content = net.content(x, y)
    each = replace(card_for(content), input=tensor("x", (1, 2, 2, 3)), outputs=(tensor("y", (1, 12)),))

    assert cost_of(each, content, (1, 2, 2, 3)) == NetworkCost(0, 2 * 4, 0)


@pytest.mark.weights
def test_steps_of_tensorflow_lite_are_counted_as_by_hand(model_store: ModelStore) -> None:
    """The first step of the mask network: 3 by 3 over 3 colours to 32 channels of 260 by 260 px; the whole by its steps."""
    name = "facemask_aizoo"
    found = cost_of(model_store.card(name), model_store.path(name).read_bytes(), (1, 260, 260, 3))

    assert found.mmac == pytest.approx(759.22, abs=0.01)
    assert found.weight_bytes == pytest.approx(4 * 1.01e6, rel=0.01)


@pytest.mark.weights
def test_float16_weights_of_tensorflow_lite_take_two_bytes(model_store: ModelStore) -> None:
    each = model_store.card("landmarks478")

    found = cost_of(each, model_store.path("landmarks478").read_bytes(), (1, 256, 256, 3))

    assert 0.9 < found.weight_bytes / each.size_bytes <= 1


class Doubling:
    """A network that answers twice its input, unless it is told to fail."""

    def __init__(self) -> None:
        self.fails = False

    def run(self, tensor: Tensor) -> tuple[Tensor, ...]:
        if self.fails:
            raise NetworkFailedError(card(), "told to")
        return (tensor * 2,)


def counted_doubling(tally: Tally, name: str = "tiny") -> tuple[Doubling, ModelCard]:
    content = onnx_file([helper.make_node("MatMul", ["x", "w"], ["y"])], (1, "n"), (1, "n"), {"w": noise(2, 2)})
    inside = Doubling()
    each = network_card(content, tensor("x", (1, "n")), tensor("y", (1, "n")))
    network = counted(name, inside, each, content, tally)
    assert network.run(np.ones((1, 2), np.float32))[0].tolist() == [[2, 2]]
    return inside, each


def test_a_tally_adds_up_runs_work_and_bytes_by_name() -> None:
    tally = Tally()
    counted_doubling(tally, "a")
    counted_doubling(tally, "b")

    seen = tally.look()
    assert seen.runs == {"a": 1, "b": 1}
    assert seen.mmac == {"a": 4 / 1e6, "b": 4 / 1e6}
    assert seen.bytes == {"a": 16 + 16, "b": 16 + 16}
    assert seen.total_runs == 2


def test_each_run_counts() -> None:
    tally = Tally()
    counted_doubling(tally)
    counted_doubling(tally)

    assert (tally.look().runs, tally.look().mmac, tally.look().bytes) == ({"tiny": 2}, {"tiny": 8 / 1e6}, {"tiny": 64})


def test_taking_a_tally_starts_it_again() -> None:
    tally = Tally()
    counted_doubling(tally)

    taken = tally.take()

    assert (taken.runs, taken.total_mmac, taken.total_bytes) == ({"tiny": 1}, 4 / 1e6, 32)
    assert tally.take().runs == {}


def test_a_run_that_fails_is_counted_and_its_error_comes_through() -> None:
    tally = Tally()
    inside = Doubling()
    content = onnx_file([helper.make_node("Relu", ["x"], ["y"])], (1, 2), (1, 2), {})
    inside.fails = True

    with pytest.raises(NetworkFailedError, match="told to"):
        counted("tiny", inside, card(content), content, tally).run(np.ones((1, 2), np.float32))

    assert tally.look().runs == {"tiny": 1}
