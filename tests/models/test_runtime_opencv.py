"""The OpenCV door obeys the card as the other doors do, and answers what they answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from onnx import helper

from models.card import Dimension, ModelCard, Runtime, TensorContract
from models.contract import Tensor
from models.errors import DigestMismatchError, NetworkContractError, NetworkFailedError, NetworkNotLoadedError
from models.question import well_formed
from models.runtime import Network, open_network, runtime_version
from models.store import ModelStore
from tests.models.made_up import network_card, tensor, tiny_onnx
from tests.models.onnx_steps import noise, onnx_file

SHAPE: tuple[int, ...] = (1, 3, 8, 8)
OUT: tuple[int, ...] = (1, 5, 8, 8)
X, Y = tensor("x", SHAPE), tensor("y", OUT)
CONVOLUTION = onnx_file([helper.make_node("Conv", ["x", "w"], ["y"], kernel_shape=[1, 1])], SHAPE, OUT, {"w": noise(5, 3, 1, 1)})


def card_of(content: bytes, x: TensorContract = X, y: TensorContract = Y) -> ModelCard:
    return replace(network_card(content, x, y), runtime=Runtime.OPENCV)


def opened(folder: Path, content: bytes, card: ModelCard) -> Network:
    path = folder / card.file
    path.write_bytes(content)
    return open_network(card, path)


def picture(*shape: int) -> Tensor:
    return noise(*shape)


def test_it_answers_what_onnxruntime_answers(tmp_path: Path) -> None:
    card = card_of(CONVOLUTION)
    question = picture(*SHAPE)

    (ours,) = opened(tmp_path, CONVOLUTION, card).run(question)
    (theirs,) = opened(tmp_path, CONVOLUTION, replace(card, runtime=Runtime.ONNX)).run(question)

    assert ours.dtype == np.float32
    assert np.abs(ours - theirs).max() < 1e-5


def test_an_answer_belongs_to_the_caller(tmp_path: Path) -> None:
    network = opened(tmp_path, CONVOLUTION, card_of(CONVOLUTION))

    (first,) = network.run(picture(*SHAPE))
    kept = first.copy()
    network.run(-picture(*SHAPE))

    assert np.array_equal(first, kept)


@pytest.mark.parametrize(
    ("question", "problem"),
    [
        (np.zeros((1, 3, 8, 9), np.float32), "has shape"),
        (np.zeros((1, 8, 8), np.float32), "has shape"),
        (np.zeros(SHAPE, np.uint8), "promised is float32"),
        (np.full(SHAPE, np.nan, np.float32), "not finite"),
    ],
    ids=["wider", "fewer axes", "whole numbers", "not a number"],
)
def test_a_question_that_is_not_as_promised_is_an_error(tmp_path: Path, question: Tensor, problem: str) -> None:
    with pytest.raises(NetworkContractError, match=problem):
        opened(tmp_path, CONVOLUTION, card_of(CONVOLUTION)).run(question)


def test_an_answer_that_is_not_finite_is_an_error(tmp_path: Path) -> None:
    content = onnx_file([helper.make_node("Log", ["x"], ["y"])], SHAPE, SHAPE, {})
    network = opened(tmp_path, content, card_of(content, y=tensor("y", SHAPE)))

    with pytest.raises(NetworkContractError, match="not finite"):
        network.run(np.zeros(SHAPE, np.float32))


def test_an_answer_out_of_range_is_an_error(tmp_path: Path) -> None:
    content = onnx_file([helper.make_node("Relu", ["x"], ["y"])], SHAPE, SHAPE, {})
    network = opened(tmp_path, content, card_of(content, y=tensor("y", SHAPE, (0.0, 1.0))))

    with pytest.raises(NetworkContractError, match="promised is 0 to 1"):
        network.run(np.full(SHAPE, 2, np.float32))


OPEN: tuple[Dimension, ...] = (1, 5, "h", "w")


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (tensor("x", (1, 3, 8, 9)), Y),
        (X, tensor("y", (1, 6, 8, 8))),
        (tensor("x", (1, 3, 8)), Y),
        (X, tensor("y", OPEN)),
        (tensor("z", SHAPE), Y),
        (X, tensor("z", OUT)),
    ],
    ids=["wider", "more channels", "fewer axes", "open", "another input", "another output"],
)
def test_a_file_that_cannot_keep_its_cards_promise_is_not_opened(tmp_path: Path, x: TensorContract, y: TensorContract) -> None:
    with pytest.raises(NetworkContractError):
        opened(tmp_path, CONVOLUTION, card_of(CONVOLUTION, x, y))


def test_a_second_input_is_refused(tmp_path: Path) -> None:
    content = onnx_file([helper.make_node("Add", ["x", "x2"], ["y"])], SHAPE, SHAPE, {}, further_inputs={"x2": SHAPE})

    with pytest.raises(NetworkContractError, match="not the only input"):
        opened(tmp_path, content, card_of(content, y=tensor("y", SHAPE)))


@pytest.mark.parametrize("content", [b"", b"rubbish", tiny_onnx("Identity", [1, 2], [1, 2])[:-10]])
def test_rubbish_with_the_promised_digest_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(NetworkNotLoadedError, match="tiny"):
        opened(tmp_path, content, card_of(content))


def test_a_step_that_it_does_not_know_is_a_sentence(tmp_path: Path) -> None:
    content = onnx_file([helper.make_node("Bernoulli", ["x"], ["y"])], SHAPE, SHAPE, {})

    with pytest.raises((NetworkNotLoadedError, NetworkFailedError), match="tiny"):
        opened(tmp_path, content, card_of(content, y=tensor("y", SHAPE))).run(picture(*SHAPE))


def test_a_file_that_was_swapped_after_the_check_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(DigestMismatchError):
        opened(tmp_path, CONVOLUTION + b"\0", card_of(CONVOLUTION))


def test_it_is_named_with_its_version() -> None:
    assert runtime_version(Runtime.OPENCV).startswith("opencv ")


@pytest.mark.weights
@pytest.mark.parametrize("name", ["landmarks5", "minifasnet_v2", "minifasnet_v1se"])
def test_shipped_networks_answer_the_same_in_both_libraries(model_store: ModelStore, name: str) -> None:
    card, path = model_store.card(name), model_store.path(name)
    question = well_formed(card, 3)

    (theirs,) = open_network(card, path).run(question)
    (ours,) = open_network(replace(card, runtime=Runtime.OPENCV), path).run(question)

    assert np.abs(ours - theirs).max() < 1e-4
