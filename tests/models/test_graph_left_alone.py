"""What only looks like something that can be rewritten: it stays as it is, or what is made of the rest answers the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import NodeProto, helper

from models.errors import GraphNotRewrittenError
from models.graph import TOLERANCE, largest_difference, rewritten
from tests.models.graphs import SIDE_PX, card_for, drawn, network, picture
from tests.models.made_up import tensor
from tests.models.onnx_steps import onnx_file

Weights = Mapping[str, NDArray[np.generic]]


def conv(entry: str, weights: str, out: str, size: int = 1, **settings: object) -> NodeProto:
    return helper.make_node("Conv", [entry, weights], [out], kernel_shape=[size, size], **settings)


def slope(entry: str, slopes: str, product: str, out: str) -> list[NodeProto]:
    """max(x, a x)"""
    return [helper.make_node("Mul", [entry, slopes], [product]), helper.make_node("Max", [entry, product], [out])]


NORM = {"scale": drawn(5, seed=1), "shift": drawn(5, seed=2), "mean": drawn(5, seed=3), "variance": np.ones(5, np.float32)}
KERNEL = drawn(5, 3, 1, 1)
NORMALIZES = helper.make_node("BatchNormalization", ["c", *NORM], ["n"])

ALONE: dict[str, tuple[list[NodeProto], Weights]] = {
    "a normalization of what somebody else reads, too": (
        [conv("x", "w", "c"), NORMALIZES, helper.make_node("Add", ["c", "n"], ["y"])],
        {"w": KERNEL, **NORM},
    ),
    "a normalization behind a convolution whose bias is reckoned": (
        [
            helper.make_node("ReduceMax", ["x"], ["most"], axes=[0, 1, 2, 3], keepdims=0),
            helper.make_node("Expand", ["most", "five"], ["b"]),
            helper.make_node("Conv", ["x", "w", "b"], ["c"], kernel_shape=[1, 1]),
            helper.make_node("BatchNormalization", ["c", *NORM], ["y"]),
        ],
        {"w": KERNEL, "five": np.array([5]), **NORM},
    ),
    "a slope whose product somebody else reads, too": (
        [conv("x", "w", "c"), *slope("c", "s", "m", "p"), helper.make_node("Add", ["m", "p"], ["y"])],
        {"w": KERNEL, "s": np.full((5, 1, 1), 0.5, np.float32)},
    ),
    "what is below one, where a slope has what is below nothing": (
        [
            conv("x", "w", "c"),
            helper.make_node("Min", ["c", "one"], ["l"]),
            helper.make_node("Mul", ["l", "s"], ["m"]),
            helper.make_node("Add", ["c", "m"], ["y"]),
        ],
        {"w": KERNEL, "s": np.full((5, 1, 1), 0.5, np.float32), "one": np.ones((), np.float32)},
    ),
    "constants whose product is large": (
        [
            helper.make_node("Mul", ["column", "row"], ["large"]),
            helper.make_node("ReduceMax", ["large"], ["most"], keepdims=0),
            conv("x", "w", "c"),
            helper.make_node("Mul", ["c", "most"], ["y"]),
        ],
        {"w": KERNEL, "column": drawn(80, 1), "row": drawn(1, 80)},
    ),
}


@pytest.mark.parametrize(("nodes", "weights"), ALONE.values(), ids=ALONE)
def test_there_is_nothing_to_gain(nodes: list[NodeProto], weights: Weights) -> None:
    source = network(nodes, weights, 5)

    with pytest.raises(GraphNotRewrittenError, match="nothing to gain"):
        rewritten(card_for(source, 5), source)


ROWS_BY_SHAPE = [
    conv("x", "w", "c"),
    helper.make_node("PRelu", ["c", "s"], ["p"]),
    helper.make_node("Shape", ["c"], ["shape"]),
    helper.make_node("Gather", ["shape", "second"], ["rows"], axis=0),
    helper.make_node("Concat", ["first", "rows", "rows"], ["target"], axis=0),
    helper.make_node("Reshape", ["p", "target"], ["y"]),
]
REST: dict[str, tuple[list[NodeProto], Weights]] = {
    "a convolution that has a bias before its normalization": (
        [
            helper.make_node("Conv", ["x", "w", "b"], ["c"], kernel_shape=[1, 1]),
            helper.make_node("BatchNormalization", ["c", *NORM], ["y"]),
        ],
        {"w": KERNEL, "b": drawn(5, seed=4), **NORM},
    ),
    "a length of a shape that is not the first": (
        ROWS_BY_SHAPE,
        {"w": KERNEL, "s": drawn(5, 1, 1), "second": np.array([2]), "first": np.array([1, 5])},
    ),
    "channels that a convolution of groups doubles": (
        [
            conv("x", "w", "a"),
            helper.make_node("PRelu", ["a", "s"], ["p"]),
            conv("p", "v", "b", group=7),
            conv("b", "u", "y"),
        ],
        {"w": drawn(7, 3, 1, 1), "s": drawn(7, 1, 1), "v": drawn(14, 1, 1, 1), "u": drawn(5, 14, 1, 1)},
    ),
    "channels that are appended, but not as many again": (
        [
            conv("x", "w", "a"),
            helper.make_node("PRelu", ["a", "s"], ["p"]),
            helper.make_node("Pad", ["p", "pads"], ["y"]),
        ],
        {"w": drawn(3, 3, 1, 1), "s": drawn(3, 1, 1), "pads": np.array([0, 0, 0, 0, 0, 2, 0, 0])},
    ),
    "channels that are appended, but not empty": (
        [
            conv("x", "w", "a"),
            helper.make_node("PRelu", ["a", "s"], ["p"]),
            helper.make_node("Pad", ["p", "pads", "seven"], ["q"]),
            conv("q", "v", "y"),
        ],
        {
            "w": drawn(4, 3, 1, 1),
            "s": drawn(4, 1, 1),
            "pads": np.array([0, 0, 0, 0, 0, 4, 0, 0]),
            "seven": np.array(7, np.float32),
            "v": drawn(5, 8, 1, 1),
        },
    ),
}


@pytest.mark.parametrize(("nodes", "weights"), REST.values(), ids=REST)
def test_the_rest_is_rewritten_and_answers_the_same(nodes: list[NodeProto], weights: Weights) -> None:
    source = network(nodes, weights, 5)
    card = card_for(source, 5)

    made = rewritten(card, source)

    assert largest_difference(card, source, made, [picture(seed) for seed in range(3)]) < TOLERANCE / 10


@pytest.mark.parametrize(
    ("order", "settings"),
    [
        ([0, 3, 2, 1], {"pads": [1] * 4}),
        ([0, 3, 1, 2], {"dilations": [2, 2], "pads": [2] * 4}),
        ([0, 3, 1, 2], {"auto_pad": "SAME_UPPER"}),
    ],
    ids=["turned upside down", "a kernel with gaps", "a padding that is reckoned"],
)
def test_an_input_that_is_not_read_row_by_row_is_still_turned(order: list[int], settings: dict[str, object]) -> None:
    turn = helper.make_node("Transpose", ["x"], ["t"], perm=order)
    nodes = [turn, conv("t", "w", "c", 3, **settings), helper.make_node("PRelu", ["c", "s"], ["y"])]
    shape = [1, SIDE_PX, SIDE_PX, 3]
    source = onnx_file(nodes, shape, [1, 4, SIDE_PX, SIDE_PX], {"w": drawn(4, 3, 3, 3), "s": drawn(4, 1, 1)})
    card = replace(card_for(source, 4), input=tensor("x", (1, SIDE_PX, SIDE_PX, 3)))

    made = rewritten(card, source)

    assert largest_difference(card, source, made, [drawn(*shape, seed=seed) for seed in range(3)]) < TOLERANCE / 10
    assert "Transpose" in [node.op_type for node in onnx.load_model_from_string(made).graph.node]


def test_an_answer_that_is_read_inside_as_well_is_never_folded_away() -> None:
    nodes = [conv("x", "w", "y"), helper.make_node("BatchNormalization", ["y", *NORM], ["n"]), conv("n", "v", "z")]
    source = onnx.load_model_from_string(network(nodes, {"w": KERNEL, "v": drawn(5, 5, 1, 1), **NORM}, 5))
    source.graph.output.append(helper.make_tensor_value_info("z", onnx.TensorProto.FLOAT, [1, 5, SIDE_PX, SIDE_PX]))
    content = source.SerializeToString()
    card = card_for(content, 5)
    card = replace(card, outputs=(*card.outputs, replace(card.outputs[0], name="z")))

    with pytest.raises(GraphNotRewrittenError, match="nothing to gain"):
        rewritten(card, content)


def test_a_network_of_another_width_than_its_card_is_not_the_file_of_its_card() -> None:
    nodes = [conv("x", "w", "c"), helper.make_node("PRelu", ["c", "s"], ["y"])]
    source = network(nodes, {"w": drawn(7, 3, 1, 1), "s": drawn(7, 1, 1)}, 7)

    with pytest.raises(GraphNotRewrittenError, match=r"small.*it is not the file of its card: .*y"):
        rewritten(card_for(source, 5), source)


def test_a_slope_that_would_become_a_slow_one_refuses_the_file() -> None:
    nodes = [helper.make_node("Sigmoid", ["x"], ["c"]), *slope("c", "s", "m", "y")]
    source = network(nodes, {"s": np.array([0.1, 0.2, 0.3], np.float32).reshape(3, 1, 1)}, 3)

    with pytest.raises(GraphNotRewrittenError, match="only 0 of 1 slopes"):
        rewritten(card_for(source, 3), source)


def test_a_file_that_does_not_answer_where_its_source_does_is_as_different_as_can_be() -> None:
    source, made = (network([helper.make_node(name, ["x"], ["y"])], {}, 3) for name in ("Abs", "Log"))

    assert largest_difference(card_for(source, 3), source, made, [picture()]) == float("inf")
