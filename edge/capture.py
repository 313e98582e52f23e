"""Captures a reference under supervision: the guided attempt of a visit, of which good pictures are kept instead of a result.

An official watches, so nobody is identified here; but a print or a screen is refused as at any visit, and so is a changed face.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from edge.attempt import Attempt, Ending
from edge.conclude import SAME_FACE
from edge.decision import Case, decide
from edge.engine import Engine
from edge.errors import EdgeError, ReferenceUnusableError
from edge.flow import Standing
from edge.imaging import Pixels
from edge.perform import Performer
from edge.reference import Eyes, embed_only_face, find_upright, only_face
from edge.session.challenge import STILL
from edge.session.states import Event
from edge.session.weigh import weigh
from edge.stages.match import least_agreement
from edge.stages.portrait_keeper import PortraitKeeper
from edge.stages.quality import FaceQuality, QualityProbe
from firmware.ports import Camera
from wire.reasons import Reason


@dataclass(frozen=True, slots=True, eq=False)
class Capture:
    """What was captured: pictures, or the reasons why there is none."""

    pictures: tuple[Pixels, ...]
    """Each (height, width, 3) BGR with one face, best of its part of the attempt, in the order of time."""
    qualities: tuple[FaceQuality, ...]
    reasons: tuple[Reason, ...]
    """Empty exactly when there are pictures; the first is the most important."""


def capture(
    engine: Engine, probe: QualityProbe, camera: Camera, performer: Performer, count: int, cpu_ns: Callable[[], int]
) -> Capture:
    """Guide a person and keep the best `count` pictures, spread over the attempt; raises `ModelError`.

    A camera that fails, a picture of a picture, a changed face and a face too poor to match end in reasons, not in pictures.
    """
    keeping = replace(engine, embedder=PortraitKeeper())
    ending = Attempt(keeping.pipeline(), engine.rules, STILL, performer, cpu_ns).run(camera.frames(), tuple)
    if refused := _refused(ending, engine):
        return Capture((), (), refused)
    try:
        return _chosen([shot.crops[0] for shot in ending.shots], engine.eyes, probe, count)
    except ReferenceUnusableError:
        return Capture((), (), (Reason.REFERENCE_UNUSABLE,))
    except EdgeError:
        return Capture((), (), (Reason.MATCHER_UNAVAILABLE,))


def _refused(ending: Ending, engine: Engine) -> tuple[Reason, ...]:
    """Why nothing may be kept; empty when a living person was seen to the end."""
    findings = weigh(ending.evidence, engine.rules)
    lives = bool(findings) and all(finding.standing is Standing.NOT_DENIED for finding in findings)
    if ending.event is Event.EVIDENCE_COMPLETE and not ending.trouble and lives:
        return ()
    case = Case(ending.event, ending.trouble, ending.hindrance, ending.evidence, findings, match=None, same_face=False)
    return decide(case).reasons


def _chosen(portraits: Sequence[Pixels], eyes: Eyes, probe: QualityProbe, count: int) -> Capture:
    embeddings = [embed_only_face(portrait, eyes) for portrait in portraits]
    if least_agreement(embeddings) < SAME_FACE:
        return Capture((), (), (Reason.FACE_CHANGED,))
    qualities = [_quality(portrait, eyes, probe) for portrait in portraits]
    parts = min(count, len(portraits))
    edges = [len(portraits) * number // parts for number in range(parts + 1)]
    best = [max(range(first, last), key=qualities.__getitem__) for first, last in pairwise(edges)]
    return Capture(tuple(portraits[at] for at in best), tuple(qualities[at] for at in best), ())


def _quality(portrait: Pixels, eyes: Eyes, probe: QualityProbe) -> FaceQuality:
    upright, faces = find_upright(portrait, eyes.detector)
    return probe.judge(upright, eyes.aligner.points(upright, only_face(faces)))
