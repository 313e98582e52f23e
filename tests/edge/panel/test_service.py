"""The program itself: one address, plain words for what is wrong, an end when told to, and nothing in it that sees a face."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from edge.cli import main as lifecert
from edge.panel.operator.pin import PinFile
from edge.panel.service import Panel, main
from edge.panel.settings import PanelSettings
from edge.showing.server import StageServer
from firmware.ports import View
from tests.edge.panel.running import Running, free_port, read_events

ROOT = Path(__file__).resolve().parents[3]


def settings_file(folder: Path, port: int) -> Path:
    file = folder / "unit.toml"
    text = f'[panel]\nport = {port}\nsocket = "{folder}/stage.sock"\npin = "{folder}/own/pin"\n[unit]\ncamera = "usb:0"\n'
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.system
def test_the_program_serves_what_it_is_told_and_ends_with_0_when_told_to(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "edge.panel.service", "--config", str(settings_file(tmp_path, port))]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with (
        StageServer(tmp_path / "stage.sock") as stage,
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program,
    ):
        stage.show(View("READY", "Sit down", "", "en"))
        assert program.stdout is not None
        address = program.stdout.readline().strip()
        with httpx.stream("GET", f"{address}stream", timeout=10) as answer:
            shown = next(body for name, body in read_events(answer.iter_lines()) if name == "view")

            program.send_signal(signal.SIGTERM)
            _, events = program.communicate(timeout=10)

    assert address == f"http://127.0.0.1:{port}/"
    assert shown["title"] == "Sit down"
    assert program.returncode == 0
    assert "Traceback" not in events


@pytest.mark.system
def test_nothing_that_sees_faces_or_holds_keys_is_loaded() -> None:
    asked = "import sys, edge.panel.service; print(*sorted(sys.modules))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    done = subprocess.run([sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True)

    loaded = set(done.stdout.split())
    assert "edge.panel.app" in loaded
    assert (
        loaded
        & {"numpy", "cv2", "onnx", "onnxruntime", "sqlite3", "paho", "cryptography", "models", "edge.keystore", "edge.spool"}
        == set()
    )
    assert {name for name in loaded if name.startswith("firmware")} == {"firmware", "firmware.ports"}


def test_another_address_than_this_machine_is_refused() -> None:
    for address in ("0.0.0.0", "::", "192.168.1.5", "localhost"):  # noqa: S104 - it is refused
        refused = CliRunner().invoke(main, ["--host", address])
        assert refused.exit_code == 2
        assert "127.0.0.1 and nowhere else" in refused.output


def test_a_port_that_is_taken_is_named(alone_port: int, tmp_path: Path) -> None:
    refused = CliRunner().invoke(main, ["--config", str(settings_file(tmp_path, alone_port))])

    assert refused.exit_code == 2
    assert f"error: 127.0.0.1:{alone_port}: " in refused.output
    assert "panel.port" in refused.output


@pytest.fixture
def alone_port(panel: Running) -> int:
    """A port at which somebody listens."""
    return panel.port


def test_a_panel_that_can_hear_no_more_ends_so_that_it_is_started_anew(tmp_path: Path) -> None:
    class DeafError(Exception):
        pass

    class Deaf(Panel):
        def _hear(self, message: object) -> None:
            raise DeafError

    settings = PanelSettings(free_port(), tmp_path / "stage.sock", tmp_path / "pin")

    with pytest.raises(DeafError):
        asyncio.run(asyncio.wait_for(Deaf(settings, PinFile(settings.pin)).run(), timeout=10))


def test_wrong_settings_are_named(tmp_path: Path) -> None:
    file = tmp_path / "unit.toml"
    file.write_text("[panel]\nhost = '0.0.0.0'\n", encoding="utf-8")

    refused = CliRunner().invoke(main, ["--config", str(file)])

    assert (refused.exit_code, "panel.host" in refused.output) == (2, True)


def test_a_pin_is_set_from_standard_input_and_its_folder_made(tmp_path: Path) -> None:
    config = str(settings_file(tmp_path, 8377))

    done = CliRunner().invoke(lifecert, ["panel", "pin", "--config", config, "--json"], input="730514\n")

    file = tmp_path / "own" / "pin"
    assert (done.exit_code, json.loads(done.output)) == (0, {"pin": "set", "file": str(file)})
    assert PinFile(file).matches("730514")
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.parametrize("pin", ["123456", "", "abc", "1" * 100])
def test_an_easy_pin_is_refused_without_being_told(tmp_path: Path, pin: str) -> None:
    config = str(settings_file(tmp_path, 8377))

    plain = CliRunner().invoke(lifecert, ["panel", "pin", "--config", config], input=f"{pin}\n")
    spoken = CliRunner().invoke(lifecert, ["panel", "pin", "--config", config, "--json"], input=f"{pin}\n")

    assert (plain.exit_code, spoken.exit_code) == (1, 1)
    assert json.loads(spoken.stdout)["error"]["code"] == "PinUnfit"
    assert not pin or pin not in plain.output
    assert not (tmp_path / "own").exists()


def test_a_pin_that_cannot_be_written_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "own").write_text("no folder", encoding="utf-8")

    done = CliRunner().invoke(lifecert, ["panel", "pin", "--config", str(settings_file(tmp_path, 8377))], input="730514\n")

    assert done.exit_code == 2
    assert "own/pin" in done.output
