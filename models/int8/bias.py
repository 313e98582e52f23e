"""What rounding shifts on average is taken back by the biases: bias correction (Nagel et al., ICCV 2019), from inputs seen.

Layer by layer, from the first to the last: each sees what the corrected ones before it make of the inputs, so what flows in is
mended with it, and nothing is mended twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Means = Mapping[str, NDArray[np.float64]]
"""The mean of each channel of a tensor, by its name."""


def corrected(biases: Means, true: Means, means_with: Callable[[Means, Sequence[str]], Means]) -> dict[str, NDArray[np.float64]]:
    """The biases that bring every channel back to its true mean; all by the tensor that a convolution makes, in its order.

    `means_with` tells the means of some tensors in the quantized network with these biases.
    """
    found = dict(biases)
    for name, mean in true.items():
        found[name] = found[name] + (mean - means_with(found, [name])[name])
    return found
