"""What a visitor reads when a visit ended, or may not begin; and what their hands can do in between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, repeat
from pathlib import Path

import pytest

from edge.errors import EdgeError, ReferenceMissingError, StoreFullError, TicketExpiredError, TicketUsedError, VisitLockedError
from edge.perform import Performer
from edge.prompts.catalogue import load_catalogue
from edge.reception import Reception, interruptions
from edge.session.states import Event
from edge.sheet import Sheet
from edge.tries import Tries, TriesMemory
from edge.unit import VisitReport
from firmware.clock import SystemClock
from firmware.ports import LedPattern, Mood, View
from firmware.twin.parts import Part, Recorder, RecordingButton, RecordingMirror, RecordingScreen, RecordingTouches
from tests import builders as a
from tests.edge.visits import Desk, open_desk
from tests.fakes.networks import Answering
from tests.fakes.parts import ScriptedCamera, twin_board
from tests.fakes.stage import Scene, Stage, embedding_of
from wire.reasons import Reason
from wire.result import Verdict


class Counter:
    """A unit at which people come one after the other."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.recorder = Recorder(SystemClock())
        self.board = twin_board(ScriptedCamera(lambda: iter(())), self.recorder)
        self.visits = 0

    @property
    def view(self) -> View:
        assert isinstance(self.board.screen, RecordingScreen)
        assert self.board.screen.view is not None
        return self.board.screen.view

    @property
    def led(self) -> str:
        return self.recorder.of(Part.LED)[-1]

    def visit(self, person: int = 1, **changes: object) -> VisitReport:
        self.visits += 1
        stage, people = Stage(lambda _: Scene()), chain([1, 1], repeat(person))
        embedder = Answering(lambda _: (embedding_of(next(people))[None],))  # First the photo and its mirror image.
        board = replace(self.board, camera=ScriptedCamera(stage.frames))
        ticket = self.desk.ticket(**{"nonce": self.visits.to_bytes(16, "big")} | changes)
        return self.desk.unit(stage, embedder=embedder).visit(ticket, [self.desk.photo], board, lambda: None)


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    with open_desk(tmp_path) as desk:
        desk.reception = replace(desk.reception, sheet=Sheet(hotline="12333", lock_after=4))
        yield Counter(desk)


def test_success_is_plain_and_has_a_number(counter: Counter) -> None:
    report = counter.visit()

    assert report.judgement.decision.verdict is Verdict.ACCEPTED
    assert (counter.led, counter.view.code, counter.view.mood) == ("DONE", "DONE", Mood.DONE)
    assert counter.view.lines == ("Number of this visit: 1",)


def test_three_failures_offer_a_person_and_more_lock(counter: Counter) -> None:
    firsts = []
    for _ in range(4):
        counter.visit(person=2)
        firsts.append(counter.view.lines[0])

    assert firsts[:2] == ["Tries left: 2.", "Tries left: 1."]
    assert firsts[2] == "At the counter, a person can check instead of this unit."
    assert firsts[3].startswith("Please come back after 20")
    with pytest.raises(VisitLockedError):
        counter.visit()
    assert (counter.led, counter.view.code, counter.view.mood) == ("REFUSED", "LOCKED", Mood.REFUSED)
    assert counter.view.lines[1:] == ("Hotline: 12333",)
    assert len(counter.desk.results) == 4
    assert counter.desk.spool.unfinished() == []


def test_a_success_makes_the_tries_whole_again(counter: Counter) -> None:
    counter.visit(person=2)
    counter.visit(person=2)
    counter.visit()

    counter.visit(person=2)

    assert counter.view.lines[0] == "Tries left: 2."


def test_somebody_else_is_not_locked_out_with_them(counter: Counter) -> None:
    for _ in range(5):
        try:
            counter.visit(person=2)
        except VisitLockedError:
            break

    assert counter.visit(subject="somebody-else").judgement.decision.verdict is Verdict.ACCEPTED


def test_a_visit_that_may_not_begin_counts_no_try_and_says_why(counter: Counter) -> None:
    with pytest.raises(TicketExpiredError):
        counter.visit(not_before_s=a.NOW_S - 10, not_after_s=a.NOW_S - 5)

    assert (counter.led, counter.view.code) == ("REFUSED", "TICKET_EXPIRED")
    assert counter.desk.reception.tries.of(a.ticket().subject, a.NOW_S) == Tries()


def test_without_a_network_results_pile_up_and_the_visitor_reads_that_nothing_is_lost(counter: Counter) -> None:
    counter.visit()
    online = counter.view.lines
    counter.visit()

    assert "The result is saved and will be sent when there is a network." not in online
    assert "The result is saved and will be sent when there is a network." in counter.view.lines


@pytest.mark.parametrize(
    ("error", "code", "led"),
    [
        (TicketUsedError("c"), "TICKET_USED", LedPattern.REFUSED),
        (ReferenceMissingError("c"), "REFERENCE_MISSING", LedPattern.REFUSED),
        (StoreFullError("no room"), "STORE_FULL", LedPattern.FAULT),
        (EdgeError("anything"), "LIVENESS_UNAVAILABLE", LedPattern.FAULT),
    ],
)
def test_every_refusal_has_a_screen(counter: Counter, error: EdgeError, code: str, led: LedPattern) -> None:
    reception = counter.desk.reception

    reception.tell_refusal(reception.performer(counter.board, load_catalogue("en")), error)

    assert (counter.led, counter.view.code) == (led, code)


@pytest.mark.parametrize(
    ("press", "touch", "events"), [(1, "", 1), (0, "CANCEL", 1), (1, "CANCEL", 1), (0, "AGREE", 0), (0, "", 0)]
)
def test_the_button_and_one_choice_stop_a_visit_once(tmp_path: Path, press: int, touch: str, events: int) -> None:
    recorder = Recorder(SystemClock())
    board = replace(twin_board(ScriptedCamera(lambda: iter(())), recorder), touches=RecordingTouches(recorder))
    assert isinstance(board.button, RecordingButton)
    assert isinstance(board.touches, RecordingTouches)
    for _ in range(press):
        board.button.press()
    if touch:
        board.touches.touch(touch)
    performer = Reception(TriesMemory(tmp_path / "t")).performer(board, load_catalogue("en"))

    assert tuple(interruptions(board, performer)) == (Event.CANCELLED,) * events
    assert tuple(interruptions(board, performer)) == ()


def test_the_language_can_be_changed_in_the_middle_of_a_visit(counter: Counter) -> None:
    reception = counter.desk.reception
    performer: Performer = reception.performer(counter.board, load_catalogue("en"))
    performer.guide(Reason.TOO_DARK)
    assert isinstance(counter.board.touches, RecordingTouches)
    counter.board.touches.touch("LANGUAGE:zh-CN")

    assert tuple(interruptions(counter.board, performer)) == ()

    assert (counter.view.code, counter.view.title, counter.view.language) == ("TOO_DARK", "光线太暗了", "zh-CN")
    performer.look_here()
    assert counter.view.language == "zh-CN"


def test_a_visitor_who_looks_into_the_mirror_sees_themselves_a_few_times_a_second(counter: Counter) -> None:
    mirror = RecordingMirror()
    counter.board = replace(counter.board, mirror=mirror)
    counter.visit()
    assert mirror.pictures == 0
    mirror.watched = True

    report = counter.visit()

    assert 0 < mirror.pictures <= 1 + report.judgement.frames / 30 * 5


def test_the_progress_of_a_visit_is_told_up_to_its_end(counter: Counter) -> None:
    counter.visit()

    assert isinstance(counter.board.screen, RecordingScreen)
    assert counter.board.screen.done > 0.9
