"""A matcher is networks with weights; its digest says what its embeddings may be compared with, its threshold has a proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

import models
from models.calibration.rates import exact_interval
from models.card import Colour, ModelCard
from models.digests import Sha256
from models.errors import EmbedderExpectedError, ManifestInvalidError, MatcherUncalibratedError, MatcherUnknownError
from models.manifest import Manifest, load_manifest, manifest_of
from models.matcher import (
    DEFAULT_MATCHER,
    PREPARATION,
    MatcherCard,
    MatcherPart,
    matcher_digest,
    policy_calibration,
    single,
)
from tests.models.engines import ENTRY, licensed_engine
from wire.policy import ReferenceClass

SHIPPED = Path(models.__file__).with_name("manifest.toml")
HEAD = "\n[[matcher]]\n"


def shipped_cards() -> Mapping[str, ModelCard]:
    return load_manifest().cards


def pair(*weights: int, preparation: int = 1) -> MatcherCard:
    names = ("embedder", "espdl_mfn")
    return MatcherCard("pair", tuple(map(MatcherPart, names, weights)), preparation, None)


def test_the_default_matcher_ships_with_a_threshold_proven_among_elders() -> None:
    card = load_manifest().matcher(DEFAULT_MATCHER)

    assert (card.threshold_x10000, card.review_from_x10000) == (5400, 4400)
    assert "60" in card.calibration.population
    assert card.calibration.reference_class is ReferenceClass.DOCUMENT
    assert card.calibration.fmr_high <= card.calibration.claimed_fmr == 0.01


def test_every_shipped_threshold_states_the_exact_interval_of_its_counts() -> None:
    for card in load_manifest().matchers.values():
        if card.shipped is None:
            continue
        found = card.calibration
        exact = exact_interval(found.false_matches, found.comparisons)

        assert found.fmr_low <= exact.low
        assert exact.high <= found.fmr_high


def test_the_shipped_threshold_can_stand_in_a_policy() -> None:
    card = load_manifest().matcher(DEFAULT_MATCHER)

    calibration = policy_calibration(card, b"d" * 32, "onnxruntime 1.32.0")

    assert (calibration.threshold_x10000, calibration.claimed_fmr_x1e9) == (5400, 10_000_000)
    assert calibration.runtime == "onnxruntime 1.32.0"
    assert calibration.model_digest == b"d" * 32


def test_every_matcher_uses_networks_of_a_unit_or_an_option() -> None:
    manifest = load_manifest()

    assert set(manifest.matcher(DEFAULT_MATCHER).networks) <= set(manifest.default_names)
    assert {card.preparation for card in manifest.matchers.values()} == {PREPARATION}


def test_a_matcher_without_proof_refuses_to_name_a_threshold() -> None:
    card = single("embedder")

    with pytest.raises(MatcherUncalibratedError, match="embedder"):
        _ = card.threshold_x10000
    with pytest.raises(MatcherUncalibratedError):
        _ = card.review_from_x10000
    with pytest.raises(MatcherUncalibratedError):
        _ = card.calibration


def test_an_unknown_matcher_is_refused_and_the_known_ones_are_said() -> None:
    with pytest.raises(MatcherUnknownError, match=rf"'both'.*{DEFAULT_MATCHER}"):
        load_manifest().matcher("both")


def test_an_embedder_alone_is_a_matcher_of_its_name_without_a_threshold() -> None:
    manifest = load_manifest()

    assert manifest.matcher("sface") == single("sface")
    assert manifest.matcher("sface").shipped is None


def test_a_model_that_is_no_embedder_is_no_matcher() -> None:
    with pytest.raises(EmbedderExpectedError, match="yunet_n"):
        load_manifest().matcher("yunet_n")


def test_shares_are_parts_of_one() -> None:
    assert pair(1, 1).shares == (0.5, 0.5)
    assert pair(3, 1).shares == (0.75, 0.25)
    assert single("embedder").shares == (1.0,)


def test_the_digest_of_the_default_matcher_is_known() -> None:
    # Whoever changes this makes every reference embedded before unreadable: that is what the digest is for.
    digest = matcher_digest(load_manifest().matcher(DEFAULT_MATCHER), shipped_cards())

    assert digest.hex() == "686402196a3cc00a0212a27d68dcd3358f07749671b6c886db6a95b24ef54828"


def test_preparation_1_cuts_its_crops_with_these_very_files() -> None:
    # Crops come from the detector and the five points; another file of either is another preparation.
    cards = shipped_cards()

    assert PREPARATION == 1
    assert cards["yunet_n"].sha256[:16] == "104ee26c71d5c270"
    assert cards["landmarks5"].sha256[:16] == "0c57e2d5b58aad18"


def test_the_digest_is_that_of_the_work_not_of_the_name() -> None:
    cards = shipped_cards()

    assert matcher_digest(replace(pair(1, 1), name="another"), cards) == matcher_digest(pair(1, 1), cards)
    assert matcher_digest(pair(2, 4), cards) == matcher_digest(pair(1, 2), cards)


def test_the_digest_changes_with_everything_that_changes_an_embedding() -> None:
    cards = dict(shipped_cards())
    network, face = cards["embedder"], cards["embedder"].face
    assert face is not None
    assert network.input is not None

    def having(changed: ModelCard) -> Mapping[str, ModelCard]:
        return {**cards, "embedder": changed}

    digests = [
        matcher_digest(pair(1, 1), cards),
        matcher_digest(pair(1, 2), cards),
        matcher_digest(pair(1, 1, preparation=2), cards),
        matcher_digest(replace(pair(1, 1), parts=pair(1, 1).parts[::-1]), cards),
        matcher_digest(single("embedder"), cards),
        matcher_digest(pair(1, 1), having(replace(network, sha256=Sha256("0" * 64)))),
        matcher_digest(pair(1, 1), having(replace(network, face=replace(face, crop_px=112)))),
        matcher_digest(pair(1, 1), having(replace(network, face=replace(face, points=(*face.points[:4], (83.0, 105.0)))))),
        matcher_digest(pair(1, 1), having(replace(network, face=replace(face, mean=(0.0, 0.0, 1.0))))),
        matcher_digest(pair(1, 1), having(replace(network, face=replace(face, deviation=(1.0, 1.0, 2.0))))),
        matcher_digest(pair(1, 1), having(replace(network, input=replace(network.input, colour=Colour.RGB)))),
    ]

    assert len(set(digests)) == len(digests)
    assert {len(digest) for digest in digests} == {32}


def test_a_detector_makes_no_matcher() -> None:
    with pytest.raises(EmbedderExpectedError, match="yunet_n"):
        matcher_digest(single("yunet_n"), shipped_cards())


FAULTS = {
    "a network that is not listed": ('networks = ["embedder"]', 'networks = ["arcface"]', "reid0095", "networks"),
    "a network that is no embedder": ('networks = ["embedder"]', 'networks = ["yunet_n"]', "reid0095", "networks"),
    "no network": ('networks = ["embedder"]', "networks = []", "reid0095", "networks"),
    "a network that is a number": ('networks = ["embedder"]', "networks = [1]", "reid0095", "networks"),
    "the same network twice": ('"embedder", "espdl_mfn"', '"embedder", "embedder"', DEFAULT_MATCHER, "networks"),
    "a weight too few": ("weights = [1, 1]", "weights = [1]", DEFAULT_MATCHER, "weights"),
    "weights that sum to nothing": ("weights = [1, 1]", "weights = [0, 0]", DEFAULT_MATCHER, "weights"),
    "weights that cancel": ("weights = [1, 1]", "weights = [1, -1]", DEFAULT_MATCHER, "weights"),
    "a weight that is no whole number": ("weights = [1, 1]", "weights = [0.5, 0.5]", DEFAULT_MATCHER, "weights"),
    "a weight that is a truth value": ("weights = [1, 1]", "weights = [1, true]", DEFAULT_MATCHER, "weights"),
    "no preparation": ("preparation = 1\n", "", DEFAULT_MATCHER, "preparation"),
    "a threshold that is a percentage": ("threshold = 0.54", "threshold = 54", DEFAULT_MATCHER, "threshold"),
    "a review band above the threshold": ("review_from = 0.44", "review_from = 0.54", DEFAULT_MATCHER, "review_from"),
    "a proof without a threshold": ("threshold = 0.50\n", "", "mfn", "calibration"),
    "a threshold without its proof": ("[matcher.calibration]", "[matcher.calibrated]", DEFAULT_MATCHER, "calibration"),
    "a threshold from nowhere": ('derived_from = "Development', 'deprived_from = "Dev', DEFAULT_MATCHER, "derived_from"),
    "an upper bound above the claim": ("fmr_high = 0.00671", "fmr_high = 0.011", "default", "fmr_high"),
    "an upper bound below the count": ("fmr_high = 0.00671", "fmr_high = 0.0032", "default", "fmr_high"),
    "too few comparisons for the claim": ("claimed_fmr = 0.01", "claimed_fmr = 0.0001", "default", "comparisons"),
    "more errors than comparisons": ("false_matches = 26", "false_matches = 8000", "default", "false_matches"),
    "a reference of another class": ('reference_class = "document"', 'reference_class = "x"', "default", "reference_class"),
    "a day with an hour": ("date = 2026-11-23", "date = 2026-11-23T10:00:00Z", "default", "date"),
    "a name twice": ('name = "mfn"', 'name = "reid0095"', "reid0095", "name"),
    "the name of another model": ('name = "mfn"', 'name = "sface"', "sface", "name"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_matcher_with_one_fault_is_refused_by_entry_and_key(tmp_path: Path, fault: str) -> None:
    right, wrong, entry, key = FAULTS[fault]
    models_, matchers = SHIPPED.read_text(encoding="utf-8").split(HEAD, 1)
    assert right in matchers
    path = tmp_path / "manifest.toml"
    path.write_text(models_ + HEAD + matchers.replace(right, wrong, 1), encoding="utf-8")

    with pytest.raises(ManifestInvalidError) as refused:
        load_manifest(path)

    expected = f"{DEFAULT_MATCHER}.calibration" if entry == "default" else entry
    assert (refused.value.entry, refused.value.key) == (expected, key)


def with_engine(folder: Path, text: str) -> Manifest:
    manifest = licensed_engine(folder)
    sha256, size_bytes = manifest.read_text(encoding="utf-8").split('sha256 = "')[1][:64], 1
    manifest.write_text(text.format(sha256=sha256, size_bytes=size_bytes), encoding="utf-8")
    return load_manifest(extra=manifest)


def test_a_manifest_of_ones_own_joins_its_network_with_ours(tmp_path: Path) -> None:
    manifest = with_engine(tmp_path / "engine", ENTRY)

    card = manifest.matcher("licensed_and_ours")

    assert card.networks == ("licensed", "embedder")
    assert card.shares == (0.6, 0.4)
    assert card.shipped is None
    assert "licensed" not in manifest.default_names
    assert manifest.matcher(DEFAULT_MATCHER) == load_manifest().matcher(DEFAULT_MATCHER)


COLLISIONS = {
    "a model of ours": ('name = "licensed"', 'name = "embedder"', "embedder", "name"),
    "a file of ours": ('file = "licensed.onnx"', 'file = "face_embed_reid0095_fp32.onnx"', "licensed", "file"),
    "a matcher of ours": ('name = "licensed_and_ours"', 'name = "reid0095_mfn"', "reid0095_mfn", "name"),
    "a model of ours for a matcher": ('name = "licensed_and_ours"', 'name = "sface"', "sface", "name"),
}


@pytest.mark.parametrize("collision", COLLISIONS)
def test_a_manifest_of_ones_own_takes_no_name_of_ours(tmp_path: Path, collision: str) -> None:
    ours, theirs, entry, key = COLLISIONS[collision]
    assert ours in ENTRY

    with pytest.raises(ManifestInvalidError) as refused:
        with_engine(tmp_path / "engine", ENTRY.replace(ours, theirs, 1))

    assert (refused.value.entry, refused.value.key) == (entry, key)


def test_a_manifest_may_list_matchers_of_networks_that_another_lists(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('format = 1\n[[matcher]]\nname = "x"\nnetworks = ["sface"]\nweights = [1]\npreparation = 1\n', "utf-8")

    assert load_manifest(extra=own).matcher("x") == replace(single("sface"), name="x")


def test_a_matcher_of_nothing_listed_is_refused() -> None:
    with pytest.raises(ManifestInvalidError, match="embedder"):
        manifest_of((), (single("embedder"),))
