"""A unit on duty without hardware: its rounds, what it shows, and a time that stands still until a test moves it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from edge.front import Facade, Front
from edge.health.announce import Announcer
from edge.health.assemble import Surroundings, watch_over
from edge.health.faults import State
from edge.health.health import Limits
from edge.health.storage import StorageLimits
from edge.health.watch import Watch
from edge.heat import HeatLimits
from edge.post import REFUSALS
from edge.prompts.catalogue import load_catalogue
from edge.rounds import PassedOver, Rounds
from edge.spare_memory import Repose
from edge.state_dir import StateDir
from edge.unit import VisitReport
from firmware.absent import NO_TOUCHES
from firmware.board import AGREEABLE, Board
from firmware.clock import SystemClock
from firmware.ports import Camera
from firmware.twin.parts import (
    Part,
    Recorder,
    RecordingIlluminator,
    RecordingLed,
    RecordingScreen,
    RecordingTamperSwitch,
    RecordingThermometer,
    RecordingTouches,
)
from tests.edge.visits import Desk, open_desk
from tests.fakes.parts import ScriptedCamera, twin_board
from tests.fakes.stage import Scene, Stage
from wire.result import ResultStatement
from wire.ticket import Ticket

ROOMY = StorageLimits(warn_percent=100, refuse_percent=100.5, reserve_mib=1)
"""Of a test's machine nobody knows how full its disk is."""
MakeBoard = Callable[[Board], Board]
"""Spoils a sound board."""


def sound(board: Board) -> Board:
    """Nothing is wrong."""
    return board


def with_camera(make: Callable[[], Camera]) -> MakeBoard:
    """A board with this camera."""
    return lambda board: replace(board, camera=make())


@dataclass
class OnDuty:
    """The rounds of a unit; `board` says what each board that is opened is like."""

    desk: Desk
    board: MakeBoard = sound
    limits: StorageLimits = ROOMY
    place: Path | None = None
    """The state directory as the watch sees it; None for that of the desk."""
    cache: Path | None = None
    now_s: float = 1000.0
    recorder: Recorder = field(default_factory=lambda: Recorder(SystemClock()))
    opened: int = 0
    """So many boards were opened."""
    rested: int = 0

    def __post_init__(self) -> None:
        self.stage = Stage(lambda _: Scene())
        self.thermometer = RecordingThermometer(self.recorder)
        self.tamper = RecordingTamperSwitch(self.recorder)
        self.illuminator = RecordingIlluminator(self.recorder)
        self.led, self.screen = RecordingLed(self.recorder), RecordingScreen(self.recorder)
        facade = Facade(self.led, self.screen, NO_TOUCHES, lambda board: board, lambda _: None)
        self.front = Front(facade, self.desk.reception, load_catalogue("en"), lambda: self.now_s)
        self.rounds = self._rounds()

    def _rounds(self) -> Rounds:
        unit = self.desk.unit(self.stage)
        around = Surroundings(
            place=StateDir(self.place or self.desk.folder),
            limits=Limits(self.limits, HeatLimits()),
            opened=self._open,
            thermometer=self.thermometer,
            tamper=self.tamper,
            front=self.front,
            tell=lambda _: None,
            cpu_ms={},
            matcher_parts=(),
            cache=self.cache,
            monotonic_s=lambda: self.now_s,
            wall_s=lambda: 2.0**40,
        )
        watch, announcer = enrolled(*watch_over(unit, around))

        def serve(ticket: Ticket) -> VisitReport:
            with self._open() as board:
                return unit.visit(ticket, [self.desk.photo], board, lambda: None)

        passed_over, repose = PassedOver(self.desk.spool), Repose(self._rest, lambda: self.now_s)
        return Rounds(self.desk.spool, serve, REFUSALS, unit.report_interrupted, passed_over, watch, announcer, repose)

    def _rest(self) -> None:
        self.rested += 1

    def _open(self) -> Board:
        self.opened += 1
        plain = twin_board(ScriptedCamera(self.stage.frames), self.recorder)
        touches = RecordingTouches(self.recorder, self.screen.word, AGREEABLE)
        shown = replace(plain, led=self.led, screen=self.screen, touches=touches)
        return self.board(replace(shown, illuminator=self.illuminator, thermometer=self.thermometer, outlived=True))

    def turn(self, after_s: float = 0.0) -> State:
        """One turn of the rounds after so many seconds; the state that it leaves."""
        self.now_s += after_s
        self.rounds.turn()
        self.front.look()
        return self.rounds.watch.look().state

    @property
    def results(self) -> list[ResultStatement]:
        """All results, oldest first."""
        return self.desk.results

    @property
    def shows(self) -> tuple[str, str]:
        """The LED's pattern and the code on the screen, as they are now."""
        return self.led.pattern.value, self.screen.word()

    @property
    def is_dark(self) -> bool:
        """Whether the lamps were last told to be dark."""
        told = self.recorder.of(Part.ILLUMINATOR)
        return not told or told[-1].startswith("0")


def enrolled(watch: Watch, announcer: Announcer) -> tuple[Watch, Announcer]:
    """The same of a unit whose certificates last: the desk has none on its disk."""
    gather = watch.gather.gather  # type: ignore[attr-defined]
    gather.identity_ends_at_s = 2**36
    return watch, announcer


@contextmanager
def on_duty(folder: Path, board: MakeBoard = sound, **around: object) -> Iterator[OnDuty]:
    """A unit in an empty folder that goes on duty with such a board."""
    with open_desk(folder) as desk:
        yield OnDuty(desk, board, **around)  # type: ignore[arg-type]
