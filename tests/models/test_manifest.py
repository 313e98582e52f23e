"""The shipped manifest says what it must, and a manifest that is not exactly right is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

import models
from models.card import Bundle, Conversion, Local, Purpose, Runtime, Upstream
from models.errors import ManifestInvalidError, ModelUnknownError, ThresholdMissingError
from models.manifest import load_manifest

SHIPPED = Path(models.__file__).with_name("manifest.toml")
CARDS = Path(models.__file__).with_name("cards")


def test_every_part_of_the_pipeline_has_its_model() -> None:
    manifest = load_manifest()

    assert {manifest.card(name).purpose for name in manifest.default_names} == set(Purpose)


def test_options_are_further_embedders_and_what_only_measuring_needs() -> None:
    options = {card.name: card for card in load_manifest().cards.values() if card.optional}

    assert list(options) == ["foamliu", "sface", "yunet_2023mar"]
    assert options.pop("yunet_2023mar").needed_by.startswith("edge/evaluate/")
    assert {card.purpose for card in options.values()} == {Purpose.EMBEDDER}


def test_every_embedder_says_how_a_face_is_fed_and_decides_nothing_alone() -> None:
    for card in load_manifest().cards.values():
        assert (card.face is not None) == (card.purpose is Purpose.EMBEDDER)
        assert card.purpose is not Purpose.EMBEDDER or card.threshold is None


def test_both_texture_networks_ship_with_the_same_threshold() -> None:
    manifest = load_manifest()

    pair = [manifest.card("minifasnet_v2"), manifest.card("minifasnet_v1se")]

    assert [card.threshold_x10000 for card in pair] == [9000, 9000]
    assert pair[0].derived_from == pair[1].derived_from


def test_a_model_without_a_threshold_refuses_to_name_one() -> None:
    card = load_manifest().card("landmarks478")

    with pytest.raises(ThresholdMissingError, match="landmarks478"):
        _ = card.threshold_x10000


def test_an_unknown_name_is_refused_and_the_known_ones_are_said() -> None:
    with pytest.raises(ModelUnknownError, match=r"'mesh'.*yunet_n"):
        load_manifest().card("mesh")


def test_every_origin_is_fixed_by_a_commit_a_digest_or_our_own_digest() -> None:
    manifest = load_manifest()

    for name in manifest.names:
        match manifest.card(name).origin:
            case Upstream(address):
                assert any(len(part) == 40 for part in address.split("/")), f"{name}: no commit in {address}"
            case Bundle(sha256=sha256):
                assert len(sha256) == 64
            case Conversion() as conversion:
                assert conversion.officials
                assert conversion.method
            case Local():
                pytest.fail(f"{name}: what we ship lies beside nothing")


def test_members_of_one_bundle_agree_about_it() -> None:
    manifest = load_manifest()
    origins = [manifest.card(name).origin for name in manifest.names]
    bundles = {(origin.file, origin.sha256, origin.size_bytes) for origin in origins if isinstance(origin, Bundle)}

    assert len(bundles) == len({file for file, _, _ in bundles})


def test_data_has_no_tensors_and_networks_have_some() -> None:
    manifest = load_manifest()

    for card in manifest.cards.values():
        assert (card.input is None) == (card.runtime is Runtime.DATA)
        assert bool(card.outputs) == (card.runtime is not Runtime.DATA)


@pytest.mark.parametrize("name", load_manifest().names)
def test_every_model_has_a_page_for_people_that_names_file_digest_and_licence(name: str) -> None:
    card = load_manifest().card(name)

    page = (CARDS / f"{name}.md").read_text(encoding="utf-8")

    assert card.file in page
    assert card.sha256 in page
    assert card.licence in page
    assert "Known limits" in page
    assert card.threshold is None or f"{card.threshold:.2f}" in page


def test_no_page_is_left_of_a_model_that_is_gone() -> None:
    assert {page.stem for page in CARDS.glob("*.md")} == set(load_manifest().names)


FACE = "[model.face]\ncrop_px = 32\n\n"

FAULTS = {
    "an unknown key": ('needed_by = "edge/stages/detect"', 'needed_bye = "edge"', "yunet_n", "needed_by"),
    "a key too many": ('needed_by = "edge/stages/detect"', 'needed_by = "x"\ncolor = "red"', "yunet_n", "color"),
    "an unknown key in a tensor": ('name = "cls_8"', 'name = "cls_8"\nscale = 2', "yunet_n.output[0]", "scale"),
    "an unknown key at the top": ("format = 1", "format = 1\nauthor = 'x'", "manifest.toml", "author"),
    "another format": ("format = 1", "format = 2", "manifest.toml", "format"),
    "a format that is a truth value": ("format = 1", "format = true", "manifest.toml", "format"),
    "a digest in capitals": ('sha256 = "104ee2', 'sha256 = "104EE2', "yunet_n", "sha256"),
    "a short digest": ('sha256 = "104ee2', 'sha256 = "104ee', "yunet_n", "sha256"),
    "a size that is a text": ("size_bytes = 322906", 'size_bytes = "322906"', "yunet_n", "size_bytes"),
    "a size of nothing": ("size_bytes = 322906", "size_bytes = 0", "yunet_n", "size_bytes"),
    "a size beyond every model": ("size_bytes = 322906", "size_bytes = 900000000", "yunet_n", "size_bytes"),
    "an unknown purpose": ('purpose = "detector"', 'purpose = "finder"', "yunet_n", "purpose"),
    "a runtime that only a board chooses": ('runtime = "tflite"', 'runtime = "opencv"', "landmarks478", "runtime"),
    "an unknown runtime": ('runtime = "tflite"', 'runtime = "torch"', "landmarks478", "runtime"),
    "an address without encryption": ('address = "https://raw', 'address = "http://raw', "yunet_n.upstream", "address"),
    "a file outside of the folder": ('file = "face_landmarker.task"', 'file = "../x"', "landmarks478.bundle", "file"),
    "a pin of another kind": ('pin = "git:7ef5', 'pin = "branch:7ef5', "landmarks5.conversion.official[0]", "pin"),
    "a threshold that is a percentage": ("threshold = 0.60", "threshold = 60", "yunet_n", "threshold"),
    "a threshold from nowhere": ('derived_from = "7,701', 'deprived_from = "7,701', "yunet_n", "derived_from"),
    "a review band of a network": ("threshold = 0.60", "threshold = 0.60\nreview_from = 0.5", "yunet_n", "review_from"),
    "a threshold of one network of a matcher": ("optional = true", "optional = true\nthreshold = 0.5", "foamliu", "threshold"),
    "an option that is a word": ("optional = true", 'optional = "true"', "foamliu", "optional"),
    "an embedder without its crop": ("[model.face]\ncrop_px = 128", "[model.crop]\ncrop_px = 128", "embedder", "face"),
    "a crop for something else": ('[model.input]\nname = "input"', FACE + '[model.input]\nname = "input"', "yunet_n", "face"),
    "a crop that the input is not": ("crop_px = 128", "crop_px = 144", "embedder", "input"),
    "a point outside of the crop": ("[[40.392800", "[[140.392800", "embedder.face", "points"),
    "a point that is not a number": ("[[40.392800", "[[nan", "embedder.face", "points"),
    "a point of three numbers": ("[[40.392800, ", "[[1.0, 40.392800, ", "embedder.face", "points"),
    "four points": (", [83.639866, 105.560571]]", "]", "embedder.face", "points"),
    "eyes of the person, not of the picture": (
        "[[40.392800, 59.081486], [87.375734, 59.081486]",
        "[[87.375734, 59.081486], [40.392800, 59.081486]",
        "embedder.face",
        "points",
    ),
    "a mouth above the eyes": (
        "[64.033600, 81.984686], [44.732401, 105",
        "[64.033600, 81.984686], [44.732401, 10",
        "embedder.face",
        "points",
    ),
    "two points at one place": ("[83.639866, 105.560571]", "[44.732401, 105.560571]", "embedder.face", "points"),
    "a deviation of nothing": ("deviation = [1.0, 1.0, 1.0]", "deviation = [1.0, 0.0, 1.0]", "embedder.face", "deviation"),
    "a deviation of two channels": ("deviation = [1.0, 1.0, 1.0]", "deviation = [1.0, 1.0]", "embedder.face", "deviation"),
    "a mean that is not finite": ("mean = [0.0, 0.0, 0.0]", "mean = [0.0, inf, 0.0]", "embedder.face", "mean"),
    "an embedding of a picture": ("shape = [1, 256]", "shape = [1, 256, 4]", "embedder", "output"),
    "a supplier and an address": (
        "[model.upstream]\n",
        '[model.local]\nsupplier = "x"\n\n[model.upstream]\n',
        "yunet_n",
        "upstream",
    ),
    "a local file from nobody": (
        '[model.upstream]\naddress = "https://raw.githubusercontent.com/ShiqiYu',
        '[model.local]\naddress = "https://raw.githubusercontent.com/ShiqiYu',
        "yunet_n.local",
        "supplier",
    ),
    "a shape with a length of nothing": ("shape = [1, 3, 48, 48]", "shape = [1, 3, 0, 48]", "landmarks5.input", "shape"),
    "a shape that is empty": ("shape = [1, 3, 48, 48]", "shape = []", "landmarks5.input", "shape"),
    "a range that is upside down": ("value_range = [-1, 1]", "value_range = [1, -1]", "espdl_mfn.input", "value_range"),
    "two origins": ("[model.upstream]\n", "[model.bundle]\nfile = 'x'\n\n[model.upstream]\n", "yunet_n", "upstream"),
    "the same name twice": ('name = "landmarks5"', 'name = "yunet_n"', "yunet_n", "name"),
    "the same file twice": (
        'file = "face_landmarks5_retail0009_fp32.onnx"',
        'file = "face_det_yunet_n_dynamic_fp32.onnx"',
        "landmarks5",
        "file",
    ),
    "an empty text": ('licence = "MIT"', 'licence = " "', "espdl_mfn", "licence"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_manifest_with_one_fault_is_refused_by_entry_and_key(tmp_path: Path, fault: str) -> None:
    right, wrong, entry, key = FAULTS[fault]
    shipped = SHIPPED.read_text(encoding="utf-8")
    assert right in shipped
    path = tmp_path / "manifest.toml"
    path.write_text(shipped.replace(right, wrong, 1), encoding="utf-8")

    with pytest.raises(ManifestInvalidError) as refused:
        load_manifest(path)

    assert (refused.value.entry, refused.value.key) == (entry, key)


@pytest.mark.parametrize("content", [b"", b"format = 1\n", b"model = 1", b"\xff\xfe", b"format = [", b"format = 1\nmodel = [1]"])
def test_a_file_that_is_no_manifest_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "manifest.toml"
    path.write_bytes(content)

    with pytest.raises(ManifestInvalidError, match=r"manifest\.toml"):
        load_manifest(path)


def test_a_manifest_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestInvalidError, match=r"gone\.toml"):
        load_manifest(tmp_path / "gone.toml")


def test_the_guide_lists_every_model_as_the_manifest_does() -> None:
    guide = (Path(models.__file__).parent.parent / "docs" / "models.md").read_text(encoding="utf-8")
    rows = [line for line in guide.splitlines() if line.startswith("| `") and "edge/" in line]

    expected = [
        f"| `{card.name}` | {card.purpose} | {card.licence} | {type(card.origin).__name__.lower()} | `{card.needed_by}` |"
        for card in load_manifest().cards.values()
    ]

    assert rows == expected
