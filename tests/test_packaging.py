"""The package of a unit: what it holds, that it is built alike each time, and that its removal loses no result without a word."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.edge.spool_parts import opened, queue, receipt_of, sealed_receipt

ROOT = Path(__file__).resolve().parent.parent
POSTRM = ROOT / "packaging" / "debian" / "postrm"


def pins(name: str) -> dict[str, str]:
    """Package -> everything that a lock file says of it."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)
    return {block.partition("==")[0]: block.strip() for block in blocks if "==" in block}


@pytest.mark.parametrize("suite", ["bookworm", "trixie"])
def test_a_unit_installs_what_the_tests_ran_with_and_only_what_it_needs(suite: str) -> None:
    unit, everything = pins(f"unit-{suite}.txt"), pins(f"{suite}.txt")

    assert {name: block for name, block in unit.items() if everything.get(name) != block} == {}
    assert {"onnxruntime", "numpy", "paho-mqtt", "fastapi", "gpiozero", "luma-lcd"} <= unit.keys()
    assert unit.keys() & {"pytest", "mypy", "playwright", "sqlalchemy", "matplotlib", "scipy"} == set()


def build(out: Path, *words: str) -> Path:
    """Build the package; returns its path."""
    command = [str(ROOT / "scripts" / "build-deb"), "--out", str(out), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


def listed(package: Path) -> dict[str, str]:
    """Path -> mode and owner, of what a package lays down."""
    done = subprocess.run(["dpkg-deb", "--contents", package], capture_output=True, text=True, timeout=60, check=True)
    rows = (line.split() for line in done.stdout.splitlines())
    return {row[5].removeprefix("."): f"{row[0]} {row[1]}" for row in rows}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("deb"))


def test_the_package_holds_what_a_unit_needs_and_nothing_of_the_centre(package: Path) -> None:
    files = {path for path in listed(package) if not path.endswith("/")}

    services = {Path(path).name for path in files if path.endswith(".service")}
    assert services == {f"lifecert-{name}.service" for name in ("edge", "uplink", "panel", "enrol", "failed@", "kiosk")}
    assert {
        "/etc/chromium/policies/managed/lifecert.json",
        "/etc/lifecert/unit.toml",
        "/usr/bin/lifecert-install",
        *(f"/usr/bin/{name}" for name in ("lifecert", "lifecert-enrol", "lifecert-uplink", "firmware-selftest")),
        "/usr/lib/lifecert/kiosk",
        "/usr/lib/lifecert/unit-bookworm.txt",
        "/usr/lib/lifecert/unit-trixie.txt",
        "/usr/lib/systemd/journald.conf.d/lifecert.conf",
        "/usr/lib/sysusers.d/lifecert.conf",
        "/usr/lib/tmpfiles.d/lifecert.conf",
    } <= files


def test_everything_in_the_package_belongs_to_root_and_nobody_else_may_write_to_it(package: Path) -> None:
    wrong = {path: mode for path, mode in listed(package).items() if not re.match(r"[d-]rw[x-]r-[x-]r-[x-] root/root", mode)}

    assert wrong == {}


def test_the_same_tree_gives_the_same_package(package: Path, tmp_path: Path) -> None:
    again = build(tmp_path)

    assert again.read_bytes() == package.read_bytes()


def test_another_release_says_so(tmp_path: Path) -> None:
    package = build(tmp_path, "--version", "9.8.7")
    said = subprocess.run(["dpkg-deb", "--field", package, "Version"], capture_output=True, text=True, timeout=60, check=True)

    assert package.name == "lifecert_9.8.7_all.deb"
    assert said.stdout == "9.8.7\n"
    assert "/usr/lib/lifecert/lifecert-9.8.7-py3-none-any.whl" in listed(package)


def test_the_settings_that_ship_are_settings_that_nobody_has_made() -> None:
    from edge.config import Settings, load_settings

    assert load_settings(ROOT / "packaging" / "unit.toml") == Settings()


# Commands of an administrator

Act = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine that has an environment, settings and a state."""
    for folder in ("opt/lifecert/bin", "var/lib/lifecert/keys", "etc/lifecert/enrol"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "var/lib/lifecert/keys/result.pem").write_text("a key", encoding="utf-8")
    return tmp_path


@pytest.fixture
def act(machine: Path) -> Act:
    """Runs a program of the package on a machine where changing the user only says so."""
    bin_, programs = machine / "opt/lifecert/bin", machine / "usr/bin"
    programs.mkdir(parents=True)

    def acted(name: str, *words: str, user: int = 0) -> subprocess.CompletedProcess[str]:
        (programs / "id").write_text(f"#!/bin/sh\necho {user}\n", encoding="utf-8")
        (programs / "setpriv").write_text('#!/bin/sh\necho "setpriv $*"\nenv\n', encoding="utf-8")
        for file in (programs / "id", programs / "setpriv", *bin_.iterdir()):
            file.chmod(0o755)
        (programs / name).write_bytes((ROOT / "packaging" / "as-unit").read_bytes())
        environment = {"DPKG_ROOT": str(machine), "PATH": f"{programs}:/usr/bin:/bin"}
        return subprocess.run(
            ["sh", programs / name, *words], env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    return acted


def test_a_command_runs_with_user_groups_folders_and_settings_of_the_service(machine: Path, act: Act) -> None:
    (machine / "opt/lifecert/bin/lifecert").write_text("", encoding="utf-8")
    service = (ROOT / "systemd" / "lifecert-edge.service").read_text(encoding="utf-8")
    (groups,) = re.findall(r"^SupplementaryGroups=(.+)$", service, re.MULTILINE)
    variables = [pair for line in re.findall(r"^Environment=(.+)$", service, re.MULTILINE) for pair in line.split()]

    done = act("lifecert", "doctor", "--json")

    said, *environment = done.stdout.splitlines()
    words = said.split()
    assert words[1:5] == ["--reuid", "lifecert", "--regid", "lifecert"]
    assert set(words[6].split(",")) == set(groups.split())
    assert words[7:] == [f"{machine}/opt/lifecert/bin/lifecert", "doctor", "--json"]
    assert {*variables, "LIFECERT_CONFIG=/etc/lifecert/unit.toml"} <= set(environment)


def test_the_pin_of_the_panel_is_set_by_root_itself(machine: Path, act: Act) -> None:
    (machine / "opt/lifecert/bin/lifecert").write_text('#!/bin/sh\necho "itself: $* with $LIFECERT_CONFIG"\n', encoding="utf-8")

    done = act("lifecert", "panel", "pin")

    assert done.stdout == "itself: panel pin with /etc/lifecert/unit.toml\n"


@pytest.mark.parametrize(("there", "user", "words"), [(False, 0, "run lifecert-install first"), (True, 1000, "sudo lifecert")])
def test_a_command_that_cannot_act_as_the_unit_says_what_to_do(
    machine: Path, act: Act, there: bool, user: int, words: str
) -> None:
    if there:
        (machine / "opt/lifecert/bin/lifecert").write_text("", encoding="utf-8")

    done = act("lifecert", "doctor", user=user)

    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


# Purge


def postrm(machine: Path, word: str) -> str:
    """Run the script on the machine; what it said."""
    environment = {"DPKG_ROOT": str(machine), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    done = subprocess.run(["sh", POSTRM, word], env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_removal_takes_the_environment_and_keeps_the_state(machine: Path) -> None:
    with opened(machine / "var/lib/lifecert") as spool:
        queue(spool)

    said = postrm(machine, "remove")

    assert said == ""
    assert not (machine / "opt/lifecert").exists()
    assert (machine / "var/lib/lifecert/keys/result.pem").exists()


def test_purge_takes_the_state_once_every_result_has_its_receipt(machine: Path) -> None:
    with opened(machine / "var/lib/lifecert") as spool:
        receipt = receipt_of(queue(spool))
        spool.accept_receipt(receipt, sealed_receipt(receipt))

    said = postrm(machine, "purge")

    assert said == ""
    assert not (machine / "var/lib/lifecert").exists()
    assert not (machine / "etc/lifecert").exists()


def test_purge_of_a_unit_that_never_served_takes_the_state(machine: Path) -> None:
    postrm(machine, "purge")

    assert not (machine / "var/lib/lifecert").exists()


@pytest.mark.parametrize("count", [1, 3])
def test_purge_keeps_results_that_wait_and_says_how_many(machine: Path, count: int) -> None:
    with opened(machine / "var/lib/lifecert") as spool:
        for _ in range(count):
            queue(spool)

    said = postrm(machine, "purge")

    assert f"{count} results wait for delivery" in said
    assert (machine / "var/lib/lifecert/spool.db").exists()
    assert (machine / "var/lib/lifecert/keys/result.pem").exists()


@pytest.mark.parametrize("name", ["spool.db", "spool.db.bad-1700000000"])
def test_purge_keeps_what_cannot_be_read(machine: Path, name: str) -> None:
    (machine / "var/lib/lifecert" / name).write_bytes(b"damaged" * 1000)

    said = postrm(machine, "purge")

    assert "is kept" in said
    assert (machine / "var/lib/lifecert" / name).exists()
