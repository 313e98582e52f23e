"""What keeps a picture in the blocked layout of onnxruntime from its first convolution to its last.

Turning the input and appending empty channels are no steps of that layout: each costs a pass over the whole tensor, or two.
"""

from __future__ import annotations

import numpy as np
from onnx import NodeProto, helper

from models.rewrites.network import Array, NetworkGraph, attribute, groups_of

_TO_CHANNELS_FIRST = [0, 3, 1, 2]


def read_interleaved(graph: NetworkGraph, rows: int, columns: int, channels: int) -> int:
    """Let the first convolution read (1, rows, columns, channels) as it comes, instead of turning it; how many did: 0 or 1.

    Rows of interleaved channels are one channel of a picture that is `channels` times as wide, and a kernel over all channels is
    one that is as much wider and goes on as much farther: the same products.
    """
    turn = next((each for each in graph.nodes if each.op_type == "Transpose" and each.input[0] == graph.inputs[0]), None)
    if turn is None or list(attribute(turn, "perm", [])) != _TO_CHANNELS_FIRST:
        return 0
    first = graph.only_reader(turn.output[0])
    kernel = _kernel(graph, first)
    if first is None or kernel is None or list(attribute(first, "dilations", [1, 1])) != [1, 1]:
        return 0
    if attribute(first, "auto_pad", b"NOTSET") != b"NOTSET":
        return 0
    strides, pads = list(attribute(first, "strides", [1, 1])), list(attribute(first, "pads", [0] * 4))
    target = graph.add(f"{turn.output[0]}_rows", np.array([1, 1, rows, columns * channels], np.int64))
    flat = kernel.transpose(0, 2, 3, 1).reshape(len(kernel), 1, kernel.shape[2], -1)
    weights = graph.add(f"{first.output[0]}_interleaved", flat)
    graph.replace([turn], [helper.make_node("Reshape", [turn.input[0], target], [turn.output[0]])])
    wide = helper.make_node(
        "Conv",
        [first.input[0], weights, *first.input[2:]],
        list(first.output),
        kernel_shape=list(flat.shape[2:]),
        strides=[strides[0], strides[1] * channels],
        pads=[pads[0], pads[1] * channels, pads[2], pads[3] * channels],
    )
    graph.replace([first], [wide])
    return 1


def _kernel(graph: NetworkGraph, node: NodeProto | None) -> Array | None:
    if node is None or node.op_type != "Conv" or groups_of(node) != 1:
        return None
    weights = graph.constant(node.input[1])
    return weights if weights is not None and weights.ndim == 4 else None


def append_silent(graph: NetworkGraph) -> int:
    """Write the doubling of channels by empty ones as a convolution with the weights 0 beside the tensor; how many there were."""
    written = 0
    for node in [each for each in graph.nodes if each.op_type == "Pad" and attribute(each, "mode", b"constant") == b"constant"]:
        pads = graph.constant(node.input[1])
        channels = graph.channels_before(node.input[0])
        if channels is None or len(node.input) > 2 or pads is None or pads.tolist() != [0, 0, 0, 0, 0, channels, 0, 0]:
            continue
        entry, out = node.input[0], node.output[0]
        weights = graph.add(f"{out}_silent", np.zeros((channels, 1, 1, 1), np.float32))
        silent = helper.make_node("Conv", [entry, weights], [f"{out}_empty"], group=channels, kernel_shape=[1, 1])
        graph.replace([node], [silent, helper.make_node("Concat", [entry, f"{out}_empty"], [out], axis=1)])
        written += 1
    return written
