"""Heads of a detector become one convolution that answers the same; what only looks like such heads stays as it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper

from models.errors import GraphNotRewrittenError
from models.graph import TOLERANCE, largest_difference, rewritten
from tests.models.graphs import SIDE_PX, card_for, drawn, network, picture
from tests.models.made_up import tensor

LOOK = [picture(seed) for seed in range(4)]
LAST = [0, 2, 3, 1]


@dataclass(frozen=True)
class Head:
    """A head of so many channels: what mixes, what looks around in each channel, and the turn to channels last."""

    name: str
    channels: int
    around: int = 3
    entry: str = "x"
    perm: tuple[int, ...] = tuple(LAST)
    bias: bool = True
    groups: int | None = None

    @property
    def nodes(self) -> list[NodeProto]:
        """From the entry to a tensor of the head's name."""
        n, pads = self.name, [self.around // 2] * 4
        bias = (f"{n}b",) if self.bias else ()
        return [
            helper.make_node("Conv", [self.entry, f"{n}w", *bias], [f"{n}c"], kernel_shape=[1, 1]),
            helper.make_node(
                "Conv",
                [f"{n}c", f"{n}v", f"{n}d"],
                [f"{n}o"],
                kernel_shape=[self.around] * 2,
                pads=pads,
                group=self.channels if self.groups is None else self.groups,
            ),
            helper.make_node("Transpose", [f"{n}o"], [n], perm=list(self.perm)),
        ]

    @property
    def weights(self) -> dict[str, NDArray[np.generic]]:
        """Out of a fixed draw, another one for each head."""
        n, seed = self.name, sum(self.name.encode())
        per_group = self.channels // (self.channels if self.groups is None else self.groups)
        known = {
            f"{n}w": drawn(self.channels, 3, 1, 1, seed=seed),
            f"{n}b": drawn(self.channels, seed=seed + 1),
            f"{n}v": drawn(self.channels, per_group, self.around, self.around, seed=seed + 2),
            f"{n}d": drawn(self.channels, seed=seed + 3),
        }
        return {name: value for name, value in known.items() if self.bias or name != f"{n}b"}


def together(heads: list[Head], *between: NodeProto) -> bytes:
    """The heads side by side, and turned back: `y` [1, channels, 8, 8]."""
    wide = sum(head.channels for head in heads)
    back = [0, 3, 1, 2] if tuple(heads[0].perm) == tuple(LAST) else [0, 3, 2, 1]
    nodes = [
        *between,
        *(node for head in heads for node in head.nodes),
        helper.make_node("Concat", [head.name for head in heads], ["all"], axis=3),
        helper.make_node("Transpose", ["all"], ["y"], perm=back),
    ]
    weights = {name: value for head in heads for name, value in head.weights.items()}
    return network(nodes, weights, wide)


def convolutions(content: bytes) -> list[int]:
    """How many channels each convolution has, in order."""
    graph = onnx.load_model_from_string(content).graph
    sizes = {each.name: each.dims[0] for each in graph.initializer}
    return [sizes[node.input[1]] for node in graph.node if node.op_type == "Conv"]


def test_heads_become_one_and_answer_the_same() -> None:
    source = together([Head("a", 1), Head("b", 4), Head("c", 1), Head("d", 10)])
    card = card_for(source, 16)

    made = rewritten(card, source)

    assert largest_difference(card, source, made, LOOK) < TOLERANCE / 10
    assert convolutions(made) == [16, 16]


def test_heads_of_two_tensors_become_one_each() -> None:
    relu = helper.make_node("Relu", ["x"], ["r"])
    source = together([Head("a", 2), Head("b", 2), Head("c", 4, entry="r"), Head("d", 4, entry="r")], relu)
    card = card_for(source, 12)

    made = rewritten(card, source)

    assert largest_difference(card, source, made, LOOK) < TOLERANCE / 10
    assert sorted(convolutions(made)) == [4, 4, 8, 8]


def test_heads_that_look_around_otherwise_are_not_joined_with_the_others() -> None:
    source = together([Head("a", 2), Head("b", 2), Head("c", 4, around=1)])
    card = card_for(source, 8)

    made = rewritten(card, source)

    assert largest_difference(card, source, made, LOOK) < TOLERANCE / 10
    assert convolutions(made) == [4, 4, 4, 4]


ALONE = {
    "one head": [Head("a", 4)],
    "turned another way": [Head("a", 4, perm=(0, 3, 2, 1)), Head("b", 4, perm=(0, 3, 2, 1))],
    "one with a bias and one without": [Head("a", 4), Head("b", 4, bias=False)],
    "that mix the channels again": [Head("a", 4, groups=1), Head("b", 4, groups=1)],
}


@pytest.mark.parametrize("heads", ALONE.values(), ids=ALONE)
def test_what_is_no_pair_of_heads_stays(heads: list[Head]) -> None:
    source = together(heads)

    with pytest.raises(GraphNotRewrittenError, match="nothing to gain"):
        rewritten(card_for(source, sum(head.channels for head in heads)), source)


def test_a_head_that_somebody_else_reads_halfway_stays() -> None:
    heads = [Head("a", 4), Head("b", 4), Head("c", 4)]
    spy = [
        *(node for head in heads for node in head.nodes),
        helper.make_node("Transpose", ["ao"], ["spied"], perm=LAST),
        helper.make_node("Concat", ["a", "b", "c", "spied"], ["all"], axis=3),
        helper.make_node("Transpose", ["all"], ["y"], perm=[0, 3, 1, 2]),
    ]
    source = network(spy, {name: value for head in heads for name, value in head.weights.items()}, 16)
    card = card_for(source, 16)

    made = rewritten(card, source)

    assert largest_difference(card, source, made, LOOK) < TOLERANCE / 10
    assert convolutions(made) == [4, 4, 8, 8]


def test_heads_that_are_answers_themselves_keep_their_names() -> None:
    heads = [Head("y", 4), Head("z", 2)]
    nodes, weights = [node for head in heads for node in head.nodes], {**heads[0].weights, **heads[1].weights}
    whole = onnx.load_model_from_string(network(nodes, weights, 4))
    del whole.graph.output[:]
    for head in heads:
        shape = [1, SIDE_PX, SIDE_PX, head.channels]
        whole.graph.output.append(helper.make_tensor_value_info(head.name, TensorProto.FLOAT, shape))
    source = whole.SerializeToString()
    answers = tuple(tensor(head.name, (1, SIDE_PX, SIDE_PX, head.channels)) for head in heads)
    card = replace(card_for(source, 4), outputs=answers)

    made = rewritten(card, source)

    assert largest_difference(card, source, made, LOOK) < TOLERANCE / 10
    assert convolutions(made) == [6, 6]
