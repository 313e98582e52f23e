"""A file is looked for in mirror, cache and upstream, in this order, and nothing of the wrong content is ever handed out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from models.card import Local, ModelCard
from models.digests import digest_of
from models.errors import (
    CacheUnusableError,
    DigestMismatchError,
    MirrorNotFoundError,
    ModelNotFoundError,
    ModelUnknownError,
)
from models.manifest import manifest_of
from models.store import ModelStore, Place, store_from_environment
from tests.models.made_up import (
    CONTENT,
    UnpluggedFetch,
    card,
    conversion_card,
    files_below,
    nobody,
    offline_store_of,
)

OTHER = b"another content"


def mirror_with(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return folder


def local_card(folder: Path) -> ModelCard:
    return card(origin=Local(folder, "Example Biometrics, contract 4711"))


def cached(folder: Path, content: bytes) -> Path:
    return mirror_with(folder / "cache", "tiny.onnx", content) / "tiny.onnx"


@pytest.mark.parametrize("place", ["models/tiny.onnx", "tiny.onnx"])
def test_a_mirror_may_hold_the_file_itself_or_a_folder_models(tmp_path: Path, place: str) -> None:
    mirror = mirror_with(tmp_path / "mirror", place, CONTENT)
    store = offline_store_of(tmp_path, card(), mirror=mirror)

    assert store.path("tiny") == mirror / place


def test_the_mirror_goes_before_the_cache(tmp_path: Path) -> None:
    cached(tmp_path, CONTENT)
    mirror = mirror_with(tmp_path / "mirror", "models/tiny.onnx", CONTENT)
    store = offline_store_of(tmp_path, card(), mirror=mirror)

    assert store.path("tiny") == mirror / "models" / "tiny.onnx"


def test_the_cache_serves_what_the_mirror_lacks(tmp_path: Path) -> None:
    path = cached(tmp_path, CONTENT)
    (tmp_path / "mirror").mkdir()
    store = offline_store_of(tmp_path, card(), mirror=tmp_path / "mirror")

    assert store.path("tiny") == path


def test_a_wrong_file_in_the_cache_is_set_aside_and_named(tmp_path: Path) -> None:
    cached(tmp_path, OTHER)
    store = offline_store_of(tmp_path, card())
    aside = f"tiny.onnx.bad-{digest_of(OTHER)[:8]}"

    with pytest.raises(DigestMismatchError, match=aside):
        store.path("tiny")

    assert list(files_below(tmp_path)) == [aside]


def test_a_wrong_file_in_the_mirror_is_named_and_left_alone(tmp_path: Path) -> None:
    mirror = mirror_with(tmp_path / "mirror", "models/tiny.onnx", OTHER)
    store = offline_store_of(tmp_path, card(), mirror=mirror)

    with pytest.raises(DigestMismatchError, match=r"mirror/models/tiny\.onnx") as refused:
        store.path("tiny")

    assert refused.value.found == digest_of(OTHER)
    assert (mirror / "models" / "tiny.onnx").read_bytes() == OTHER


def test_a_wrong_file_in_the_mirror_is_not_pulled(tmp_path: Path) -> None:
    mirror = mirror_with(tmp_path / "mirror", "models/tiny.onnx", OTHER)
    store = offline_store_of(tmp_path, card(), mirror=mirror)

    with pytest.raises(DigestMismatchError):
        store.pull(["tiny"], nobody)

    assert list(files_below(tmp_path / "cache")) == []


def test_the_digest_is_checked_once_per_process(tmp_path: Path) -> None:
    path = cached(tmp_path, CONTENT)
    store = offline_store_of(tmp_path, card())
    store.path("tiny")
    path.write_bytes(OTHER)

    assert store.path("tiny") == path, "the second answer comes from memory; open_network checks the bytes that it opens"


def test_a_conversion_never_comes_from_upstream(tmp_path: Path) -> None:
    store = offline_store_of(tmp_path, conversion_card())

    with pytest.raises(ModelNotFoundError, match=r"conversion of the official official\.pb.*mirror or from the centre"):
        store.path("tiny")
    with pytest.raises(ModelNotFoundError, match="conversion"):
        store.pull(["tiny"], nobody)

    assert not (tmp_path / "cache").exists()


def test_a_wrong_conversion_in_the_cache_is_not_replaced_from_upstream(tmp_path: Path) -> None:
    cached(tmp_path, OTHER)
    store = offline_store_of(tmp_path, conversion_card())

    with pytest.raises(ModelNotFoundError, match="conversion"):
        store.pull(["tiny"], nobody)


def test_without_mirror_and_network_one_sentence_says_which_file_from_where_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "mirror").mkdir()
    store = ModelStore(manifest_of((card(),)), tmp_path / "mirror", tmp_path / "cache", UnpluggedFetch())

    with pytest.raises(ModelNotFoundError) as refused:
        store.path("tiny")

    sentence = str(refused.value)
    assert "tiny.onnx" in sentence
    assert "https://upstream.invalid/tiny.onnx" in sentence
    assert "--mirror DIR" in sentence
    assert str(tmp_path / "mirror") in sentence
    assert "\n" not in sentence


def test_pull_copies_from_the_mirror_and_tells_how_far_it_is(tmp_path: Path) -> None:
    mirror = mirror_with(tmp_path / "mirror", "tiny.onnx", CONTENT)
    store = offline_store_of(tmp_path, card(), mirror=mirror)
    told: list[tuple[int, int]] = []

    (pulled,) = store.pull(["tiny"], lambda done, total: told.append((done, total)))

    assert pulled.came_from is Place.MIRROR
    assert pulled.path.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert list(files_below(tmp_path / "cache")) == ["tiny.onnx"]


def test_pull_leaves_a_right_file_and_replaces_a_wrong_one(tmp_path: Path) -> None:
    mirror = mirror_with(tmp_path / "mirror", "tiny.onnx", CONTENT)
    store = offline_store_of(tmp_path, card(), mirror=mirror)
    path = cached(tmp_path, OTHER)

    replaced = store.pull(["tiny"], nobody)
    left = store.pull(["tiny"], nobody)

    assert path.read_bytes() == CONTENT
    assert [replaced[0].came_from, left[0].came_from] == [Place.MIRROR, Place.CACHE]
    assert f"tiny.onnx.bad-{digest_of(OTHER)[:8]}" in files_below(tmp_path / "cache")


def test_pull_asks_for_all_names_before_it_brings_the_first(tmp_path: Path) -> None:
    mirror = mirror_with(tmp_path / "mirror", "tiny.onnx", CONTENT)
    store = offline_store_of(tmp_path, card(), mirror=mirror)

    with pytest.raises(ModelUnknownError):
        store.pull(["tiny", "nobody"], nobody)

    assert not (tmp_path / "cache").exists()


def test_a_file_without_an_address_lies_beside_its_manifest_and_is_left_there(tmp_path: Path) -> None:
    beside = mirror_with(tmp_path / "engine", "tiny.onnx", CONTENT)
    store = offline_store_of(tmp_path, local_card(beside))

    path = store.path("tiny")

    assert path == beside / "tiny.onnx"
    assert store.check("tiny").where is Place.BESIDE
    assert not (tmp_path / "cache").exists()


def test_the_mirror_goes_before_the_file_beside_the_manifest(tmp_path: Path) -> None:
    beside = mirror_with(tmp_path / "engine", "tiny.onnx", OTHER)
    mirror = mirror_with(tmp_path / "mirror", "tiny.onnx", CONTENT)
    store = offline_store_of(tmp_path, local_card(beside), mirror=mirror)

    (pulled,) = store.pull(["tiny"], nobody)

    assert pulled.came_from is Place.MIRROR


def test_a_swapped_file_beside_the_manifest_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    beside = mirror_with(tmp_path / "engine", "tiny.onnx", OTHER)
    store = offline_store_of(tmp_path, local_card(beside))

    with pytest.raises(DigestMismatchError, match="SHA-256"):
        store.path("tiny")

    assert (beside / "tiny.onnx").read_bytes() == OTHER


def test_a_file_without_an_address_that_is_not_there_says_where_to_put_it_and_who_has_it(tmp_path: Path) -> None:
    store = offline_store_of(tmp_path, local_card(tmp_path / "engine"))

    with pytest.raises(ModelNotFoundError) as refused:
        store.path("tiny")

    assert f"put tiny.onnx into {tmp_path / 'engine'}" in str(refused.value)
    assert "Example Biometrics" in str(refused.value)
    assert "Example Biometrics" in store.check("tiny").sentence


def test_verify_tells_right_wrong_and_missing_apart_and_changes_nothing(tmp_path: Path) -> None:
    mirror = mirror_with(tmp_path / "mirror", "good.onnx", CONTENT)
    mirror_with(tmp_path / "cache", "bad.onnx", OTHER)
    cards = [card(name="good"), card(name="bad"), card(name="gone")]
    store = offline_store_of(tmp_path, *cards, mirror=mirror)

    states = store.verify()

    assert [(state.name, state.where, state.ok) for state in states] == [
        ("good", Place.MIRROR, True),
        ("bad", Place.CACHE, False),
        ("gone", Place.NOWHERE, False),
    ]
    assert (tmp_path / "cache" / "bad.onnx").read_bytes() == OTHER
    assert "not within reach" in states[2].sentence


def test_a_mirror_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MirrorNotFoundError, match="nowhere"):
        offline_store_of(tmp_path, card(), mirror=tmp_path / "nowhere")


def test_a_cache_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    store = ModelStore(manifest_of((card(),)), None, tmp_path / "cache" / "inner", UnpluggedFetch())

    with pytest.raises(CacheUnusableError, match="cannot be used"):
        store.path("tiny")


def test_the_mirror_given_by_hand_goes_before_that_of_the_environment(tmp_path: Path) -> None:
    by_hand, by_environment = tmp_path / "hand", tmp_path / "environment"
    by_hand.mkdir()
    environ = {"LIFECERT_MIRROR": str(by_environment), "LIFECERT_CACHE": str(tmp_path)}

    store_from_environment(environ, by_hand)

    with pytest.raises(MirrorNotFoundError, match="environment"):
        store_from_environment(environ, None)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"LIFECERT_CACHE": "/c", "XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/c"),
        ({"LIFECERT_CACHE": "", "XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/x/lifecert"),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/h"}, "/h/.cache/lifecert"),
        ({"HOME": "/h"}, "/h/.cache/lifecert"),
    ],
)
def test_the_cache_is_where_the_environment_says(environ: dict[str, str], expected: str) -> None:
    store = store_from_environment(environ, None)

    with pytest.raises(ModelNotFoundError) as refused:
        store.path("embedder")

    assert refused.value.looked_in == (Path(expected),)


def test_an_environment_that_names_no_cache_is_a_sentence() -> None:
    with pytest.raises(CacheUnusableError, match="LIFECERT_CACHE"):
        store_from_environment({}, None)


def test_neither_manifest_nor_store_loads_a_library_that_it_may_never_need() -> None:
    heavy = "{'httpx', 'numpy', 'onnxruntime', 'tflite_runtime', 'ai_edge_litert'}"
    question = f"import models.manifest, models.store, sys; print(sorted({heavy} & set(sys.modules)))"

    answer = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "[]"
