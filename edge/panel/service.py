"""`lifecert-panel`: the program behind the screen, on 127.0.0.1 and nowhere else, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import platform
import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from uvicorn import Config, Server

from edge.errors import EdgeError
from edge.log import log_to_stderr
from edge.panel.app import Parts, panel_app
from edge.panel.audience import Audience
from edge.panel.errors import PanelPortTakenError
from edge.panel.meters import Meters
from edge.panel.operator.pin import PinFile
from edge.panel.operator.router import Desk, operator_router
from edge.panel.operator.sessions import Sessions
from edge.panel.operator.tries import PinDoor
from edge.panel.settings import PanelSettings, load_panel_settings
from edge.panel.stage import Gone, Stage
from edge.pulse import EVERY_S, Pulse
from edge.service_manager import teller
from edge.showing.messages import Down
from edge.version import software_version

log = logging.getLogger("lifecert.panel")

ADDRESS = "127.0.0.1"
"""The only one: the page shows a person, and its touches are believed."""


class Panel:
    """All parts of the program, built in one place."""

    def __init__(self, settings: PanelSettings, pin: PinFile, now_s: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._stage = Stage(settings.socket, self._hear)
        self._audience = Audience(self._stage.watch)
        self._meters = Meters(self._audience)
        parts = Parts(self._stage, self._audience, self._meters, time.monotonic_ns, now_s)
        desk = Desk(
            door=PinDoor(pin, now_s),
            sessions=Sessions(now_s, lambda: secrets.token_urlsafe(32)),
            stage=self._stage,
            audience=self._audience,
            meters=self._meters,
            versions={"lifecert": software_version(), "python": platform.python_version(), "machine": platform.machine()},
            now_ns=time.monotonic_ns,
        )
        self._server = _QuietServer(_server_config(panel_app(parts, operator_router(desk)), settings.port))

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until `stop`; `ready` is told when the page can be opened. Raises `PanelPortTakenError`."""
        listening = asyncio.create_task(self._stage.run())
        # It never ends by itself. If it breaks, so does the program, and is started anew: a page that hears nothing helps nobody.
        listening.add_done_callback(lambda _: self.stop())
        serving = asyncio.create_task(self._serve())
        while not (self._server.started or serving.done()):
            await asyncio.sleep(0.01)
        if not serving.done():
            ready()
        try:
            await serving
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening

    def stop(self) -> None:
        """Ask the browsers to go, and end."""
        self._server.should_exit = True
        self._audience.close()

    async def _serve(self) -> None:
        try:
            await self._server.serve()
        except SystemExit as error:  # How uvicorn says that it cannot have the port.
            raise PanelPortTakenError(self._settings.port, "the port cannot be opened") from error

    def _hear(self, message: Down | Gone) -> None:
        self._meters.count(message)
        self._audience.hear(message)


class _QuietServer(Server):
    """Leaves the signals to `main`."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _server_config(app: object, port: int) -> Config:
    return Config(
        app,  # type: ignore[arg-type]  # any ASGI application
        host=ADDRESS,
        port=port,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=64,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=2,
    )


async def _run_until_told(panel: Panel, address: str, pulse: Pulse) -> None:
    loop, standing = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, panel.stop)

    def ready() -> None:
        click.echo(address)
        standing.set()

    beating = asyncio.create_task(_give_signs_of_life(standing, pulse))
    try:
        await panel.run(ready)
    finally:
        beating.cancel()


async def _give_signs_of_life(standing: asyncio.Event, pulse: Pulse) -> None:
    """From the loop that serves the page: when that hangs, no sign is given."""
    await standing.wait()
    while True:
        pulse.ready("shows the page")
        await asyncio.sleep(EVERY_S)


def _only_here(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if value != ADDRESS:
        raise click.BadParameter(f"the page is served on {ADDRESS} and nowhere else")
    return value


@click.command
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    envvar="LIFECERT_CONFIG",
    help="Settings of the unit (TOML). Without it: LIFECERT_CONFIG, else the defaults.",
)
@click.option("--host", default=ADDRESS, show_default=True, callback=_only_here, metavar="ADDRESS", help="No other is taken.")
def main(config: Path | None, host: str) -> None:
    """Serve the page of the screen on 127.0.0.1 until SIGTERM.

    It sees no faces and holds no keys: it shows what `lifecert-edge` says over the stage socket, and passes touches back.
    Ends with 0 when told to stop, with 2 on a wrong use or a fault.

    \b
    Examples:
      lifecert-panel
      lifecert-panel --config /etc/lifecert/unit.toml
    """
    log_to_stderr(logging.INFO)
    try:
        settings = load_panel_settings(config)
        panel = Panel(settings, PinFile(settings.pin))
        pulse = Pulse(teller(os.environ), time.monotonic)
        asyncio.run(_run_until_told(panel, f"http://{host}:{settings.port}/", pulse))
    except EdgeError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
