"""Looks at what covers a face: a mask over nose and mouth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edge.flow import Component, Detection, FaceSample, Flaw, TrackId
from edge.imaging import Pixels, crop_resized, surroundings
from models.runtime import Network
from wire.reasons import Reason

CROP_PX = 260
REGION = 1.7
"""Side of what is looked at over the longer side of the face box; from 1.3 to 2.2 no answer is another (development pictures)."""
APART_NS = 1_000_000_000
"""A mask is put on, or taken off, no faster."""
COVERED_BELOW = 0.5
"""A face that is bare by less wears a mask."""


class CoverWatch:
    """Remembers of the face that is followed what covers it: the network of card `facemask_aizoo` is too dear for every frame."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._track: TrackId | None = None
        self._looked_ns = 0
        self._bare = 1.0

    def watch(self, bgr: Pixels, sample: FaceSample, *, may_look: bool) -> FaceSample:
        """The sample with what is known about covers of this face.

        Where it `may_look` into the (height, width, 3) BGR frame, it looks at a face that is new to it, and at one that it has
        not looked at for a second. Raises `ModelError`.
        """
        known = sample.track == self._track
        if may_look and not (known and sample.captured_ns - self._looked_ns < APART_NS):
            self._track, self._looked_ns, self._bare = sample.track, sample.captured_ns, self._how_bare(bgr, sample.detection)
        elif not known:
            return sample
        # What a mask hides is guessed by the other stages: it is the cause of whatever else they find, and stands first.
        flaws = (Flaw(Reason.FACE_MASK, 1.0), *sample.flaws) if self._bare < COVERED_BELOW else sample.flaws
        seen = (Component.MOUTH_OCCLUSION, round(100 * self._bare))
        return replace(sample, components=(*sample.components, seen), flaws=flaws)

    def _how_bare(self, bgr: Pixels, face: Detection) -> float:
        """How sure it is that nose and mouth are bare, 0 to 1."""
        around = surroundings(face.box, REGION, bgr.shape[0], bgr.shape[1])
        crop = crop_resized(bgr, around, CROP_PX)
        _, classes = self._network.run(np.ascontiguousarray(crop[None, :, :, ::-1], dtype=np.float32) / np.float32(255))
        mask, bare = classes[0].max(axis=0)  # columns of the card: of so many places, the one that is surest
        return float(bare / max(1e-6, mask + bare))
