"""Runs the two web applications in one process: enrolment over TLS, the ledger page on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from uvicorn import Config, Server

from provisioning.app import Application
from provisioning.ca.revoke import RENEW_EVERY_S
from provisioning.errors import AddressUnusableError, ProvisioningError
from provisioning.layout import KeyPair
from provisioning.tls import server_context

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Door:
    """One application on one address."""

    app: Application
    host: str
    port: int
    """0 takes a free one."""
    identity: KeyPair | None
    """With one, the door speaks TLS only."""


@dataclass(frozen=True, slots=True)
class Bound:
    """Where a door is open."""

    host: str
    port: int


class _QuietServer(Server):
    """Leaves the signals to `serve`, which stops all doors together."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(doors: list[Door], ready: Callable[[list[Bound]], None], renew: Callable[[], object]) -> None:
    """Serve until SIGTERM or SIGINT. `ready` is told the addresses once all doors are open; `renew` runs every hour.

    Raises `AddressUnusableError` when an address is taken.
    """
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(_listen(door.host, door.port)) for door in doors]
        asyncio.run(_serve([(_server(door), opened) for door, opened in zip(doors, sockets, strict=True)], ready, renew))


async def _serve(
    servers: list[tuple[_QuietServer, socket.socket]], ready: Callable[[list[Bound]], None], renew: Callable[[], object]
) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, [server for server, _ in servers])
    running = [asyncio.create_task(server.serve(sockets=[opened])) for server, opened in servers]
    await _all_started([server for server, _ in servers])
    ready([Bound(*opened.getsockname()[:2]) for _, opened in servers])
    renewal = asyncio.create_task(_renew_for_ever(renew))
    await asyncio.gather(*running)
    renewal.cancel()


async def _all_started(servers: list[_QuietServer]) -> None:
    while not all(server.started or server.should_exit for server in servers):
        await asyncio.sleep(0.01)


async def _renew_for_ever(renew: Callable[[], object]) -> None:
    while True:
        try:
            await asyncio.to_thread(renew)
        except ProvisioningError as error:
            log.error("revocation list not renewed", extra={"why": str(error)})
        await asyncio.sleep(RENEW_EVERY_S)


def _stop(servers: list[_QuietServer]) -> None:
    for server in servers:
        server.should_exit = True


def _server(door: Door) -> _QuietServer:
    identity = door.identity
    config = Config(
        door.app,
        http="h11",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=200,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=3,
        ssl_context_factory=(lambda _config, _default: server_context(identity)) if identity else None,
    )
    return _QuietServer(config)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise AddressUnusableError(host, port, error.strerror or str(error)) from error
