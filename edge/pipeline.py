"""One frame from pixels to an observation. The order of the lines is the order of the stages."""

from __future__ import annotations

import math
from dataclasses import dataclass

from edge.errors import LivenessBrokenError
from edge.flow import Cue, FaceSample, Observation, Openness, Shot
from edge.schedule import Work
from edge.stages.align import Aligner
from edge.stages.detect import Detector
from edge.stages.grade import Grader
from edge.stages.landmarks import MeshFitter, openness
from edge.stages.match import Embedder
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
    texture: TextureProbe
    mesh: MeshFitter
    aligner: Aligner
    embedder: Embedder

    def observe(self, frame: Frame, work: Work) -> Observation:
        """See what there is to see. Raises `ModelError`, or `LivenessBrokenError` when a liveness stage fails."""
        track = self.tracker.follow(self.detector.find(frame.bgr), frame.captured_ns)
        if track is None:
            return Observation(frame.captured_ns)
        points = self.aligner.points(frame.bgr, track.detection)
        sample = self.grader.grade(frame, track, points)
        if not sample.usable:
            return Observation(frame.captured_ns, sample)
        return Observation(
            frame.captured_ns,
            sample,
            self._texture(frame, sample) if work.texture else None,
            self._openness(frame, sample) if work.mesh else None,
            Shot(self.embedder.crops(frame.bgr, points), sample.quality, frame.captured_ns) if work.shot else None,
        )

    def _texture(self, frame: Frame, sample: FaceSample) -> Cue:
        try:
            cue = self.texture.probe(frame.bgr, sample.detection, frame.captured_ns)
        except ModelError as error:
            raise LivenessBrokenError("texture") from error
        if not math.isfinite(cue.score):
            raise LivenessBrokenError("texture")
        return cue

    def _openness(self, frame: Frame, sample: FaceSample) -> Openness | None:
        try:
            mesh = self.mesh.fit(frame.bgr, sample.detection)
        except ModelError as error:
            raise LivenessBrokenError("action") from error
        if mesh is None:
            return None
        seen = openness(mesh, frame.captured_ns)
        if not math.isfinite(seen.eyes + seen.mouth):
            raise LivenessBrokenError("action")
        return seen
