"""Plays one visit in real time, with the engine and the judgement of the product, and takes the times."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from edge.attempt import Attempt, BoardLoad
from edge.conclude import judge
from edge.engine import Engine
from edge.evaluate.cost.duel import reference_of
from edge.evaluate.cost.footage import read_reel
from edge.evaluate.waiting.camera import LiveFootage
from edge.evaluate.waiting.cast import Plan, actor_file
from edge.likeness import Standard
from edge.perform import Performer
from edge.prompts.catalogue import Catalogue, load_catalogue
from edge.rules import rules_for
from edge.schedule import Heat
from edge.session.challenge import Challenge
from edge.stages.match import Embedding
from firmware.board import Board, BoardKind, open_board
from firmware.ports import Clock
from firmware.twin.pace import Pace
from firmware.twin.parts import Happening, Part, Recorder
from wire.result import Mode, Verdict

REEL_FRAMES = 150
"""Among so many frames of a clip the reference is looked for."""


@dataclass(frozen=True, slots=True)
class Wait:
    """How one visit went. Times are of the wall, seconds; None where the face never was in place."""

    plan: Plan
    verdict: Verdict
    reasons: tuple[str, ...]
    still_s: float | None
    """From the face in place to the first action asked for, or to the end where none is."""
    asking_s: float | None
    """From the first action asked for to the end of the loop; 0 where none was."""
    judging_s: float
    """Shots, match and decision, after the loop."""
    seen: int
    played: int
    """Frames that were looked at, and that there were."""

    @property
    def total_s(self) -> float | None:
        """From the face in place to the decision."""
        return None if self.still_s is None or self.asking_s is None else self.still_s + self.asking_s + self.judging_s


class _Marking(Performer):
    """Remembers when the face was in place for the first time."""

    def __init__(self, board: Board, catalogue: Catalogue, clock: Clock) -> None:
        super().__init__(board, catalogue)
        self._clock = clock
        self.ready_ns: int | None = None

    def hold_still(self) -> None:
        self._mark()
        super().hold_still()

    def only_a_moment(self) -> None:
        self._mark()
        super().only_a_moment()

    def _mark(self) -> None:
        self.ready_ns = self._clock.now_ns() if self.ready_ns is None else self.ready_ns


@dataclass(frozen=True, slots=True)
class Player:
    """Plays visits. `cpu_ns` is the time of the thread that looks, `sleep` waits so many seconds."""

    engine: Engine
    footage: Path
    scratch: Path
    clock: Clock
    cpu_ns: Callable[[], int]
    sleep: Callable[[float], None]

    def play(self, plan: Plan, reference: Embedding) -> Wait:
        """One visit. Raises the errors of camera and footage, and `ModelError`."""
        file = self.scratch / "visitor.toml"
        file.write_text(actor_file(plan, self.footage), encoding="utf-8")
        rules = rules_for(self.engine.rules, Mode.ACTIVE if plan.actions else Mode.PASSIVE)
        recorder, challenge = Recorder(self.clock), Challenge(plan.actions)
        pace = {"pace": Pace.REAL_TIME, "clock": self.clock, "sleep": self.sleep}
        with open_board(BoardKind.TWIN, f"actor:{file}", recorder, **pace) as board:  # type: ignore[arg-type] # each of its kind
            load = BoardLoad(self.cpu_ns, lambda: Heat.COOL)
            performer = _Marking(board, load_catalogue("en"), self.clock)
            attempt = Attempt(self.engine.pipeline(), rules, challenge, performer, self.cpu_ns, load)
            live = LiveFootage(board.camera)
            with closing(live):
                ending = attempt.run(live.frames(), tuple)
        looped_ns = self.clock.now_ns()
        judgement = judge(ending, (Standard(reference, rules.thresholds),), self.engine.embedder, rules)
        decided_ns = self.clock.now_ns()
        still_s, asking_s = _parts(recorder.happenings, performer.ready_ns, looped_ns)
        reasons = tuple(reason.value for reason in judgement.decision.reasons)
        times = (still_s, asking_s, (decided_ns - looped_ns) / 1e9)
        return Wait(plan, judgement.decision.verdict, reasons, *times, ending.frames, live.played)

    def reference(self, clip: str) -> Embedding:
        """A frame of the same clip, as the photo of the file. Raises `ReferenceNotFoundError` and the errors of the camera."""
        return reference_of(read_reel(self.footage / clip, REEL_FRAMES), self.engine.eyes)[1]


def _parts(happenings: tuple[Happening, ...], ready_ns: int | None, end_ns: int) -> tuple[float | None, float | None]:
    """From the face in place to the first question, and from there to the end. A face that is lost and found pays for both."""
    if ready_ns is None:
        return None, None
    asked = next((one.at_ns for one in happenings if one.part is Part.SCREEN and one.what.startswith("ASK_")), end_ns)
    return (asked - ready_ns) / 1e9, (end_ns - asked) / 1e9
