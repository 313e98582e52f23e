"""The process in which a model file is tried: it limits itself, opens the file, lets it answer, and reports one line of JSON.

It is started by `models.trial`, and whatever happens to it happens to nobody else.
"""

from __future__ import annotations

import json
import math
import os
import pickle
import resource
import sys
import time
from dataclasses import asdict
from pathlib import Path

from models.errors import ModelError
from models.trial import Phase, TrialLimits, TrialReport, TrialRequest

SEEDS = (1, 2)


def main() -> None:
    """Try what standard input asks for."""
    # Our own pipe; what libraries print must not get into it.
    report = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # Written by `models.trial` of the same installation, as multiprocessing does it; nobody else has this pipe.
    request: TrialRequest = pickle.loads(sys.stdin.buffer.read())  # noqa: S301
    _limit_memory(request.limits)
    try:
        answer: dict[str, object] = asdict(_try(request, report))
    except ModelError as error:
        answer = {"refused": str(error)}
    except MemoryError:
        answer = {"refused": f"it asked for more than {request.limits.memory_bytes} bytes of memory"}
    os.write(report, json.dumps(answer).encode() + b"\n")


def _try(request: TrialRequest, report: int) -> TrialReport:
    # The libraries load under the limits, too.
    from models.question import well_formed
    from models.runtime import open_network, runtime_version

    # Networks run on the thread that calls them; the clock of a whole process under RLIMIT_CPU moves in steps of 4 ms only.
    started_ns = time.thread_time_ns()
    runtime_version(request.card.runtime)
    questions = [well_formed(request.card, seed) for seed in SEEDS]
    loaded_ns = time.thread_time_ns()
    _limit_cpu(request.limits)
    before_bytes = _memory("VmRSS")
    os.write(report, f"{Phase.OPENING}\n".encode())
    network = open_network(request.card, request.path)
    os.write(report, f"{Phase.RUNNING}\n".encode())
    network.run(questions[0])
    first_ns = time.thread_time_ns()
    network.run(questions[1])
    second_ns = time.thread_time_ns()
    return TrialReport(
        library_cpu_ms=(loaded_ns - started_ns) / 1e6,
        cold_cpu_ms=(first_ns - loaded_ns) / 1e6,
        run_cpu_ms=(second_ns - first_ns) / 1e6,
        added_bytes=_memory("VmRSS") - before_bytes,
        peak_bytes=_memory("VmHWM"),
    )


def _limit_memory(limits: TrialLimits) -> None:
    # RLIMIT_DATA counts private memory of every kind since Linux 4.7 (setrlimit(2)); mapped libraries do not count.
    resource.setrlimit(resource.RLIMIT_DATA, (limits.memory_bytes, limits.memory_bytes))
    # A crash of a child leaves no picture of its memory behind.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_cpu(limits: TrialLimits) -> None:
    used_s = math.ceil(time.process_time()) + limits.cpu_s
    resource.setrlimit(resource.RLIMIT_CPU, (used_s, used_s + 1))


def _memory(field: str) -> int:
    """Bytes of one field of this process's status (proc_pid_status(5), in kB)."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    main()
