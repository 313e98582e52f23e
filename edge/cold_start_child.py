"""The process whose start is measured: it loads what the service loads, opens all networks and lets each answer once."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import edge.one_thread  # before numpy is loaded
import edge.service  # noqa: F401  # what a unit loads before it opens anything
from edge.engine import open_engine
from edge.model_choice import choices_for_this_board
from models.question import well_formed
from models.store import store_from_environment


def main() -> None:
    """Open what standard input names."""
    report = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    request = json.loads(sys.stdin.buffer.read())
    imported_ns = time.process_time_ns()
    mirror, manifest, choice = (Path(request[key]) if request[key] else None for key in ("mirror", "manifest", "choice"))
    store = store_from_environment(os.environ, mirror, manifest)
    choices = choices_for_this_board(choice) if choice else None
    engine = open_engine(store, request["matcher"], None, choices)
    opened_ns = time.process_time_ns()
    for name, network in engine.networks.items():
        network.run(well_formed(store.card(name), 1))
    answered_ns = time.process_time_ns()
    facts = {
        "cpu_ms": answered_ns / 1e6,
        "import_cpu_ms": imported_ns / 1e6,
        "open_cpu_ms": (opened_ns - imported_ns) / 1e6,
        "answer_cpu_ms": (answered_ns - opened_ns) / 1e6,
        "rss_bytes": _rss_bytes(),
    }
    os.write(report, json.dumps(facts).encode() + b"\n")


def _rss_bytes() -> int:
    """Memory in use (proc_pid_statm(5), the second number, in pages)."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGESIZE")


if __name__ == "__main__":
    main()
