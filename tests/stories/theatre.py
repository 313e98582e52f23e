"""Plays a visit on an enrolled unit without hardware, and writes down on one clock what its visitor sees and hears.

The networks see what a script says at the time of the frame (`tests.fakes.stage`); everything from there on is the product. The
clock is that of the frames, so a time line says after how many milliseconds of footage something was shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, count, groupby, repeat

from edge.engine import Engine
from edge.flow import ActionKind, FaceSample, Flaw
from edge.pipeline import Pipeline
from edge.prompts.spoken import spoken_text
from edge.session.challenge import asked_action
from edge.stages.grade import Grader, Points
from edge.stages.track import Track
from edge.unit import Unit
from firmware.board import AGREEABLE, Board
from firmware.frame import Frame
from firmware.ports import View
from firmware.twin.parts import (
    Happening,
    Part,
    Recorder,
    RecordingButton,
    RecordingScreen,
    RecordingTouches,
)
from tests.edge.visits import Desk
from tests.fakes.networks import Answering
from tests.fakes.parts import ScriptedCamera, twin_board
from tests.fakes.stage import Scene, Script, Stage, embedding_of
from wire.reasons import Reason
from wire.result import Mode, ResultStatement

MS = 1_000_000
GOOD = Scene()


@dataclass(frozen=True)
class Moment:
    """What a visitor sees and hears from one time on."""

    at_ms: int
    led: str
    screen: str
    voice: str


@dataclass
class FrameClock:
    """The time of the frame that was handed out last."""

    at_ns: int = 0
    running: bool = False
    """Whether frames are handed out; before that the photo is looked at."""

    def now_ns(self) -> int:
        return self.at_ns


class FlawedGrader(Grader):
    """The product's grader, before which somebody has at some times a flaw that the stage cannot draw."""

    def __init__(self, grader: Grader, flaw_at: Callable[[float], Reason | None]) -> None:
        self._grader, self._flaw_at = grader, flaw_at

    def grade(self, frame: Frame, track: Track, points: Points) -> FaceSample:
        sample, reason = self._grader.grade(frame, track, points), self._flaw_at(frame.captured_ns / MS)
        return replace(sample, flaws=(Flaw(reason, 0.5), *sample.flaws)) if reason else sample


@dataclass(frozen=True, slots=True)
class FlawedEngine(Engine):
    """The product's engine with that grader."""

    flaw_at: Callable[[float], Reason | None] = lambda _: None

    def pipeline(self, code: object = None) -> Pipeline:
        made = Engine.pipeline(self)
        return replace(made, grader=FlawedGrader(made.grader, self.flaw_at))


@dataclass
class Theatre:
    """A unit at which visits are played one after the other."""

    desk: Desk
    visits: Iterator[int] = field(default_factory=lambda: count(1))
    clock: FrameClock = field(default_factory=FrameClock)

    def __post_init__(self) -> None:
        self.recorder = Recorder(self.clock)
        self.screen = RecordingScreen(self.recorder)
        self.button = RecordingButton(self.recorder)
        self.touches = RecordingTouches(self.recorder, self.screen.word, AGREEABLE)
        self.views: list[View] = []

    def play(
        self,
        script: Script = lambda _: GOOD,
        *,
        asked: ActionKind | None = None,
        person: int = 1,
        flaw_at: Callable[[float], Reason | None] = lambda _: None,
        does: Callable[[float], None] = lambda _: None,
        fails: Exception | None = None,
        lasts_ms: float = 60_000.0,
        opened: Callable[[], None] = lambda: None,
        subject: str | None = None,
    ) -> Play:
        """One visit. `does` is called with the time of each frame, `fails` ends the recording; the photo shows person 1."""
        self.clock.at_ns, self.clock.running = 0, False
        before, began = len(self.recorder.happenings), len(self.desk.results)
        stage = Stage(lambda at_ms: script(at_ms) if self.clock.running else GOOD, lasts_ms=lasts_ms)
        people = chain([1, 1], repeat(person))
        embedder = Answering(lambda _: (embedding_of(next(people))[None],))  # First the photo and its mirror image.
        unit = self._unit(stage, flaw_at, embedder)
        ticket = self.desk.ticket(nonce=self._nonce(asked), **self._kind(asked), **({"subject": subject} if subject else {}))
        camera = ScriptedCamera(lambda: self._timed(stage, does), fails)
        unit.visit(ticket, [self.desk.photo], self._board(camera), opened)
        return Play(self, self.recorder.happenings[before:], self.desk.results[began:])

    def _unit(self, stage: Stage, flaw_at: Callable[[float], Reason | None], embedder: Answering) -> Unit:
        unit = self.desk.unit(stage, embedder=embedder)
        plain = unit.engine
        parts = (plain.networks, plain.rules, plain.models, plain.embedder, plain.expresser, plain.relief)
        return replace(unit, engine=FlawedEngine(*parts, flaw_at))

    def _board(self, camera: ScriptedCamera) -> Board:
        return replace(
            twin_board(camera, self.recorder),
            screen=Watched(self.screen, self.views),
            button=self.button,
            touches=self.touches,
            clock=self.clock,
        )

    def _timed(self, stage: Stage, does: Callable[[float], None]) -> Iterator[Frame]:
        self.clock.running = True
        for frame in stage.frames():
            self.clock.at_ns = frame.captured_ns
            does(frame.captured_ns / MS)
            yield frame

    def _nonce(self, asked: ActionKind | None) -> bytes:
        """A nonce that was not used yet, and asks for this action."""
        return next(
            nonce for number in self.visits if (nonce := number.to_bytes(16, "big")) and asked in (None, asked_action(nonce))
        )

    def _kind(self, asked: ActionKind | None) -> dict[str, object]:
        return {"mode": Mode.ACTIVE} if asked else {}


@dataclass
class Watched:
    """A screen whose views are kept one by one."""

    screen: RecordingScreen
    views: list[View]

    def show(self, view: View) -> None:
        self.views.append(view)
        self.screen.show(view)

    def progress(self, done: float) -> None:
        self.screen.progress(done)


@dataclass
class Play:
    """How one visit went."""

    theatre: Theatre
    happenings: tuple[Happening, ...]
    results: list[ResultStatement]

    @property
    def moments(self) -> list[Moment]:
        """LED, screen and voice, whenever one of them changed."""
        found = []
        for at_ns, group in groupby(self.happenings, key=lambda each: each.at_ns):
            at_once = list(group)
            screens = [each.what for each in at_once if each.part is Part.SCREEN]
            leds = [each.what for each in at_once if each.part is Part.LED]
            voices = [each.what for each in at_once if each.part is Part.SPEAKER]
            assert len(screens) == len(leds) == len(voices), f"light, screen and voice are not of one mind at {at_ns / MS} ms"
            found += [Moment(round(at_ns / MS), *each) for each in zip(leds, screens, voices, strict=True)]
        return found

    @property
    def told(self) -> list[tuple[str, str]]:
        """LED and screen, one after the other."""
        return [(moment.led, moment.screen) for moment in self.moments]

    @property
    def result(self) -> ResultStatement:
        (result,) = self.results
        return result

    @property
    def verdict(self) -> tuple[str, ...]:
        return (self.result.verdict.value, *(reason.value for reason in self.result.reasons))

    @property
    def last(self) -> View:
        assert self.theatre.screen.view is not None
        return self.theatre.screen.view

    def check(self) -> None:
        """What holds on every way: the voice says what the screen says, and the lamps are out at the end."""
        views = self.theatre.views[-len(self.moments) :]
        assert [moment.screen for moment in self.moments] == [view.code for view in views]
        assert [moment.voice for moment in self.moments] == [f"{view.language}: {spoken_text(view)}" for view in views]
        light = self.theatre.recorder.of(Part.ILLUMINATOR)
        assert not light or light[-1] == "0 0"
        assert self.theatre.desk.spool.unfinished() == []
