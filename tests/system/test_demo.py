"""The whole demonstration, run as by anybody: every visit ends as planned, and nothing leaves the unit that must not."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray

from demo.visits import PLAN
from edge.engine import open_engine
from edge.reference import Eyes, embed_only_face
from firmware.picture import read_picture
from models.store import ModelStore
from tests.conftest import REPOSITORY, mirror_folder
from tests.system.chain import await_true
from tests.system.listener import Listener
from tests.system.traces import files_below, holds_part_of, pictures_in
from wire.result import Verdict
from wire.topics import Up

pytestmark = [pytest.mark.system, pytest.mark.broker, pytest.mark.weights, pytest.mark.footage]

WITHIN_S, END_WITHIN_S = 240, 60


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of the demonstration left behind."""

    folder: Path
    status: int
    documents: list[dict[str, Any]]
    told: str
    messages: list[tuple[str, bytes]]
    page: str

    @property
    def visits(self) -> list[dict[str, Any]]:
        """One object per visit."""
        return self.documents[:-1]

    @property
    def summary(self) -> dict[str, Any]:
        """The object at the end."""
        summary: dict[str, Any] = self.documents[-1]["summary"]
        return summary


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("demo") / "kept"
    told = folder.with_name("told.txt")
    words = ["--json", "--stay", "--keep", str(folder), "--mirror", str(mirror_folder())]
    command = [sys.executable, "-m", "demo.cli", *words]
    with told.open("w") as sink, subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=sink) as process:
        guard = threading.Timer(WITHIN_S, process.kill)
        guard.start()
        try:
            await_true(lambda: enrolled(folder) or process.poll() is not None, "enrolled unit", WITHIN_S)
            assert enrolled(folder), told.read_text()
            with Listener(folder) as listener:
                documents = list(documents_of(process))
                assert "summary" in documents[-1], told.read_text()
                page = page_at(documents[-1]["summary"]["page"])
            process.send_signal(signal.SIGINT)
            status = process.wait(WITHIN_S)
        finally:
            # It stops what it started; killed at once, it could not.
            process.terminate()
            process.wait(END_WITHIN_S)
            guard.cancel()
    return Run(folder, status, documents, told.read_text(), listener.messages, page)


def documents_of(process: subprocess.Popen[bytes]) -> Iterator[dict[str, Any]]:
    """The JSON lines of the demonstration, up to its summary; then it stays."""
    assert process.stdout is not None
    for line in process.stdout:
        document = json.loads(line)
        yield document
        if "summary" in document:
            return


def page_at(address: str) -> str:
    """The ledger page, which is served while the demonstration stays."""
    return httpx.get(address, timeout=20, trust_env=False).raise_for_status().text


def enrolled(folder: Path) -> bool:
    """Whether the unit has its certificates, so that broker and centre stand."""
    return (folder / "unit" / "state" / "centre.json").exists()


def footage_names() -> set[str]:
    """What the recordings and photos are called."""
    return {Path(visit.camera.recording).stem for visit in PLAN} | {Path(visit.reference.recording).stem for visit in PLAN}


@pytest.fixture(scope="module")
def embeddings(run: Run, model_store: ModelStore) -> list[NDArray[np.float32]]:
    """The embedding of every photo in the unit's gallery."""
    engine = open_engine(model_store)
    eyes = Eyes(engine.detector, engine.aligner, engine.embedder)
    photos = sorted((run.folder / "unit" / "gallery").iterdir())
    assert photos, "the unit has no photo"
    return [np.asarray(embed_only_face(read_picture(photo), eyes), dtype=np.float32) for photo in photos]


def test_every_visit_ends_as_planned_and_every_row_is_verified(run: Run) -> None:
    assert run.status == 0, run.told
    assert run.summary | {"page": ""} == {
        "visits": len(PLAN), "as_expected": len(PLAN), "verified": len(PLAN), "leaves": len(PLAN),
        "ledger_sound": True, "page": "", "ok": True,
    }  # fmt: skip


def test_one_object_per_visit_says_how_it_ended(run: Run) -> None:
    ended = [(visit["visit"], visit["verdict"], (visit["reasons"] or [None])[0]) for visit in run.visits]

    assert ended == [(visit.case, visit.verdict, visit.reason) for visit in PLAN]
    assert [visit["sequence"] for visit in run.visits] == [visit["leaf"] + 1 for visit in run.visits]
    assert all(visit["signature_checked"] and visit["frames"] > 0 and visit["cpu_ms_per_frame"] > 0 for visit in run.visits)


def test_the_replay_ends_at_once_and_is_not_even_compared(run: Run) -> None:
    (attack,) = [visit for visit in run.visits if visit["verdict"] == Verdict.ATTACK]
    accepted = [visit for visit in run.visits if visit["verdict"] == Verdict.ACCEPTED]

    assert attack["similarity"] is None
    assert all(attack["frames"] < visit["frames"] / 2 for visit in accepted)


def test_a_visitor_who_could_mend_it_is_told_the_right_cause_before_the_end(run: Run) -> None:
    (guided,) = [visit for visit in PLAN if visit.told]
    (seen,) = [visit for visit in run.visits if visit["visit"] == guided.case]

    assert guided.told in seen["told"][:-1]


def test_it_is_told_live_with_led_prompt_and_cost(run: Run) -> None:
    assert "● HOLD_STILL" in run.told
    assert "请看屏幕" in run.told
    assert "CPU-ms" in run.told


def test_the_ledger_page_shows_every_visit_while_the_demonstration_stays(run: Run) -> None:
    assert [visit.case for visit in PLAN if visit.case not in run.page] == []
    assert run.page.count("有效") == len(PLAN)


def test_no_process_is_left_behind(run: Run) -> None:
    commands = [Path(f"/proc/{pid.name}/cmdline") for pid in Path("/proc").iterdir() if pid.name.isdigit()]

    assert [path for path in commands if path.exists() and str(run.folder).encode() in path.read_bytes()] == []


def test_the_broker_carried_every_result_and_nothing_large(run: Run) -> None:
    results = [payload for topic, payload in run.messages if topic.endswith(f"/{Up.RESULT}")]

    assert len(set(results)) == len(PLAN)
    assert max(len(payload) for _, payload in run.messages) < 2048


def test_no_message_holds_a_picture_an_embedding_or_the_name_of_a_recording(
    run: Run, embeddings: list[NDArray[np.float32]]
) -> None:
    carried = b"\n".join(payload for _, payload in run.messages)

    assert pictures_in(carried) == []
    assert not any(holds_part_of(vector, carried) for vector in embeddings)
    assert [name for name in footage_names() if name.encode() in carried] == []


def test_no_file_outside_the_gallery_holds_a_picture_or_an_embedding(run: Run, embeddings: list[NDArray[np.float32]]) -> None:
    files = list(files_below(run.folder, but_not=run.folder / "unit" / "gallery"))

    assert {path.name for path in files} >= {"spool.db", "centre.db", "visits.log", "uplink.log", "ingest.log"}
    assert [(path.name, kinds) for path in files if (kinds := pictures_in(path.read_bytes()))] == []
    assert [path.name for path in files for vector in embeddings if holds_part_of(vector, path.read_bytes())] == []


def test_centre_spool_and_logs_do_not_know_the_names_of_recordings(run: Run) -> None:
    places = [*(run.folder / "centre").rglob("*"), *(run.folder / "logs").iterdir(), run.folder / "unit" / "state" / "spool.db"]
    contents = {path.name: path.read_bytes() for path in places if path.is_file()}

    assert [(name, stem) for name, content in contents.items() for stem in footage_names() if stem.encode() in content] == []
