"""What a unit loads and opens before its first visit, and in which order."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from edge.engine import ASKED_SELDOM, open_engine
from edge.state_dir import StateDir
from models.errors import DigestMismatchError
from models.late import LateNetwork
from models.store import ModelStore
from tests.models.made_up import ForbiddenFetch

ROOT = Path(__file__).resolve().parents[2]

NEVER_NEEDED = (
    *("httpx", "ssl", "paho", "edge.est", "edge.enrolment", "models.fetch"),  # speaking with the centre is another program's
    *("onnx", "scipy", "matplotlib", "jinja2", "edge.evaluate", "provisioning"),  # measuring
    *("importlib.metadata", "zipfile", "asyncio", "multiprocessing", "subprocess"),  # slow to load
    *("models.official", "models.download", "firmware.usb.camera", "firmware.twin.camera", "firmware.twin.scene"),  # when wanted
)
"""What a unit that has its files does not load at its start."""


def told_by(program: str) -> list[Any]:
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    told: list[Any] = json.loads(done.stdout)
    return told


def test_the_service_loads_nothing_that_it_needs_only_sometimes() -> None:
    loaded = told_by("import edge.service, json, sys; print(json.dumps(list(sys.modules)))")

    assert {"numpy", "edge.unit", "models.store"} <= set(loaded)
    assert set(NEVER_NEEDED) & set(loaded) == set()


OPENS = """
import json, sys, threading
from pathlib import Path
import models.runtime_onnx, models.runtime_tflite
from edge.config import Settings, UnitSettings
from edge.post import Options, open_unit

def threads():
    return len(list(Path("/proc/self/task").iterdir()))

before, state, mirror = threads(), Path({state!r}), Path({mirror!r})
with open_unit(Options(Settings(unit=UnitSettings(state=state)), "usb:99", (), mirror)) as unit:
    cameras = [name for name in sys.modules if name.startswith("firmware") and name.endswith("camera")]
    print(json.dumps([len(unit.engine.networks), before, threads(), threading.active_count(), cameras]))
"""


@pytest.mark.weights
def test_a_unit_opens_its_networks_before_any_camera_and_without_a_thread(enrolled: StateDir, model_store: ModelStore) -> None:
    program = OPENS.format(state=str(enrolled.root), mirror=str(model_store.path("landmarks5").parent))

    networks, before, after, of_python, cameras = told_by(program)

    assert networks > 6
    assert (after, of_python, cameras) == (before, 1, [])


@pytest.mark.weights
def test_only_what_is_seldom_asked_is_opened_late(model_store: ModelStore) -> None:
    engine, at_once = open_engine(model_store), open_engine(model_store, late=())

    assert {name for name, network in engine.networks.items() if isinstance(network, LateNetwork)} == ASKED_SELDOM
    assert not any(isinstance(network, LateNetwork) for network in at_once.networks.values())
    assert engine.models == at_once.models


@pytest.mark.weights
def test_a_unit_does_not_start_with_a_wrong_file_that_it_would_open_late(tmp_path: Path, model_store: ModelStore) -> None:
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    for path in model_store.path("landmarks5").parent.iterdir():
        (mirror / path.name).symlink_to(path)
    wrong = mirror / model_store.card("facemask_aizoo").file
    wrong.unlink()
    shutil.copy(model_store.path("landmarks5"), wrong)

    with pytest.raises(DigestMismatchError, match="facemask_aizoo"):
        open_engine(ModelStore(model_store.manifest, mirror, tmp_path / "cache", ForbiddenFetch()))


@pytest.mark.parametrize("program", ["edge.service", "edge.cli", "edge.commands.bench_unit", "edge.cold_start_child"])
def test_no_program_of_the_unit_keeps_threads_for_products_of_numbers(program: str) -> None:
    environ = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    product = "import numpy, os; numpy.ones((600, 600)) @ numpy.ones((600, 600)); print(len(os.listdir('/proc/self/task')))"

    done = subprocess.run(
        [sys.executable, "-c", f"import {program}; {product}"], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    )

    assert int(done.stdout) == 1
