"""The stage socket as a panel sees it: what stands is told at once, the newest wins, and nobody can hold up the unit."""

from __future__ import annotations

import socket
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from edge.showing.errors import StageTakenError
from edge.showing.messages import Condition, Down, Ordered, Progress, Reflection, Touch, Up, Watching, read_down, up_line
from edge.showing.server import MOST_PANELS, MOST_TOUCHES, StageServer
from firmware.ports import Choice, Mood, View

LANGUAGE, AGREE, CANCEL = Choice("LANGUAGE:en", "English"), Choice("AGREE", "I agree"), Choice("CANCEL", "Stop")
READY, LOOK = View("READY", "Sit down", "", "en"), View("LOOK_HERE", "Look here", "", "en")
VISIT, QUESTION = (
    replace(LOOK, choices=(CANCEL, LANGUAGE)),
    View("CONSENT", "?", "", "en", Mood.CONSENT, choices=(AGREE, LANGUAGE)),
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[StageServer]:
    with StageServer(tmp_path / "stage.sock") as server:
        yield server


class Panel:
    """A panel that reads when it is asked to."""

    def __init__(self, path: Path) -> None:
        self.connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.connection.settimeout(5)
        self.connection.connect(str(path))
        self.lines = self.connection.makefile("rb")

    def next(self) -> Down:
        return read_down(self.lines.readline())

    def say(self, message: Up) -> None:
        self.connection.sendall(up_line(message))

    def is_cut_off(self) -> bool:
        try:
            return self.lines.readline() == b""
        except ConnectionResetError:
            return True  # What it had said was not even read to its end.


@contextmanager
def panel_at(server: StageServer) -> Iterator[Panel]:
    panel = Panel(server.path)
    try:
        yield panel
    finally:
        panel.lines.close()
        panel.connection.close()


def until(question: object, *, within_s: float = 5.0) -> bool:
    """Whether the answer becomes yes in time: another thread is asked."""
    assert callable(question)
    end = time.monotonic() + within_s
    while not question():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


def test_a_panel_that_connects_is_told_what_stands(server: StageServer) -> None:
    server.show(READY)
    server.tell(Condition({"free_mib": 900}))
    server.progress(0.5)

    with panel_at(server) as panel:
        told = [panel.next() for _ in range(3)]

    assert told == [READY, Condition({"free_mib": 900}), Progress(0.5)]


def test_a_new_view_reaches_every_panel_and_forgets_the_progress_of_the_last(server: StageServer) -> None:
    server.show(READY)
    server.progress(0.5)
    with panel_at(server) as one, panel_at(server) as other:
        for panel in (one, other):
            assert [panel.next(), panel.next()] == [READY, Progress(0.5)]

        server.show(LOOK)

        assert (one.next(), other.next()) == (LOOK, LOOK)
    with panel_at(server) as late:
        server.tell(Condition({}))
        assert [late.next(), late.next()] == [LOOK, Condition({})]


def test_only_who_looks_into_the_mirror_gets_pictures_and_none_is_kept(server: StageServer) -> None:
    with panel_at(server) as looking, panel_at(server) as other:
        looking.say(Watching(True))
        assert until(server.wanted)

        server.reflect(b"picture")
        server.show(READY)

        assert {looking.next(), looking.next()} == {Reflection(b"picture"), READY}
        assert other.next() == READY
        looking.say(Watching(False))
        assert until(lambda: not server.wanted())
    with panel_at(server) as late:
        late.say(Watching(True))
        assert late.next() == READY
        server.show(LOOK)
        assert late.next() == LOOK


def test_nobody_looks_any_more_when_the_panel_is_gone(server: StageServer) -> None:
    with panel_at(server) as panel:
        panel.say(Watching(True))
        assert until(server.wanted)

    assert until(lambda: not server.wanted())


def touched_on(server: StageServer, view: View) -> int:
    """The number of this showing of a view, as a panel is told it."""
    server.show(view)
    with panel_at(server) as panel:
        told = panel.next()
    assert isinstance(told, View)
    return told.number


def heard_of(server: StageServer, *said: Touch | Ordered) -> tuple[str, ...]:
    """What the main loop takes of what a panel says, once the server has read all of it."""
    with panel_at(server) as panel:
        for each in said:
            panel.say(each)
        panel.say(Watching(True))
        assert until(server.wanted)
    assert until(lambda: not server.wanted())
    return tuple(server.taken())


def test_touches_are_told_once_in_order(server: StageServer) -> None:
    number = touched_on(server, VISIT)

    heard = heard_of(server, Touch("LANGUAGE:en", number), Touch("CANCEL", number))

    assert heard == ("LANGUAGE:en", "CANCEL")
    assert server.taken() == ()


def test_each_showing_has_a_number_of_its_own_also_of_the_same_view_and_after_a_restart(tmp_path: Path) -> None:
    with StageServer(tmp_path / "stage.sock", last_number=500) as server:
        numbers = [touched_on(server, READY) for _ in range(3)]

    assert numbers == [501, 502, 503]


def test_who_agreed_on_the_question_before_has_not_agreed_to_this_one(server: StageServer) -> None:
    former = touched_on(server, QUESTION)
    server.show(LOOK)
    now = touched_on(server, QUESTION)

    assert heard_of(server, Touch("AGREE", former)) == ()
    assert heard_of(server, Touch("AGREE", now)) == ("AGREE",)


def test_a_question_that_follows_on_another_is_answered_on_its_own_view_only(server: StageServer) -> None:
    former = touched_on(server, QUESTION)
    now = touched_on(server, replace(QUESTION, lines=("Somebody else asks you.",)))

    assert heard_of(server, Touch("AGREE", former), Touch("AGREE", now)) == ("AGREE",)


def test_a_touch_that_was_read_but_not_taken_before_the_question_is_no_answer_to_it(server: StageServer) -> None:
    former = touched_on(server, QUESTION)
    with panel_at(server) as panel:
        panel.say(Touch("AGREE", former))
        panel.say(Watching(True))
        assert until(server.wanted)

    server.show(QUESTION)

    assert server.taken() == ()


def test_what_stands_on_no_view_or_on_one_that_is_yet_to_come_is_not_heard(server: StageServer) -> None:
    number = touched_on(server, VISIT)

    assert heard_of(server, Touch("AGREE", number), Touch("NEVER", number), Touch("CANCEL", 0), Touch("CANCEL", number + 1)) == ()


def test_a_choice_that_stands_on_from_view_to_view_is_heard_although_it_was_touched_on_one_before(server: StageServer) -> None:
    touched = touched_on(server, VISIT)
    server.show(replace(VISIT, title="Too far away"))

    assert heard_of(server, Touch("CANCEL", touched)) == ("CANCEL",)
    server.show(READY)
    server.show(VISIT)
    assert heard_of(server, Touch("CANCEL", touched)) == ()


def test_an_order_is_heard_whatever_stands(server: StageServer) -> None:
    server.show(QUESTION)

    assert heard_of(server, Ordered("DOCTOR"), Ordered("VOLUME:30")) == ("DOCTOR", "VOLUME:30")


def test_whoever_hammers_the_screen_is_not_heard_without_end(server: StageServer) -> None:
    number = touched_on(server, VISIT)
    with panel_at(server) as panel:
        for _ in range(10 * MOST_TOUCHES):
            panel.say(Touch("CANCEL", number))
        panel.say(Watching(True))
        assert until(server.wanted)

        assert len(tuple(server.taken())) == MOST_TOUCHES


@pytest.mark.parametrize("rubbish", [b"{}\n", b"\xff\xfe\n", b"A" * 10_000, b'{"touch": "../x", "view": 1}\n', b"\n"])
def test_who_talks_rubbish_is_cut_off_and_the_others_are_served(server: StageServer, rubbish: bytes) -> None:
    with panel_at(server) as bad, panel_at(server) as good:
        bad.connection.sendall(rubbish)

        assert bad.is_cut_off()
        server.show(READY)
        assert good.next() == READY


def test_a_panel_that_never_reads_holds_up_nobody_and_gets_the_newest_in_the_end(server: StageServer) -> None:
    with panel_at(server) as lazy, panel_at(server) as quick:
        lazy.say(Watching(True))
        assert until(server.wanted)
        for number in range(200):
            server.reflect(bytes(100_000))
            server.show(View(f"V{number}", "title", "", "en"))
        while quick.next() != View("V199", "title", "", "en"):
            pass

        codes = [message.code for message in iter(lazy.next, View("V199", "title", "", "en")) if isinstance(message, View)]

    assert len(codes) < 100


def test_one_panel_too_many_is_turned_away(server: StageServer) -> None:
    server.show(READY)
    panels = [Panel(server.path) for _ in range(MOST_PANELS)]
    assert all(panel.next() == READY for panel in panels)

    with panel_at(server) as another:
        assert another.is_cut_off()

    for panel in panels:
        panel.lines.close()
        panel.connection.close()


def test_the_socket_is_for_owner_and_group_and_goes_with_the_server(tmp_path: Path) -> None:
    path = tmp_path / "stage.sock"
    with StageServer(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o660

    assert not path.exists()


def test_a_socket_that_a_dead_process_left_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "stage.sock"
    left = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    left.bind(str(path))
    left.close()

    with StageServer(path) as server, panel_at(server) as panel:
        server.show(READY)
        assert panel.next() == READY


def test_a_socket_that_is_served_is_not_taken_over(server: StageServer) -> None:
    with pytest.raises(StageTakenError, match="in use"), StageServer(server.path):
        pass

    server.show(READY)
    with panel_at(server) as panel:
        assert panel.next() == READY


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    path = tmp_path / "none" / "stage.sock"

    with pytest.raises(StageTakenError, match="No such file") as refused, StageServer(path):
        pass

    assert refused.value.path == path
