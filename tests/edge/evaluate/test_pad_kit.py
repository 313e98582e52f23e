"""The kit from end to end: an attack is recorded before a simulated unit, and reported on from what was kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.commands.pad import group
from edge.engine import Engine
from edge.evaluate.simulated.faces import USUAL
from tests.conftest import mirror_folder
from tests.edge.evaluate.scene_files import write_scene

PHOTO = USUAL / "images" / "A000055_p2024.jpg"


def run(*words: object) -> Result:
    environment = {"LIFECERT_MIRROR": str(mirror_folder()), "LIFECERT_CONFIG": ""}
    return CliRunner().invoke(group, [str(word) for word in words], env=environment)


@pytest.mark.weights
@pytest.mark.footage
def test_a_recorded_attack_is_reported_as_the_attack_it_was(tmp_path: Path, footage_dir: Path, engine: Engine) -> None:
    photo, trial, page = footage_dir / PHOTO, tmp_path / "trial", tmp_path / "page.html"
    trial.mkdir()
    scene = write_scene(tmp_path / "scene.toml", photo, engine.eyes, species="vinyl_print", variant=1, seed=3, ends_after_s=8.0)
    who = ("--subject", "S07", "--operator", "W1", "--consent", "form 12", "--place", "office")
    what = ("--species", "vinyl_print", "--artefact", "simulated", "--reference", photo, "--camera", scene, "--seed", 7)

    recorded = run("record", "--out", trial, *what, *who, "--json")
    reported = run("report", trial, "--out", page, "--json")

    kept, found = json.loads(recorded.stdout), json.loads(reported.stdout)
    assert (recorded.exit_code, reported.exit_code) == (0, 0)
    assert kept.keys() == {"folder", "verdict", "reasons", "frames"}
    assert (kept["verdict"], kept["reasons"]) == ("attack", ["SPOOF_SUSPECTED"])
    assert kept["frames"] == len(list(trial.glob("*/frames/*.png"))) > 10
    assert found.keys() == {
        *("presentations", "subjects", "operators", "bpcer", "bpnrr", "living_accepted", "species", "places", "too_few", "page")
    }
    (vinyl,) = found["species"]
    assert (vinyl["species"], vinyl["apcer"]["errors"], vinyl["apcer"]["of"], vinyl["iapar"]["errors"]) == (
        "vinyl_print",
        0,
        1,
        0,
    )
    assert (found["presentations"], found["too_few"], found["page"]) == (1, ["vinyl_print"], str(page))
    assert b"vinyl_print" in page.read_bytes()
