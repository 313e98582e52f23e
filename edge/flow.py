"""What flows through the unit, in the order it flows. Data only: how each is made stands in the stage of that name.

per frame    Frame -> Detection -> Track -> FaceSample -> Cue                                  = Observation
per attempt  Observations -> LivenessEvidence -> MatchScore -> Decision -> (wire) ResultStatement
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

import numpy as np
from numpy.typing import NDArray

from wire.reasons import Reason
from wire.reference import ReferenceClass
from wire.result import ACTION_CUE, CODE_CUE, RELIEF_CUE, Verdict

Similarity = NewType("Similarity", float)
"""Cosine of two embeddings, -1 to 1; larger is more alike."""

LivenessScore = NewType("LivenessScore", float)
"""0 to 1; larger speaks for a living face. A cue below its threshold denies, a cue above it only does not deny."""

UNKNOWN_LIGHT = "?"
"""The light word of a frame whose light nobody knows."""

TrackId = NewType("TrackId", int)
"""Number of a face followed from frame to frame; a new number means: perhaps another person."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in frame pixels; left and top may lie outside the frame."""

    left_px: float
    top_px: float
    width_px: float
    height_px: float

    @property
    def centre(self) -> tuple[float, float]:
        """x and y of the middle, pixels."""
        return self.left_px + self.width_px / 2, self.top_px + self.height_px / 2

    @property
    def side_px(self) -> float:
        """The longer side."""
        return max(self.width_px, self.height_px)

    def overlap(self, other: Box) -> float:
        """Intersection over union, 0 to 1."""
        right = min(self.left_px + self.width_px, other.left_px + other.width_px)
        bottom = min(self.top_px + self.height_px, other.top_px + other.height_px)
        shared = max(0.0, right - max(self.left_px, other.left_px)) * max(0.0, bottom - max(self.top_px, other.top_px))
        both = self.width_px * self.height_px + other.width_px * other.height_px - shared
        return shared / both if both > 0 else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """A face in one frame."""

    box: Box
    points: NDArray[np.float32]
    """(5, 2) x, y in frame pixels: eye at image left, eye at image right, nose tip, mouth corner left, mouth corner right."""
    confidence: float
    """0 to 1."""

    @property
    def eye_distance_px(self) -> float:
        """Distance of the two eye points."""
        return float(np.hypot(*(self.points[1] - self.points[0])))


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """The face that the unit attends to, under the number it keeps while it stays the same face."""

    id: TrackId
    detection: Detection
    others: int
    """Further faces in the frame that are large enough to matter."""


class Component(StrEnum):
    """Quality components, named as in ISO/IEC 29794-5:2025 where one exists; each is scored 0 (bad) to 100 (good)."""

    INTER_EYE_DISTANCE = "InterEyeDistance"
    HEAD_SIZE = "HeadSize"
    FACE_POSITION = "FacePosition"
    SUBJECT_DISTANCE = "CameraSubjectDistance"
    FACE_IN_FRAME = "FaceInFrame"
    UNDER_EXPOSURE = "UnderExposurePrevention"
    OVER_EXPOSURE = "OverExposurePrevention"
    DYNAMIC_RANGE = "DynamicRange"
    BACK_LIGHT = "BackLightPrevention"
    ILLUMINATION_UNIFORMITY = "IlluminationUniformity"
    SHARPNESS = "Sharpness"
    EYES_VISIBLE = "EyesVisible"
    GLARE = "GlassesGlarePrevention"
    SINGLE_FACE = "SingleFacePresent"
    BACKGROUND_UNIFORMITY = "BackgroundUniformity"
    EYES_OPEN = "EyesOpen"
    MOUTH_OCCLUSION = "MouthOcclusionPrevention"
    MOUTH_CLOSED = "MouthClosed"
    EXPRESSION_NEUTRALITY = "ExpressionNeutrality"
    FACE_OCCLUSION = "FaceOcclusionPrevention"
    HEAD_COVERINGS = "NoHeadCoverings"
    BROWS_VISIBLE = "BrowsVisible"
    RIGHT_EYE_VISIBLE = "RightEyeVisible"
    LEFT_EYE_VISIBLE = "LeftEyeVisible"
    NOSE_VISIBLE = "NoseVisible"
    CHIN_VISIBLE = "ChinVisible"
    POSE_YAW = "HeadPoseAngleYaw"
    POSE_PITCH = "HeadPoseAnglePitch"
    POSE_ROLL = "HeadPoseAngleRoll"


ADVICE = frozenset(
    {
        *(Component.DYNAMIC_RANGE, Component.BACKGROUND_UNIFORMITY, Component.EXPRESSION_NEUTRALITY, Component.MOUTH_CLOSED),
        *(Component.HEAD_COVERINGS, Component.BROWS_VISIBLE, Component.RIGHT_EYE_VISIBLE, Component.LEFT_EYE_VISIBLE),
        *(Component.NOSE_VISIBLE, Component.CHIN_VISIBLE),
    }
)
"""Worth knowing, and no measure of how good a shot is: they are the same in all shots of a visitor, or count with another one."""

LIGHT_FLAWS = frozenset(
    {Reason.TOO_DARK, Reason.TOO_BRIGHT, Reason.BACKLIT, Reason.SIDE_LIT, Reason.GLASSES_GLARE, Reason.HOLD_STILL}
)
"""What the place or the lamps bring, or what blurs: it does not keep light itself from being read."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that keeps a face from being judged, and how bad it is."""

    reason: Reason
    severity: float
    """0 (just at the limit) to 1 (hopeless); the worst flaw is named first."""
    blocks: bool = True
    """Whether the face cannot be judged with it. Else it is worth a word, and the visit goes on."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceSample:
    """A graded face: good enough to be probed and matched exactly when it has no flaw that blocks."""

    track: TrackId
    captured_ns: int
    detection: Detection
    components: tuple[tuple[Component, int], ...]
    flaws: tuple[Flaw, ...]
    """Those that block before those that do not, and worst first."""
    distance_cm: float | None = None
    """From the lens; None where the camera's focal length is not known."""

    @property
    def usable(self) -> bool:
        """Whether no flaw stands against judging it."""
        return not any(flaw.blocks for flaw in self.flaws)

    @property
    def readable(self) -> bool:
        """Whether its light can be read: nothing stands against it but what the lamps themselves bring, or want of sharpness."""
        return all(flaw.reason in LIGHT_FLAWS for flaw in self.flaws if flaw.blocks)

    @property
    def usable_moving(self) -> bool:
        """Whether no flaw stands against it but what an action brings: a head that is turned, or a blur."""
        return all(flaw.reason in (Reason.HEAD_TURNED, Reason.HOLD_STILL) for flaw in self.flaws if flaw.blocks)

    @property
    def quality(self) -> int:
        """The weakest component, 0 to 100, advice aside."""
        return min((score for component, score in self.components if component not in ADVICE), default=0)


Crops = tuple[NDArray[np.uint8], ...]
"""What a matcher keeps of one face: an aligned crop for each of its networks, (size, size, 3) BGR, write-protected."""


@dataclass(frozen=True, slots=True)
class MatcherIdentity:
    """Which matcher makes embeddings: those of another one, or of another version of its libraries, mean nothing to it."""

    name: str
    model_digest: bytes
    """32 bytes over the digests of its files, their weights and how crops are made."""
    runtime: str
    """What runs its networks, with version, for example `onnxruntime 1.32.0`."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A face kept for matching. It lives in memory until the attempt ends, and nowhere else."""

    crops: Crops
    quality: int
    """0 to 100."""
    captured_ns: int
    probed: bool = False
    """Whether the texture of the very same frame was probed; known once the probe is over."""


class CueKind(StrEnum):
    """Where evidence of life comes from. Words that travel in results."""

    TEXTURE = "texture"
    ACTION = ACTION_CUE
    CODE = CODE_CUE
    """The face answers this visit's light code, and no other."""
    RELIEF = RELIEF_CUE
    """The face is shaped like a face, by the light of the unit's own lamps."""


@dataclass(frozen=True, slots=True)
class Cue:
    """What one frame says about life."""

    kind: CueKind
    score: LivenessScore
    captured_ns: int


@dataclass(frozen=True, slots=True)
class Expression:
    """What the face does in one frame: how far eyes and mouth are open, and how the head is turned."""

    eyes: float
    """Eye aspect ratio, mean of both eyes; about 0.05 closed, 0.25 open. Without unit, foreshortening taken out."""
    mouth: float
    """Inner lip distance over mouth width; about 0 closed, over 0.5 wide open. Without unit, foreshortening taken out."""
    captured_ns: int
    yaw_deg: float = 0.0
    """How far the nose is turned to the right of the picture, by parallax alone: a flat picture that is turned shows none."""
    pitch_deg: float = 0.0
    """How far the head is bowed, by parallax alone."""


@dataclass(frozen=True, slots=True)
class LightAnswer:
    """How the face has answered the unit's lamps up to now."""

    symbols: int
    """So many symbols of the visit's code, in a row, lie before this answer."""
    code: LivenessScore | None
    """How much better the visit's own code explains the light of the face than any other code does, 1 being all of it."""
    relief: LivenessScore | None
    """How much the light of single lamps says for a face and against a sheet, a screen and a cylinder. None: not measured."""
    hindrance: Reason | None
    """What keeps the answer from being judged; None when nothing does."""


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """One frame, as far as the pipeline got with it. A missing face is an answer, not an exception."""

    captured_ns: int
    sample: FaceSample | None = None
    texture: Cue | None = None
    expression: Expression | None = None
    shot: Shot | None = None
    light: str = UNKNOWN_LIGHT
    """The light word of the frame."""
    answer: LightAnswer | None = None
    held: bool = False
    """Whether nobody looked at this frame: the sample is that of an earlier one, a moment ago."""
    probing: bool = False
    """Whether a probe of the texture began in this frame. Its cue comes with it, or with the next one where it goes by pieces."""

    @property
    def track(self) -> TrackId | None:
        """The face that this observation is about."""
        return self.sample.track if self.sample else None

    @property
    def usable(self) -> bool:
        """Whether there is a face without a flaw."""
        return self.sample is not None and self.sample.usable

    @property
    def usable_moving(self) -> bool:
        """Whether there is a face with no flaw but what a turn or a nod brings: it is turned, or blurred."""
        return self.sample is not None and self.sample.usable_moving


class ActionKind(StrEnum):
    """What a visitor may be asked to do. Left and right are the visitor's."""

    BLINK = "blink"
    OPEN_MOUTH = "open_mouth"
    NOD = "nod"
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    LOOK_UP = "look_up"


class ActionOutcome(StrEnum):
    """How the answer to a challenge went."""

    NOT_ASKED = "not_asked"
    """In this mode, or not yet: the face must be ready before anything is asked."""
    PENDING = "pending"
    DONE = "done"
    WRONG = "wrong"
    MISSED = "missed"
    TOO_FAST = "too_fast"
    TOO_SLOW = "too_slow"


@dataclass(frozen=True, slots=True)
class LivenessEvidence:
    """Everything that was seen about life of one track, weighed. Empty evidence can never accept."""

    texture: LivenessScore | None
    """Of the probed frames together; None when too few were probed to say."""
    texture_frames: int
    asked: tuple[ActionKind, ...]
    """Empty for a visitor who only holds still."""
    outcome: ActionOutcome
    """DONE when all of them were done."""
    answer: LightAnswer | None = None
    """None when the unit's lamps asked nothing, or no face has answered."""
    substituted: bool = False
    """Whether one of them is not what the nonce drew: it was asked for in place of one that was not done, or of a blink that
    could not have been seen."""


class Standing(StrEnum):
    """What a cue has to say."""

    NOT_DENIED = "not_denied"
    """The only thing that a cue can say for somebody."""
    DENIED = "denied"
    MISSING = "missing"
    BROKEN = "broken"
    """It said something that is no number."""


@dataclass(frozen=True, slots=True)
class CueFinding:
    """What one cue says about one attempt."""

    kind: CueKind
    standing: Standing
    score: LivenessScore | None
    threshold: LivenessScore
    reason: Reason | None = None
    """Why it is missing, where something can be done about it."""


@dataclass(frozen=True, slots=True)
class MatchScore:
    """The one comparison that counts: best shots of the visitor against the references of one class."""

    similarity: Similarity
    threshold: Similarity
    review_from: Similarity
    """At or above this, and below the threshold, a person decides."""
    reference_class: ReferenceClass = ReferenceClass.DOCUMENT
    """Where the references come from; each class has thresholds of its own."""


@dataclass(frozen=True, slots=True)
class Decision:
    """How an attempt ends, and why."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    """Empty exactly when accepted; the most important first."""
