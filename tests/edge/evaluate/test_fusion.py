"""Fusions: what is reported was not fitted to, and made-up networks gain or lose as they must."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from edge.commands.evaluate import group
from edge.evaluate.fusion import Material, RuleFigures, weigh_rules
from edge.evaluate.logistic import fit_logistic

PEOPLE, SIZE = 120, 48


def units(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def pictures(dice: np.random.Generator, persons: int, noise: float, shared: float) -> np.ndarray:
    """Two pictures of each person, one after the other: an own direction, noise, and what all faces share."""
    own = units(dice.normal(size=(persons, SIZE)))
    common = shared * units(dice.normal(size=(1, SIZE)))
    views = [units(own + common + noise * dice.normal(size=own.shape) / np.sqrt(SIZE)) for _ in range(2)]
    return np.stack(views, axis=1).reshape(-1, SIZE)


def material(noise: dict[str, float], shared: float = 0.0, seed: int = 1) -> Material:
    """A genuine set of two pictures each and a population of one picture each; what is shared is a trait of the population."""
    dice = np.random.default_rng(seed)
    return Material(
        tuple(noise),
        {name: pictures(dice, PEOPLE, each, shared)[::2] for name, each in noise.items()},
        np.arange(PEOPLE),
        {name: pictures(dice, PEOPLE, each, 0.0) for name, each in noise.items()},
        np.repeat(np.arange(PEOPLE), 2),
        np.arange(2 * PEOPLE).reshape(-1, 2),
    )


def by_name(figures: tuple[RuleFigures, ...]) -> dict[str, RuleFigures]:
    return {rule.name: rule for rule in figures}


def test_networks_with_noise_of_their_own_miss_less_together() -> None:
    rules = by_name(weigh_rules(material({"one": 1.3, "other": 1.3}), 4, seed=3))

    alone = min(rules["one"].fnmr["1e-3"], rules["other"].fnmr["1e-3"])
    assert alone > 0.1
    assert rules["one + other"].fnmr["1e-3"] < alone / 2
    assert rules["logistic of one + other"].fnmr["1e-3"] < alone / 2


def test_a_network_that_knows_nothing_gets_no_say_in_a_fitted_sum() -> None:
    dice = np.random.default_rng(2)
    genuine = np.stack([dice.normal(0.7, 0.1, 300), dice.normal(0.0, 0.1, 300)], axis=1)
    strangers = np.stack([dice.normal(0.1, 0.1, 900), dice.normal(0.0, 0.1, 900)], axis=1)

    weights = fit_logistic(genuine, strangers)

    assert np.abs(weights).sum() == pytest.approx(1.0)
    assert weights[0] > 0.9


@pytest.mark.parametrize("empty", ["genuine", "strangers"])
def test_a_fit_needs_both_kinds(empty: str) -> None:
    kinds = {"genuine": np.ones((3, 2)), "strangers": np.zeros((3, 2)), empty: np.empty((0, 2))}

    with pytest.raises(ValueError, match="both kinds"):
        fit_logistic(**kinds)


def test_a_norm_that_only_lowers_the_threshold_of_others_is_found_out() -> None:
    """All faces of the population share something; the genuine set does not. Normed, strangers of the genuine set pass."""
    rules = by_name(weigh_rules(material({"one": 0.8}, shared=1.0), 4, seed=3))

    plain, normed = rules["one"], rules["one, S-norm"]
    assert normed.fnmr["1e-3"] < plain.fnmr["1e-3"]
    assert normed.fmr_elsewhere["1e-2"] > 5 * max(plain.fmr_elsewhere["1e-2"], 1e-3)
    assert normed.own_fnmr >= plain.own_fnmr


def test_the_same_seed_gives_the_same_figures_and_the_worst_is_no_better_than_the_mean() -> None:
    made = material({"one": 1.2, "other": 1.0})

    first, again = weigh_rules(made, 3, seed=5), weigh_rules(made, 3, seed=5)

    assert first == again
    assert all(rule.worst_fnmr[word] >= rule.fnmr[word] - 1e-12 for rule in first for word in rule.fnmr)
    assert len({rule.name for rule in first}) == len(first) == 2 * 5 + 7


def run(*words: object) -> Result:
    return CliRunner().invoke(group, ["fusion", *map(str, words)])


def test_one_network_named_twice_is_a_wrong_use(tmp_path: Path) -> None:
    words = ("--images", tmp_path, "--genuine", tmp_path, "--genuine-images", tmp_path)

    assert run(tmp_path, *words, "--network", "embedder", "--network", "embedder").exit_code == 2


@pytest.mark.weights
@pytest.mark.footage
def test_the_command_judges_real_networks(tmp_path: Path, footage_dir: Path) -> None:
    elders, portraits = footage_dir / "elders", footage_dir / "verification/crossage_portraits"
    (tmp_path / "list.csv").write_text("\n".join((elders / "images.csv").read_text().splitlines()[:25]) + "\n")
    (tmp_path / "pairs.csv").write_text("\n".join((portraits / "pairs.csv").read_text().splitlines()[:9]) + "\n")
    words = ("--genuine", tmp_path / "pairs.csv", "--genuine-images", portraits / "images", "--network", "espdl_mfn")

    result = run(tmp_path / "list.csv", "--images", elders / "images", *words, "--divisions", 2, "--json")

    assert result.exit_code == 0
    assert next(rule["name"] for rule in json.loads(result.stdout)["rules"]) == "espdl_mfn"


@pytest.mark.weights
@pytest.mark.footage
def test_without_a_genuine_pair_there_is_nothing_to_compare(tmp_path: Path, footage_dir: Path) -> None:
    elders, portraits = footage_dir / "elders", footage_dir / "verification/crossage_portraits"
    (tmp_path / "list.csv").write_text("\n".join((elders / "images.csv").read_text().splitlines()[:3]) + "\n")
    rows = (portraits / "pairs.csv").read_text().splitlines()
    (tmp_path / "pairs.csv").write_text("\n".join([rows[0], *[row for row in rows if row.endswith(",0")][:2]]) + "\n")
    words = ("--genuine", tmp_path / "pairs.csv", "--genuine-images", portraits / "images", "--network", "espdl_mfn")

    result = run(tmp_path / "list.csv", "--images", elders / "images", *words)

    assert result.exit_code == 2
    assert "nothing is left to compare" in result.output
