"""The service files start what exists, with the walls that the programs were promised."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
UNITS = sorted((ROOT / "systemd").glob("*.service"))
EXPOSURE = {"lifecert-edge": 10, "lifecert-uplink": 20, "lifecert-centre": 25, "lifecert-ingest@": 25}
"""Largest exposure level times ten, as `systemd-analyze security` counts it."""


def read(unit: Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(unit.read_text(encoding="utf-8"))
    return parser


def program(unit: Path) -> list[str]:
    return read(unit)["Service"]["ExecStart"].split()


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.fail("systemd-analyze is missing: install the Debian package systemd")
    return subprocess.run([tool, *words], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_every_service_starts_a_program_of_this_project(unit: Path) -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]

    started = Path(program(unit)[0]).name

    assert started in scripts


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_every_service_file_is_valid(unit: Path, tmp_path: Path) -> None:
    text = re.sub(r"/opt/lifecert/bin/\S+", "/bin/true", unit.read_text(encoding="utf-8"))
    copy = tmp_path / unit.name
    copy.write_text(text, encoding="utf-8")

    checked = analyze("verify", "--man=no", str(copy))

    complaints = [line for line in checked.stderr.splitlines() if unit.name in line]
    assert checked.returncode == 0
    assert complaints == []


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_every_service_is_kept_within_its_walls(unit: Path) -> None:
    checked = analyze("security", "--offline=true", f"--threshold={EXPOSURE[unit.stem]}", str(unit))

    assert checked.returncode == 0, checked.stdout[-300:]


def test_the_program_that_sees_faces_has_no_network() -> None:
    service = read(ROOT / "systemd" / "lifecert-edge.service")["Service"]

    assert service["PrivateNetwork"] == "yes"
    assert service["RestrictAddressFamilies"] == "AF_UNIX"


def test_the_program_that_has_a_network_reaches_no_face_and_no_signing_key() -> None:
    service = read(ROOT / "systemd" / "lifecert-uplink.service")["Service"]

    assert service["PrivateDevices"] == "yes"
    assert "/var/lib/lifecert/gallery" in service["InaccessiblePaths"]
    assert "/var/lib/lifecert/keys/result.pem" in service["InaccessiblePaths"]
