"""The gate of a texture network: how often the probe decides otherwise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edge.engine import Sight
from edge.evaluate.quantization.gate import Judged, judged
from edge.evaluate.quantization.material import Material, all_pictures
from edge.stages.texture import TextureProbe


def judge_texture(
    true: TextureProbe, found: Sequence[TextureProbe], sight: Sight, materials: Sequence[Material], threshold: float
) -> Judged:
    """Judge the probe with a quantized network in it, alone and beside others that are quantized: the worst counts."""
    scores: list[list[float]] = []
    for picture in all_pictures(materials):
        face = sight.face(picture.bgr)
        if face is not None:
            scores.append([float(probe.probe(picture.bgr, face, 0).score) for probe in (true, *found)])
    table = np.asarray(scores).reshape(len(scores), 1 + len(found))
    living = table >= threshold
    flips = [int(np.count_nonzero(living[:, 0] != living[:, other])) for other in range(1, 1 + len(found))]
    shifts = np.abs(table[:, 1:] - table[:, :1])
    figures = {
        "faces": float(len(table)),
        "living": float(np.count_nonzero(living[:, 0])),
        "mean_shift": float(shifts.mean()) if len(table) else 0.0,
        "largest_shift": float(shifts.max()) if len(table) else 0.0,
    }
    return judged(max(flips, default=0), len(table), figures, {})
