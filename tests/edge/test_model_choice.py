"""An engine runs what was chosen for its board, says in its results what that is, and runs what ships when the choice fails."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge.commands.verify import verify
from edge.config import Settings, UnitSettings
from edge.durable_file import write_durably
from edge.engine import open_engine
from edge.model_choice import chosen_models
from edge.post import Options, open_unit
from edge.state_dir import StateDir
from models.board import Board, this_board
from models.card import Runtime
from models.choice import Choice, Choices, Numbers, Ratio
from models.choice_file import choices_bytes
from models.digests import digest_of
from models.graph import rewritten_variant
from models.matcher import DEFAULT_MATCHER, digest_as_shipped
from models.runtime import runtime_version
from models.store import ModelStore
from models.variant import Form, Variant, variant_file
from tests.models.made_up import ForbiddenFetch

NUMBERS = Numbers(1.0, 2.0, 20.0, 4096, None)
NAME = "embedder"


def own_store(folder: Path, model_store: ModelStore) -> ModelStore:
    """The shipped files as a mirror, and a cache of our own."""
    return ModelStore(model_store.manifest, model_store.path(NAME).parent, folder / "cache", ForbiddenFetch())


def with_rewrite(store: ModelStore, form: Form) -> Choices:
    """An exact rewrite of the embedder in the cache, called so or called a quantized one, and the choice of it."""
    card = store.card(NAME)
    exact, content = rewritten_variant(card, store.path(NAME).read_bytes())
    within = digest_as_shipped(store.matcher(DEFAULT_MATCHER), store.manifest.cards)
    store.keep(replace(exact, form=form, file=variant_file(card, form), judged_within=within), content)
    return choices_of(store, exact, form)


def choices_of(store: ModelStore, variant: Variant, form: Form) -> Choices:
    card = store.card(NAME)
    file, ratio = variant_file(card, form), Ratio(0.5, 0.4, 0.6)
    choice = Choice(NAME, form, Runtime.ONNX, file, variant.sha256, card.sha256, NUMBERS, NUMBERS, ratio)
    return Choices(this_board(), {"onnx": runtime_version(Runtime.ONNX)}, {NAME: choice})


@pytest.mark.weights
def test_an_exact_rewrite_is_named_in_results_and_is_the_same_matcher(tmp_path: Path, model_store: ModelStore) -> None:
    store = own_store(tmp_path, model_store)
    choices = with_rewrite(store, Form.REWRITTEN)

    shipped, chosen = open_engine(store), open_engine(store, choice=choices)

    assert {use.name: use.sha256.hex() for use in chosen.models}[NAME] == choices.by_model[NAME].sha256
    assert [use.name for use in chosen.models] == [use.name for use in shipped.models]
    assert [use.name for use, other in zip(chosen.models, shipped.models, strict=True) if use != other] == [NAME]
    assert chosen.embedder.identity == shipped.embedder.identity
    assert chosen.rules == shipped.rules


@pytest.mark.weights
def test_a_quantized_embedder_is_another_matcher(tmp_path: Path, model_store: ModelStore) -> None:
    store = own_store(tmp_path, model_store)
    choices = with_rewrite(store, Form.INT8)

    shipped, chosen = open_engine(store), open_engine(store, choice=choices)

    assert {use.name: use.sha256.hex() for use in chosen.models}[NAME] == choices.by_model[NAME].sha256
    assert chosen.embedder.identity.model_digest != shipped.embedder.identity.model_digest
    assert chosen.embedder.identity.name == shipped.embedder.identity.name
    # The gate says nothing of the other matcher that the network is part of.
    assert open_engine(store, "reid0095", choice=choices).embedder.identity == open_engine(store, "reid0095").embedder.identity


@pytest.mark.weights
def test_a_chosen_file_that_rots_costs_speed_and_no_visit(
    tmp_path: Path, model_store: ModelStore, caplog: pytest.LogCaptureFixture
) -> None:
    store = own_store(tmp_path, model_store)
    choices = with_rewrite(store, Form.REWRITTEN)
    shutil.copy(store.path("landmarks5"), tmp_path / "cache" / choices.by_model[NAME].file)

    engine = open_engine(store, choice=choices)

    assert engine.models == open_engine(store).models
    assert [record.message for record in caplog.records] == ["chosen model not used, the shipped one is"]


def digest_in_results(place: StateDir, model_store: ModelStore) -> str:
    """What a unit says in its results of the file of the embedder."""
    settings = Settings(unit=UnitSettings(state=place.root))
    with open_unit(Options(settings, "usb:0", (), model_store.path(NAME).parent)) as unit:
        return {use.name: use.sha256.hex() for use in unit.origin.models}[NAME]


@pytest.mark.weights
def test_a_unit_in_service_runs_what_its_state_says_and_what_ships_when_that_is_torn(
    tmp_path: Path, enrolled: StateDir, model_store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIFECERT_CACHE", str(tmp_path / "cache"))
    choices = with_rewrite(own_store(tmp_path, model_store), Form.REWRITTEN)
    write_durably(enrolled.models, choices_bytes(choices))
    chosen = digest_in_results(enrolled, model_store)
    enrolled.models.write_bytes(b"{")

    fallen_back = digest_in_results(enrolled, model_store)

    assert (chosen, fallen_back) == (choices.by_model[NAME].sha256, model_store.card(NAME).sha256)


def test_an_attempt_at_the_bench_refuses_what_was_chosen_for_another_board(tmp_path: Path) -> None:
    file = kept(tmp_path, Board("Raspberry Pi 4", "aarch64"))

    spoken = CliRunner().invoke(
        verify,
        ["--camera", "clip:none.mp4", "--reference", "none.jpg", "--choice", str(file), "--json"],
        env={"LIFECERT_MIRROR": ""},
    )

    assert spoken.exit_code == 2
    assert json.loads(spoken.stdout)["error"]["code"] == "ChoiceStale"


def kept(folder: Path, board: Board) -> Path:
    file = folder / "models.json"
    ratio, other = Ratio(0.5, 0.4, 0.6), digest_of(b"1")
    choice = Choice("tiny", Form.REWRITTEN, Runtime.ONNX, "tiny.rewritten.onnx", digest_of(b"2"), other, NUMBERS, NUMBERS, ratio)
    file.write_bytes(choices_bytes(Choices(board, {"onnx": "onnxruntime 1.0.0"}, {"tiny": choice})))
    return file


def test_a_unit_reads_what_was_chosen_for_its_board(tmp_path: Path) -> None:
    here = Board("Board of tests", "aarch64")

    found = chosen_models(kept(tmp_path, here), here)

    assert found is not None
    assert list(found.by_model) == ["tiny"]


def test_a_unit_that_nothing_was_chosen_for_says_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert chosen_models(tmp_path / "models.json") is None
    assert caplog.records == []


def test_what_was_chosen_on_another_board_is_not_used(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert chosen_models(kept(tmp_path, Board("Raspberry Pi 4", "aarch64")), Board("Raspberry Pi 5", "aarch64")) is None
    assert "Raspberry Pi 4" in caplog.records[0].__dict__["reason"]


@pytest.mark.parametrize("content", [b"", b"{}", b"rubbish"])
def test_a_torn_file_of_choices_costs_speed_and_no_visit(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    (tmp_path / "models.json").write_bytes(content)

    assert chosen_models(tmp_path / "models.json") is None
    assert len(caplog.records) == 1
