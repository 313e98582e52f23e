"""A model file is tried in a process of its own: whatever it does there, this process goes on and says what was wrong."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import NodeProto, helper

from models.card import Dimension, ModelCard, Runtime
from models.errors import ModelTrialFailedError
from models.question import well_formed
from models.store import ModelStore
from models.trial import MIB, TrialLimits, try_network
from models.trial_child import SEEDS
from tests.models.made_up import network_card, tensor
from tests.models.onnx_steps import noise, onnx_file

SHAPE: tuple[int, ...] = (1, 3, 8, 8)
GOOD = onnx_file(
    [helper.make_node("Conv", ["x", "w"], ["y"], kernel_shape=[1, 1])], SHAPE, (1, 5, 8, 8), {"w": noise(5, 3, 1, 1)}
)
TIGHT = TrialLimits(memory_bytes=700 * MIB, cpu_s=1, wall_s=30)


def promised(content: bytes, outputs: tuple[Dimension, ...] = (1, 5, 8, 8), runtime: Runtime = Runtime.ONNX) -> ModelCard:
    """A card whose digest is that of the content, so that only what the content is can be wrong."""
    return replace(network_card(content, tensor("x", SHAPE), tensor("y", outputs)), runtime=runtime)


def tried(folder: Path, content: bytes, card: ModelCard | None = None) -> str:
    """Why a file is refused."""
    path = folder / "tiny.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelTrialFailedError) as caught:
        try_network(card or promised(content), path, TIGHT)
    assert "tiny" in str(caught.value)
    assert "tiny.onnx" in str(caught.value)
    return caught.value.reason


def test_a_good_file_stands_and_its_cost_is_told(tmp_path: Path) -> None:
    path = tmp_path / "tiny.onnx"
    path.write_bytes(GOOD)

    report = try_network(promised(GOOD), path, TIGHT)

    assert report.cold_cpu_ms > report.run_cpu_ms > 0
    assert report.library_cpu_ms > 1
    assert 10 * MIB < report.peak_bytes < 700 * MIB


def zipped() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("tiny.onnx", GOOD)
    return held.getvalue()


FOREIGN = {
    "empty": b"",
    "truncated": GOOD[: len(GOOD) // 2],
    "text": b"this is not a network\n" * 20,
    "zip": zipped(),
    "flipped": bytes(byte ^ 0xFF for byte in GOOD),
}


@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN)
def test_what_is_no_network_is_refused(tmp_path: Path, content: bytes) -> None:
    assert "cannot be opened" in tried(tmp_path, content)


@pytest.mark.parametrize("content", [GOOD, b"text", zipped()], ids=["onnx", "text", "zip"])
def test_what_is_no_network_of_tensorflow_lite_is_refused(tmp_path: Path, content: bytes) -> None:
    assert "cannot be opened" in tried(tmp_path, content, promised(content, runtime=Runtime.TFLITE))


@pytest.mark.weights
def test_a_tensorflow_lite_file_under_the_name_of_an_onnx_file_is_refused(tmp_path: Path, model_store: ModelStore) -> None:
    content = model_store.path("blendshapes52").read_bytes()

    assert "cannot be opened" in tried(tmp_path, content)


@pytest.mark.weights
def test_the_file_of_another_network_is_refused_by_what_it_declares(tmp_path: Path, model_store: ModelStore) -> None:
    """Two texture nets are told apart only by their digests, so the digest comes first; here even that is forged."""
    content = model_store.path("landmarks5").read_bytes()
    forged = replace(model_store.card("minifasnet_v2"), name="tiny", file="tiny.onnx", sha256=promised(content).sha256)

    assert "declared as" in tried(tmp_path, content, forged)


def test_a_file_that_changed_after_it_was_listed_is_refused_by_its_digest(tmp_path: Path) -> None:
    assert "SHA-256" in tried(tmp_path, GOOD[:-1] + b"\0", promised(GOOD))


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelTrialFailedError, match=r"gone\.onnx"):
        try_network(promised(GOOD), tmp_path / "gone.onnx", TIGHT)


def test_answers_of_another_shape_are_refused(tmp_path: Path) -> None:
    content = onnx_file([helper.make_node("Relu", ["x"], ["y"])], SHAPE, (1, 3, "h", "w"), {})

    assert "promised is [1, 3, 9, 9]" in tried(tmp_path, content, promised(content, outputs=(1, 3, 9, 9)))


def test_answers_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    steps = [helper.make_node("Neg", ["x"], ["n"]), helper.make_node("Log", ["n"], ["y"])]
    content = onnx_file(steps, SHAPE, SHAPE, {})

    assert "not finite" in tried(tmp_path, content, promised(content, outputs=SHAPE))


def test_the_second_answer_counts_as_well_as_the_first(tmp_path: Path) -> None:
    first, second = (well_formed(promised(GOOD), seed) for seed in SEEDS)
    middle = float(first.sum() + second.sum()) / 2
    assert second.sum() < middle < first.sum()
    # The logarithm of a number below nothing is none.
    steps = [
        helper.make_node("ReduceSum", ["x"], ["sum"], keepdims=0),
        helper.make_node("Sub", ["sum", "middle"], ["rest"]),
        helper.make_node("Log", ["rest"], ["log"]),
        helper.make_node("Add", ["x", "log"], ["y"]),
    ]
    content = onnx_file(steps, SHAPE, SHAPE, {"middle": np.array(middle, np.float32)})

    assert "not finite" in tried(tmp_path, content, promised(content, outputs=SHAPE))


def endless() -> bytes:
    """A network of few bytes that multiplies for hours."""
    described = helper.make_tensor_value_info
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("MatMul", ["value", "w"], ["next"])],
        "body",
        [described("i", 7, []), described("go", 9, []), described("value", 1, SHAPE)],
        [described("on", 9, []), described("next", 1, SHAPE)],
    )
    weights: Mapping[str, NDArray[np.generic]] = {"n": np.array(10**12), "yes": np.array(True), "w": np.eye(8, dtype=np.float32)}
    return onnx_file([helper.make_node("Loop", ["n", "yes", "x"], ["y"], body=body)], SHAPE, SHAPE, weights)


def test_a_network_that_never_ends_is_stopped_and_named(tmp_path: Path) -> None:
    content = endless()

    reason = tried(tmp_path, content, promised(content, outputs=SHAPE))

    assert reason == "it computed for more than 1 s, running"


def greedy(depends_on_input: bool) -> bytes:
    """A network of few bytes that fills 64 GiB with zeros, when it is opened or when it runs."""
    steps: list[NodeProto] = [
        helper.make_node("Shape", ["x"], ["lengths"]),
        helper.make_node("ReduceMax" if depends_on_input else "Identity", ["x" if depends_on_input else "one"], ["m"]),
        helper.make_node("Cast", ["m"], ["whole"], to=7),
        helper.make_node("Mul", ["whole", "nothing"], ["zero"]),
        helper.make_node("Add", ["huge", "zero"], ["wanted"]),
        helper.make_node("Reshape", ["wanted", "single"], ["length"]),
        helper.make_node("ConstantOfShape", ["length"], ["zeros"]),
        helper.make_node("ReduceMax", ["zeros"], ["most"], keepdims=0),
        helper.make_node("Add", ["x", "most"], ["y"]),
    ]
    weights: Mapping[str, NDArray[np.generic]] = {
        "huge": np.array([2**34]),
        "nothing": np.array([0]),
        "single": np.array([1]),
        "one": np.ones((1, 1), np.float32),
    }
    return onnx_file(steps, SHAPE, SHAPE, weights)


@pytest.mark.parametrize("depends_on_input", [False, True], ids=["when it is opened", "when it runs"])
def test_a_network_that_eats_all_memory_is_stopped_before_it_has_it(tmp_path: Path, depends_on_input: bool) -> None:
    content = greedy(depends_on_input)

    reason = tried(tmp_path, content, promised(content, outputs=SHAPE))

    assert "alloc" in reason or "memory" in reason


CRASHES = {
    "SIGSEGV": "import ctypes; ctypes.string_at(0)",
    "SIGABRT": "import os; os.abort()",
    "SIGKILL": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
}


@pytest.mark.parametrize("end", CRASHES)
def test_a_crash_of_native_code_stays_in_the_other_process(tmp_path: Path, end: str) -> None:
    path = tmp_path / "tiny.onnx"
    path.write_bytes(GOOD)
    child = (sys.executable, "-c", f"import os; os.write(1, b'opening\\n'); {CRASHES[end]}")

    with pytest.raises(ModelTrialFailedError, match=rf"tiny\.onnx.*crashed its process \({end}\), opening"):
        try_network(promised(GOOD), path, TIGHT, child)


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("import time; time.sleep(60)", "gave no answer within 0.5 s, starting"),
        ("import sys; sys.exit('lost')", "ended with 1, starting: lost"),
        ("pass", "ended without a report"),
        ("print('[]')", "ended without a report"),
        ("print('{\"a\": 1}')", "ended without a report"),
    ],
    ids=["sleeps", "gives up", "says nothing", "says a list", "says something else"],
)
def test_a_process_that_does_not_report_is_no_success(tmp_path: Path, program: str, reason: str) -> None:
    with pytest.raises(ModelTrialFailedError, match=reason):
        try_network(promised(GOOD), tmp_path / "tiny.onnx", TrialLimits(wall_s=0.5), (sys.executable, "-c", program))


def test_a_process_that_cannot_be_started_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelTrialFailedError, match="no process could be started"):
        try_network(promised(GOOD), tmp_path / "tiny.onnx", TIGHT, (str(tmp_path / "nothing"),))
