"""One frame from pixels to an observation. The order of the lines is the order of the stages."""

from __future__ import annotations

import math
from dataclasses import dataclass

from edge.errors import LivenessBrokenError
from edge.flow import Cue, Expression, FaceSample, LightAnswer, Observation, Shot, TrackId
from edge.schedule import Work
from edge.stages.align import Aligner
from edge.stages.cover import CoverWatch
from edge.stages.detect import Detector
from edge.stages.express import Expresser
from edge.stages.grade import Grader
from edge.stages.infrared import InfraredProbe
from edge.stages.landmarks import MeshFitter
from edge.stages.match import Embedder, Points
from edge.stages.texture import TextureProbe
from edge.stages.track import Tracker
from firmware.frame import Frame
from models.errors import ModelError


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The stages in their order. A missing or flawed face ends a frame early; a broken stage raises."""

    detector: Detector
    tracker: Tracker
    grader: Grader
    cover: CoverWatch
    texture: TextureProbe
    mesh: MeshFitter
    expresser: Expresser
    infrared: InfraredProbe | None
    """None for a visit whose lamps ask nothing."""
    aligner: Aligner
    embedder: Embedder

    def forget(self) -> None:
        """Drop what was seen of a face: it was lost."""
        if self.infrared:
            self.infrared.forget()

    def observe(self, frame: Frame, work: Work) -> Observation:
        """See what there is to see. Raises `ModelError`, or `LivenessBrokenError` when a liveness stage fails."""
        at_ns, light = frame.captured_ns, frame.light.word
        track = self.tracker.follow(self.detector.find(frame.bgr), at_ns)
        if track is None:
            return Observation(at_ns, light=light, answer=self._answer(frame, None, None) if work.light else None)
        points = self.aligner.points(frame.bgr, track.detection)
        sample = self.cover.watch(frame.bgr, self.grader.grade(frame, track, points), points, may_look=work.cover)
        answer = self._answer(frame, sample, points if sample.readable else None) if work.light else None
        if not sample.usable:
            turned = work.mesh and sample.usable_moving
            return Observation(
                at_ns, sample, expression=self._expression(frame, sample) if turned else None, light=light, answer=answer
            )
        return Observation(
            at_ns,
            sample,
            self._texture(frame, sample) if work.texture else None,
            self._expression(frame, sample) if work.mesh else None,
            Shot(self.embedder.crops(frame.bgr, points), sample.quality, at_ns) if work.shot else None,
            light,
            answer,
        )

    def _texture(self, frame: Frame, sample: FaceSample) -> Cue:
        try:
            cue = self.texture.probe(frame.bgr, sample.detection, frame.captured_ns)
        except ModelError as error:
            raise LivenessBrokenError("texture") from error
        if not math.isfinite(cue.score):
            raise LivenessBrokenError("texture")
        return cue

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
