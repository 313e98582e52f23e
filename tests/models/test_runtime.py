"""Both doors obey the card, and an answer that is not as promised is an error and never an answer."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.card import ModelCard, Runtime, TensorContract
from models.contract import Tensor
from models.errors import (
    DigestMismatchError,
    ModelFileUnreadableError,
    NetworkContractError,
    NetworkFailedError,
    NetworkNotLoadedError,
)
from models.library import open_networks
from models.manifest import load_manifest
from models.matcher import MatcherCard, MatcherPart
from models.runtime import Network, Spare, matcher_runtime, open_network, runtime_version
from models.runtime_onnx import OnnxNetwork
from models.store import ModelStore
from tests.models.made_up import cached_network, card, network_card, offline_store_of, tensor, tiny_onnx

ROOT = Path(__file__).resolve().parents[2]
NETWORKS = tuple(name for name in load_manifest().default_names if load_manifest().card(name).input is not None)
TWO = tensor("x", (1, 2))
TWO_OUT = tensor("y", (1, 2))


def row(*numbers: float) -> Tensor:
    return np.array([numbers], np.float32)


def opened(folder: Path, content: bytes, each: ModelCard) -> Network:
    path = folder / each.file
    path.write_bytes(content)
    return open_network(each, path)


def identity(folder: Path, x: TensorContract = TWO, y: TensorContract = TWO_OUT) -> Network:
    content = tiny_onnx("Identity", [1, "n"], [1, "n"])
    return opened(folder, content, network_card(content, x, y))


def test_a_network_answers_in_float32(tmp_path: Path) -> None:
    (answer,) = identity(tmp_path).run(row(1, 2))

    assert answer.dtype == np.float32
    assert answer.tolist() == [[1, 2]]


@pytest.mark.parametrize("number", [0.0, -1.0], ids=["minus infinity", "not a number"])
def test_an_answer_that_is_not_finite_is_an_error(tmp_path: Path, number: float) -> None:
    content = tiny_onnx("Log", [1, 2], [1, 2])
    network = opened(tmp_path, content, network_card(content, TWO, TWO_OUT))

    with pytest.raises(NetworkContractError, match="tensor y: holds a number that is not finite"):
        network.run(row(1, number))


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_a_question_that_is_not_finite_is_an_error(tmp_path: Path, number: float) -> None:
    with pytest.raises(NetworkContractError, match="tensor x: holds a number that is not finite"):
        identity(tmp_path).run(row(0, number))


@pytest.mark.parametrize(
    "question",
    [np.zeros((1, 3), np.float32), np.zeros((2, 2), np.float32), np.zeros(2, np.float32), np.zeros((1, 0), np.float32)],
    ids=["longer", "more rows", "fewer axes", "empty"],
)
def test_a_question_of_another_shape_is_an_error(tmp_path: Path, question: Tensor) -> None:
    with pytest.raises(NetworkContractError, match=r"promised is \[1, 2\]"):
        identity(tmp_path).run(question)


@pytest.mark.parametrize("kind", [np.float64, np.uint8, np.float16])
def test_a_question_of_another_type_is_an_error(tmp_path: Path, kind: type[np.generic]) -> None:
    with pytest.raises(NetworkContractError, match="promised is float32"):
        identity(tmp_path).run(np.zeros((1, 2), kind))


def test_a_question_out_of_range_is_an_error_and_rounding_is_none(tmp_path: Path) -> None:
    network = identity(tmp_path, x=tensor("x", (1, 2), (0.0, 1.0)))

    network.run(row(0, 1.0001))

    with pytest.raises(NetworkContractError, match="promised is 0 to 1"):
        network.run(row(0, 255))


def test_an_answer_out_of_range_is_an_error(tmp_path: Path) -> None:
    network = identity(tmp_path, y=tensor("y", (1, 2), (0.0, 1.0)))

    with pytest.raises(NetworkContractError, match=r"tensor y.*promised is 0 to 1"):
        network.run(row(0, 2))


def test_an_answer_of_another_shape_is_an_error(tmp_path: Path) -> None:
    network = identity(tmp_path, x=tensor("x", (1, "n")))

    network.run(row(1, 2))

    with pytest.raises(NetworkContractError, match="tensor y: has shape"):
        network.run(row(1, 2, 3))


def test_a_named_length_is_the_callers_choice_in_multiples(tmp_path: Path) -> None:
    network = identity(tmp_path, x=replace(tensor("x", (1, "n")), multiple_of=2), y=tensor("y", (1, "n")))

    (answer,) = network.run(row(1, 2, 3, 4))

    assert answer.shape == (1, 4)
    with pytest.raises(NetworkContractError, match=r"\[1, n\] in multiples of 2"):
        network.run(row(1, 2, 3))


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (tensor("x", (1, 3)), tensor("y", (1, 2))),
        (tensor("x", (1, 2)), tensor("y", (1, 3))),
        (tensor("x", (1, 2, 1)), tensor("y", (1, 2))),
        (tensor("x", (1, "n")), tensor("y", (1, 2))),
        (tensor("z", (1, 2)), tensor("y", (1, 2))),
        (tensor("x", (1, 2)), tensor("z", (1, 2))),
    ],
)
def test_a_file_that_cannot_keep_its_cards_promise_is_not_opened(tmp_path: Path, x: TensorContract, y: TensorContract) -> None:
    content = tiny_onnx("Identity", [1, 2], [1, 2])

    with pytest.raises(NetworkContractError):
        opened(tmp_path, content, network_card(content, x, y))


def test_a_file_that_was_swapped_after_the_check_is_not_opened(tmp_path: Path) -> None:
    content = tiny_onnx("Identity", [1, 2], [1, 2])
    each = network_card(content, TWO, TWO_OUT)

    with pytest.raises(DigestMismatchError):
        opened(tmp_path, tiny_onnx("Neg", [1, 2], [1, 2]), each)


def test_a_truncated_file_is_not_opened(tmp_path: Path) -> None:
    content = tiny_onnx("Identity", [1, 2], [1, 2])

    with pytest.raises(DigestMismatchError):
        opened(tmp_path, content[:-10], network_card(content, TWO, TWO_OUT))


@pytest.mark.parametrize("content", [b"", b"rubbish", tiny_onnx("Identity", [1, 2], [1, 2])[:-10]])
@pytest.mark.parametrize("runtime", [Runtime.ONNX, Runtime.TFLITE])
def test_rubbish_with_the_promised_digest_is_a_sentence(tmp_path: Path, content: bytes, runtime: Runtime) -> None:
    each = replace(network_card(content, TWO, TWO_OUT), runtime=runtime)

    with pytest.raises(NetworkNotLoadedError, match="tiny"):
        opened(tmp_path, content, each)


def test_a_file_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelFileUnreadableError, match="gone"):
        open_network(card(), tmp_path / "gone.onnx")


def test_data_is_not_a_network(tmp_path: Path) -> None:
    content = b"{}"

    with pytest.raises(NetworkNotLoadedError, match="data to read"):
        opened(tmp_path, content, replace(card(content), runtime=Runtime.DATA, input=None, outputs=()))


def test_a_network_that_fails_inside_is_a_sentence(tmp_path: Path) -> None:
    content = tiny_onnx("Reshape3", [1, "n"], [1, 3])
    network = opened(tmp_path, content, network_card(content, tensor("x", (1, "n")), tensor("y", (1, 3))))

    network.run(row(1, 2, 3))

    with pytest.raises(NetworkFailedError, match="tiny"):
        network.run(row(1, 2))


def test_no_second_copy_of_an_opened_file_is_kept() -> None:
    content = tiny_onnx("Identity", [1, 2], [1, 2])
    others = sys.getrefcount(content)

    network = OnnxNetwork(network_card(content, TWO, TWO_OUT), content)

    assert sys.getrefcount(content) == others
    assert network.run(row(1, 2))[0].tolist() == [[1, 2]]


ARENA_OF_EIGHT = """
import os
from pathlib import Path
import numpy as np
from models.runtime_onnx import OnnxNetwork
from tests.models.made_up import network_card, tensor, tiny_onnx

def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20

side = 2048
content = tiny_onnx("Neg", [1, side * side], [1, side * side])
card = network_card(content, tensor("x", (1, side * side)), tensor("y", (1, side * side)))
question, networks = np.zeros((1, side * side), np.float32), [OnnxNetwork(card, content) for _ in range(8)]
networks[0].run(question)
before = resident_mb()
for network in networks[1:]:
    network.run(question)
print(resident_mb() - before)
"""


def test_networks_that_answer_in_turns_need_the_memory_of_one() -> None:
    done = subprocess.run([sys.executable, "-c", ARENA_OF_EIGHT], cwd=ROOT, capture_output=True, text=True, check=True)

    assert float(done.stdout) < 16  # one answer; each network of its own keeps one: 112


def test_all_networks_open_or_none(tmp_path: Path) -> None:
    good = cached_network(tmp_path, "good", tiny_onnx("Identity", [1, 2], [1, 2]))
    bad = cached_network(tmp_path, "bad", b"rubbish")
    store = offline_store_of(tmp_path, good, bad)

    assert list(open_networks(store, ["good"])) == ["good"]
    with pytest.raises(NetworkNotLoadedError, match="bad"):
        open_networks(store, ["good", "bad"])


def test_a_wrong_file_in_the_cache_is_set_aside_when_it_is_opened(tmp_path: Path) -> None:
    good = cached_network(tmp_path, "good", tiny_onnx("Identity", [1, 2], [1, 2]))
    (tmp_path / "cache" / good.file).write_bytes(b"rubbish")

    with pytest.raises(DigestMismatchError, match="set aside"):
        open_networks(offline_store_of(tmp_path, good), ["good"])

    assert [path.name for path in (tmp_path / "cache").iterdir() if "bad" in path.name] != []


def question_for(each: ModelCard, seed: int) -> Tensor:
    """Noise that keeps the promise of a card's input; named lengths are 96."""
    assert each.input is not None
    shape = [length if isinstance(length, int) else 96 for length in each.input.shape]
    low, high = each.input.value_range or (0.0, 256.0)
    return np.random.default_rng(seed).uniform(low, high, shape).astype(np.float32)


def test_a_runtime_is_named_with_its_version() -> None:
    onnx, tflite = runtime_version(Runtime.ONNX), runtime_version(Runtime.TFLITE)

    assert re.fullmatch(r"onnxruntime \d+\.\d+\.\d+", onnx)
    assert re.fullmatch(r"(tflite-runtime|ai-edge-litert) \d+\.\d+\.\d+", tflite)


def test_nothing_runs_data() -> None:
    with pytest.raises(ValueError, match="read, not run"):
        runtime_version(Runtime.DATA)


def test_a_matcher_names_each_library_that_runs_it_once() -> None:
    matcher = MatcherCard("x", (MatcherPart("a", 1), MatcherPart("b", 1), MatcherPart("c", 1)), 1, None)
    cards = {"a": card(name="a"), "b": replace(card(name="b"), runtime=Runtime.TFLITE), "c": card(name="c")}

    named = matcher_runtime(matcher, cards).split(", ")
    assert named == sorted([runtime_version(Runtime.ONNX), runtime_version(Runtime.TFLITE)])


@pytest.mark.weights
@pytest.mark.parametrize("name", NETWORKS)
def test_every_shipped_network_keeps_the_promise_of_its_card(model_store: ModelStore, name: str) -> None:
    each = model_store.card(name)
    network = open_network(each, model_store.path(name))

    answers = network.run(question_for(each, seed=1))

    assert [answer.ndim for answer in answers] == [len(output.shape) for output in each.outputs]
    assert all(answer.dtype == np.float32 and np.isfinite(answer).all() for answer in answers)


@pytest.mark.weights
@pytest.mark.parametrize("name", ["minifasnet_v2", "blendshapes52"])
def test_an_answer_does_not_change_when_the_next_one_comes(model_store: ModelStore, name: str) -> None:
    each = model_store.card(name)
    network = open_network(each, model_store.path(name))

    (first,) = network.run(question_for(each, seed=1))
    kept = first.copy()
    (second,) = network.run(question_for(each, seed=2))

    assert np.array_equal(first, kept)
    assert not np.array_equal(first, second)


@pytest.mark.weights
@pytest.mark.parametrize("name", ["embedder", "landmarks478"])
def test_the_same_question_gets_the_same_answer(model_store: ModelStore, name: str) -> None:
    each = model_store.card(name)
    question = question_for(each, seed=3)

    answers = [open_network(each, model_store.path(name)).run(question)[0] for _ in range(2)]

    assert np.array_equal(answers[0], answers[1])


@pytest.mark.weights
def test_tensorflow_lite_is_held_to_the_card_too(model_store: ModelStore) -> None:
    each = model_store.card("blendshapes52")
    network = open_network(each, model_store.path("blendshapes52"))

    with pytest.raises(NetworkContractError, match=r"promised is \[1, 146, 2\]"):
        network.run(np.zeros((1, 147, 2), np.float32))
    with pytest.raises(NetworkContractError, match="not finite"):
        network.run(np.full((1, 146, 2), np.nan, np.float32))


@pytest.mark.weights
def test_tensorflow_lite_answers_that_are_not_finite_are_errors(model_store: ModelStore) -> None:
    each = model_store.card("blendshapes52")
    network = open_network(each, model_store.path("blendshapes52"))
    beyond_float32 = np.linspace(-3e38, 3e38, 292, dtype=np.float32).reshape(1, 146, 2)

    with pytest.raises(NetworkContractError, match="StatefulPartitionedCall:0: holds a number that is not finite"):
        network.run(beyond_float32)


@pytest.mark.weights
def test_a_tensorflow_lite_file_that_cannot_keep_its_cards_promise_is_not_opened(model_store: ModelStore) -> None:
    each = model_store.card("blendshapes52")
    path = model_store.path("blendshapes52")

    with pytest.raises(NetworkContractError, match=r"is declared as \[52\]"):
        open_network(replace(each, outputs=(replace(each.outputs[0], shape=(1, 52)),)), path)
    with pytest.raises(NetworkContractError, match="is not in the file"):
        open_network(replace(each, outputs=(replace(each.outputs[0], name="Identity"),)), path)


@pytest.mark.weights
def test_the_detector_refuses_a_frame_that_was_not_padded(model_store: ModelStore) -> None:
    network = open_network(model_store.card("yunet_n"), model_store.path("yunet_n"))

    with pytest.raises(NetworkContractError, match="multiples of 32"):
        network.run(np.zeros((1, 3, 100, 96), np.float32))


def test_opening_a_network_collects_nothing_and_leaves_no_file(tmp_path: Path) -> None:
    """onnxruntime 1.32 collects usage data in the home and temporary folders unless it is told not to before it is imported."""
    places = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "PATH": os.environ["PATH"]}

    done = subprocess.run(
        [sys.executable, "-c", "import models.runtime_onnx"], env=places, cwd=ROOT, timeout=60, capture_output=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_network_that_rests_frees_what_large_runs_took_of_the_arena_of_all_and_answers_as_before(tmp_path: Path) -> None:
    def resident_bytes() -> int:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")

    wide, small = (tmp_path / name for name in ("wide", "small"))
    wide.mkdir()
    small.mkdir()
    many, many_out = tensor("x", (1, "n")), tensor("y", (1, "n"))
    content = tiny_onnx("Neg", [1, "n"], [1, "n"])
    large, resting = opened(wide, content, network_card(content, many, many_out)), identity(small)
    large.run(np.ones((1, 10_000_000), np.float32))
    held = resident_bytes()

    assert isinstance(resting, Spare)
    resting.give_back()

    assert held - resident_bytes() > 20_000_000
    assert resting.run(row(1, 2))[0].tolist() == [[1, 2]]
