"""What several shots are worth: figures from made-up vectors are exact, and real recordings gain."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from edge.commands.evaluate import group
from edge.evaluate.pairs import Pair, PairList
from edge.evaluate.shots import Recording, ShotReport, weigh_shots
from edge.stages.match import Embedding, mean_embedding

A_PAIR = Pair("visit", "photo", same=True)


def unit(*numbers: float) -> Embedding:
    vector = np.array(numbers, dtype=np.float32)
    return Embedding(vector / np.linalg.norm(vector))


def noisy(count: int, seed: int) -> tuple[Embedding, ...]:
    """Views of one face: a common direction and noise of their own."""
    dice = np.random.default_rng(seed)
    return tuple(unit(*(np.eye(32)[0] + dice.normal(scale=0.2, size=32))) for _ in range(count))


def strangers(count: int) -> tuple[Embedding, ...]:
    dice = np.random.default_rng(11)
    return tuple(unit(*dice.normal(size=32)) for _ in range(count))


def weighed(*recordings: Recording, pairs: tuple[Pair, ...] = (A_PAIR,), others: tuple[Embedding, ...] = ()) -> ShotReport:
    return weigh_shots(PairList("set", Path(), pairs), {each.file: each for each in recordings}, others, (2, 4))


def test_the_mean_of_noisy_views_is_nearer_to_the_face() -> None:
    views = noisy(30, seed=1)
    report = weighed(Recording("visit", views, views), Recording("photo", (unit(*np.eye(32)[0]),), (unit(*np.eye(32)[0]),)))

    one, two, four = (gain.genuine for gain in report.gains)
    assert [gain.shots for gain in report.gains] == [1, 2, 4]
    assert one.mean is not None
    assert two.mean is not None
    assert four.mean is not None
    assert one.mean < two.mean < four.mean
    singles = [float(view[0]) for view in views]
    assert one.mean == pytest.approx(np.mean(singles), abs=1e-6)
    assert one.low == pytest.approx(np.percentile(singles, 5), abs=1e-6)


def test_two_recordings_count_both_ways_and_each_pair_weighs_the_same() -> None:
    long, short = noisy(40, seed=2), noisy(5, seed=3)
    report = weighed(Recording("visit", long, long), Recording("photo", short, short))

    alike = [float(one @ other) for one in long for other in short]
    assert report.gains[0].genuine.mean == pytest.approx(np.mean(alike), abs=1e-6)
    means = [mean_embedding(short[at : at + 4]) for at in range(2)]
    backwards = np.mean([float(mean @ view) for mean in means for view in long])
    forwards = np.mean([float(mean_embedding(long[at : at + 4]) @ view) for at in range(37) for view in short])
    assert report.gains[-1].genuine.mean == pytest.approx((backwards + forwards) / 2, abs=1e-6)


def test_the_threshold_for_strangers_lets_at_most_the_asked_share_pass_in_the_mean_of_visits() -> None:
    one, other, many = noisy(9, seed=4), noisy(30, seed=5), strangers(400)
    report = weighed(Recording("visit", one, one), Recording("photo", other, other), others=many)

    for gain in report.gains[:1]:
        for word, fmr in (("1e-2", 1e-2), ("1e-3", 1e-3)):
            shares = [
                np.mean([float(view @ each) >= gain.strangers[word] for view in views for each in many]) for views in (one, other)
            ]
            assert np.mean(shares) <= fmr
            lower = np.nextafter(gain.strangers[word], -1) - 1e-3
            looser = [np.mean([float(view @ each) >= lower for view in views for each in many]) for views in (one, other)]
            assert np.mean(looser) > np.mean(shares) or word == "1e-3"


def test_a_recording_that_is_too_short_is_left_out_and_named() -> None:
    views = noisy(3, seed=6)
    report = weighed(Recording("visit", views, views), Recording("photo", views, views))

    assert (report.pairs, report.left_out) == (0, (A_PAIR,))
    assert all(gain.genuine.mean is None for gain in report.gains)


@pytest.mark.parametrize("row", ["visit.mp4,photo.png,0"])
def test_pairs_of_two_persons_are_no_wrong_answer_but_a_wrong_question(tmp_path: Path, row: str) -> None:
    (tmp_path / "visit.mp4").write_bytes(b"x")
    (tmp_path / "photo.png").write_bytes(b"x")
    (tmp_path / "pairs.csv").write_text(f"a,b,same\n{row}\n")

    result = CliRunner().invoke(group, ["shots", str(tmp_path / "pairs.csv"), "--root", str(tmp_path)])

    assert result.exit_code == 2
    assert "line 2, column same" in result.output


@pytest.mark.weights
@pytest.mark.footage
def test_eight_shots_of_a_real_recording_beat_one(tmp_path: Path, footage_dir: Path) -> None:
    clips = footage_dir / "pad/clips"
    (tmp_path / "pairs.csv").write_text("a,b,same\nwolf_live_blinks.mp4,wolf_replay_moire.mp4,1\n")

    result = CliRunner().invoke(
        group, ["shots", str(tmp_path / "pairs.csv"), "--root", str(clips), "--apart-ms", "200", "--json"]
    )

    assert result.exit_code == 0
    document = json.loads(result.stdout)
    one, eight = document["shots"][0], document["shots"][-1]
    assert (document["pairs"], one["shots"], eight["shots"]) == (1, 1, 8)
    assert eight["percentile_5"] > one["percentile_5"] + 0.03
    assert eight["mean"] > one["mean"]
