"""Which way each weight is rounded: so that what a layer answers to real inputs changes least, not each weight by itself.

Rounding with error feedback (Frantar et al., GPTQ, ICLR 2023, after Hassibi and Stork, Optimal Brain Surgeon, 1993): weights of a
channel are rounded one after the other, and what each leaves over is shared out among those not yet rounded, by how the inputs go
together. Plain rounding is the case of inputs that have nothing to do with each other.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from onnx import NodeProto

from models.contract import Tensor
from models.int8.grid import GridWeights
from models.rewrites.network import attribute, groups_of

Floats = NDArray[np.float64]

DAMPING = 0.01
"""Share of the mean power of the inputs that is added to each: inputs seen rarely must not steer the rest."""

MOST_PLACES = 400
"""Places of one picture that are looked at: more tell the same again."""


def moments(node: NodeProto, weights: Floats, entry: Tensor) -> Floats:
    """How the inputs of a convolution go together: (groups, k, k), k the weights of one channel; `entry` (1, channels, h, w)."""
    kernel = (weights.shape[2], weights.shape[3])
    pads, strides = list(attribute(node, "pads", [0, 0, 0, 0])), list(attribute(node, "strides", [1, 1]))
    padded = np.pad(entry[0].astype(np.float64), ((0, 0), (pads[0], pads[2]), (pads[1], pads[3])))
    # The stubs of numpy know one axis only.
    windows = sliding_window_view(padded, kernel, axis=(1, 2))[:, :: strides[0], :: strides[1]]  # type: ignore[call-overload]
    patches = windows.reshape(windows.shape[0], -1, kernel[0] * kernel[1])
    patches = patches[:, :: max(1, patches.shape[1] // MOST_PLACES)]
    by_group = patches.transpose(0, 2, 1).reshape(groups_of(node), -1, patches.shape[1])
    return np.asarray(by_group @ by_group.transpose(0, 2, 1))


def rounded_with_feedback(weights: Floats, plain: GridWeights, found: Floats, most: int) -> GridWeights:
    """The weights on the steps of `plain`, rounded with feedback; `found` are the moments, summed over inputs."""
    channels, groups = weights.shape[0], found.shape[0]
    rows = weights.reshape(channels, -1).astype(np.float64).copy()
    scales = plain.scales.astype(np.float64)
    size = rows.shape[1]
    power = np.einsum("gii->gi", found)
    damped = found + np.eye(size) * np.maximum(DAMPING * power.mean(axis=1), 1e-12)[:, None, None]
    # The upper factor of the inverse says how what one weight leaves over is shared out.
    factor = np.linalg.cholesky(np.linalg.inv(damped)).transpose(0, 2, 1)
    factor = np.repeat(factor, channels // groups, axis=0) if groups > 1 else factor
    integers = np.zeros_like(rows)
    for index in range(size):
        row = factor[:, index] if groups > 1 else factor[0, index][None]
        integers[:, index] = np.clip(np.rint(rows[:, index] / scales), -most, most)
        left = (rows[:, index] - integers[:, index] * scales) / row[:, index]
        rows[:, index:] -= left[:, None] * row[:, index:]
    return GridWeights(integers.reshape(weights.shape).astype(np.int8), plain.scales)
