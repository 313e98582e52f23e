"""Speaks to the service manager that started this program: the protocol of sd_notify(3), one datagram a message.

A program that was started otherwise has no such socket, and then nobody is told anything.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Mapping

from edge.pulse import unheard

log = logging.getLogger("lifecert.pulse")

SOCKET = "NOTIFY_SOCKET"
"""Where the service manager listens: a path, or `@` and a name without a file."""


def teller(environ: Mapping[str, str]) -> Callable[[str], None]:
    """How to tell the service manager something. A message that does not reach it is logged; nothing is raised."""
    address = environ.get(SOCKET, "")
    if not address.startswith(("/", "@")):
        return unheard
    path = address.replace("@", "\0", 1) if address.startswith("@") else address

    def tell(message: str) -> None:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
                line.settimeout(1.0)
                line.connect(path)
                line.sendall(message.encode("utf-8", "backslashreplace"))
        except OSError as error:
            log.warning("the service manager was not reached", extra={"why": error.strerror or type(error).__name__})

    return tell
