"""INT8 networks are made with the stages' own inputs, judged on pictures that nobody used, and kept only when they pass."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from onnx import TensorProto, helper, numpy_helper

from edge.commands.models import group
from edge.engine import Sight, embedder_of, open_sight
from edge.evaluate.errors import FolderNotFoundError, HeldBackSharedError
from edge.evaluate.quantization.detection import judge_detector
from edge.evaluate.quantization.embedding import Bout, judge_embedder
from edge.evaluate.quantization.gate import FEWEST_DECISIONS, judged
from edge.evaluate.quantization.inputs import inputs_of
from edge.evaluate.quantization.judge import RememberingNetwork, judge, judged_within
from edge.evaluate.quantization.material import Material, find_material, insist_on_apart
from edge.stages.detect import Detector
from models.card import ModelCard
from models.contract import Tensor
from models.digests import digest_of
from models.errors import NetworkNotQuantizedError
from models.graph import TOLERANCE, rewritten_variant
from models.int8.recipe import OWN_RECIPES, Recipe
from models.matcher import DEFAULT_MATCHER, digest_as_shipped
from models.runtime import Network, open_network
from models.store import ModelStore, store_from_environment
from models.variant import Form, Variant, variant_file


@dataclass(slots=True)
class DimmedNetwork:
    """A network whose answers are made smaller, and shifted."""

    network: Network
    factor: float
    shift: float = 0.0

    def run(self, tensor: Tensor) -> tuple[Tensor, ...]:
        return tuple((each * np.float32(self.factor) + np.float32(self.shift)) for each in self.network.run(tensor))


@pytest.fixture(scope="module")
def sight(model_store: ModelStore) -> Sight:
    return open_sight(model_store)


def elders(footage_dir: Path, count: int, start: int = 0) -> Material:
    found = find_material(footage_dir / "elders" / "images")
    return Material(found.files[start : start + count], found.images, ())


def test_a_gate_passes_up_to_its_share_of_changed_decisions_and_no_further() -> None:
    assert judged(5, 1000, {}, {}).passed
    assert judged(6, 1000, {}, {}).reasons == ("6 of 1000 decisions change, at most 0.5% may",)


def test_a_gate_that_saw_too_little_does_not_pass() -> None:
    assert not judged(0, FEWEST_DECISIONS - 1, {}, {}).passed


def test_a_gate_names_what_else_does_not_hold() -> None:
    found = judged(0, 1000, {"least_cosine": 0.5}, {"the least cosine is low": False, "all is well": True})

    assert found.reasons == ("the least cosine is low",)
    assert found.document["flips"] == {"changed": 0, "of": 1000, "low": 0.0, "high": pytest.approx(0.0037, abs=1e-4)}


def test_a_folder_is_taken_with_all_pictures_below_it_and_nothing_else(tmp_path: Path) -> None:
    for name in ("b/two.JPG", "a.png", "list.csv", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")

    assert [file.name for file in find_material(tmp_path).files] == ["a.png", "two.JPG"]


def test_files_that_are_no_pictures_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture")

    assert list(find_material(tmp_path).pictures()) == []


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(FolderNotFoundError):
        find_material(tmp_path / "nowhere")


def test_a_picture_judges_no_network_that_was_made_with_it(tmp_path: Path) -> None:
    for folder in ("made_with", "held_back"):
        (tmp_path / folder).mkdir()
    (tmp_path / "made_with" / "a.png").write_bytes(b"one")
    (tmp_path / "held_back" / "other_name.png").write_bytes(b"one")
    both = [[find_material(tmp_path / folder)] for folder in ("made_with", "held_back")]

    with pytest.raises(HeldBackSharedError, match=r"other_name\.png.*a\.png"):
        insist_on_apart(both[0], both[1])


def fed(store: ModelStore, sight: Sight, name: str, material: Material) -> Sequence[Tensor]:
    card = store.card(name)
    return inputs_of(card, open_network(card, store.path(name)), sight, material.pictures())


@pytest.mark.weights
@pytest.mark.footage
def test_inputs_are_those_of_the_stages(model_store: ModelStore, sight: Sight, footage_dir: Path) -> None:
    material = elders(footage_dir, 3)

    shapes = {name: {each.shape for each in fed(model_store, sight, name, material)} for name in ("embedder", "minifasnet_v2")}

    assert shapes == {"embedder": {(1, 3, 128, 128)}, "minifasnet_v2": {(1, 3, 80, 80)}}
    assert len(fed(model_store, sight, "embedder", material)) == 6  # each as it is and mirrored


@pytest.mark.weights
def test_a_record_names_the_matcher_that_an_embedder_is_judged_in(model_store: ModelStore) -> None:
    found = {name: judged_within(model_store, model_store.card(name)) for name in ("embedder", "foamliu", "yunet_n")}

    matchers = {
        name: digest_as_shipped(model_store.matcher(name), model_store.manifest.cards) for name in (DEFAULT_MATCHER, "foamliu")
    }
    assert found == {"embedder": matchers[DEFAULT_MATCHER], "foamliu": matchers["foamliu"], "yunet_n": None}


@pytest.mark.weights
@pytest.mark.footage
def test_there_is_no_gate_for_some_networks(model_store: ModelStore, sight: Sight, footage_dir: Path) -> None:
    with pytest.raises(NetworkNotQuantizedError, match="lightqnet_dm100"):
        fed(model_store, sight, "lightqnet_dm100", elders(footage_dir, 1))


@pytest.mark.weights
@pytest.mark.footage
@pytest.mark.parametrize("name", ["embedder", "espdl_mfn", "minifasnet_v2", "minifasnet_v1se", "yunet_n"])
def test_a_rewritten_network_answers_the_same_on_real_faces(
    model_store: ModelStore, sight: Sight, footage_dir: Path, name: str
) -> None:
    tensors = fed(model_store, sight, name, elders(footage_dir, 8))

    variant, _ = rewritten_variant(model_store.card(name), model_store.path(name).read_bytes(), tensors)

    gate = variant.provenance["gate"]
    assert isinstance(gate, dict)
    assert variant.passed
    assert gate["made_up"] is False
    assert gate["largest_difference"] < TOLERANCE / 2


@pytest.mark.weights
@pytest.mark.footage
def test_the_gate_of_an_embedder_sees_a_turned_answer_and_not_a_longer_one(
    model_store: ModelStore, sight: Sight, footage_dir: Path
) -> None:
    card = model_store.card("embedder")
    network = open_network(card, model_store.path("embedder"))
    material = [elders(footage_dir, 15)]

    longer, turned = (
        judge_embedder(Bout(embedder_of(card, network), embedder_of(card, made), slice(0, 256), 0.3), sight, material)
        for made in (DimmedNetwork(network, 3.0), DimmedNetwork(network, 1.0, 1.0))
    )

    assert (longer.flips.errors, longer.flips.of, longer.passed) == (0, 105, True)
    assert longer.figures["least_cosine"] == pytest.approx(1, abs=1e-4)
    assert not turned.passed
    assert any("mean cosine" in reason for reason in turned.reasons)


@pytest.mark.weights
@pytest.mark.footage
def test_the_gate_of_a_detector_counts_faces_that_are_missed(model_store: ModelStore, sight: Sight, footage_dir: Path) -> None:
    network = open_network(model_store.card("yunet_n"), model_store.path("yunet_n"))
    blind = Detector(DimmedNetwork(network, 0.1), sight.least)

    found = judge_detector(sight.detector, blind, [elders(footage_dir, 5)])

    assert (found.figures["missed"], found.figures["added"]) == (5, 0)
    assert not found.passed


def say(cache: Path, mirror: Path, *words: str) -> tuple[int, dict[str, object]]:
    result = CliRunner().invoke(group, [*words, "--json"], env={"LIFECERT_CACHE": str(cache), "LIFECERT_MIRROR": str(mirror)})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, json.loads(result.stdout)


@pytest.mark.weights
def test_rewriting_keeps_what_gains_and_says_why_the_rest_does_not(tmp_path: Path, footage_dir: Path) -> None:
    code, document = say(tmp_path, footage_dir.parent, "rewrite", "minifasnet_v2", "blendshapes52")

    models = document["models"]
    assert isinstance(models, list)
    assert code == 1
    assert [(each["name"], each["kept"]) for each in models] == [("minifasnet_v2", True), ("blendshapes52", False)]
    assert sorted(path.suffix for path in tmp_path.iterdir() if path.name != ".lock") == [".json", ".onnx"]


@pytest.mark.weights
@pytest.mark.footage
def test_a_network_that_the_gate_refuses_is_not_kept_and_nothing_half_done_stays(
    tmp_path: Path, footage_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(OWN_RECIPES, "minifasnet_v2", Recipe(limit=10, correct_bias=False, feedback=False))
    for folder, start in (("made_with", 0), ("held_back", 40)):
        (tmp_path / folder).mkdir()
        for file in elders(footage_dir, 20 if folder == "made_with" else 3, start).files:
            shutil.copy(file, tmp_path / folder)

    code, document = say(
        tmp_path / "cache",
        footage_dir.parent,
        *("quantize", "minifasnet_v2", "--calibration", str(tmp_path / "made_with"), "--held-back", str(tmp_path / "held_back")),
    )

    models = document["models"]
    assert isinstance(models, list)
    assert (code, models[0]["kept"]) == (1, False)
    assert any("at least 100 are needed" in reason for reason in models[0]["reasons"])
    assert not (tmp_path / "cache").exists()


@pytest.mark.weights
@pytest.mark.footage
def test_too_few_pictures_are_refused_with_the_name_of_the_network(tmp_path: Path, footage_dir: Path) -> None:
    (tmp_path / "empty").mkdir()

    code, document = say(
        tmp_path / "cache",
        footage_dir.parent,
        *("quantize", "minifasnet_v2", "--calibration", str(tmp_path / "empty"), "--held-back", str(tmp_path / "empty")),
    )

    assert code == 1
    assert "model minifasnet_v2" in str(document)
    assert not (tmp_path / "cache").exists()


def keep_int8(store: ModelStore, name: str, content: bytes, *, passed: bool) -> None:
    """An INT8 file of a network, whatever is in it, judged within the matcher that a unit runs."""
    card = store.card(name)
    file = variant_file(card, Form.INT8)
    within = judged_within(store, card)
    store.keep(Variant(name, Form.INT8, file, digest_of(content), len(content), card.sha256, passed, {}, within), content)


@pytest.mark.weights
@pytest.mark.footage
@pytest.mark.parametrize(
    ("name", "other", "pictures", "decisions"),
    [("embedder", "espdl_mfn", 15, 105), ("minifasnet_v2", "minifasnet_v1se", 20, 20)],
)
def test_a_network_judged_against_itself_changes_nothing_and_what_was_refused_stays_out(
    sight: Sight, footage_dir: Path, tmp_path: Path, name: str, other: str, pictures: int, decisions: int
) -> None:
    store = store_from_environment({"LIFECERT_CACHE": str(tmp_path)}, footage_dir.parent)
    keep_int8(store, other, b"no network", passed=False)
    card = store.card(name)

    found = judge(store, card, open_network(card, store.path(name)), sight, [elders(footage_dir, pictures)])

    assert (found.flips.errors, found.flips.of) == (0, decisions)
    assert found.passed is (decisions >= FEWEST_DECISIONS)


@pytest.mark.weights
@pytest.mark.footage
@pytest.mark.parametrize(("name", "other"), [("embedder", "espdl_mfn"), ("minifasnet_v2", "minifasnet_v1se")])
def test_a_network_is_judged_beside_what_was_kept_before(
    sight: Sight, footage_dir: Path, tmp_path: Path, name: str, other: str
) -> None:
    store = store_from_environment({"LIFECERT_CACHE": str(tmp_path)}, footage_dir.parent)
    keep_int8(store, other, saying_the_same(store.card(other)), passed=True)
    card = store.card(name)

    found = judge(store, card, open_network(card, store.path(name)), sight, [elders(footage_dir, 6)])

    # By itself it would change no decision, and no score: what was kept says the same of all.
    assert found.flips.errors + found.figures.get("largest_shift", 0.0) > 0.2


def saying_the_same(card: ModelCard) -> bytes:
    """A network that says the same of every picture: 1 for the first of its numbers, 0 for the others."""
    asked, answered = card.input, card.outputs[0]
    said = np.zeros([int(length) for length in answered.shape], np.float32)
    said.flat[0] = 1
    nodes = [
        helper.make_node("ReduceMin", [asked.name], ["least"], keepdims=0),
        helper.make_node("Mul", ["least", "none"], ["nothing"]),
        helper.make_node("Add", ["said", "nothing"], [answered.name]),
    ]
    graph = helper.make_graph(
        nodes,
        "same",
        [helper.make_tensor_value_info(asked.name, TensorProto.FLOAT, asked.shape)],
        [helper.make_tensor_value_info(answered.name, TensorProto.FLOAT, answered.shape)],
        [numpy_helper.from_array(said, "said"), numpy_helper.from_array(np.float32(0), "none")],
    )
    return bytes(helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 13)]).SerializeToString())


def test_a_network_that_is_asked_the_same_again_is_not_run_again() -> None:
    inner = CountingNetwork()
    network = RememberingNetwork(inner)
    tensors = [np.full((1, 2), number, np.float32) for number in (1, 2, 1, 2)]

    answers = [float(network.run(each)[0][0, 0]) for each in tensors]

    assert (answers, inner.runs) == ([2, 4, 2, 4], 2)


@dataclass(slots=True)
class CountingNetwork:
    """A network that doubles, and counts how often it ran."""

    runs: int = 0

    def run(self, tensor: Tensor) -> tuple[Tensor, ...]:
        self.runs += 1
        return (tensor * np.float32(2),)
