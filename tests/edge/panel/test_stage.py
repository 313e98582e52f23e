"""The panel's end of the stage socket: it comes back when cut off, holds little, and says each thing or refuses it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge.panel.errors import StageGoneError
from edge.panel.stage import FIRST_PAUSE_S, LONGEST_PAUSE_S, Gone, Stage
from edge.showing.messages import LONGEST_DOWN_BYTES, Condition, Down, Touch, down_line
from edge.showing.server import StageServer
from firmware.ports import Choice, View
from tests.edge.panel.running import until

READY = View("READY", "Sit down", "", "en")


class Watched:
    """A stage that runs, what it heard, and how long it paused."""

    def __init__(self, path: Path) -> None:
        self.heard: list[Down | Gone] = []
        self.pauses: list[float] = []
        self.stage = Stage(path, self.heard.append, self._pause)

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0.005)

    def run(self, story: Callable[[Watched], object]) -> None:
        """Run while the story is told in a thread beside it."""
        asyncio.run(self._run(story))

    async def _run(self, story: Callable[[Watched], object]) -> None:
        running = asyncio.create_task(self.stage.run())
        await asyncio.to_thread(story, self)
        running.cancel()

    async def _until(self, question: Callable[[], object]) -> None:
        async with asyncio.timeout(5):
            while not question():
                await asyncio.sleep(0.005)

    def tell(self, *steps: Callable[[], object]) -> None:
        """Run, and wait until each step in turn answers yes. Steps run in the loop, where `touch` and `watch` belong."""

        async def story() -> None:
            running = asyncio.create_task(self.stage.run())
            for step in steps:
                await self._until(step)
            running.cancel()

        asyncio.run(story())


def wait_for(question: Callable[[], object]) -> None:
    assert until(question)


def listening(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen(1)
    listener.settimeout(5)
    return listener


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[StageServer]:
    with StageServer(tmp_path / "stage.sock") as server:
        yield server


def test_what_is_shown_is_heard(stage: StageServer) -> None:
    watched = Watched(stage.path)
    stage.show(READY)
    stage.tell(Condition({"free_mib": 900}))

    watched.tell(lambda: len(watched.heard) == 2)

    assert watched.heard == [READY, Condition({"free_mib": 900})]


def test_without_anybody_there_it_pauses_longer_and_longer_and_then_connects(tmp_path: Path) -> None:
    watched = Watched(tmp_path / "stage.sock")

    watched.tell(lambda: len(watched.pauses) > 6)

    assert watched.pauses[:5] == [FIRST_PAUSE_S, 0.4, 0.8, 1.6, LONGEST_PAUSE_S]
    assert set(watched.pauses[5:]) == {LONGEST_PAUSE_S}
    assert set(watched.heard) == {Gone()}
    with StageServer(watched.stage.path) as server:
        server.show(READY)
        watched.tell(lambda: READY in watched.heard)


def test_when_the_other_end_goes_it_says_so_and_comes_back_soon(tmp_path: Path) -> None:
    watched, path = Watched(tmp_path / "stage.sock"), tmp_path / "stage.sock"

    def story(_: Watched) -> None:
        for _round in range(2):
            seen = len(watched.heard)
            with StageServer(path) as server:
                server.show(READY)
                wait_for(lambda seen=seen: READY in watched.heard[seen:])
            wait_for(lambda: watched.heard[-1] == Gone())

    watched.run(story)

    assert watched.heard.count(READY) == 2
    assert LONGEST_PAUSE_S not in watched.pauses[:3]


@pytest.mark.parametrize(
    "rubbish",
    [b"{}\n", b"\xff\n", b"\n", b'{"view": 1}\n', b"A" * (LONGEST_DOWN_BYTES + 10)],
    ids=["{}", "bytes", "empty", "view", "long"],
)
def test_rubbish_is_not_shown_and_the_connection_is_made_anew(tmp_path: Path, rubbish: bytes) -> None:
    watched, path = Watched(tmp_path / "stage.sock"), tmp_path / "stage.sock"

    def story(_: Watched) -> None:
        with listening(path) as listener:
            bad, _ = listener.accept()
            with bad:
                bad.sendall(rubbish)
                good, _ = listener.accept()
            with good:
                good.sendall(down_line(READY))
                wait_for(lambda: READY in watched.heard)

    watched.run(story)

    assert watched.heard[0] == Gone()
    assert [each for each in watched.heard if each not in (Gone(), READY)] == []


def test_a_touch_is_said_and_one_that_nobody_hears_is_refused(stage: StageServer, tmp_path: Path) -> None:
    watched, taken = Watched(stage.path), list[str]()
    stage.show(View("CONSENT", "?", "", "en", choices=(Choice("AGREE", "I agree"),)))

    watched.tell(
        lambda: watched.stage.connected,
        lambda: watched.stage.touch(Touch("AGREE", 1)) or True,
        lambda: watched.stage.order("DOCTOR") or True,
        lambda: taken.extend(stage.taken()) or len(taken) == 2,
    )

    assert taken == ["AGREE", "DOCTOR"]
    with pytest.raises(StageGoneError):
        Watched(tmp_path / "none.sock").stage.touch(Touch("AGREE", 1))


def test_whether_somebody_watches_is_said_again_to_who_comes_after(tmp_path: Path) -> None:
    watched, path = Watched(tmp_path / "stage.sock"), tmp_path / "stage.sock"
    watched.stage.watch(True)

    def story(_: Watched) -> None:
        for _round in range(2):
            with StageServer(path) as server:
                wait_for(server.wanted)

    watched.run(story)

    assert Gone() in watched.heard


def test_an_end_that_never_reads_is_given_up(tmp_path: Path) -> None:
    watched, path, lost = Watched(tmp_path / "stage.sock"), tmp_path / "stage.sock", list[StageGoneError]()

    def hammer() -> bool:
        try:
            for _ in range(100):
                watched.stage.touch(Touch("AGREE", 1))
        except StageGoneError as error:
            lost.append(error)
        return bool(lost)

    with listening(path):
        watched.tell(lambda: watched.stage.connected, hammer, lambda: Gone() in watched.heard)

    assert lost
