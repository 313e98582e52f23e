"""The service files start what exists, with the walls that the programs were promised."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
UNITS = sorted((ROOT / "systemd").glob("*.service"))
EXPOSURE = {
    "lifecert-edge": 10,
    "lifecert-uplink": 20,
    "lifecert-enrol": 20,
    "lifecert-failed@": 20,
    "lifecert-panel": 25,
    "lifecert-centre": 25,
    "lifecert-ingest@": 25,
    "lifecert-kiosk": 42,  # a browser makes its own sandbox, out of what the others are denied
}
"""Largest exposure level times ten, as `systemd-analyze security` counts it."""

ON_A_UNIT = ("lifecert-edge", "lifecert-uplink", "lifecert-panel")
FOREIGN = {"lifecert-failed@": "sh", "lifecert-kiosk": "cage"}
"""Services that start a program of the system."""


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
def test_every_service_starts_a_program_of_this_project_or_one_that_is_named_here(unit: Path) -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]

    started = Path(program(unit)[0]).name

    assert started in ({FOREIGN[unit.stem]} if unit.stem in FOREIGN else scripts)


def startable(unit: Path, folder: Path) -> Path:
    """A copy of a service file whose programs are there on every machine."""
    copy = folder / unit.name
    copy.write_text(re.sub(r"(?:/opt/lifecert/bin/|/usr/bin/cage)\S*", "/bin/true", unit.read_text(encoding="utf-8")), "utf-8")
    return copy


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_every_service_file_is_valid_and_nothing_is_said_about_it(unit: Path, tmp_path: Path) -> None:
    checked = analyze("verify", "--man=no", str(startable(unit, tmp_path)))

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("WatchdogSec=", "WatchdogSecs="), ("WatchdogSec=45", "WatchdogSec=soon"), ("/opt/lifecert/bin", "/nowhere/bin")],
    ids=["unknown key", "wrong value", "missing program"],
)
def test_a_service_file_with_a_mistake_is_found(right: str, wrong: str, tmp_path: Path) -> None:
    text = (ROOT / "systemd" / "lifecert-edge.service").read_text(encoding="utf-8")
    (tmp_path / "broken").mkdir()
    broken = tmp_path / "broken" / "lifecert-edge.service"
    broken.write_text(text.replace(right, wrong), encoding="utf-8")

    checked = analyze("verify", "--man=no", str(startable(broken, tmp_path)))

    assert text.count(right) > 0
    assert checked.stderr != ""


def test_the_broker_drop_in_is_valid_on_the_service_of_debian(tmp_path: Path) -> None:
    service = tmp_path / "mosquitto.service"
    service.write_text("[Unit]\nDescription=x\n[Service]\nType=notify\nExecStart=/bin/true\n", encoding="utf-8")
    text = (ROOT / "systemd" / "mosquitto.service.d" / "lifecert.conf").read_text(encoding="utf-8")
    (tmp_path / "mosquitto.service.d").mkdir()
    drop_in = tmp_path / "mosquitto.service.d" / "lifecert.conf"
    drop_in.write_text(text.replace("/usr/sbin/mosquitto", "/bin/true"), encoding="utf-8")

    checked = analyze("verify", "--man=no", str(service))

    assert (checked.returncode, checked.stderr) == (0, "")
    drop_in.write_text(text.replace("MemoryMax=300M", "MemoryMax=lots"), encoding="utf-8")
    assert "Invalid memory limit" in analyze("verify", "--man=no", str(service)).stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_every_service_is_kept_within_its_walls(unit: Path) -> None:
    checked = analyze("security", "--offline=true", f"--threshold={EXPOSURE[unit.stem]}", str(unit))

    assert checked.returncode == 0, checked.stdout[-300:]


def test_a_wall_that_is_taken_down_is_noticed(tmp_path: Path) -> None:
    text = (ROOT / "systemd" / "lifecert-edge.service").read_text(encoding="utf-8")
    open_wide = tmp_path / "lifecert-edge.service"
    open_wide.write_text(text.replace("PrivateNetwork=yes\n", ""), encoding="utf-8")

    checked = analyze("security", "--offline=true", f"--threshold={EXPOSURE['lifecert-edge']}", str(open_wide))

    assert checked.returncode != 0


@pytest.mark.parametrize("name", ON_A_UNIT)
def test_a_program_that_fails_again_and_again_is_left_be_and_leaves_a_plain_state(name: str) -> None:
    parsed = read(ROOT / "systemd" / f"{name}.service")

    assert parsed["Service"]["Restart"] == "on-failure"
    assert int(parsed["Unit"]["StartLimitBurst"]) * 60 <= int(parsed["Unit"]["StartLimitIntervalSec"])
    assert parsed["Unit"]["OnFailure"] == "lifecert-failed@%N.service"


def test_a_keyboard_at_the_kiosk_reaches_no_other_console_and_no_other_page() -> None:
    service = read(ROOT / "systemd" / "lifecert-kiosk.service")["Service"]
    policy = json.loads((ROOT / "packaging" / "kiosk-policy.json").read_text(encoding="utf-8"))

    assert service["ExecStart"].split() == ["/usr/bin/cage", "--", "/usr/lib/lifecert/kiosk", "${LIFECERT_PAGE}"]
    assert "Environment=LIFECERT_PAGE=http://127.0.0.1:8377/\n" in (ROOT / "systemd" / "lifecert-kiosk.service").read_text(
        "utf-8"
    )
    assert (policy["URLBlocklist"], policy["URLAllowlist"]) == (["*"], ["http://127.0.0.1:8377"])
    assert policy["DeveloperToolsAvailability"] == 2


def test_a_screen_that_stays_dark_is_tried_for_ever() -> None:
    parsed = read(ROOT / "systemd" / "lifecert-kiosk.service")

    assert (parsed["Service"]["Restart"], parsed["Unit"]["StartLimitIntervalSec"]) == ("always", "0")


@pytest.mark.parametrize(("name", "least_s"), [("lifecert-edge", 36), ("lifecert-uplink", 36), ("lifecert-panel", 10)])
def test_a_program_that_stalls_is_ended_by_its_watchdog(name: str, least_s: int) -> None:
    service = read(ROOT / "systemd" / f"{name}.service")["Service"]

    assert service["Type"] == "notify"
    # Less than a stage that hangs for a minute (F60), more than the writings between two signs of life on a slow disk (F14).
    assert least_s <= int(service["WatchdogSec"]) <= 60


def test_the_programs_of_a_unit_never_write_a_face_or_a_key_into_a_core_or_to_swap() -> None:
    for name in (*ON_A_UNIT, "lifecert-kiosk"):
        service = read(ROOT / "systemd" / f"{name}.service")["Service"]
        assert (service["LimitCORE"], service["MemorySwapMax"], service["UMask"]) == ("0", "0", "0077"), name


def test_the_panel_reaches_this_machine_only_and_no_state_of_the_unit() -> None:
    service = read(ROOT / "systemd" / "lifecert-panel.service")["Service"]

    assert (service["IPAddressDeny"], service["IPAddressAllow"]) == ("any", "localhost")
    assert service["RestrictAddressFamilies"] == "AF_INET AF_UNIX"
    assert service["InaccessiblePaths"] == "-/var/lib/lifecert"
    assert service["PrivateDevices"] == "yes"
    assert service["User"] != read(ROOT / "systemd" / "lifecert-edge.service")["Service"]["User"]


def test_the_browser_of_the_kiosk_stays_within_the_limits_of_its_service_and_writes_into_memory_only() -> None:
    service = read(ROOT / "systemd" / "lifecert-kiosk.service")["Service"]

    # With a login session its processes are in the control group of that session, where neither this holds nor MemoryMax.
    assert "PAMName" not in service
    assert (service["IPAddressDeny"], service["IPAddressAllow"]) == ("any", "localhost")
    assert (service["ProtectSystem"], service["TemporaryFileSystem"].partition(":")[0]) == ("strict", "/tmp")  # noqa: S108


def test_lamps_and_pins_are_reached_by_one_library_that_may_write_its_pipe() -> None:
    service = read(ROOT / "systemd" / "lifecert-edge.service")
    text = (ROOT / "systemd" / "lifecert-edge.service").read_text(encoding="utf-8")

    assert "LG_WD=/run/lifecert GPIOZERO_PIN_FACTORY=lgpio" in text
    assert service["Service"]["RuntimeDirectory"] == "lifecert"
    assert service["Service"]["DevicePolicy"] == "closed"


def test_lamps_on_hardware_pwm_can_be_reached_and_nothing_else_of_the_kernel_s_files() -> None:
    text = (ROOT / "systemd" / "lifecert-edge.service").read_text(encoding="utf-8")
    writable = [path for line in re.findall(r"^ReadWritePaths=(.*)$", text, re.MULTILINE) for path in line.split()]

    # A rule for /sys/class/pwm itself would do nothing: it is a folder of links, and the chips lie elsewhere.
    assert writable == [f"-/sys/class/pwm/pwmchip{number}" for number in range(8)]
    assert "ProtectKernelTunables=yes\n" in text


def test_every_user_of_a_service_is_made() -> None:
    files = sorted((ROOT / "systemd" / "sysusers.d").glob("*.conf"))
    made = [user for file in files for user in re.findall(r"^u (\S+)", file.read_text(encoding="utf-8"), re.MULTILINE)]
    users = {read(unit)["Service"]["User"] for unit in UNITS}

    assert users == set(made)


def test_every_group_that_a_service_names_is_made_where_it_is_missing() -> None:
    made = re.findall(
        r"^[gu] (\S+)", (ROOT / "systemd" / "sysusers.d" / "lifecert.conf").read_text(encoding="utf-8"), re.MULTILINE
    )
    named = {group for unit in UNITS for group in read(unit)["Service"].get("SupplementaryGroups", "").split()}

    assert named - set(made) == set()


def test_the_program_that_sees_faces_has_no_network() -> None:
    service = read(ROOT / "systemd" / "lifecert-edge.service")["Service"]

    assert service["PrivateNetwork"] == "yes"
    assert service["RestrictAddressFamilies"] == "AF_UNIX"


def test_the_program_that_has_a_network_reaches_no_face_and_no_signing_key() -> None:
    service = read(ROOT / "systemd" / "lifecert-uplink.service")["Service"]

    assert service["PrivateDevices"] == "yes"
    assert "/var/lib/lifecert/gallery" in service["InaccessiblePaths"]
    assert "/var/lib/lifecert/keys/result.pem" in service["InaccessiblePaths"]
