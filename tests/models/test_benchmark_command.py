"""`lifecert models benchmark` keeps what it found, says what it refused, and never spoils what was chosen before."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from edge.cold_start import ColdStartRequest, measure_cold_starts
from edge.errors import ColdStartFailedError
from models.choice_file import read_choices
from models.digests import digest_of
from models.manifest import load_manifest
from models.matcher import DEFAULT_MATCHER, digest_as_shipped
from models.store import ModelStore, store_from_environment
from models.variant import Form, Variant, variant_file
from tests.models.engines import ENTRY, licensed_engine, quartering_onnx
from tests.models.test_models_command import Spoken, say

FAST = ("--rounds", "5")


def benchmark(folder: Path, *words: str, manifest: Path | None = None, mirror: Path | None = None) -> Spoken:
    return say(folder / "cache", "benchmark", *words, *FAST, manifest=manifest, mirror=mirror)


def test_a_network_of_ones_own_is_measured_and_kept(tmp_path: Path) -> None:
    manifest = licensed_engine(tmp_path / "own")

    spoken = benchmark(tmp_path, "licensed", "--state", str(tmp_path), "--json", manifest=manifest)

    (model,) = spoken.document["models"]
    assert (spoken.code, model["name"], model["chosen"]["form"]) == (0, "licensed", "shipped")
    assert model["measured"][0]["ratio"] == {"median": 1.0, "low": 1.0, "high": 1.0}
    assert {refusal["what"] for refusal in model["refused"]} == {"rewritten", "opencv"}
    assert spoken.document["written"] == str(tmp_path / "models.json")
    assert read_choices(tmp_path / "models.json").by_model["licensed"].sha256 == digest_of(quartering_onnx())
    assert (tmp_path / "models.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("matcher", "forms"), [(DEFAULT_MATCHER, ["shipped", "int8"]), ("licensed", ["shipped"])])
def test_a_quantized_embedder_is_measured_only_for_the_matcher_that_the_unit_runs(
    tmp_path: Path, matcher: str, forms: list[str]
) -> None:
    manifest = licensed_engine(tmp_path / "own")
    store = store_from_environment({"LIFECERT_CACHE": str(tmp_path / "cache")}, None, manifest)
    card, made = (
        store.card("licensed"),
        quartering_onnx() + b"\x32\x00",
    )  # An empty note (ModelProto.doc_string): other bytes, the same network.
    within = digest_as_shipped(store.matcher(matcher), store.manifest.cards)
    store.keep(
        Variant(card.name, Form.INT8, variant_file(card, Form.INT8), digest_of(made), len(made), card.sha256, True, {}, within),
        made,
    )

    spoken = benchmark(tmp_path, "licensed", "--embedders-int8", "--json", manifest=manifest)

    (model,) = spoken.document["models"]
    assert [each["form"] for each in model["measured"]] == forms


def test_without_a_place_nothing_is_kept(tmp_path: Path) -> None:
    spoken = benchmark(tmp_path, "licensed", manifest=licensed_engine(tmp_path / "own"))

    assert spoken.code == 0
    assert "nothing was kept" in spoken.out
    assert "* licensed" in spoken.out
    assert not (tmp_path / "models.json").exists()


def test_a_shipped_file_that_cannot_be_opened_is_refused_and_what_was_chosen_before_stays(tmp_path: Path) -> None:
    manifest = licensed_engine(tmp_path / "own")
    out = tmp_path / "kept.json"
    benchmark(tmp_path, "licensed", "--out", str(out), manifest=manifest)
    before = out.read_bytes()
    rubbish = b"rubbish" * 100
    (tmp_path / "own" / "licensed.onnx").write_bytes(rubbish)
    manifest.write_text(ENTRY.format(sha256=digest_of(rubbish), size_bytes=len(rubbish)), encoding="utf-8")

    spoken = benchmark(tmp_path, "licensed", "--out", str(out), "--json", manifest=manifest)

    assert spoken.code == 1
    assert spoken.document["failed"][0]["name"] == "licensed"
    assert "licensed.onnx" in spoken.document["failed"][0]["message"]
    assert spoken.document["written"] is None
    assert out.read_bytes() == before


@pytest.mark.weights
def test_what_was_measured_before_on_this_board_stays_beside_what_is_measured_now(
    tmp_path: Path, model_store: ModelStore
) -> None:
    out, mirror = tmp_path / "kept.json", model_store.path("landmarks5").parent
    benchmark(tmp_path, "landmarks5", "--out", str(out), mirror=mirror)

    spoken = benchmark(tmp_path, "minifasnet_v2", "--out", str(out), "--plot", str(tmp_path / "plot.png"), mirror=mirror)

    assert spoken.code == 0, spoken.err
    assert sorted(read_choices(out).by_model) == ["landmarks5", "minifasnet_v2"]
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


def test_a_file_of_choices_that_rots_is_replaced(tmp_path: Path) -> None:
    out = tmp_path / "kept.json"
    out.write_bytes(b"{")

    spoken = benchmark(tmp_path, "licensed", "--out", str(out), manifest=licensed_engine(tmp_path / "own"))

    assert "is replaced" in spoken.err
    assert list(read_choices(out).by_model) == ["licensed"]


def test_what_is_no_network_and_what_nobody_knows_are_sentences(tmp_path: Path) -> None:
    assert (benchmark(tmp_path, "nobody").code, benchmark(tmp_path, "face_constants").code) == (2, 1)
    assert len(load_manifest().names) > 5


CHILD = (
    "import json, sys; request = json.load(sys.stdin); "
    "print(json.dumps(dict(cpu_ms=len(request['matcher']), import_cpu_ms=1, open_cpu_ms=2, answer_cpu_ms=3, rss_bytes=4)))"
)


def test_a_cold_start_is_the_median_of_several_starts_of_each() -> None:
    ticks = iter(int(ms * 1e6) for ms in (0, 99, 0, 10, 10, 15, 15, 45, 45, 46, 50, 70, 70, 77))

    one, other = measure_cold_starts(
        [ColdStartRequest("a"), ColdStartRequest("bb")], 3, lambda: next(ticks), {}, (sys.executable, "-c", CHILD)
    )

    assert (one.wall_ms, one.cpu_ms, one.rss_bytes) == (20, 1, 4)
    assert (other.wall_ms, other.cpu_ms) == (5, 2)


@pytest.mark.parametrize("program", ["import sys; sys.exit('model gone')", "pass", "print('[]')", "print('{}')"])
def test_a_start_that_does_not_report_is_a_sentence(program: str) -> None:
    with pytest.raises(ColdStartFailedError, match="cold start could not be measured"):
        measure_cold_starts([ColdStartRequest("a")], 1, lambda: 0, {}, (sys.executable, "-c", program))


@pytest.mark.weights
def test_an_engine_is_opened_in_a_process_of_its_own_and_answers(model_store: ModelStore) -> None:
    request = ColdStartRequest("reid0095_mfn", str(model_store.path("landmarks5").parent))

    (start,) = measure_cold_starts([request], 1, iter((0, 9, 0, 10**9)).__next__, os.environ)

    parts_ms = start.import_cpu_ms + start.open_cpu_ms + start.answer_cpu_ms
    assert start.cpu_ms == pytest.approx(parts_ms)
    assert start.open_cpu_ms > 20
    assert 50e6 < start.rss_bytes < 500e6


def test_json_of_the_command_is_one_document(tmp_path: Path) -> None:
    spoken = benchmark(tmp_path, "licensed", "--json", manifest=licensed_engine(tmp_path / "own"))

    document = json.loads(spoken.out)
    assert set(document) == {"board", "versions", "models", "failed", "cold_start", "written"}
    assert document["versions"]["onnx"].startswith("onnxruntime ")
