"""What runs on a board: a choice is believed for what was measured and for nothing else, and the shipped file runs otherwise."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.board import Board, this_board
from models.card import ModelCard, Purpose, Runtime
from models.choice import Choice, Choices, Numbers, Ratio, SavedSession
from models.choice_file import choices_bytes, read_choices
from models.cost import NetworkCost
from models.digests import Sha256, digest_of
from models.errors import (
    ChoiceInvalidError,
    ChoiceStaleError,
    DigestMismatchError,
    ModelFileUnreadableError,
    NetworkNotLoadedError,
)
from models.library import open_chosen
from models.runtime import runtime_version
from models.store import ModelStore
from models.variant import RECORD_SUFFIX, Form, Variant, variant_file
from tests.models.made_up import cached_network, offline_store_of, tiny_onnx

HERE = Board("Board of tests", "aarch64", "asimd asimddp")
SHIPPED = tiny_onnx("Identity", [1, 2], [1, 2])
MADE = tiny_onnx("Neg", [1, 2], [1, 2])
"""A rewrite that can be told from what ships by its answers."""
ONE, OTHER = digest_of(b"one matcher"), digest_of(b"another matcher")
NUMBERS = Numbers(1.5, 2.5, 20.0, 4096, NetworkCost(12, 34, 56))


def choice_of(card: ModelCard, form: Form, content: bytes, runtime: Runtime = Runtime.ONNX) -> Choice:
    file = card.file if form is Form.SHIPPED else variant_file(card, form)
    ratio = Ratio(0.5, 0.4, 0.6)
    return Choice(
        card.name, form, runtime, file, digest_of(content), card.sha256, NUMBERS, replace(NUMBERS, median_cpu_ms=3.0), ratio
    )


def choices_of(*found: Choice) -> Choices:
    versions = {runtime.value: runtime_version(runtime) for runtime in (Runtime.ONNX, Runtime.OPENCV)}
    return Choices(HERE, versions, {choice.model: choice for choice in found})


def with_variant(folder: Path, form: Form = Form.REWRITTEN, *, passed: bool = True) -> tuple[ModelStore, ModelCard]:
    card = cached_network(folder, "tiny", SHIPPED)
    store = offline_store_of(folder, card)
    store.keep(Variant("tiny", form, variant_file(card, form), digest_of(MADE), len(MADE), card.sha256, passed, {}), MADE)
    return store, card


def with_quantized_embedder(folder: Path, judged: Sha256 | None) -> tuple[ModelStore, ModelCard]:
    card = replace(cached_network(folder, "tiny", SHIPPED), purpose=Purpose.EMBEDDER)
    store = offline_store_of(folder, card)
    file = variant_file(card, Form.INT8)
    store.keep(Variant("tiny", Form.INT8, file, digest_of(MADE), len(MADE), card.sha256, True, {}, judged), MADE)
    return store, card


def answer(store: ModelStore, choices: Choices | None) -> tuple[list[list[float]], str, Form]:
    opened = open_chosen(store, ["tiny"], choices)["tiny"]
    return opened.network.run(np.array([[1, 2]], np.float32))[0].tolist(), opened.card.sha256, opened.form


KEEPS = ([[1, 2]], digest_of(SHIPPED), Form.SHIPPED)


def test_choices_come_back_as_they_were_written(tmp_path: Path) -> None:
    _, card = with_variant(tmp_path)
    saved = SavedSession("tiny.rewritten.ort", digest_of(b"saved"), 12.5)
    uncounted = replace(choice_of(card, Form.SHIPPED, SHIPPED, Runtime.OPENCV), model="b", numbers=replace(NUMBERS, cost=None))
    choices = choices_of(replace(choice_of(card, Form.REWRITTEN, MADE), saved=saved), uncounted)
    (tmp_path / "models.json").write_bytes(choices_bytes(choices))

    assert read_choices(tmp_path / "models.json") == choices


@pytest.mark.parametrize("form", [Form.REWRITTEN, Form.INT8])
def test_what_was_chosen_runs_and_its_own_digest_is_told(tmp_path: Path, form: Form) -> None:
    store, card = with_variant(tmp_path, form)

    assert answer(store, choices_of(choice_of(card, form, MADE))) == ([[-1, -2]], digest_of(MADE), form)


def test_another_library_may_be_chosen_for_the_shipped_file(tmp_path: Path) -> None:
    store, card = with_variant(tmp_path)

    opened = open_chosen(store, ["tiny"], choices_of(choice_of(card, Form.SHIPPED, SHIPPED, Runtime.OPENCV)))["tiny"]

    assert type(opened.network).__name__ == "OpencvNetwork"
    assert (opened.card.runtime, opened.card.sha256) == (Runtime.OPENCV, card.sha256)


def test_without_a_choice_the_shipped_file_runs_and_nothing_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store, card = with_variant(tmp_path)

    assert answer(store, None) == KEEPS
    assert answer(store, choices_of(replace(choice_of(card, Form.REWRITTEN, MADE), model="other"))) == KEEPS
    assert caplog.records == []


def gone(folder: Path) -> None:
    (folder / "cache" / "tiny.rewritten.onnx").unlink()


def unrecorded(folder: Path) -> None:
    (folder / "cache" / f"tiny.rewritten.onnx{RECORD_SUFFIX}").unlink()


def torn_record(folder: Path) -> None:
    (folder / "cache" / f"tiny.rewritten.onnx{RECORD_SUFFIX}").write_bytes(b"{")


def truncated(folder: Path) -> None:
    (folder / "cache" / "tiny.rewritten.onnx").write_bytes(MADE[:-9])


def swapped(folder: Path) -> None:
    (folder / "cache" / "tiny.rewritten.onnx").write_bytes(tiny_onnx("Exp", [1, 2], [1, 2]))


@pytest.mark.parametrize("spoil", [gone, unrecorded, torn_record, truncated, swapped], ids=lambda each: each.__name__)
def test_a_chosen_file_that_is_not_what_was_measured_is_not_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, spoil: Callable[[Path], None]
) -> None:
    store, card = with_variant(tmp_path)
    spoil(tmp_path)

    assert answer(store, choices_of(choice_of(card, Form.REWRITTEN, MADE))) == KEEPS
    assert [(record.message, record.__dict__["model"]) for record in caplog.records] == [
        ("chosen model not used, the shipped one is", "tiny")
    ]


STALE: dict[str, Callable[[Choices, Choice], Choices]] = {
    "another version": lambda all_of, _: replace(all_of, versions={"onnx": "onnxruntime 1.0.0"}),
    "a version that nobody measured": lambda all_of, _: replace(all_of, versions={}),
    "another source": lambda _, one: choices_of(replace(one, source_sha256=Sha256("0" * 64))),
    "another digest": lambda _, one: choices_of(replace(one, sha256=Sha256("0" * 64))),
    "another file": lambda _, one: choices_of(replace(one, file="other.onnx")),
    "another form": lambda _, one: choices_of(replace(one, form=Form.INT8)),
    "a library that cannot open it": lambda all_of, one: replace(
        choices_of(replace(one, runtime=Runtime.TFLITE)), versions={"tflite": runtime_version(Runtime.TFLITE)}
    ),
}


@pytest.mark.parametrize("change", STALE.values(), ids=STALE)
def test_a_choice_that_was_measured_with_something_else_is_stale(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, change: Callable[[Choices, Choice], Choices]
) -> None:
    store, card = with_variant(tmp_path)
    one = choice_of(card, Form.REWRITTEN, MADE)

    assert answer(store, change(choices_of(one), one)) == KEEPS
    assert len(caplog.records) == 1
    assert caplog.records[0].levelno == logging.WARNING


def test_a_file_that_did_not_pass_its_gate_is_not_used(tmp_path: Path) -> None:
    store, card = with_variant(tmp_path, Form.INT8, passed=False)

    assert answer(store, choices_of(choice_of(card, Form.INT8, MADE))) == KEEPS


@pytest.mark.parametrize(("judged", "runs"), [(None, None), (None, ONE), (ONE, None), (ONE, OTHER)])
def test_a_quantized_embedder_never_runs_outside_of_the_matcher_that_it_was_judged_in(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, judged: Sha256 | None, runs: Sha256 | None
) -> None:
    store, card = with_quantized_embedder(tmp_path, judged)

    opened = open_chosen(store, ["tiny"], choices_of(choice_of(card, Form.INT8, MADE)), matcher=runs)["tiny"]

    assert (opened.card, opened.form) == (card, Form.SHIPPED)
    assert ["another matcher" in record.__dict__["reason"] for record in caplog.records] == [True]


def test_a_quantized_embedder_runs_within_the_matcher_that_it_was_judged_in(tmp_path: Path) -> None:
    store, card = with_quantized_embedder(tmp_path, ONE)

    opened = open_chosen(store, ["tiny"], choices_of(choice_of(card, Form.INT8, MADE)), matcher=ONE)["tiny"]

    assert (opened.card.sha256, opened.form) == (digest_of(MADE), Form.INT8)


def test_the_library_of_an_embedder_is_never_another_one(tmp_path: Path) -> None:
    card = replace(cached_network(tmp_path, "tiny", SHIPPED), purpose=Purpose.EMBEDDER)
    store = offline_store_of(tmp_path, card)

    opened = open_chosen(store, ["tiny"], choices_of(choice_of(card, Form.SHIPPED, SHIPPED, Runtime.OPENCV)))["tiny"]

    assert opened.card.runtime is Runtime.ONNX


def test_a_shipped_file_that_does_not_load_is_an_error_with_or_without_a_choice(tmp_path: Path) -> None:
    card = cached_network(tmp_path, "tiny", b"rubbish")
    store = offline_store_of(tmp_path, card)

    with pytest.raises(NetworkNotLoadedError):
        open_chosen(store, ["tiny"], choices_of(choice_of(card, Form.REWRITTEN, MADE)))


def test_a_shipped_file_that_is_not_the_promised_one_is_set_aside(tmp_path: Path) -> None:
    card = cached_network(tmp_path, "tiny", SHIPPED)
    (tmp_path / "cache" / card.file).write_bytes(MADE)

    with pytest.raises(DigestMismatchError, match="tiny"):
        open_chosen(offline_store_of(tmp_path, card), ["tiny"], None)

    assert [each.name for each in (tmp_path / "cache").glob("tiny*")] == [f"tiny.onnx.bad-{digest_of(MADE)[:8]}"]


def test_a_choice_of_another_board_is_stale() -> None:
    with pytest.raises(ChoiceStaleError, match=r"measured on Board of tests \(aarch64, asimd asimddp\), this is Raspberry Pi 5"):
        choices_of().insist_on_board(Board("Raspberry Pi 5", "aarch64"))
    with pytest.raises(ChoiceStaleError, match=r"this is Board of tests \(aarch64, asimd\)"):
        choices_of().insist_on_board(replace(HERE, features="asimd"))


def spoiled(**changes: object) -> Callable[[dict[str, Any]], None]:
    return lambda document: document.update(changes)


def of_model(key: str, value: object) -> Callable[[dict[str, Any]], None]:
    return lambda document: document["models"][0].update({key: value})


def doubled(document: dict[str, Any]) -> None:
    document["models"] *= 2


INVALID: dict[str, Callable[[dict[str, Any]], None]] = {
    "a later format": spoiled(format=2),
    "a key too many": spoiled(further=1),
    "no models": spoiled(models=[]),
    "a board without a machine": spoiled(board={"name": "x"}),
    "an unknown library": spoiled(versions={"torch": "2"}),
    "one model twice": doubled,
    "an unknown form": of_model("form", "int4"),
    "data that runs": of_model("runtime", "data"),
    "a file elsewhere": of_model("file", "../tiny.onnx"),
    "a hidden file": of_model("file", ".tiny.onnx"),
    "no digest": of_model("sha256", "ab"),
    "a rewrite that is the source": of_model("sha256", digest_of(SHIPPED)),
    "a saved session elsewhere": of_model("saved", {"file": "/x.ort", "sha256": "0" * 64, "cold_cpu_ms": 1.0}),
    "a text for numbers": of_model("numbers", "fast"),
    "a time of nothing": of_model("numbers", {"median_cpu_ms": 0.0, "p99_cpu_ms": 1.0, "cold_cpu_ms": 1.0, "added_bytes": 1}),
    "a time that is none": of_model("ratio", {"median": float("nan"), "low": 1.0, "high": 1.0}),
}


@pytest.mark.parametrize("spoil", INVALID.values(), ids=INVALID)
def test_a_file_that_is_not_written_as_it_must_be_is_refused_with_its_name(
    tmp_path: Path, spoil: Callable[[dict[str, Any]], None]
) -> None:
    _, card = with_variant(tmp_path)
    document = json.loads(choices_bytes(choices_of(choice_of(card, Form.REWRITTEN, MADE))))
    spoil(document)
    (tmp_path / "models.json").write_text(json.dumps(document), encoding="utf-8")

    with pytest.raises(ChoiceInvalidError, match=r"models\.json"):
        read_choices(tmp_path / "models.json")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000], ids=["empty", "cut", "list", "bytes", "deep"]
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "models.json").write_bytes(content)

    with pytest.raises(ChoiceInvalidError, match=r"models\.json"):
        read_choices(tmp_path / "models.json")


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelFileUnreadableError):
        read_choices(tmp_path / "models.json")


def test_a_board_is_named_by_its_firmware_and_else_by_its_processor(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc" / "cpuinfo").write_text(
        "processor\t: 0\nmodel name\t: Example 9000\nflags\t: fpu fma avx2\n", encoding="utf-8"
    )
    by_processor = this_board(tmp_path)
    (tmp_path / "proc" / "device-tree").mkdir()
    (tmp_path / "proc" / "device-tree" / "model").write_bytes(b"Raspberry Pi 4 Model B Rev 1.5\0")

    assert by_processor.features == "avx2 fma"
    assert (by_processor.name, this_board(tmp_path).name) == ("Example 9000", "Raspberry Pi 4 Model B Rev 1.5")
    assert this_board(tmp_path / "nothing").name == "unknown"
