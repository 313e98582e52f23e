"""One frame from pixels to an observation. The order of the lines is the order of the stages."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace

from edge.errors import LivenessBrokenError
from edge.flow import Cue, Expression, FaceSample, LightAnswer, Observation, Shot, TrackId
from edge.schedule import Cover, Gaze, Work
from edge.stages.attend import Attention, Sight
from edge.stages.cover import CoverWatch
from edge.stages.express import Expresser
from edge.stages.grade import Grader, roll_deg
from edge.stages.infrared import InfraredProbe
from edge.stages.landmarks import MeshFitter
from edge.stages.match import Embedder, Points
from edge.stages.texture import TextureProbe
from firmware.frame import Frame
from models.errors import ModelError


@dataclass(slots=True)
class Pipeline:
    """The stages in their order. A missing or flawed face ends a frame early; a broken stage raises."""

    attention: Attention
    grader: Grader
    cover: CoverWatch
    texture: TextureProbe
    mesh: MeshFitter
    expresser: Expresser
    infrared: InfraredProbe | None
    """None for a visit whose lamps ask nothing."""
    embedder: Embedder
    _graded: FaceSample | None = None
    """The face as it was graded last, without what covers it."""
    _probing: tuple[TrackId, Generator[None, None, Cue]] | None = None
    """A probe of the texture whose next network is to run, and of whom it is."""

    @property
    def lamp_strengths(self) -> Mapping[str, float]:
        """What each lamp of the visit's code gave to the face; empty where nothing could be told."""
        return self.infrared.strengths if self.infrared else {}

    def forget(self) -> None:
        """Drop what was seen of a face: it was lost."""
        self._probing = None
        if self.infrared:
            self.infrared.forget()

    def observe(self, frame: Frame, work: Work) -> Observation:
        """See what there is to see. Raises `ModelError`, or `LivenessBrokenError` when a liveness stage fails."""
        whose, cue = self._go_on()
        seen = self._hold(frame, work, busy=whose is not None) if work.gaze is Gaze.HOLD else self._look(frame, work)
        if cue is None or seen.texture or seen.track not in (whose, None):
            return seen
        return replace(seen, texture=cue)

    def _look(self, frame: Frame, work: Work) -> Observation:
        at_ns, light = frame.captured_ns, frame.light.word
        sight = self.attention.find(frame, work.gaze)
        if sight is None:
            self._graded = None
            return Observation(at_ns, light=light, answer=self._answer(frame, None, None) if work.light else None)
        self._graded = self._grade(frame, sight)
        sample = self.cover.watch(frame.bgr, self._graded, sight.points, work.cover)
        answer = self._answer(frame, sample, sight.points if sample.readable else None) if work.light else None
        if not sample.usable:
            turned = work.mesh and sample.usable_moving
            return Observation(
                at_ns, sample, expression=self._expression(frame, sample) if turned else None, light=light, answer=answer
            )
        return Observation(
            at_ns,
            sample,
            self._texture(frame, sample, sight.points, by_pieces=work.by_pieces) if work.texture else None,
            self._expression(frame, sample) if work.mesh else None,
            Shot(self.embedder.crops(frame.bgr, sight.points), sample.quality, at_ns) if work.shot else None,
            light,
            answer,
            probing=work.texture,
        )

    def _hold(self, frame: Frame, work: Work, *, busy: bool) -> Observation:
        """Nobody looks at this frame: the face is as it was, but for what a look under way finds out in a frame not busy."""
        if work.cover is Cover.BY_PIECES and not busy:
            self.cover.go_on()
        sample = self.cover.known_of(self._graded) if self._graded else None
        return Observation(frame.captured_ns, sample, light=frame.light.word, held=True)

    def _grade(self, frame: Frame, sight: Sight) -> FaceSample:
        """A face that was only glanced at, or followed, keeps the grades that it had a moment ago."""
        if sight.graded_before and self._graded:
            return replace(self._graded, captured_ns=frame.captured_ns, detection=sight.track.detection)
        return self.grader.grade(frame, sight.track, sight.points)

    def _texture(self, frame: Frame, sample: FaceSample, points: Points, *, by_pieces: bool) -> Cue | None:
        """Begin a probe; by pieces, its cue comes with the next frame."""
        pieces = self.texture.pieces(frame.bgr, sample.detection, frame.captured_ns, roll_deg(points))
        self._probing = (sample.track, pieces)
        cue = self._go_on()[1]
        while cue is None and not by_pieces:
            cue = self._go_on()[1]
        return cue

    def _go_on(self) -> tuple[TrackId | None, Cue | None]:
        """Do the next piece of a probe under way: whose it is, and its cue with the last."""
        if self._probing is None:
            return None, None
        whose, pieces = self._probing
        try:
            next(pieces)
        except StopIteration as done:
            cue: Cue = done.value
        except ModelError as error:
            raise LivenessBrokenError("texture") from error
        else:
            return whose, None
        self._probing = None
        if not math.isfinite(cue.score):
            raise LivenessBrokenError("texture")
        return whose, cue

    def _expression(self, frame: Frame, sample: FaceSample) -> Expression | None:
        try:
            mesh = self.mesh.fit(frame.bgr, sample.detection)
        except ModelError as error:
            raise LivenessBrokenError("action") from error
        if mesh is None:
            return None
        seen = self.expresser.express(mesh, frame.captured_ns)
        if not math.isfinite(seen.eyes + seen.mouth + seen.yaw_deg + seen.pitch_deg):
            raise LivenessBrokenError("action")
        return seen

    def _answer(self, frame: Frame, sample: FaceSample | None, points: Points | None) -> LightAnswer | None:
        if self.infrared is None:
            return None
        track: TrackId | None = sample.track if sample else None
        return self.infrared.look(frame, track, points)
