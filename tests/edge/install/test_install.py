"""The installer: its plan, that it may be run again and goes on where it was interrupted, and what it changes in a dry run."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from edge.config import read_settings
from edge.install.boards import BoardWord, judge
from edge.install.command import parser
from edge.install.errors import KitIncompleteError, StepFailedError
from edge.install.kit import open_kit
from edge.install.plan import Command, Step, Wishes, make_plan
from edge.install.runner import OwnHands, Runner, State, spoken
from firmware.board import BoardKind
from tests.edge.install.machines import DEFAULT, KIT, ORIN, PC, PI_5, RecordingHands

ROOT = Path(__file__).resolve().parents[3]
PLAN = make_plan(PI_5, judge(PI_5), KIT, Wishes())


def runner_with(hands: RecordingHands) -> Runner:
    return Runner(hands, lambda _: None, lambda: 0.0)


def states(hands: RecordingHands, plan: tuple[Step, ...] = PLAN) -> dict[str, State]:
    """What each step finds when the plan is carried out."""
    return {outcome.step.name: outcome.state for outcome in runner_with(hands).carry_out(plan)}


def test_the_plan_of_a_raspberry_pi_does_everything_in_order() -> None:
    names = [step.name for step in PLAN]

    assert names == ["packages", "users", "folders", "environment", "settings", "models", "benchmark", "services", "start"]


def test_the_environment_sees_the_system_and_takes_only_what_is_locked() -> None:
    (environment,) = (step for step in PLAN if step.name == "environment")
    commands = [spoken(action) for action in environment.actions]

    assert commands[1] == "/usr/bin/python3.11 -m venv --system-site-packages /opt/lifecert"
    assert commands[2].endswith("--require-hashes --requirement /usr/lib/lifecert/unit-bookworm.txt")
    assert "--no-deps" in commands[3]
    assert KIT.wheel in commands[3]


def test_a_board_without_internet_takes_networks_and_packages_from_a_stick() -> None:
    plan = make_plan(PI_5, judge(PI_5), KIT, Wishes(mirror="/media/usb", wheels="/media/usb/wheels"))
    commands = [spoken(action) for step in plan for action in step.actions]

    assert any("--no-index --find-links /media/usb/wheels --require-hashes" in command for command in commands)
    assert any(command.endswith("models pull --mirror /media/usb") for command in commands)


def test_nothing_of_the_unit_runs_as_root() -> None:
    words = [action.words for step in PLAN for action in step.actions if isinstance(action, Command)]
    of_the_unit = [each for each in words if "models" in each]

    assert len(of_the_unit) == 2
    assert all(each[:4] == ("runuser", "-u", "lifecert", "--") for each in of_the_unit)


def test_networks_and_their_files_are_chosen_where_the_services_look_for_them() -> None:
    service = (ROOT / "systemd" / "lifecert-edge.service").read_text(encoding="utf-8")
    (cache,) = re.findall(r"^Environment=(LIFECERT_CACHE=\S+)$", service, re.MULTILINE)
    words = [action.words for step in PLAN for action in step.actions if isinstance(action, Command)]

    assert [cache in each for each in words if "models" in each] == [True, True]


def test_a_chroot_gets_its_services_enabled_and_none_started() -> None:
    plan = make_plan(PC, judge(PC), KIT, Wishes())

    assert plan[-1].name == "services"


def test_the_panel_is_started_by_a_release_that_has_one() -> None:
    with_panel = replace(KIT, programs=KIT.programs | {"lifecert-panel"})

    assert "lifecert-panel.service" not in KIT.services
    assert with_panel.services[-1] == "lifecert-panel.service"


def test_jetpack_gets_the_python_that_it_lacks() -> None:
    plan = make_plan(ORIN, judge(ORIN), KIT, Wishes())
    commands = [spoken(action) for step in plan for action in step.actions]

    assert commands[1].startswith("apt-get install --yes --no-install-recommends python3.11-venv")
    assert "python3.11 -m venv --system-site-packages /opt/lifecert" in commands


def test_what_was_done_is_left_alone_the_second_time() -> None:
    hands = RecordingHands()
    first = states(hands)
    hands.ran.clear()

    second = states(hands)

    assert set(first.values()) == {State.DONE}
    assert {name for name, state in second.items() if state is State.DONE} == {"start"}
    assert hands.ran[0] == "systemctl daemon-reload"


@pytest.mark.parametrize("step", PLAN[:-1], ids=lambda step: step.name)
def test_interrupted_in_any_step_it_goes_on_with_that_step(step: Step) -> None:
    hands = RecordingHands()
    last = step.actions[-1]
    hands.breaks_at = spoken(last)

    with pytest.raises(StepFailedError) as failed:
        states(hands)
    hands.breaks_at = ""
    again = states(hands)

    assert failed.value.step == step.name
    assert "run lifecert-install again" in str(failed.value)
    before = [each.name for each in PLAN[: PLAN.index(step)]]
    assert [again[name] for name in before] == [State.THERE] * len(before)
    assert {again[each.name] for each in PLAN[PLAN.index(step) :]} == {State.DONE}


def test_another_release_makes_the_environment_anew_and_keeps_the_rest() -> None:
    hands = RecordingHands()
    states(hands)

    again = states(hands, make_plan(PI_5, judge(PI_5), replace(KIT, digest="e" * 64), Wishes()))

    assert {name for name, state in again.items() if state is State.DONE} == {"environment", "start"}


def test_a_release_that_brings_another_program_gets_it_enabled_as_well() -> None:
    hands = RecordingHands()
    states(hands)
    newer = replace(KIT, programs=KIT.programs | {"lifecert-panel"})

    again = states(hands, make_plan(PI_5, judge(PI_5), newer, Wishes()))

    assert again["services"] is State.DONE
    assert "lifecert-panel.service" in hands.enabled


def test_settings_that_somebody_changed_stay() -> None:
    hands = RecordingHands()
    hands.files["/etc/lifecert/unit.toml"] = '[unit]\nlanguage = "en"\n'

    found = states(hands)

    assert found["settings"] is State.THERE
    assert hands.files["/etc/lifecert/unit.toml"] == '[unit]\nlanguage = "en"\n'


def test_untouched_settings_get_the_board_and_its_camera() -> None:
    hands = RecordingHands()

    states(hands)

    assert hands.files["/etc/lifecert/unit.toml"] == '# Settings of this unit.\n[unit]\nboard = "pi"\ncamera = "pi"\n'


def test_the_settings_that_the_installer_writes_are_ones_that_the_unit_takes() -> None:
    with_panel = replace(KIT, programs=KIT.programs | {"lifecert-panel"})

    settings = read_settings("unit.toml", with_panel.settings_for("pi", "pi"))

    assert (settings.unit.board, settings.unit.camera) == (BoardKind.PI, "pi")
    assert settings.stage is not None


def test_a_dry_run_asks_and_changes_nothing() -> None:
    hands = RecordingHands()

    outcomes = runner_with(hands).look(PLAN)

    assert {outcome.state for outcome in outcomes} == {State.TO_DO}
    assert hands.ran == []
    assert hands.files == {"/etc/lifecert/unit.toml": DEFAULT}
    assert len(hands.asked) >= 5


def test_a_read_only_disk_ends_it_with_a_sentence() -> None:
    hands = RecordingHands()
    hands.breaks_at = "write /etc/lifecert/unit.toml"

    with pytest.raises(StepFailedError, match="Read-only file system"):
        states(hands)


def test_own_hands_give_back_how_a_command_ended_and_its_last_lines() -> None:
    hands = OwnHands({"PATH": "/usr/bin:/bin"})

    ended = hands.run(("sh", "-c", "seq 100; echo why >&2; exit 3"))

    assert (ended.status, ended.text.splitlines()[-2:]) == (3, ["100", "why"])
    assert len(ended.text.splitlines()) <= 8
    assert hands.run(("no-such-program",)).status == 127


def test_own_hands_put_a_file_in_place_whole_and_leave_nothing_beside_it(tmp_path: Path) -> None:
    hands = OwnHands({})
    path = tmp_path / "etc" / "unit.toml"

    hands.write(str(path), "[unit]\n", 0o640)

    assert hands.read(str(path)) == "[unit]\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(path.parent.iterdir()) == [path]
    assert hands.read(str(tmp_path / "nothing")) is None


# What the package brings


def kit_in(folder: Path) -> Path:
    """A folder as the package lays it down."""
    with zipfile.ZipFile(folder / "lifecert-0.1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("lifecert-0.1.0.dist-info/entry_points.txt", "[console_scripts]\nlifecert-edge = edge.service:main\n")
    for name in ("unit-bookworm.txt", "unit-trixie.txt"):
        (folder / name).write_text("numpy==1\n", encoding="utf-8")
    (folder / "unit.toml").write_text(DEFAULT, encoding="utf-8")
    return folder


def test_the_kit_knows_its_programs_and_changes_its_stamp_with_each_file(tmp_path: Path) -> None:
    kit = open_kit(kit_in(tmp_path))
    (tmp_path / "unit-trixie.txt").write_text("numpy==2\n", encoding="utf-8")
    changed = open_kit(tmp_path)

    assert kit.programs == {"lifecert-edge"}
    assert kit.stamp("3.11") != changed.stamp("3.11")


@pytest.mark.parametrize("name", ["lifecert-0.1.0-py3-none-any.whl", "unit-bookworm.txt", "unit-trixie.txt", "unit.toml"])
def test_a_file_of_the_kit_that_is_missing_is_named(tmp_path: Path, name: str) -> None:
    (kit_in(tmp_path) / name).unlink()

    with pytest.raises(KitIncompleteError, match="install the package lifecert again"):
        open_kit(tmp_path)


def test_a_damaged_wheel_is_no_kit(tmp_path: Path) -> None:
    (kit_in(tmp_path) / "lifecert-0.1.0-py3-none-any.whl").write_bytes(b"not a wheel")

    with pytest.raises(KitIncompleteError, match="the list of programs"):
        open_kit(tmp_path)


# On the system's own Python


def run_installer(*words: str) -> subprocess.CompletedProcess[str]:
    """Run it as it runs before there is an environment: isolated, without any package."""
    start = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from edge.install.command import main; sys.exit(main())"
    command = [sys.executable, "-ISB", "-c", start, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_installer_needs_nothing_but_the_standard_library() -> None:
    imported = {
        name
        for path in (ROOT / "edge" / "install").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in getattr(node, "names", [])])
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }

    foreign = {name for name in imported if name.partition(".")[0] not in sys.stdlib_module_names}
    assert {name for name in foreign if not name.startswith("edge.install.")} == set()
    assert "lifecert-install --dry-run" in run_installer("--help").stdout


@pytest.mark.parametrize("words", [["--rounds", "4"], ["--rounds", "many"], ["--board", "toaster"], ["--dry"], ["now"]])
def test_a_wrong_use_ends_with_2(words: list[str]) -> None:
    ended = run_installer(*words)

    assert ended.returncode == 2
    assert "usage: lifecert-install" in ended.stderr


def test_a_folder_that_is_not_there_ends_with_2_and_one_json_document() -> None:
    ended = run_installer("--board", "twin", "--dry-run", "--json", "--mirror", "/no/such/stick")

    assert (ended.returncode, ended.stderr) == (2, "")
    assert json.loads(ended.stdout) == {"error": {"code": "Install", "message": "/no/such/stick is no folder"}}


def test_the_page_for_installers_names_every_option() -> None:
    page = (ROOT / "docs" / "operations" / "install.md").read_text(encoding="utf-8")
    options = [action.option_strings[-1] for action in parser()._actions if action.option_strings]

    assert [option for option in options if option not in page and option != "--help"] == []
    assert BoardWord.TWIN.value in page
