"""Remembers of the face that is followed what keeps it from being seen, and seldom looks: the networks are too dear."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace

from edge.flow import Component, FaceSample, Flaw, TrackId
from edge.imaging import Pixels
from edge.schedule import Cover
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
STALE_NS = 1_500_000_000
"""A look by pieces that has not come to its end by then begins anew: the face may be another one."""
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
        self._looking: Generator[None, None, _Seen] | None = None
        self._began_ns = 0

    def watch(self, bgr: Pixels, sample: FaceSample, points: Points, cover: Cover) -> FaceSample:
        """The sample with what is known about this face.

        Unless `cover` says not to, it looks into the (height, width, 3) BGR frame at a face that is new to it, and at one that
        it has not looked at for two seconds; `points` are the aligner's, (5, 2) in frame pixels. By pieces, a look takes
        several frames, of which the first is kept, and what it finds is known after the last. Raises `ModelError` or
        `LivenessBrokenError`.
        """
        if cover is not Cover.NOT and not self._under_way(sample.captured_ns) and self._due(sample):
            self._looking, self._began_ns = self._look(bgr, sample, points), sample.captured_ns
        if cover is Cover.BY_PIECES:
            self.go_on()
        while cover is Cover.AT_ONCE and self._looking is not None:
            self.go_on()
        return self.known_of(sample)

    def go_on(self) -> None:
        """Do the next piece of a look under way, in the frame in which it began; raises as `watch` does."""
        if self._looking is None:
            return
        looking, self._looking = self._looking, None
        try:
            next(looking)
        except StopIteration as done:
            self._seen = done.value
        else:
            self._looking = looking

    def known_of(self, sample: FaceSample) -> FaceSample:
        """The sample with what the last look at this face has found."""
        seen = self._seen
        if seen is None or seen.track != sample.track:
            return sample
        flaws = seen.added_to(sample.flaws, sample.captured_ns)
        return replace(sample, components=(*sample.components, *seen.components), flaws=flaws)

    def _under_way(self, now_ns: int) -> bool:
        """Whether a look has begun that is not too old to be worth its end."""
        return self._looking is not None and now_ns - self._began_ns < STALE_NS

    def _due(self, sample: FaceSample) -> bool:
        if any(flaw.reason in HIDES and flaw.blocks for flaw in sample.flaws):
            return False
        seen = self._seen
        if seen is None or seen.track != sample.track:
            return True
        found = seen.closed or (seen.cover is not None and seen.cover.blocks)
        return sample.captured_ns - seen.at_ns >= (AGAIN_NS if found else APART_NS)

    def _look(self, bgr: Pixels, sample: FaceSample, points: Points) -> Generator[None, None, _Seen]:
        """Pauses between any two networks, and before the colours are compared."""
        face = sample.detection
        mesh = self._mesh.fit(bgr, face)
        signs = yield from self._signs(bgr, sample, points, mesh)
        bareness = 1.0
        if not (signs and signs.doubt.mouth < PLAINLY_BARE):
            yield
            bareness = self._mask.bareness(bgr, face)
        plain = (Component.BACKGROUND_UNIFORMITY, falling(clutter(bgr, face.box), CLUTTERED))
        components = (plain, *cover_scores(bareness, signs), *(_openings(mesh) if mesh else ()))
        opened = best_eye(mesh) if mesh else None
        return _Seen(sample.track, sample.captured_ns, cover_flaw(bareness, signs), opened, components)

    def _signs(self, bgr: Pixels, sample: FaceSample, points: Points, mesh: Mesh | None) -> Generator[None, None, Hidden | None]:
        """None where something else is wrong that would make the same signs; a head on its side does."""
        if dict(sample.components).get(Component.POSE_ROLL, 100) < AT_LIMIT:
            return None
        if any((flaw.blocks or flaw.reason is Reason.HOLD_STILL) and flaw.reason not in SEEN_THROUGH for flaw in sample.flaws):
            return None
        face = sample.detection
        doubt = (yield from mesh_doubt(bgr, face, in_frame(mesh, face), self._mesh)) if mesh else NO_HOLD
        yield
        return Hidden(doubt, bare_skin(bgr, points), glasses=any(flaw.reason in GLASSES for flaw in sample.flaws))


def _openings(mesh: Mesh) -> Iterator[tuple[Component, int]]:
    yield Component.EYES_OPEN, rising(best_eye(mesh), CLOSED_BELOW)
    yield Component.MOUTH_CLOSED, falling(openness(mesh).mouth, OPEN_MOUTH)
    yield Component.EXPRESSION_NEUTRALITY, falling(mouth_width(mesh) - MOUTH_AT_REST, SMILES - MOUTH_AT_REST)
