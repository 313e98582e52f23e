"""What a library made of a file may be kept for the next start: it answers the same, or it is not used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.benchmark import Measured
from models.board import Board
from models.candidates import Candidate
from models.card import ModelCard, Runtime
from models.choice import Choice, Choices, Numbers, Ratio, SavedSession
from models.digests import digest_of
from models.library import open_chosen
from models.runtime import runtime_version
from models.saved_session import save_session
from models.store import ModelStore
from models.variant import Form
from tests.models.made_up import cached_network, offline_store_of, tiny_onnx

CONTENT = tiny_onnx("Neg", [1, 2], [1, 2])
SLOW = Numbers(1.0, 1.0, 60_000.0, 4096, None)
SAME = Ratio(1, 1, 1)


def stored(folder: Path) -> tuple[ModelStore, ModelCard]:
    card = cached_network(folder, "tiny", CONTENT)
    return offline_store_of(folder, card), card


def saved(store: ModelStore, card: ModelCard, numbers: Numbers = SLOW) -> SavedSession | None:
    """Save what is made of a shipped file that has these numbers."""
    return save_session(store, Measured(Candidate(card, Form.SHIPPED, card, store.path("tiny")), numbers, SAME))


def chosen(card: ModelCard, session: SavedSession | None) -> Choices:
    choice = Choice("tiny", Form.SHIPPED, Runtime.ONNX, card.file, card.sha256, card.sha256, SLOW, SLOW, SAME, session)
    return Choices(Board("b", "m"), {"onnx": runtime_version(Runtime.ONNX)}, {"tiny": choice})


def answer(store: ModelStore, choices: Choices) -> list[list[float]]:
    opened = open_chosen(store, ["tiny"], choices)["tiny"]
    assert opened.card.sha256 == digest_of(CONTENT)
    return opened.network.run(np.array([[1, 2]], np.float32))[0].tolist()


def test_a_saved_session_is_opened_in_place_of_its_file_and_named_by_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store, card = stored(tmp_path)
    session = saved(store, card)
    (tmp_path / "cache" / card.file).write_bytes(b"rubbish that nobody reads")

    assert session is not None
    assert answer(store, chosen(card, session)) == [[-1, -2]]
    assert caplog.records == []
    assert (session.file, 0 < session.cold_cpu_ms < SLOW.cold_cpu_ms) == ("tiny.ort", True)


@pytest.mark.parametrize("spoil", ["gone", "truncated", "swapped"])
def test_a_saved_session_that_rots_is_not_used_and_its_file_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, spoil: str
) -> None:
    store, card = stored(tmp_path)
    session = saved(store, card)
    kept = tmp_path / "cache" / "tiny.ort"
    match spoil:
        case "gone":
            kept.unlink()
        case "truncated":
            kept.write_bytes(kept.read_bytes()[:-8])
        case _:
            kept.write_bytes(tiny_onnx("Exp", [1, 2], [1, 2]))

    assert answer(store, chosen(card, session)) == [[-1, -2]]
    assert [record.message for record in caplog.records] == ["saved session not used, its file is"]


def test_what_saves_no_time_is_not_kept(tmp_path: Path) -> None:
    store, card = stored(tmp_path)

    assert saved(store, card, replace(SLOW, cold_cpu_ms=1e-6)) is None


def test_only_onnxruntime_saves_sessions(tmp_path: Path) -> None:
    store, card = stored(tmp_path)

    assert saved(store, replace(card, runtime=Runtime.OPENCV)) is None


def test_a_file_that_cannot_be_opened_has_no_saved_session(tmp_path: Path) -> None:
    card = cached_network(tmp_path, "tiny", b"rubbish")

    assert saved(offline_store_of(tmp_path, card), card) is None
