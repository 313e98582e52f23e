"""The loop of one attempt: the only place where seeing, thinking and doing meet."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from edge.consent import UNASKED, Consenting
from edge.flow import ActionKind, LivenessEvidence, Observation, Shot
from edge.guide import Guide
from edge.perform import LightPlayer, Performer
from edge.pipeline import Pipeline
from edge.rules import Rules
from edge.schedule import Facts, Heat, Schedule
from edge.session.challenge import Challenge
from edge.session.gather import Gatherer
from edge.session.states import Command, Event, Session, State
from edge.stages.motion import MotionGate
from firmware.errors import (
    CameraBusyError,
    CameraDeniedError,
    CameraStalledError,
    FirmwareError,
    LampLostError,
    LampRestingError,
    LightInvalidError,
)
from firmware.frame import Frame
from wire.reasons import Reason

log = logging.getLogger("lifecert.attempt")


@dataclass(frozen=True, slots=True, eq=False)
class Ending:
    """What one attempt left behind."""

    event: Event
    """The event that ended it: EVIDENCE_COMPLETE, ATTACK_SEEN, EXPIRED, DECLINED, CANCELLED or DEVICE_FAILED."""
    trouble: Reason | None
    hindrance: Reason | None
    evidence: LivenessEvidence
    shots: tuple[Shot, ...]
    frames: int
    cpu_ms: float
    """CPU time of the frame loop, all stages, camera decoding included."""
    heat: Heat = Heat.COOL
    """The hottest that the board was."""


@dataclass(frozen=True, slots=True)
class BoardLoad:
    """What the board tells of itself while an attempt runs."""

    spent_ns: Callable[[], int]
    """A clock that runs while frames are worked on: of the board's own time, for a camera that does not wait."""
    heat: Callable[[], Heat]


HEATS = tuple(Heat)
"""From the coolest to the hottest."""

UNHURRIED = BoardLoad(lambda: 0, lambda: Heat.COOL)
"""For recordings, which wait for whoever looks at them: so they are seen the same way on every machine."""


class Attempt:
    """Runs one attempt on one thread. `cpu_ns` tells the CPU time of this process."""

    def __init__(
        self,
        pipeline: Pipeline,
        rules: Rules,
        challenge: Challenge,
        performer: Performer,
        cpu_ns: Callable[[], int],
        board: BoardLoad = UNHURRIED,
        consent: Consenting = UNASKED,
    ) -> None:
        self._pipeline, self._performer, self._cpu_ns, self._board = pipeline, performer, cpu_ns, board
        self._consent, self._action_ns = consent, rules.times.action_ms * 1_000_000
        self._asks_soon = bool(challenge.actions) and challenge.code is None
        """Whether a good face is asked to act at once, and not to hold still for a while before."""
        self._session, self._gate = Session(), MotionGate()
        self._schedule = Schedule(rules.times, lit=challenge.code is not None)
        self._gatherer, self._guide = Gatherer(rules, challenge), Guide()
        self._player = LightPlayer(challenge.code, performer)
        self._advice: Reason | None = None
        """The instruction on the screen; None while the words of the state stand there."""
        self._staff_called = False
        self._thanked = False
        self._ended: Event | None = None
        self._trouble: Reason | None = None
        self._frames = 0
        self._hottest = Heat.COOL

    @property
    def evidence(self) -> LivenessEvidence:
        """What was seen of life up to now."""
        return self._gatherer.evidence

    @property
    def asking(self) -> ActionKind | None:
        """The action that is asked for at present; None before the first."""
        return self._gatherer.asking

    def run(self, frames: Iterable[Frame], interruptions: Callable[[], Iterable[Event]]) -> Ending:
        """Serve one visitor until the session is concluded. Whatever fails ends in an attempt that cannot be accepted."""
        began_ns = self._cpu_ns()
        try:
            self._hear(Event.STARTED)
            self._hear(self._consent.answer())
            if self._session.state is not State.CONCLUDED:
                self._loop(frames, interruptions)
        except Exception as error:  # noqa: BLE001  # whatever breaks, the attempt fails closed
            self._break_off(error)
        cpu_ms = (self._cpu_ns() - began_ns) / 1e6
        ended = self._ended or Event.DEVICE_FAILED
        gathered = self._gatherer
        return Ending(
            ended, self._trouble, gathered.hindrance, gathered.evidence, gathered.shots, self._frames, cpu_ms, self._hottest
        )

    def _loop(self, frames: Iterable[Frame], interruptions: Callable[[], Iterable[Event]]) -> None:
        for frame in frames:
            self._frames += 1
            seen = self._see(frame)
            happened = self._gatherer.take(self._session.state, seen, self._schedule.network_ns)
            self._performer.progress(self._gatherer.done)
            for event in (*interruptions(), *([happened] if happened else [])):
                self._hear(event)
            if self._session.state is State.CONCLUDED:
                return
            self._player.play(frame.captured_ns)
            self._thank()
            self._advise(seen)
        # The recording ended, or the camera was closed, before the attempt was over.
        self._hear(Event.EXPIRED)

    def _break_off(self, error: Exception) -> None:
        self._trouble = _trouble(error)
        log.error("attempt failed", extra={"error": type(error).__name__, "reason": self._trouble.value})
        try:
            self._hear(Event.DEVICE_FAILED)
        except FirmwareError as failure:
            # Going dark may be the very thing that failed; the attempt ends all the same, and the board tries again.
            log.error("light did not go out", extra={"error": type(failure).__name__})

    def _see(self, frame: Frame) -> Observation:
        began_ns = self._board.spent_ns()
        stirs = self._schedule.idle and self._gate.stirs(frame.luma)
        heat = self._board.heat()
        self._hottest = max(self._hottest, heat, key=HEATS.index)
        facts = Facts(frame.captured_ns, stirs, heat, self._gatherer.texture_open)
        work = self._schedule.plan(self._session.state, facts)
        seen = self._pipeline.observe(frame, work)
        self._schedule.done(seen, self._board.spent_ns() - began_ns)
        return seen

    def _hear(self, event: Event) -> None:
        for command in self._session.hear(event):
            if command is Command.CONCLUDE:
                self._ended = event
            else:
                self._perform[command]()

    def _thank(self) -> None:
        """Who has done all that was asked for, and is still seen, reads that it was good, and is not asked for it any more."""
        answered = self._gatherer.answered
        if answered and not self._thanked:
            self._performer.hold_still()
        self._thanked = answered

    def _advise(self, seen: Observation) -> None:
        """Show an instruction when it changes; without one, the state's own words come back. A challenge is not talked into."""
        advice, calls_staff = self._guide.advise(seen), self._guide.calls_staff
        if (advice, calls_staff) == (self._advice, self._staff_called) or self._session.state is State.CHALLENGING:
            return
        self._advice, self._staff_called = advice, calls_staff
        if advice and calls_staff:
            self._performer.call_staff(advice)
        elif advice:
            self._performer.guide(advice)
        elif self._session.state is State.PROBING:
            self._say_hold_still()
        else:
            self._performer.look_here()

    @property
    def _perform(self) -> Mapping[Command, Callable[[], None]]:
        return {
            Command.LIGHT_ON: self._player.steady,
            Command.LIGHT_CODE: self._player.begin,
            Command.LIGHT_OFF: self._player.stop,
            Command.FORGET_EVIDENCE: self._forget,
            Command.SHOW_READY: self._performer.ready,
            Command.ASK_CONSENT: self._consent.ask,
            Command.SHOW_LOOK_HERE: self._look_here,
            Command.SHOW_HOLD_STILL: self._hold_still,
            Command.ASK_ACTION: self._ask,
            Command.SHOW_OUT_OF_ORDER: self._performer.out_of_order,
        }

    def _forget(self) -> None:
        self._gatherer.forget()
        self._pipeline.forget()

    def _look_here(self) -> None:
        """An instruction that still holds helps more than these words, so it stays or comes back."""
        shown = self._guide.shown
        if shown is None:
            self._performer.look_here()
        elif shown is not self._advice:
            self._performer.guide(shown)
        self._advice, self._staff_called = shown, False

    def _hold_still(self) -> None:
        """The face is good: what was wrong with it before is no longer said."""
        self._guide, self._advice, self._staff_called = Guide(), None, False
        self._say_hold_still()

    def _say_hold_still(self) -> None:
        if self._asks_soon:
            self._performer.only_a_moment()
        else:
            self._performer.hold_still()

    def _ask(self) -> None:
        self._guide, self._advice, self._staff_called = Guide(), None, False
        asking = self._gatherer.asking
        if asking:
            self._performer.ask(asking, self._action_ns)


def _trouble(error: Exception) -> Reason:
    """The reason that an error stands for; an unknown one means that life could not be judged."""
    match error:
        case CameraDeniedError():
            return Reason.CAMERA_DENIED
        case CameraBusyError():
            return Reason.CAMERA_BUSY
        case CameraStalledError():
            return Reason.CAMERA_LOST
        case LightInvalidError() | LampLostError() | LampRestingError():
            return Reason.LIGHT_FAULT
        case FirmwareError():
            return Reason.CAMERA_FAULT
        case _:
            return Reason.LIVENESS_UNAVAILABLE
