"""Two machines are asked the same, and answers that differ by more than rounding are told apart from those that do not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from edge.commands.models import group
from models.contract import Tensor
from models.errors import AnswersUnreadableError, NetworkNotLoadedError
from models.manifest import load_manifest
from models.one_inference import TOLERANCE, answer, farthest, mark_of, question_of, read_answers, save_answers
from models.store import ModelStore
from tests.models.engines import licensed_engine
from tests.models.made_up import network_card, tensor, tiny_onnx

NETWORKS = tuple(name for name in load_manifest().default_names if load_manifest().card(name).input is not None)


def outputs(*numbers: float) -> tuple[Tensor, ...]:
    return (np.array(numbers, np.float32),)


def two_engines(folder: Path) -> Path:
    """The manifest of the networks `licensed` and `second`, whose files differ in their names only."""
    manifest = licensed_engine(folder / "engines")
    one = manifest.read_text(encoding="utf-8").partition("[[matcher]]")[0]
    (manifest.parent / "second.onnx").write_bytes((manifest.parent / "licensed.onnx").read_bytes())
    manifest.write_text(one + one.partition("format = 1")[2].replace("licensed", "second"), encoding="utf-8")
    return manifest


def say(manifest: Path, *words: str) -> Result:
    environ = {"LIFECERT_CACHE": str(manifest.parent / "cache"), "LIFECERT_MIRROR": ""}
    return CliRunner().invoke(group, ["answer", *words, "--manifest", str(manifest)], env=environ)


def test_a_question_has_the_shape_and_the_range_of_the_card_and_is_the_same_each_time() -> None:
    image = replace(tensor("x", (1, 3, "height", "width"), (0.0, 255.0)), multiple_of=96)
    card = network_card(b"", image, tensor("y", (1, 2)))

    question = question_of(card)

    assert (question.shape, question.dtype) == ((1, 3, 96, 96), np.float32)
    assert 0 <= question.min() < 2 < 253 < question.max() <= 255
    assert np.array_equal(question, question_of(card))


def test_a_question_is_that_of_every_machine() -> None:
    card = network_card(b"", tensor("x", (1, 3)), tensor("y", (1, 3)))

    assert question_of(card).tolist() == [pytest.approx([0.7037040, -0.6421304, -0.9471650], abs=1e-7)]


def test_data_is_asked_nothing() -> None:
    card = replace(network_card(b"", tensor("x", (1, 2))), input=None)

    with pytest.raises(NetworkNotLoadedError, match="data to read"):
        question_of(card)


def test_another_file_or_another_question_has_another_mark() -> None:
    x, y = tensor("x", (1, 2)), tensor("y", (1, 2))
    here = network_card(b"one", x, y)

    others = (network_card(b"two", x, y), network_card(b"one", tensor("x", (1, 4)), y), replace(here, name="other"))

    assert mark_of(here) == mark_of(network_card(b"one", x, y))
    assert len({mark_of(here), *map(mark_of, others)}) == 4


def test_a_network_answers_its_question(tmp_path: Path) -> None:
    content = tiny_onnx("Identity", [1, 2], [1, 2])
    card = network_card(content, tensor("x", (1, 2)), tensor("y", (1, 2)))
    (tmp_path / card.file).write_bytes(content)

    (answered,) = answer(card, tmp_path / card.file)

    assert np.array_equal(answered, question_of(card))


def test_the_difference_is_a_share_of_the_largest_value_of_its_own_output() -> None:
    theirs = (*outputs(0.0, -200.0), *outputs(1.0))

    assert farthest((*outputs(0.1, -200.0), *outputs(1.0)), theirs) == pytest.approx(0.1 / 200)
    assert farthest((*outputs(0.0, -200.0), *outputs(1.1)), theirs) == pytest.approx(0.1, rel=1e-5)
    assert farthest(theirs, theirs) == 0


def test_answers_of_another_shape_or_number_differ_without_bound() -> None:
    assert farthest(outputs(1.0), outputs(1.0, 1.0)) == float("inf")
    assert farthest(outputs(1.0), (*outputs(1.0), *outputs(1.0))) == float("inf")


def test_answers_come_back_as_they_were_saved(tmp_path: Path) -> None:
    save_answers(tmp_path / "answers.npz", {"a:1": (*outputs(1, 2), *outputs(3)), "b:2": outputs(4)})

    back = read_answers(tmp_path / "answers.npz")

    assert {mark: [each.tolist() for each in found] for mark, found in back.items()} == {"a:1": [[1, 2], [3]], "b:2": [[4]]}


@pytest.mark.parametrize("content", [b"", b"rubbish", b"PK\x03\x04cut"], ids=["empty", "rubbish", "cut"])
def test_a_file_that_holds_no_answers_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "answers.npz").write_bytes(content)

    with pytest.raises(AnswersUnreadableError, match=r"answers\.npz could not be read: .+ make them again"):
        read_answers(tmp_path / "answers.npz")


def test_answers_that_are_not_there_end_with_2(tmp_path: Path) -> None:
    spoken = say(two_engines(tmp_path), "--against", str(tmp_path / "nothing.npz"))

    assert spoken.exit_code == 2
    assert "nothing.npz could not be read" in spoken.stderr


def test_two_machines_that_answer_alike_end_with_0(tmp_path: Path) -> None:
    manifest, saved = two_engines(tmp_path), tmp_path / "there.npz"

    first = say(manifest, "licensed", "second", "--save", str(saved))
    then = say(manifest, "licensed", "second", "--against", str(saved), "--json")

    assert [line.split()[:2] for line in first.stdout.splitlines()] == [["licensed", "ok"], ["second", "ok"]]
    assert [row["largest_difference"] for row in json.loads(then.stdout)["models"]] == [0, 0]
    assert (first.exit_code, then.exit_code) == (0, 0)


def test_a_broken_file_of_a_model_ends_with_1_and_is_named_and_the_others_are_asked_all_the_same(tmp_path: Path) -> None:
    manifest = two_engines(tmp_path)
    (manifest.parent / "licensed.onnx").write_bytes(b"rubbish")

    spoken = say(manifest, "licensed", "second", "--json")

    assert [(row["name"], row["ok"]) for row in json.loads(spoken.stdout)["models"]] == [("licensed", False), ("second", True)]
    assert spoken.exit_code == 1
    assert "error: licensed: " in spoken.stderr


@pytest.mark.parametrize(("off", "code"), [(TOLERANCE / 2, 0), (TOLERANCE * 2, 1), (np.nan, 1)])
def test_an_answer_that_is_off_by_more_than_rounding_ends_with_1(tmp_path: Path, off: float, code: int) -> None:
    manifest, saved = two_engines(tmp_path), tmp_path / "there.npz"
    say(manifest, "second", "--save", str(saved))
    ((mark, (array,)),) = read_answers(saved).items()
    array[0, 0] += np.float32(off) * np.abs(array).max()
    save_answers(saved, {mark: (array,)})

    spoken = say(manifest, "second", "--against", str(saved))

    assert spoken.exit_code == code
    assert ("second: it answers differently than on the other machine" in spoken.stderr) == bool(code)


def test_answers_of_another_file_are_no_agreement(tmp_path: Path) -> None:
    manifest, saved = two_engines(tmp_path), tmp_path / "there.npz"
    say(manifest, "licensed", "--save", str(saved))

    spoken = say(manifest, "second", "--against", str(saved))

    assert spoken.exit_code == 1
    assert "second: the other machine gave no answer of this file to this question" in spoken.stderr


@pytest.mark.weights
def test_every_network_of_a_unit_answers_its_question(tmp_path: Path, model_store: ModelStore) -> None:
    cards = [model_store.card(name) for name in NETWORKS]
    answers = {mark_of(card): answer(card, model_store.path(card.name)) for card in cards}
    save_answers(tmp_path / "answers.npz", answers)

    back = read_answers(tmp_path / "answers.npz")

    assert [mark.partition(":")[0] for mark in back] == list(NETWORKS)
    assert [len(found) for found in back.values()] == [len(card.outputs) for card in cards]
    assert {farthest(back[mark], answers[mark]) for mark in answers} == {0.0}
