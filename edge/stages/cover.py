"""Remembers of the face that is followed what keeps it from being seen, and seldom looks: the networks are too dear."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from edge.flow import Component, FaceSample, Flaw, TrackId
from edge.imaging import Pixels
from edge.stages.background import clutter
from edge.stages.bare_skin import bare_skin
from edge.stages.face_mask import MaskProbe
from edge.stages.finding import falling, rising
from edge.stages.landmarks import Mesh, MeshFitter, best_eye, in_frame, mouth_width, openness
from edge.stages.match import Points
from edge.stages.mesh_doubt import NO_HOLD, mesh_doubt
from edge.stages.occlusion import Hidden, cover_flaw, cover_scores
from wire.reasons import Reason

APART_NS, AGAIN_NS = 2_000_000_000, 250_000_000
"""A mask is put on no faster, and a look is dear. Where something was found the next is sooner: a blink is over by then."""
BELIEVED_NS = 400_000_000
"""So long are closed eyes believed without a new look: an action may be asked for meanwhile, and then nobody looks."""
HIDES = frozenset({Reason.CROPPED, Reason.TOO_BRIGHT, Reason.HOLD_STILL})
"""What itself keeps a face from being seen: half a face, or a blur, looks masked. Darkness does not count: dark masks make it."""
GLASSES = frozenset({Reason.SUNGLASSES, Reason.GLASSES_GLARE})
SEEN_THROUGH = GLASSES | {Reason.HEAD_TURNED}
"""What a hand or hair may be taken for, and what makes none of their signs itself."""
PLAINLY_BARE = 0.011
"""A mouth with less doubt wears no mask, and the network for masks need not be asked: of 19 real ones the least doubt is 0.026,
of 90 drawn ones 0.012; four of five clean portraits have less."""
AT_LIMIT = 50
"""Score of a quality at its limit."""
CLOSED_BELOW = 0.065
"""Eye aspect ratio of the better eye: 0.02 to 0.065 in blinks, 0.117 and more in clean portraits, drooping lids included. Who
laughs with eyes nearly shut comes down to 0.05: one in sixty photos of the news."""
CLUTTERED = 16.0
"""As steep is the background of the busiest quarter of photos in the news."""
MOUTH_AT_REST, SMILES = 0.75, 1.05
"""Width over the distance of the eyes."""
OPEN_MOUTH = 0.35
"""Inner lips so far apart over the width of the mouth, that nobody talks so."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the last look found."""

    track: TrackId
    at_ns: int
    cover: Flaw | None
    opened: float | None
    """Eye aspect ratio of the better eye; None where no mesh fits."""
    components: tuple[tuple[Component, int], ...]

    @property
    def closed(self) -> bool:
        """Whether both eyes were."""
        return self.opened is not None and self.opened < CLOSED_BELOW

    def added_to(self, flaws: tuple[Flaw, ...], now_ns: int) -> tuple[Flaw, ...]:
        """The flaws with what stands against the face: what blocks comes first, for the other stages guess what it hides."""
        cover = self.cover
        if cover and cover.blocks:
            return (cover, *flaws)
        if self.closed and now_ns - self.at_ns < BELIEVED_NS:
            return (Flaw(Reason.EYES_CLOSED, 1.0), *flaws)
        return (*flaws, cover) if cover else flaws


class CoverWatch:
    """Remembers of the face that is followed what keeps it from being seen."""

    def __init__(self, mask: MaskProbe, mesh: MeshFitter) -> None:
        self._mask, self._mesh = mask, mesh
        self._seen: _Seen | None = None

    def watch(self, bgr: Pixels, sample: FaceSample, points: Points, *, may_look: bool) -> FaceSample:
        """The sample with what is known about this face.

        Where it `may_look` into the (height, width, 3) BGR frame, it looks at a face that is new to it, and at one that it has
        not looked at for two seconds; `points` are the aligner's, (5, 2) in frame pixels. Raises `ModelError` or
        `LivenessBrokenError`.
        """
        if may_look and self._due(sample) and not any(flaw.reason in HIDES and flaw.blocks for flaw in sample.flaws):
            self._seen = self._look(bgr, sample, points)
        seen = self._seen
        if seen is None or seen.track != sample.track:
            return sample
        flaws = seen.added_to(sample.flaws, sample.captured_ns)
        return replace(sample, components=(*sample.components, *seen.components), flaws=flaws)

    def _due(self, sample: FaceSample) -> bool:
        seen = self._seen
        if seen is None or seen.track != sample.track:
            return True
        found = seen.closed or (seen.cover is not None and seen.cover.blocks)
        return sample.captured_ns - seen.at_ns >= (AGAIN_NS if found else APART_NS)

    def _look(self, bgr: Pixels, sample: FaceSample, points: Points) -> _Seen:
        face = sample.detection
        mesh = self._mesh.fit(bgr, face)
        signs = self._signs(bgr, sample, points, mesh)
        bareness = 1.0 if signs and signs.doubt.mouth < PLAINLY_BARE else self._mask.bareness(bgr, face)
        plain = (Component.BACKGROUND_UNIFORMITY, falling(clutter(bgr, face.box), CLUTTERED))
        components = (plain, *cover_scores(bareness, signs), *(_openings(mesh) if mesh else ()))
        opened = best_eye(mesh) if mesh else None
        return _Seen(sample.track, sample.captured_ns, cover_flaw(bareness, signs), opened, components)

    def _signs(self, bgr: Pixels, sample: FaceSample, points: Points, mesh: Mesh | None) -> Hidden | None:
        """None where something else is wrong that would make the same signs; a head on its side does."""
        if dict(sample.components).get(Component.POSE_ROLL, 100) < AT_LIMIT:
            return None
        if any((flaw.blocks or flaw.reason is Reason.HOLD_STILL) and flaw.reason not in SEEN_THROUGH for flaw in sample.flaws):
            return None
        face = sample.detection
        doubt = mesh_doubt(bgr, face, in_frame(mesh, face), self._mesh) if mesh else NO_HOLD
        return Hidden(doubt, bare_skin(bgr, points), glasses=any(flaw.reason in GLASSES for flaw in sample.flaws))


def _openings(mesh: Mesh) -> Iterator[tuple[Component, int]]:
    yield Component.EYES_OPEN, rising(best_eye(mesh), CLOSED_BELOW)
    yield Component.MOUTH_CLOSED, falling(openness(mesh).mouth, OPEN_MOUTH)
    yield Component.EXPRESSION_NEUTRALITY, falling(mouth_width(mesh) - MOUTH_AT_REST, SMILES - MOUTH_AT_REST)
