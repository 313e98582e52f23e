"""The rules of an attempt: limits, times and thresholds. They are given, not found out; thresholds come with their models."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from edge.flow import CueKind, LivenessScore, Similarity
from wire.reference import ReferenceClass
from wire.result import CUES_OF, Mode

NO_POLICY = ""
"""What stands for it where a matcher ships without a threshold: no ticket can name it."""


NOBODY_LIVES = LivenessScore(2.0)
"""The threshold of a cue for which nothing ships: nobody reaches it."""


@dataclass(frozen=True, slots=True)
class Times:
    """How long things may take, milliseconds of frame time. The profile `elder`: long, and never hurried (R67)."""

    consent_ms: int = 90_000
    """How long the question stands whether the visitor agrees, in the time of the unit's own clock."""
    attempt_ms: int = 45_000
    """A whole attempt, from its start: losing the face buys no time."""
    action_ms: int = 12_000
    """From asking for an action to giving up on it."""
    lost_after_ms: int = 700
    """A face that cannot be used for so long is lost, and its evidence with it."""
    probe_apart_ms: int = 100
    """Texture probes closer than this see the same thing twice."""
    shot_apart_ms: int = 250
    """Shots closer than this are too alike: eight of them gain the more, the farther apart they are (docs/accuracy.md)."""


@dataclass(frozen=True, slots=True)
class GradeLimits:
    """Where a quality becomes a flaw."""

    eye_distance_px: float = 36.0
    """Smallest distance of the eyes. The matcher still works at the 40 px of LFW."""
    largest_share: float = 0.82
    """Largest share of the frame's width or height that a face may take."""
    off_centre_share: float = 0.25
    """Largest distance of the face's centre from the frame's, as a share of the frame."""
    outside_share: float = 0.04
    """Largest part of the face box that may lie outside the frame, as a share of its side."""
    darkest_luma: float = 50.0
    brightest_luma: float = 215.0
    clipped_share: float = 0.25
    """Largest share of face pixels that may be white (above 250)."""
    behind_ratio: float = 1.9
    """Largest brightness of what is behind a head over that of the face, where that is darker than `shaded_luma`."""
    shaded_luma: float = 82.0
    side_ratio: float = 1.55
    """Largest brightness of one half of the face over that of the other."""
    eyes_visible: float = 0.43
    """Smallest brightness of an eye with its lids over that of the cheek, less where it is smooth, of the better eye."""
    glare_share: float = 0.08
    """Largest share of an eye that a reflection may hide."""
    sharpness: float = 0.085
    """Fine detail of the face, over that of a sharp portrait, below which it is worth a word; at a shake of a third of the eye
    distance or so."""
    least_sharpness: float = 0.03
    """The same below which a face cannot be judged."""
    yaw_deg: float = 19.0
    """By five points, which see a head that is turned by 30 degrees turned by 20; no straight one of 792 comes to 18 (LFW)."""
    pitch_deg: float = 18.0
    roll_deg: float = 20.0
    focal_widths: float | None = None
    """Focal length of the camera over the width of its picture; None where nobody measured it, and nobody is told a distance."""
    nearest_cm: float = 20.0
    farthest_cm: float = 50.0
    """Between these a face belongs (R20)."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What must be reached. Each comes with its model or matcher, or from a policy that was calibrated for it."""

    face: float
    """Confidence of the detector, 0 to 1: below it there is no face."""
    match: Similarity
    review_from: Similarity
    texture: LivenessScore
    reference_class: ReferenceClass = ReferenceClass.DOCUMENT
    """The references for which `match` and `review_from` were calibrated: they hold for no others."""
    texture_lit: LivenessScore = NOBODY_LIVES
    """In place of `texture` where the lamps ask, too: there the texture need only find what it is sure of."""
    code: LivenessScore = NOBODY_LIVES
    relief: LivenessScore = NOBODY_LIVES


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that judges an attempt."""

    policy: str
    thresholds: Thresholds
    times: Times = field(default_factory=Times)
    grade: GradeLimits = field(default_factory=GradeLimits)
    steady_frames: int = 3
    """So many usable frames in a row before the face counts as ready."""
    texture_least: int = 3
    texture_frames: int = 8
    """So many texture probes at least, and at most, before the texture is judged: a clear case takes few."""
    shots: int = 8
    """So many shots of one face are matched together (docs/accuracy.md: five would do as well at the bench, one does not)."""
    shots_before_asking: int = 2
    """So many shots are enough for an action to be asked for; the rest are taken while people react to it, and do it."""
    light_passes: int = 2
    """So often the lamps may ask before an answer that does not convince counts as a denial: people stir."""
    ends_on_denial: bool = True
    """Whether a denial ends the attempt at once. Only a bench goes on, to hear the other cues; the verdict is the same."""
    blink_frames_per_s: float = 20.0
    """A blink is asked for only where the eye is seen so often: one lasts 100 to 400 ms (R21). Else the mouth is."""
    substitution: bool = False
    """Whether another action may be asked for in place of one that was not done, once; the policy decides (R67)."""
    required: frozenset[CueKind] = frozenset({CueKind.TEXTURE})
    """Nobody is accepted while one of these is missing."""


def rules_for(rules: Rules, mode: Mode) -> Rules:
    """The rules of a visit in this mode: which cues it must give, and how sure the texture must be."""
    limits = rules.thresholds
    texture = limits.texture_lit if mode is Mode.FULL else limits.texture
    return replace(rules, thresholds=replace(limits, texture=texture), required=cues_of(mode))


def cues_of(mode: Mode) -> frozenset[CueKind]:
    """The cues that a mode gathers."""
    return frozenset(CueKind(word) for word in CUES_OF[mode])


def cues_lacking(required: frozenset[CueKind], lamps: str) -> tuple[CueKind, ...]:
    """What is required and a board with these lamps cannot give: a code takes a lamp, a relief one at each side."""
    given = {CueKind.CODE: bool(lamps), CueKind.RELIEF: {"L", "R"} <= set(lamps)}
    return tuple(kind for kind in CueKind if kind in required and not given.get(kind, True))
