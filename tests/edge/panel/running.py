"""A whole panel on a free port of this machine, in a thread, at the socket of a real `StageServer`."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import anyio._backends._asyncio  # else loaded in the panel's thread, where pytest cannot rewrite it  # noqa: F401
import httpx
from argon2 import PasswordHasher

from edge.panel.operator.pin import PinFile
from edge.panel.service import Panel
from edge.panel.settings import PanelSettings

QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Checks a PIN in no time; what it checks is the same."""
PIN = "730514"


@dataclass(slots=True)
class HandClock:
    """Seconds that pass when a test says so."""

    at_s: float = 1000.0

    def __call__(self) -> float:
        return self.at_s

    def pass_s(self, seconds: float) -> None:
        self.at_s += seconds


@dataclass(slots=True)
class Running:
    """A panel that runs."""

    port: int
    pin: PinFile
    clock: HandClock
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.address, timeout=10)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def post(self, path: str, body: object, **headers: str) -> httpx.Response:
        """As the page itself does it."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        own = {"origin": self.address, "content-type": "application/json"}
        return self.client.post(path, content=content, headers=own | headers)

    def touch(self, choice: str, view: int | None = None) -> httpx.Response:
        """Touch a choice on the view that stands, or on the showing of one that had this number."""
        return self.post("/touch", {"choice": choice, "view": self.number() if view is None else view})

    def number(self) -> int:
        """Of the showing of the view that stands; 0 where none does."""
        with self.events() as events:
            return int(str(next(body for _, body in events).get("number", 0)))

    def refresh(self) -> None:
        """As if nobody had been here: all waits and sessions are over, and the PIN is `PIN`."""
        self.clock.pass_s(3600)
        self.pin.keep(PIN)
        self.client.cookies.clear()

    @contextmanager
    def events(self, path: str = "/stream") -> Iterator[Iterator[tuple[str, dict[str, object]]]]:
        """The events of a stream, as name and body."""
        with self.client.stream("GET", path) as answer:
            assert answer.status_code == 200
            yield read_events(answer.iter_lines())


def read_events(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, object]]]:
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


@contextmanager
def running_panel(stage: Path, folder: Path) -> Iterator[Running]:
    """Run a panel until the block ends; its PIN is `PIN`."""
    pin = PinFile(folder / "pin", QUICK_HASHER)
    pin.keep(PIN)
    clock, port = HandClock(), free_port()
    panel, began = Panel(PanelSettings(port, stage, pin.path), pin, clock), threading.Event()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=lambda: loop.run_until_complete(panel.run(began.set)), daemon=True)
    thread.start()
    assert began.wait(10)
    running = Running(port, pin, clock)
    try:
        yield running
    finally:
        running.client.close()
        loop.call_soon_threadsafe(panel.stop)
        thread.join(10)
        assert not thread.is_alive()
        loop.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def until(question: Callable[[], object], *, within_s: float = 10.0) -> bool:
    """Whether the answer becomes yes in time: another thread is asked."""
    end = time.monotonic() + within_s
    while not question():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True
