"""The plan of the demonstration: who comes to the unit, and how each visit must end. Footage only, no names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from demo.cameras import Actor, Answering, Camera, Clip, Span
from demo.errors import FootageMissingError
from wire.reasons import Reason
from wire.result import Mode, Verdict


@dataclass(frozen=True, slots=True)
class Still:
    """A reference photo: one picture of a recording, at `share` (0 to 1) of its length."""

    recording: str
    share: float

    @property
    def name(self) -> str:
        """The file of the photo in the unit's gallery."""
        return f"{Path(self.recording).stem}.png"


@dataclass(frozen=True, slots=True)
class Visit:
    """One visitor. Recordings are named relative to the mirror."""

    case: str
    zh: str
    en: str
    """What this visit shows, for whoever watches."""
    camera: Camera
    """What the camera sees."""
    reference: Still
    """The photo on file."""
    mode: Mode
    verdict: Verdict
    """How it must end."""
    reason: Reason | None
    """The first reason that must be given; None where nobody is refused."""
    told: Reason | None = None
    """What the screen must have said on the way, where guidance is the point."""
    remark: str = ""
    """What to know about this visit when reading the table."""


LIVE = "data/pad/clips/wolf_live_blinks.mp4"
REPLAY = "data/pad/clips/wolf_replay_moire.mp4"
STRANGER = "data/clips/lp_d0_smile_blink.mp4"
TOO_SMALL = "data/clips/intel_turn_left_right.mp4"
ACTIONS = "data/clips/lp_d18_mouth_open.mp4"

FROM_REPLAY = Still(REPLAY, 0.5)
"""The man as another recording of him shows him, so that no picture is ever compared with itself."""
FROM_LIVE = Still(LIVE, 0.5)
FROM_ACTIONS = Still(ACTIONS, 0.99)

DISTANT = Actor(TOO_SMALL, neutral=Span(0.56, 0.85), answers=(), delay_s=0.0, ends_after_s=4)
"""The stretch of that recording in which the small face looks into the camera, over and over: one cause and no other."""

WILLING = Actor(
    ACTIONS,
    neutral=Span(0.0, 2.0),
    answers=(Answering("ASK_BLINK", Span(5.8, 6.8)), Answering("ASK_OPEN_MOUTH", Span(1.8, 3.7))),
    delay_s=0.6,
    ends_after_s=25,
)
"""A person who does what the screen asks for; which of the two it asks, the nonce of the ticket decides."""

PLAN = (
    Visit(
        "demo-1", "本人来办", "the right person, alive", Clip(LIVE), FROM_REPLAY, Mode.PASSIVE, Verdict.ACCEPTED, None,
        remark="photo and visit are two different recordings of one man",
    ),
    Visit(
        "demo-2", "别人来办", "a stranger", Clip(STRANGER), FROM_REPLAY, Mode.PASSIVE, Verdict.REFUSED, Reason.FACE_MISMATCH,
        remark="alive, but not the one on the photo",
    ),
    Visit(
        "demo-3", "翻拍屏幕", "a recording of him, played on a screen", Clip(REPLAY), FROM_LIVE,
        Mode.PASSIVE, Verdict.ATTACK, Reason.SPOOF_SUSPECTED,
        remark="it ends at once, and is not even compared with the photo",
    ),
    Visit(
        "demo-4", "坐得太远", "somebody sits too far away", DISTANT, FROM_LIVE,
        Mode.PASSIVE, Verdict.REFUSED, Reason.TOO_FAR, told=Reason.TOO_FAR,
        remark="told the cause while there was time to mend it",
    ),
    Visit(
        "demo-5", "按提示做动作", "asked to do something, and does it", WILLING, FROM_ACTIONS,
        Mode.ACTIVE, Verdict.ACCEPTED, None,
        remark="the ticket's random number chose the action",
    ),
)  # fmt: skip


def missing_nothing(plan: tuple[Visit, ...], mirror: Path) -> None:
    """Check that every recording of the plan is there; `FootageMissingError` names the first that is not."""
    for file in _recordings(plan):
        if not (mirror / file).is_file():
            raise FootageMissingError(file, str(mirror))


def _recordings(plan: tuple[Visit, ...]) -> Iterator[str]:
    for visit in plan:
        yield from (visit.camera.recording, visit.reference.recording)
