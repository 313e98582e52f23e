"""Looks at what keeps a face from being seen, and takes networks to find out: a mask over nose and mouth, and closed eyes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from edge.flow import Component, Detection, FaceSample, Flaw, TrackId
from edge.imaging import Pixels, crop_resized, surroundings
from edge.stages.landmarks import MeshFitter, best_eye
from models.runtime import Network
from wire.reasons import Reason

CROP_PX = 260
REGION = 1.7
"""Side of what is looked at over the longer side of the face box; from 1.3 to 2.2 no answer is another (development pictures)."""
APART_NS, AGAIN_NS = 1_000_000_000, 250_000_000
"""A mask is put on, or taken off, no faster. Where something was found it is looked again sooner: a blink is over by then."""
BELIEVED_NS = 400_000_000
"""So long are closed eyes believed without a new look: an action may be asked for meanwhile, and then nobody looks."""
COVERED_BELOW = 0.25
"""A face that is bare by less wears a mask: the network is three times as sure of it. Of 19 who wear one, none reaches 0.13."""
HIDES = frozenset({Reason.CROPPED, Reason.TOO_BRIGHT, Reason.HOLD_STILL})
"""What itself keeps a face from being seen: half a face, or a blur, looks masked. Darkness does not count: dark masks make it."""
CLOSED_BELOW = 0.075
"""Eye aspect ratio of the better eye: 0.02 to 0.065 in blinks, 0.117 and more in clean portraits, drooping lids included."""
OPEN_FROM = 2 * CLOSED_BELOW


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the last look found."""

    track: TrackId
    at_ns: int
    bare: float
    """How sure it is that nose and mouth are bare, 0 to 1."""
    opened: float | None
    """Eye aspect ratio of the better eye; None where no mesh fits."""

    def flaws(self, now_ns: int) -> tuple[Flaw, ...]:
        """What stands against the face: most severe first."""
        if self.bare < COVERED_BELOW:
            return (Flaw(Reason.FACE_MASK, 1.0),)
        closed = self.opened is not None and self.opened < CLOSED_BELOW and now_ns - self.at_ns < BELIEVED_NS
        return (Flaw(Reason.EYES_CLOSED, 1.0),) if closed else ()

    @property
    def components(self) -> tuple[tuple[Component, int], ...]:
        """The scores."""
        mouth = (Component.MOUTH_OCCLUSION, round(100 * self.bare))
        if self.opened is None:
            return (mouth,)
        return mouth, (Component.EYES_OPEN, round(100 * min(1.0, max(0.0, self.opened) / OPEN_FROM)))


class CoverWatch:
    """Remembers of the face that is followed what keeps it from being seen: networks are too dear for every frame."""

    def __init__(self, network: Network, mesh: MeshFitter) -> None:
        """`network` is that of card `facemask_aizoo`."""
        self._network, self._mesh = network, mesh
        self._seen: _Seen | None = None

    def watch(self, bgr: Pixels, sample: FaceSample, *, may_look: bool) -> FaceSample:
        """The sample with what is known about this face.

        Where it `may_look` into the (height, width, 3) BGR frame, it looks at a face that is new to it, and at one that it has
        not looked at for a second. Raises `ModelError` or `LivenessBrokenError`.
        """
        if may_look and self._due(sample) and not any(flaw.reason in HIDES and flaw.blocks for flaw in sample.flaws):
            self._seen = self._look(bgr, sample)
        if self._seen is None or self._seen.track != sample.track:
            return sample
        seen = self._seen
        # What a mask hides is guessed by the other stages: it is the cause of whatever else they find, and stands first.
        return replace(
            sample, components=(*sample.components, *seen.components), flaws=(*seen.flaws(sample.captured_ns), *sample.flaws)
        )

    def _due(self, sample: FaceSample) -> bool:
        if self._seen is None or self._seen.track != sample.track:
            return True
        found = self._seen.flaws(self._seen.at_ns)
        return sample.captured_ns - self._seen.at_ns >= (AGAIN_NS if found else APART_NS)

    def _look(self, bgr: Pixels, sample: FaceSample) -> _Seen:
        mesh = self._mesh.fit(bgr, sample.detection)
        opened = None if mesh is None else best_eye(mesh)
        return _Seen(sample.track, sample.captured_ns, self._how_bare(bgr, sample.detection), opened)

    def _how_bare(self, bgr: Pixels, face: Detection) -> float:
        """How sure it is that nose and mouth are bare, 0 to 1."""
        around = surroundings(face.box, REGION, bgr.shape[0], bgr.shape[1])
        crop = crop_resized(bgr, around, CROP_PX)
        _, classes = self._network.run(np.ascontiguousarray(crop[None, :, :, ::-1], dtype=np.float32) / np.float32(255))
        mask, bare = classes[0].max(axis=0)  # columns of the card: of so many places, the one that is surest
        return float(bare / max(1e-6, mask + bare))
