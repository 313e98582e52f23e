"""An enrolled unit that serves, its panel, and a browser on the page: real programs, and what each of them showed and when."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from playwright.sync_api import Page

from demo.cameras import camera_words
from demo.centre import TicketOrder
from demo.programs import Daemon, start
from demo.stack import free_port
from demo.stills import take_still
from demo.story import Chain
from demo.visits import FROM_ACTIONS, WILLING
from tests.edge.panel.running import read_events
from tests.system.chain import await_true, spool_of
from wire.envelope import Kind, unverified_payload
from wire.result import Mode, ResultStatement, read_result

UP_WITHIN_S, ENDS_WITHIN_MS = 60.0, 90_000
KEPT_ALIVE_S = 60.0
"""A stream says at least every fifteen seconds that it is still there."""
NOTICE, ASKER, PROGRAMME = "星期六休息。", "市社保局", "领取养老金资格认证"
SHEET = f"""
["zh-CN"]
asker = "{ASKER}"
programme = "{PROGRAMME}"
notices = ["{NOTICE}"]
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """One event of a stream."""

    at_s: float
    """On the monotonic clock of this machine."""
    name: str
    body: dict[str, object]


@dataclass
class Watcher:
    """Reads a stream of the panel from its start, as a browser does that never blinks."""

    address: str
    path: str
    shown: list[Shown] = field(default_factory=list)

    def __post_init__(self) -> None:
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            with httpx.stream("GET", f"{self.address}{self.path}", timeout=KEPT_ALIVE_S) as answer:
                for name, body in read_events(answer.iter_lines()):
                    self.shown.append(Shown(time.monotonic(), name, body))
        except httpx.HTTPError:
            return  # The panel has ended, and so has what it shows.

    @property
    def codes(self) -> list[str]:
        """The codes of all views so far, and GONE where nobody was there."""
        return [str(one.body["code"]) if one.name == "view" else "GONE" for one in self.shown if one.name in ("view", "gone")]


@dataclass
class Kiosk:
    """The programs, which a test ends and starts."""

    chain: Chain
    settings: Path
    address: str
    edge: Daemon | None = None

    def start_edge(self) -> None:
        """Let the unit serve; the camera sees a person who does what the screen asks for."""
        unit = self.chain.unit
        camera = camera_words(WILLING, self.chain.mirror, unit.folder)
        words = ("--state", str(unit.state), "--camera", camera, "--gallery", str(unit.gallery))
        more = ("--mirror", str(self.chain.mirror), "--config", str(self.settings))
        log = self.settings.with_name("edge.log")
        self.edge = self.chain.stack.programs.start("lifecert-edge", "--verbose", "serve", *words, *more, log=log)

    def hand_out(self, case: str) -> None:
        """Bring a ticket to the unit; what is delivered afterwards stays in the spool, for the uplink ends with it."""
        chain = self.chain
        chain.unit.start_uplink()
        photo = chain.unit.gallery / FROM_ACTIONS.name
        chain.stack.centre.ticket(TicketOrder(chain.unit.name, case, f"subject-{case}", photo, Mode.ACTIVE))
        with spool_of(chain) as spool:
            await_true(lambda: spool.ticket(case) is not None, f"ticket of {case}", UP_WITHIN_S)
        chain.unit.stop_uplink()

    def results(self) -> list[ResultStatement]:
        """What the unit has signed and not delivered, oldest first."""
        with spool_of(self.chain) as spool:
            return [read_result(unverified_payload(each.envelope, Kind.RESULT)) for each in spool.waiting(9, 2**40)]


@contextmanager
def open_kiosk(chain: Chain) -> Iterator[Kiosk]:
    """A panel at the stage of a unit that does not serve yet."""
    folder, port = chain.unit.folder, free_port()
    take_still(chain.mirror / FROM_ACTIONS.recording, FROM_ACTIONS.share, chain.unit.gallery / FROM_ACTIONS.name)
    sheet = folder / "sheet.toml"
    sheet.write_text(SHEET, encoding="utf-8")
    settings = folder / "unit.toml"
    words = {"socket": str(folder / "stage.sock"), "pin": str(folder / "pin")}
    panel = "".join(f"{key} = {json.dumps(value)}\n" for key, value in words.items())
    own = f'[unit]\nboard = "twin"\nsheet = {json.dumps(str(sheet))}\n'
    settings.write_text(f'{own}[screen]\nkind = "panel"\n[panel]\nport = {port}\n{panel}', encoding="utf-8")
    kiosk = Kiosk(chain, settings, f"http://127.0.0.1:{port}")
    command = [sys.executable, "-m", "edge.panel.service", "--config", str(settings)]
    served = start("lifecert-panel", command, chain.stack.programs.environment, folder / "panel.log")
    try:
        served.await_sign(lambda: _answers(kiosk.address), "page", UP_WITHIN_S)
        yield kiosk
    finally:
        if kiosk.edge is not None:
            kiosk.edge.stop()
        served.stop()


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz").status_code == 200
    except httpx.HTTPError:
        return False


def await_code(page: Page, code: str) -> None:
    """Wait until the page shows this."""
    page.wait_for_function("(code) => document.body.dataset.code === code", arg=code, timeout=ENDS_WITHIN_MS)


def touch(page: Page, choice: str) -> None:
    """Touch a choice on the page."""
    page.locator(f'button[data-choice="{choice}"]').click()
