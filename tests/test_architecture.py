"""The walls, doors and sizes of the house hold, and each rule is seen to fail where one is broken."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import house_rules as rules

ROOT = Path(__file__).resolve().parent.parent
Rule = Callable[[str, str], list[str]]

IN_ROOMS: tuple[Rule, ...] = (
    rules.a_library_is_entered_by_its_doors,
    rules.nothing_is_too_long,
    rules.a_map_of_a_room_holds_no_code,
    rules.the_judgement_is_pure,
    rules.the_outside_comes_in_through_constructors,
    rules.nobody_prints,
    rules.an_error_says_what_happened,
    rules.nothing_is_left_behind,
)
IN_TESTS: tuple[Rule, ...] = (rules.nothing_is_too_long, rules.a_test_runs_and_uses_the_real_thing, rules.nothing_is_left_behind)
ABOUT_ITSELF = {"tests/house_rules.py", "tests/test_architecture.py"}
"""They spell out what the rules forbid."""


def files(folder: str) -> dict[str, str]:
    """Path from the root -> text, of every Python file in a folder."""
    paths = sorted((ROOT / folder).rglob("*.py"))
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}


@pytest.mark.parametrize("rule", IN_ROOMS, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("room", rules.ROOMS)
def test_a_room_keeps_the_rules(room: str, rule: Rule) -> None:
    assert files(room), f"the room {room} is empty"
    assert "\n".join(complaint for path, text in files(room).items() for complaint in rule(path, text)) == ""


@pytest.mark.parametrize("rule", IN_TESTS, ids=lambda rule: rule.__name__)
def test_the_tests_keep_the_rules(rule: Rule) -> None:
    tests = {path: text for path, text in files("tests").items() if path not in ABOUT_ITSELF}

    assert "\n".join(complaint for path, text in tests.items() for complaint in rule(path, text)) == ""


BROKEN: list[tuple[Rule, str, str]] = [
    (rules.a_library_is_entered_by_its_doors, "edge/decision.py", "import cv2"),
    (rules.a_library_is_entered_by_its_doors, "edge/uplink/service.py", "from paho.mqtt import client"),
    (rules.a_library_is_entered_by_its_doors, "edge/stages/detect.py", "def find():\n    import onnxruntime"),
    (rules.a_library_is_entered_by_its_doors, "provisioning/ledger/book.py", "import sqlite3"),
    (rules.a_library_is_entered_by_its_doors, "wire/result.py", "import requests"),
    (rules.a_library_is_entered_by_its_doors, "edge/spool/rows.py", "from tests import builders"),
    (rules.nothing_is_too_long, "edge/flow.py", "x = 1\n" * 401),
    (rules.nothing_is_too_long, "edge/flow.py", "def long():\n" + "    x = 1\n" * 50),
    (rules.nothing_is_too_long, "edge/flow.py", "class Long:\n    async def long(self):\n" + "        x = 1\n" * 50),
    (rules.a_map_of_a_room_holds_no_code, "edge/__init__.py", ""),
    (rules.a_map_of_a_room_holds_no_code, "edge/__init__.py", '"""A map."""\nfrom edge.flow import Box'),
    (rules.the_judgement_is_pure, "edge/session/gather.py", "import time"),
    (rules.the_judgement_is_pure, "edge/session/gather.py", "from firmware.ports import Camera"),
    (rules.the_judgement_is_pure, "edge/decision.py", "from edge.stages.match import Matcher"),
    (rules.the_judgement_is_pure, "edge/decision.py", "from wire.envelope import seal"),
    (rules.the_judgement_is_pure, "edge/flow.py", "def f():\n    import random"),
    (rules.the_outside_comes_in_through_constructors, "edge/conclude.py", "import time\nstart = time.monotonic()"),
    (rules.the_outside_comes_in_through_constructors, "edge/conclude.py", "from secrets import token_bytes"),
    (rules.the_outside_comes_in_through_constructors, "models/store.py", "import os\ncache = os.environ['X']"),
    (rules.the_outside_comes_in_through_constructors, "wire/keys.py", "from datetime import datetime\nnow = datetime.now()"),
    (rules.nobody_prints, "edge/conclude.py", "def f():\n    print('accepted')"),
    (rules.an_error_says_what_happened, "edge/errors.py", 'class SpoolFull(Exception):\n    """The spool is full."""'),
    (rules.an_error_says_what_happened, "edge/errors.py", "class SpoolFullError(Exception):\n    pass"),
    (rules.a_test_runs_and_uses_the_real_thing, "tests/edge/test_x.py", "from unittest.mock import Mock"),
    (rules.a_test_runs_and_uses_the_real_thing, "tests/edge/test_x.py", "@pytest.mark.skipif(True)\ndef test_x(): ..."),
    (rules.nothing_is_left_behind, "edge/config.py", "DEFAULT = '/home/somebody/spool.db'"),
    (rules.nothing_is_left_behind, "edge/config.py", "x = 1  # TODO mend"),
]


@pytest.mark.parametrize(("rule", "path", "text"), BROKEN)
def test_a_rule_complains_where_it_is_broken(rule: Rule, path: str, text: str) -> None:
    (complaint,) = rule(path, text)

    assert complaint.startswith(path)


KEPT: list[tuple[Rule, str, str]] = [
    (rules.a_library_is_entered_by_its_doors, "edge/imaging.py", "import cv2\nimport json\nfrom wire.result import Verdict"),
    (rules.nothing_is_too_long, "edge/flow.py", "def long():\n" + "    x = 1\n" * 49),
    (rules.a_map_of_a_room_holds_no_code, "edge/__init__.py", '"""A map."""'),
    (rules.the_judgement_is_pure, "edge/decision.py", "from edge.session.states import State\nfrom wire.reasons import Reason"),
    (rules.the_outside_comes_in_through_constructors, "edge/clock.py", "import time\nnow = time.time()"),
    (rules.the_outside_comes_in_through_constructors, "edge/retry.py", "import random\ndef f(dice=random.random): return dice()"),
    (rules.nobody_prints, "demo/table.py", "print('accepted')"),
    (rules.an_error_says_what_happened, "edge/errors.py", 'class SpoolFullError(Exception):\n    """The spool is full."""'),
    (rules.a_test_runs_and_uses_the_real_thing, "tests/edge/test_x.py", "def test_x():\n    assert spool.read() == []"),
    (rules.nothing_is_left_behind, "edge/config.py", "DEFAULT = '/var/lib/lifecert/spool.db'"),
]


@pytest.mark.parametrize(("rule", "path", "text"), KEPT)
def test_a_rule_is_silent_where_it_is_kept(rule: Rule, path: str, text: str) -> None:
    assert rule(path, text) == []


def test_every_rule_is_seen_to_fail_and_to_hold() -> None:
    every = {*IN_ROOMS, *IN_TESTS}

    assert {rule for rule, _, _ in BROKEN} == every
    assert {rule for rule, _, _ in KEPT} == every


def test_every_door_is_used() -> None:
    entered = {
        (name.partition(".")[0], path)
        for room in rules.ROOMS
        for path, text in files(room).items()
        for _, name in rules.imports(ast.parse(text))
    }
    unused = [
        f"{library}: {door}"
        for library, doors in rules.DOORS.items()
        for door in doors
        if not any(entering == library and rules.among(path, [door]) for entering, path in entered)
    ]

    assert "\n".join(unused) == ""


# Each wall, and an import that breaks it: file, line, and words from the name of the contract that must notice.
WALLS = [
    ("edge/decision.py", "import provisioning.errors", "Floors"),
    ("models/manifest.py", "import edge.flow", "Floors"),
    ("wire/result.py", "import firmware.frame", "wire imports none"),
    ("firmware/frame.py", "import wire.reasons", "firmware imports none"),
    ("demo/__init__.py", "import edge.errors", "The demonstration"),
    ("provisioning/errors.py", "import firmware.errors", "The centre"),
    ("provisioning/errors.py", "import models.store", "The centre"),
    ("edge/session/states.py", "import edge.stages.match", "The judgement"),
    ("edge/decision.py", "import edge.spool.spool", "The judgement"),
    ("edge/uplink/mqtt.py", "import edge.imaging", "a network sees"),
    ("edge/uplink/mqtt.py", "import firmware.frame", "a network sees"),
    ("edge/panel/stream.py", "import edge.imaging", "The panel"),
    ("edge/panel/operator/router.py", "import edge.keystore", "The panel"),
    ("edge/showing/facts.py", "import firmware.board", "The panel"),
    ("edge/stages/detect.py", "import paho", "no network"),
    ("edge/pipeline.py", "import socket", "no network"),
]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]


@pytest.fixture(scope="module")
def copy_of_the_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    house = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", house)
    for room in rules.ROOMS:
        shutil.copytree(ROOT / room, house / room, ignore=shutil.ignore_patterns("__pycache__"))
    return house


def lint_imports(house: Path) -> tuple[int, str]:
    """Exit status and report of import-linter in a folder."""
    program = Path(sys.executable).parent / "lint-imports"
    environment = {**os.environ, "PYTHONPATH": str(house)}
    done = subprocess.run([program, "--no-cache"], cwd=house, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_the_walls_stand(copy_of_the_house: Path) -> None:
    status, report = lint_imports(copy_of_the_house)

    assert status == 0, report


@pytest.mark.parametrize(("file", "line", "wall"), WALLS)
def test_a_broken_wall_is_noticed(copy_of_the_house: Path, file: str, line: str, wall: str) -> None:
    (name,) = (contract["name"] for contract in CONTRACTS if wall in contract["name"])
    path = copy_of_the_house / file
    whole = path.read_text(encoding="utf-8")
    path.write_text(f"{whole}\n{line}\n", encoding="utf-8")

    status, report = lint_imports(copy_of_the_house)

    path.write_text(whole, encoding="utf-8")
    assert status == 1, report
    assert f"{name} BROKEN" in report


def test_every_wall_is_seen_to_fail() -> None:
    unbroken = [contract["name"] for contract in CONTRACTS if not any(wall in contract["name"] for _, _, wall in WALLS)]

    assert unbroken == []
