"""What an operator can have found out between visits: how the parts are, how the place is, and how far away faces are.

Each check gives its findings one by one. It raises the errors of its parts; `edge/operator.py` makes findings of them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from types import TracebackType
from typing import Self

from edge.engine import Engine
from edge.focal import measure_focal
from edge.health.diagnosis import Finding
from edge.health.examine import Patient, examine
from edge.pulse import Pulse
from edge.showing.orders import Order
from edge.stages.distance import EYES_CM
from firmware.board import Board
from firmware.errors import PartSilentError
from firmware.frame import Frame
from firmware.ports import Camera
from wire.reasons import Reason

CALIBRATED_AT_CM = 40.0
"""From the lens to the eyes of the person who sits there for it (docs/panel.md)."""
SETTLING, LOOKED_AT = 15, 3
"""So many frames a camera takes to find its exposure; the last few are looked at."""


@dataclass(frozen=True, slots=True)
class _Watched:
    """A camera whose frames give the sign of life, as in a visit: one that hangs does not get past this."""

    camera: Camera
    pulse: Pulse

    @property
    def name(self) -> str:
        return self.camera.name

    def frames(self) -> Iterator[Frame]:
        return self.pulse.watching(self.camera.frames())

    def __enter__(self) -> Self:
        self.camera.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /) -> None:
        self.camera.__exit__(kind, error, trace)


@dataclass(frozen=True, slots=True)
class Checks:
    """The checks of a unit that is open: they use its own engine, so none is loaded twice."""

    patient: Patient
    engine: Engine
    pulse: Pulse
    place_now: Callable[[], datetime]
    """The clock of the place."""

    @property
    def by_order(self) -> Mapping[Order, Callable[[], Iterator[Finding]]]:
        """What each order has found out."""
        return {Order.DOCTOR: self.doctor, Order.SURVEY: self.survey, Order.CALIBRATE: self.calibrate}

    def doctor(self) -> Iterator[Finding]:
        """The same as `lifecert doctor`; the networks are those that serve visits."""
        networks = f"{len(self.engine.networks)} networks are open since the start, and were the promised ones."
        return examine(replace(self.patient, opened=self._opened), lambda: Finding("models", True, networks))

    def survey(self) -> Iterator[Finding]:
        """Look at the place as it is now; `lifecert survey` does so for a day."""
        # What measures pictures loads when it is asked for, as nobody does in most weeks.
        from edge.evaluate.survey.look import look_at
        from edge.evaluate.survey.score import GOOD_FROM, Trait, score
        from edge.evaluate.survey.words import remedy

        reasons = dict(zip(Trait, _OF_TRAITS, strict=True))
        now = self.place_now()
        looks = []
        with self._opened() as board:
            for frame in deque(islice(board.camera.frames(), SETTLING), maxlen=LOOKED_AT):
                looks.append(look_at(frame, now, self.engine))
                self.pulse.beat()
        if not looks:
            raise PartSilentError(self.patient.camera, "no frame came")
        found = score(looks)
        advice = {one.trait: remedy(one) for one in found.advice}
        for trait, points in found.hours[0].traits.items():
            good = points >= GOOD_FROM
            words = f"{points} of 100." if good else f"{points} of 100. {' '.join(advice[trait])}"
            yield Finding(trait.value, good, words, None if good else reasons[trait])

    def calibrate(self) -> Iterator[Finding]:
        """Measure the focal length by a person who sits 40 cm from the lens; nothing is changed by it."""
        with self.patient.opened() as board, closing(self.pulse.watching(board.camera.frames())) as frames:
            found = measure_focal(frames, self.engine.detector, self.engine.aligner, CALIBRATED_AT_CM, EYES_CM)
        told = f"{found.focal_widths:.4f}: write into the settings of this kind of unit: [grade] focal_widths = "
        yield Finding("focal_widths", True, f"{told}{found.focal_widths:.4f}")
        yield Finding("spread", True, f"{found.spread:.1%} in {found.frames} frames, {found.across_deg:.0f} degrees across.")

    @contextmanager
    def _opened(self) -> Iterator[Board]:
        with self.patient.opened() as board:
            yield replace(board, camera=_Watched(board.camera, self.pulse))


_OF_TRAITS = (
    *(Reason.TOO_DARK, Reason.TOO_BRIGHT, Reason.BACKLIT, Reason.SIDE_LIT),
    *(Reason.BACKGROUND_BUSY, Reason.TOO_MUCH_AMBIENT),
)
"""In the order of `Trait`."""
