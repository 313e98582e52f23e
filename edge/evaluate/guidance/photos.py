"""What the unit says of photos as they are: false alarms on straight heads, and whether turned heads are told so.

Which heads are straight is judged by the dense landmarks and the mean face in space, which the grading does not use.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.engine import Engine
from edge.evaluate.guidance.bench import LEAST_EYE_DISTANCE_PX, hear
from edge.evaluate.portrait import look_at
from models.calibration.rates import Rate, rate
from wire.reasons import Reason

STRAIGHT_DEG = 15.0
"""Neither turned nor tilted by more, a head is straight; people who look at a camera are within ten degrees."""
TURNED_DEG = 30.0
"""Beyond this one eye hides behind the nose: it is plain to everybody."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class PhotoReport:
    """What was said of photos in which there is one face that is large enough."""

    left_out: int
    """Photos without one, and heads between straight and turned."""
    false_alarm: Rate
    """Of straight heads, those that cannot be judged."""
    false_word: Rate
    """Of straight heads, those of whom anything is said."""
    turned: Rate
    """Of turned heads, those who are told so first."""
    words: Mapping[str, int]
    """How often of straight heads each reason was named, as often as not with good reason: many are at work, or wear a hat."""


def ask_about_photos(photos: Sequence[Path], engine: Engine, progress: Progress) -> PhotoReport:
    """Look at each photo; raises what `read_picture` raises, `ModelError` or `LivenessBrokenError`."""
    straight, turned = [], []
    for number, photo in enumerate(photos, start=1):
        portrait = look_at(photo, engine.detector)
        if portrait and portrait.faces == 1 and portrait.face.eye_distance_px >= LEAST_EYE_DISTANCE_PX:
            mesh = engine.mesh.fit(portrait.bgr, portrait.face)
            pose = engine.expresser.express(mesh, 0) if mesh else None
            if pose and max(abs(pose.yaw_deg), abs(pose.pitch_deg)) <= STRAIGHT_DEG:
                straight.append(hear(portrait.bgr, engine))
            elif pose and abs(pose.yaw_deg) >= TURNED_DEG:
                turned.append(hear(portrait.bgr, engine))
        progress(number, len(photos))
    return PhotoReport(
        left_out=len(photos) - len(straight) - len(turned),
        false_alarm=rate(sum(one.blocked for one in straight), len(straight)),
        false_word=rate(sum(bool(one.reasons) for one in straight), len(straight)),
        turned=rate(sum(one.reasons[:1] == (Reason.HEAD_TURNED,) for one in turned), len(turned)),
        words=Counter(reason.value for one in straight for reason in one.reasons),
    )
