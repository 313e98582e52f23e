"""A network that is opened by its first question: its file is checked before, and nothing wrong is ever run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.card import ModelCard
from models.errors import DigestMismatchError, ModelFileUnreadableError, NetworkNotLoadedError
from models.late import LateNetwork
from models.library import open_chosen
from models.runtime import open_network
from models.variant import Form, Variant, variant_file
from tests.models.made_up import cached_network, offline_store_of, tiny_onnx
from tests.models.test_choice import choice_of, choices_of

CONTENT = tiny_onnx("Neg", [1, 2], [1, 2])
QUESTION = np.array([[1, 2]], np.float32)


def stored(folder: Path, content: bytes = CONTENT) -> tuple[ModelCard, Path]:
    card = cached_network(folder, "tiny", content)
    return card, folder / "cache" / card.file


def test_it_answers_as_a_network_that_was_opened_at_once(tmp_path: Path) -> None:
    card, path = stored(tmp_path)

    late, at_once = LateNetwork(card, path), open_network(card, path)

    assert late.run(QUESTION)[0].tolist() == at_once.run(QUESTION)[0].tolist() == [[-1, -2]]


def test_a_wrong_file_is_refused_before_anybody_asks(tmp_path: Path) -> None:
    card, path = stored(tmp_path)
    path.write_bytes(CONTENT[:-9])

    with pytest.raises(DigestMismatchError, match="tiny"):
        LateNetwork(card, path)


def test_a_file_that_was_swapped_since_is_not_run(tmp_path: Path) -> None:
    card, path = stored(tmp_path)
    late = LateNetwork(card, path)
    path.write_bytes(tiny_onnx("Exp", [1, 2], [1, 2]))

    with pytest.raises(DigestMismatchError, match="tiny"):
        late.run(QUESTION)


def test_a_file_that_does_not_load_is_an_error_of_its_first_question(tmp_path: Path) -> None:
    late = LateNetwork(*stored(tmp_path, b"rubbish"))

    with pytest.raises(NetworkNotLoadedError, match="tiny"):
        late.run(QUESTION)


def test_it_is_opened_once(tmp_path: Path) -> None:
    card, path = stored(tmp_path)
    late, never_asked = LateNetwork(card, path), LateNetwork(card, path)
    late.run(QUESTION)
    path.unlink()

    assert late.run(QUESTION)[0].tolist() == [[-1, -2]]
    with pytest.raises(ModelFileUnreadableError):
        never_asked.run(QUESTION)


def test_only_what_is_asked_seldom_is_opened_late(tmp_path: Path) -> None:
    card, _ = stored(tmp_path)
    store = offline_store_of(tmp_path, card)

    late, at_once = open_chosen(store, ["tiny"], None, late=["tiny"]), open_chosen(store, ["tiny"], None, late=["other"])

    assert (isinstance(late["tiny"].network, LateNetwork), isinstance(at_once["tiny"].network, LateNetwork)) == (True, False)


def test_what_was_made_of_a_file_is_opened_at_once_so_that_the_shipped_one_can_take_its_place(tmp_path: Path) -> None:
    card, _ = stored(tmp_path)
    store, form, content = offline_store_of(tmp_path, card), Form.INT8, b"rubbish"
    choice = choice_of(card, form, content)
    store.keep(Variant("tiny", form, variant_file(card, form), choice.sha256, len(content), card.sha256, True, {}), content)

    opened = open_chosen(store, ["tiny"], choices_of(choice), late=["tiny"])["tiny"]

    assert (opened.form, opened.network.run(QUESTION)[0].tolist()) == (Form.SHIPPED, [[-1, -2]])
