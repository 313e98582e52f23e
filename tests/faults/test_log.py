"""A flood of log lines reaches the journal's end of a pipe and no disk (F64): rate and size are the journal's to limit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LINES = 10_000
FLOOD = f"""
import logging, sys
from edge.log import log_to_stderr
log_to_stderr(logging.INFO)
for number in range({LINES}):
    logging.getLogger("lifecert.flood").error("flood", extra={{"number": number}})
"""


def test_ten_thousand_lines_go_to_stderr_and_leave_no_file(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    environment = {"PYTHONPATH": str(root), "HOME": str(tmp_path), "TMPDIR": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "-c", FLOOD], cwd=tmp_path, env=environment, capture_output=True, timeout=60, check=True
    )

    assert done.stderr.count(b"\n") == LINES
    assert done.stdout == b""
    assert list(tmp_path.iterdir()) == []
