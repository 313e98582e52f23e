"""A made-up centre that enrols one unit, for the first boot in scripts/boot-units: lays down what a unit enrols with, and serves.

usage: python -m tests.boot.centre DIR     until it is ended; DIR is /etc/lifecert/enrol of the machine
"""

from __future__ import annotations

import signal
import sys
import tempfile
from pathlib import Path

from tests.edge.fleet import CLAIM, SERIAL, EstServer, ca_pem, running


def serve(folder: Path) -> None:
    """Serve until SIGTERM; the claim is laid down last."""
    with tempfile.TemporaryDirectory() as chain, running(EstServer(), Path(chain)) as server:
        (folder / "where").write_text(f"CENTRE={server.url}\nSERIAL={SERIAL}\n", encoding="utf-8")
        (folder / "ca.pem").write_bytes(ca_pem())
        (folder / "claim").write_text(f"{CLAIM}\n", encoding="utf-8")
        signal.sigwait({signal.SIGTERM})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    serve(Path(sys.argv[1]))
