"""Files made on this machine: what their records say is what is read, and a record that lies or rots is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from models.digests import Sha256, digest_of
from models.errors import CacheUnusableError, DigestMismatchError, VariantInvalidError, VariantMissingError
from models.variant import Form, Variant, read_variant, record_of, variant_file
from tests.models.made_up import CONTENT, card, offline_store_of

MADE = b"made of it"
CARD = card()
WITHIN = digest_of(b"a matcher")
FILE = variant_file(CARD, Form.INT8)
VARIANT = Variant(CARD.name, Form.INT8, FILE, digest_of(MADE), len(MADE), CARD.sha256, True, {"recipe": {"bits": 8}}, WITHIN)


def test_a_variant_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    store = offline_store_of(tmp_path, CARD)

    path = store.keep(VARIANT, MADE)

    assert store.variant("tiny", Form.INT8) == VARIANT
    assert (path, path.read_bytes(), store.variant_path(VARIANT)) == (tmp_path / "cache" / "tiny.int8.onnx", MADE, path)
    assert store.variant("tiny", Form.REWRITTEN) is None


def test_its_card_promises_what_that_of_its_source_does_of_another_file() -> None:
    made = VARIANT.card_of(CARD)

    assert made == replace(CARD, file="tiny.int8.onnx", sha256=digest_of(MADE), size_bytes=len(MADE))


def test_content_that_is_not_its_own_is_not_kept(tmp_path: Path) -> None:
    store = offline_store_of(tmp_path, CARD)

    with pytest.raises(ValueError, match="not that of"):
        store.keep(VARIANT, b"other")

    assert not (tmp_path / "cache").exists()


def test_a_variant_that_could_not_be_written_leaves_no_record_of_the_one_before(tmp_path: Path) -> None:
    store = offline_store_of(tmp_path, CARD)
    path = store.keep(VARIANT, MADE)
    path.unlink()
    path.mkdir()

    with pytest.raises(CacheUnusableError):
        store.keep(VARIANT, MADE)

    assert store.variant("tiny", Form.INT8) is None


def test_a_variant_of_another_file_than_the_shipped_one_is_none(tmp_path: Path) -> None:
    offline_store_of(tmp_path, CARD).keep(VARIANT, MADE)
    newer = card(CONTENT + b"1")

    assert read_variant(tmp_path / "cache", newer, Form.INT8) is None


BROKEN = {
    "no JSON": b"{",
    "another model": record_of(replace(VARIANT, model="other")),
    "another file": record_of(replace(VARIANT, file="../elsewhere")),
    "no digest": record_of(replace(VARIANT, sha256=Sha256("ab"))),
    "the form of what ships": record_of(VARIANT).replace(b"int8", b"shipped"),
    "a key less": json.dumps({"model": "tiny"}).encode(),
    "no object": b"[]",
    "a matcher that is none": record_of(replace(VARIANT, judged_within=Sha256("reid0095"))),
    "a size without end": record_of(VARIANT).replace(b'"size_bytes": 10', b'"size_bytes": Infinity'),
    "lists without end": b"[" * 100_000,
}


@pytest.mark.parametrize("record", BROKEN.values(), ids=BROKEN)
def test_a_record_that_is_not_one_is_refused_with_its_name(tmp_path: Path, record: bytes) -> None:
    (tmp_path / "tiny.int8.onnx.json").write_bytes(record)

    with pytest.raises(VariantInvalidError, match=r"tiny\.int8\.onnx\.json"):
        read_variant(tmp_path, CARD, Form.INT8)


@pytest.mark.parametrize("said", ["false", "null", "1", '"yes"'])
def test_only_a_plain_yes_means_that_the_gate_passed(tmp_path: Path, said: str) -> None:
    record = record_of(VARIANT).replace(b'"passed": true', f'"passed": {said}'.encode())
    (tmp_path / "tiny.int8.onnx.json").write_bytes(record)

    found = read_variant(tmp_path, CARD, Form.INT8)

    assert found is not None
    assert found.passed is False


def test_a_store_uses_what_passed_and_the_shipped_file_elsewhere(tmp_path: Path) -> None:
    other = card(CONTENT + b"2", name="other")
    store = offline_store_of(tmp_path, CARD, other)
    store.keep(VARIANT, MADE)

    using = store.using(Form.INT8)

    assert using.path("tiny").read_bytes() == MADE
    assert (using.card("tiny").sha256, using.card("other")) == (VARIANT.sha256, other)
    assert store.using(Form.SHIPPED) is store


def test_a_store_never_uses_what_its_gate_refused(tmp_path: Path) -> None:
    store = offline_store_of(tmp_path, CARD)
    store.keep(replace(VARIANT, passed=False), MADE)

    with pytest.raises(VariantMissingError, match="form int8 that passed"):
        store.using(Form.INT8)


def test_a_variant_that_was_swapped_after_it_was_kept_is_not_used(tmp_path: Path) -> None:
    store = offline_store_of(tmp_path, CARD)
    store.keep(VARIANT, MADE).write_bytes(b"another file")

    with pytest.raises(DigestMismatchError, match="tiny"):
        store.using(Form.INT8).path("tiny")
