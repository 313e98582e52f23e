"""Runs a soak: visit after visit to a unit in its own process, with what the dice throw, until the time is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from edge.evaluate.soak.dice import AILMENTS, LASTING, MENDED_FIRST, Mishap, Visit
from edge.evaluate.soak.findings import Course, Played
from edge.evaluate.soak.panel import PanelPlayer
from edge.evaluate.soak.process import UnitProcess
from edge.evaluate.soak.staged import CAMERA, Scene, film, write_scene
from edge.evaluate.soak.uplink import UplinkPlayer
from edge.evaluate.soak.vitals import Vitals, look_at
from wire.reasons import Reason
from wire.result import Verdict
from wire.ticket import Ticket

VISIT_WITHIN_S = 120.0
"""A unit that was struck rests for up to a minute."""
IDLE_TURNS = 3
"""So many turns without a visit, and it is clear that none can take place."""
COOL_CELSIUS, HOT_CELSIUS = 45.0, 81.0
SETTLE_LOOKS, SETTLE_S = 20, 0.05


@dataclass(slots=True)
class Trial:
    """One soak. `start` makes the process of the unit; `now_s` and `sleep` are of the wall, seconds."""

    folder: Path
    uplink: UplinkPlayer
    panel: PanelPlayer
    start: Callable[[], UnitProcess]
    course: Course
    seed: int
    sample_s: float
    now_s: Callable[[], float]
    sleep: Callable[[float], None]
    tell: Callable[[Course, float], None]
    """Hears after each visit, with the seconds that are left."""
    _began_s: float = 0.0
    _stack: ExitStack = field(default_factory=ExitStack)

    def run(self, visits: Iterator[Visit], wall_s: float, restarts: int) -> Course:
        """Restart it so often first, each time in the middle of a visit; then the life that is measured, and a last restart.

        Raises `UnitProcessFailedError` when the unit ends by itself or falls silent.
        """
        self._began_s = self.now_s()
        unit = self._stack.enter_context(self.start())
        with self._stack:
            for _ in range(restarts):
                unit = self._restart(unit, next(visits))
            while (left_s := wall_s - (self.now_s() - self._began_s)) > 0:
                self._serve(unit, next(visits))
                self._sample(unit)
                self.tell(self.course, left_s)
            unit = self._restart(unit, next(visits))
            self.course.attempts += unit.attempts
        self.uplink.deliver()
        self.course.results = list(self.uplink.results)
        self.course.most_waiting, self.course.wall_s = self.uplink.most_waiting, self.now_s() - self._began_s
        return self.course

    def _serve(self, unit: UnitProcess, visit: Visit) -> None:
        self._prepare(unit, visit)
        ticket = self.uplink.bring(visit, self.seed)
        if visit.mishap in MENDED_FIRST:
            self._let_it_fail(unit)
            self._mend(unit)
        while not unit.hear(VISIT_WITHIN_S):
            pass
        results = self.uplink.look()
        if results and results[-1].verdict is Verdict.ABORTED:
            self._withdraw(ticket)
        if visit.network:
            self.uplink.deliver()
        frames = sum(result.frames for result in results)
        self.course.played.append(Played(visit, tuple(results), tuple(unit.take_complaints()), frames))

    def _prepare(self, unit: UnitProcess, visit: Visit) -> None:
        self.panel.behave(visit.mishap)
        write_scene(self.folder, self._scene(visit))
        if visit.mishap is Mishap.CAMERA_MISSING:
            (self.folder / CAMERA).rename(self.folder / f"{CAMERA}.away")
        elif visit.mishap is Mishap.DISK_FULL:
            unit.starve_disk()

    def _scene(self, visit: Visit) -> Scene:
        clip = f"folder:{film(self.folder, visit.clip)}"
        if visit.mishap in AILMENTS:
            return Scene(f"apart:ailing:{AILMENTS[visit.mishap]}@{visit.at_frame}:{clip}")
        press_at = visit.at_frame if visit.mishap is Mishap.BUTTON else None
        return Scene(clip, press_at, HOT_CELSIUS if visit.mishap is Mishap.HOT else COOL_CELSIUS)

    def _let_it_fail(self, unit: UnitProcess) -> None:
        """The unit tries, finds that it cannot, and goes on turning."""
        for _ in range(IDLE_TURNS):
            unit.hear(VISIT_WITHIN_S)

    def _mend(self, unit: UnitProcess) -> None:
        unit.feed_disk()
        away = self.folder / f"{CAMERA}.away"
        if away.is_symlink():
            away.rename(self.folder / CAMERA)

    def _withdraw(self, ticket: Ticket) -> None:
        """The visitor goes home, and the office takes the ticket back: an aborted visit does not use it up."""
        self.uplink.spool.use_ticket(ticket.nonce)

    def _restart(self, unit: UnitProcess, thrown: Visit) -> UnitProcess:
        """SIGTERM in the middle of a visit; the next life reports the attempt, and serves the visitor, who is still there."""
        clip = LASTING[0]
        visit = Visit(thrown.number, clip, clip, Mishap.NONE, None, 0, network=True)
        self._prepare(unit, visit)
        self.uplink.bring(visit, self.seed)
        unit.hear_opened(VISIT_WITHIN_S)
        code = unit.terminate()
        self.course.attempts += unit.attempts
        self.course.restarts += 1
        after = self._stack.enter_context(self.start())
        came = self.uplink.look()
        self.course.interrupted += sum(Reason.INTERRUPTED in result.reasons for result in came) if code == 0 else 0
        while not any(result.verdict is Verdict.ACCEPTED for result in came):
            after.hear(VISIT_WITHIN_S)
            came += self.uplink.look()
        self.uplink.deliver()
        self.course.played.append(Played(visit, tuple(came), tuple(after.take_complaints())))
        return after

    def _sample(self, unit: UnitProcess) -> None:
        """Look at the process between two visits; what is just being closed gets a moment to be gone."""
        vitals, at_s = self.course.vitals, self.now_s() - self._began_s
        if vitals and at_s < vitals[-1].at_s + self.sample_s:
            return
        looked = self._look(unit, at_s)
        for _ in range(SETTLE_LOOKS):
            if not vitals or _held(looked) == _held(vitals[-1]):
                break
            self.sleep(SETTLE_S)
            looked = self._look(unit, at_s)
        vitals.append(looked)

    def _look(self, unit: UnitProcess, at_s: float) -> Vitals:
        return look_at(unit.pid, self.uplink.spool_wal, at_s, len(self.course.played))


def _held(vitals: Vitals) -> Sequence[int]:
    return vitals.descriptors, vitals.threads, vitals.children
