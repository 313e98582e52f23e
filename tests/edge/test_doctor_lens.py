"""`lifecert doctor` says that the lens is dirty, and where."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from click.testing import CliRunner

from edge.cli import main
from edge.lens_memory import LensMemory
from edge.stages.lens_watch import COLUMNS, ROWS, VISITS


def lens_finding(folder: Path) -> dict[str, object]:
    (config := folder / "unit.toml").write_text(f'[unit]\nstate = "{folder}"\n', encoding="utf-8")
    result = CliRunner().invoke(main, ["doctor", "--config", str(config), "--camera", "clip:nowhere.mp4", "--json"])
    findings = json.loads(result.stdout)["findings"]
    return next(finding for finding in findings if finding["part"] == "lens")


def test_a_dirty_place_is_named_and_the_remedy_is_a_soft_cloth(tmp_path: Path) -> None:
    assert lens_finding(tmp_path)["ok"] is True
    cells = np.full((ROWS, COLUMNS), 0.4, np.float32)
    cells[1, 6] = 0.02

    for _ in range(VISITS):
        LensMemory(tmp_path / "lens.json").keep(cells)
    found = lens_finding(tmp_path)

    assert found["ok"] is False
    assert str(found["sentence"]).startswith("LENS_DIRTY: the upper right of the picture")
    assert "soft cloth" in str(found["sentence"])
