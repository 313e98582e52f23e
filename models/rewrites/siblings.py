"""Small convolutions beside each other, which read the same tensor, become one: the heads of a detector.

YuNet's heads have 1, 4, 1 and 10 channels, too few for the blocked kernels of onnxruntime, and each costs steps of its own; as
one they have 16. Every channel is reckoned from the same numbers as before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from onnx import NodeProto, helper

from models.rewrites.network import NetworkGraph, attribute, groups_of, set_attribute


@dataclass(frozen=True, slots=True, eq=False)
class _Branch:
    """A convolution that mixes channels, one of each channel alone, and the turn to channels last; each read by the next only."""

    mixing: NodeProto
    own: NodeProto
    turn: NodeProto
    channels: int

    @property
    def manner(self) -> tuple[object, ...]:
        """What convolutions must have in common to be one."""
        return (_manner(self.mixing), _manner(self.own, but="group"), tuple(attribute(self.turn, "perm", ())))


def join_siblings(graph: NetworkGraph) -> int:
    """Join such branches; return how many are left out by that."""
    joined = 0
    for tensor in dict.fromkeys(node.input[0] for node in graph.nodes if node.op_type == "Conv"):
        alike: dict[tuple[object, ...], list[_Branch]] = {}
        for node in graph.readers(tensor):
            branch = _branch(graph, node, tensor)
            if branch is not None:
                alike.setdefault(branch.manner, []).append(branch)
        for branches in alike.values():
            if len(branches) > 1:
                _join(graph, branches)
                joined += len(branches) - 1
    return joined


def _branch(graph: NetworkGraph, mixing: NodeProto, entry: str) -> _Branch | None:
    if mixing.op_type != "Conv" or mixing.input[0] != entry or groups_of(mixing) != 1 or not _known(graph, mixing):
        return None
    own = graph.only_reader(mixing.output[0])
    channels = len(graph.constants[mixing.input[1]])
    if own is None or own.op_type != "Conv" or own.input[0] != mixing.output[0] or not _known(graph, own):
        return None
    if not groups_of(own) == channels == len(graph.constants[own.input[1]]):
        return None
    turn = graph.only_reader(own.output[0])
    if turn is None or turn.op_type != "Transpose" or list(attribute(turn, "perm", [])) != [0, 2, 3, 1]:
        return None
    return _Branch(mixing, own, turn, channels)


def _known(graph: NetworkGraph, node: NodeProto) -> bool:
    """Whether weights and bias of a convolution are constants; one without a bias would be no sibling of one with."""
    return len(node.input) == 3 and all(graph.constant(name) is not None for name in node.input[1:])


def _manner(node: NodeProto, but: str = "") -> tuple[tuple[str, str], ...]:
    written = ((each.name, str(helper.get_attribute_value(each))) for each in node.attribute)
    return tuple(sorted((name, value) for name, value in written if name != but))


def _join(graph: NetworkGraph, branches: list[_Branch]) -> None:
    """The first branch takes the weights of all; what came out of each is cut out of its answer."""
    first, out = branches[0], branches[0].turn.output[0]
    mixing, own, turn = (NodeProto.FromString(node.SerializeToString()) for node in (first.mixing, first.own, first.turn))
    set_attribute(own, "group", sum(branch.channels for branch in branches))
    for joint, parts in ((mixing, [branch.mixing for branch in branches]), (own, [branch.own for branch in branches])):
        for position in (1, 2):
            graph.own(joint, position, np.concatenate([graph.constants[part.input[position]] for part in parts]))
    turn.output[0] = f"{out}_joint"
    sizes = graph.add(f"{out}_sizes", np.array([branch.channels for branch in branches], np.int64))
    cut = helper.make_node("Split", [turn.output[0], sizes], [branch.turn.output[0] for branch in branches], axis=3)
    old = [node for branch in branches for node in (branch.mixing, branch.own, branch.turn)]
    # In the place of the first of them: whatever reads a part comes after the turn of its branch, so after this.
    graph.replace([old[0]], [mixing, own, turn, cut])
    for node in old[1:]:
        graph.replace([node], [])
