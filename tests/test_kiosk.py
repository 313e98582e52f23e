"""What cage starts: a browser that shows the page is left be, one that has lost it is ended, and with it the service."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

KIOSK = Path(__file__).resolve().parent.parent / "packaging" / "kiosk"
ENDED = 143
"""What a shell says of a process that was ended by SIGTERM."""
HOLDS = """
import socket, sys, time
from urllib.parse import urlsplit
page = urlsplit(sys.argv[-1])
with socket.create_connection((page.hostname, page.port)):
    time.sleep(8)
sys.exit(7)
"""
"""It may take long to start on a busy machine, and holds on for longer than a page may be lost."""
IDLES = "import sys, time; time.sleep(4); sys.exit(7)"


@pytest.fixture
def panel() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def run(folder: Path, code: str, port: int, **words: str) -> subprocess.CompletedProcess[str]:
    """Let it show a page in a made-up browser, until it ends; a page may be lost for a second, from the first one on."""
    browser = folder / "browser"
    browser.write_text(f"#!{sys.executable}\n{code}", encoding="utf-8")
    browser.chmod(0o755)
    limits = {"LIFECERT_LOST_AFTER_S": "1", "LIFECERT_STARTS_WITHIN_S": "0"}
    own = {"LIFECERT_BROWSER": str(browser), "XDG_RUNTIME_DIR": str(folder), **limits, **words}
    command = [str(KIOSK), f"http://127.0.0.1:{port}/"]
    return subprocess.run(command, env={**os.environ, **own}, capture_output=True, text=True, timeout=30, check=False)


def test_a_browser_that_shows_the_page_is_left_be(tmp_path: Path, panel: socket.socket) -> None:
    done = run(tmp_path, HOLDS, panel.getsockname()[1], LIFECERT_LOST_AFTER_S="6")

    assert (done.returncode, done.stderr) == (7, "")


def test_a_browser_that_has_lost_the_page_is_ended_and_the_journal_is_told_why(tmp_path: Path, panel: socket.socket) -> None:
    done = run(tmp_path, IDLES.replace("4", "25"), panel.getsockname()[1])

    assert done.returncode == ENDED
    assert "the page is not shown: starting anew" in done.stderr


SHOWS_FOR_A_WHILE = """
import socket, sys, time
from urllib.parse import urlsplit
page = urlsplit(sys.argv[-1])
with socket.create_connection((page.hostname, page.port)):
    time.sleep(3)
time.sleep(20)
"""


def test_a_browser_that_starts_slowly_is_left_be_for_longer(tmp_path: Path, panel: socket.socket) -> None:
    done = run(tmp_path, IDLES, panel.getsockname()[1], LIFECERT_STARTS_WITHIN_S="20")

    assert (done.returncode, done.stderr) == (7, "")


def test_once_it_has_shown_the_page_it_may_not_lose_it_however_short_ago_it_started(tmp_path: Path, panel: socket.socket) -> None:
    done = run(tmp_path, SHOWS_FOR_A_WHILE, panel.getsockname()[1], LIFECERT_STARTS_WITHIN_S="1000")

    assert done.returncode == ENDED


def test_while_there_is_no_panel_the_browser_is_left_be(tmp_path: Path, panel: socket.socket) -> None:
    port = panel.getsockname()[1]
    panel.close()

    done = run(tmp_path, IDLES, port)

    assert (done.returncode, done.stderr) == (7, "")


@pytest.mark.parametrize(("uid", "code"), [(os.getuid(), 7), (os.getuid() + 1, ENDED)], ids=["its own", "of another user"])
def test_only_a_connection_of_its_own_user_is_the_page(tmp_path: Path, uid: int, code: int) -> None:
    table = tmp_path / "tcp"
    rest = "00000000:00000000 00:00000000 00000000"
    table.write_text(
        f"  0: 0100007F:20B9 00000000:0000 0A {rest} 990 0 1\n  1: 0100007F:9C40 0100007F:20B9 01 {rest} {uid} 0 2\n", "utf-8"
    )

    done = run(tmp_path, IDLES, 8377, LIFECERT_TCP=str(table))

    assert done.returncode == code


def test_the_browser_is_told_the_page_and_to_keep_everything_in_its_folder(tmp_path: Path) -> None:
    done = run(tmp_path, "import sys; print(*sys.argv[1:], sep='\\n')", 8377)

    words = done.stdout.splitlines()
    assert (words[0], words[-1]) == ("--kiosk", "http://127.0.0.1:8377/")
    assert f"--user-data-dir={tmp_path}/profile" in words
    assert [word for word in words if "sandbox" in word] == []
