"""Where the texture networks look, and what they say to real faces, prints and screens."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.engine import Engine
from edge.flow import Box, CueKind
from edge.reference import find_upright
from edge.stages.grade import roll_deg
from edge.stages.texture import UPRIGHT_DEG, TextureNet, TextureProbe, surroundings
from firmware.twin.camera import Clip
from models.errors import ModelError
from tests.edge.footage import picture_at, read
from tests.edge.observations import FACE
from tests.fakes.networks import Answering, Breaking, Tensor

BLANK = np.zeros((240, 320, 3), dtype=np.uint8)

boxes = st.builds(
    Box,
    left_px=st.floats(-50, 600),
    top_px=st.floats(-50, 440),
    width_px=st.floats(4, 900),
    height_px=st.floats(4, 900),
)


@given(box=boxes, scale=st.sampled_from([2.7, 4.0]))
def test_the_surroundings_lie_within_the_frame_and_keep_the_shape_of_the_face(box: Box, scale: float) -> None:
    around = surroundings(box, scale, 480, 640)

    assert around.left_px >= -1e-6
    assert around.top_px >= -1e-6
    assert around.left_px + around.width_px <= 639 + 1e-6
    assert around.top_px + around.height_px <= 479 + 1e-6
    assert around.width_px / around.height_px == pytest.approx(box.width_px / box.height_px)
    assert around.width_px <= scale * box.width_px + 1e-6


def test_a_face_in_the_middle_is_seen_with_all_of_its_surroundings() -> None:
    around = surroundings(Box(300, 220, 40, 50), 2.7, 480, 640)

    assert around.centre == pytest.approx((320, 245))
    assert (around.width_px, around.height_px) == pytest.approx((108, 135))


def test_at_the_border_the_surroundings_are_shifted_not_padded() -> None:
    around = surroundings(Box(0, 0, 40, 50), 2.7, 480, 640)

    assert (around.left_px, around.top_px) == (0, 0)
    assert (around.width_px, around.height_px) == pytest.approx((108, 135))


@pytest.mark.parametrize(("side_px", "crops"), [(40, 2), (200, 1)])
def test_networks_see_the_same_where_the_frame_ends_before_their_surroundings_do(side_px: int, crops: int) -> None:
    frame = np.random.default_rng(2).integers(0, 256, (240, 320, 3)).astype(np.uint8)
    seen: list[Tensor] = []
    network = Answering(lambda tensor: seen.append(tensor) or (np.array([[0.1, 0.8, 0.1]], np.float32),))
    face = replace(FACE, box=Box(160 - side_px / 2, 120 - side_px / 2, side_px, side_px))

    cue = TextureProbe((TextureNet(network, 2.7), TextureNet(network, 4.0))).probe(frame, face, 0)

    assert cue.score == pytest.approx(0.8)
    assert [each.shape for each in seen] == [(1, 3, 80, 80)] * 2
    assert len({each.tobytes() for each in seen}) == crops


def saying(*real: float) -> TextureProbe:
    """A probe whose networks say these probabilities of a real face."""
    return TextureProbe(
        tuple(
            TextureNet(Answering(lambda _, p=p: (np.array([[1 - p, p, 0]], dtype=np.float32),)), 2.7)  # type: ignore[misc]
            for p in real
        )
    )


def test_the_score_is_the_mean_of_the_networks() -> None:
    cue = saying(0.9, 0.5).probe(BLANK, FACE, 7)

    assert cue.kind is CueKind.TEXTURE
    assert cue.score == pytest.approx(0.7)
    assert cue.captured_ns == 7


@pytest.mark.parametrize("broken", [0, 1])
def test_one_network_that_fails_is_no_score(broken: int) -> None:
    nets = [TextureNet(Answering(lambda _: (np.array([[0, 1, 0]], dtype=np.float32),)), scale) for scale in (2.7, 4.0)]
    nets[broken] = TextureNet(Breaking(), 2.7)

    with pytest.raises(ModelError):
        TextureProbe(tuple(nets)).probe(BLANK, FACE, 0)


@pytest.mark.weights
@pytest.mark.footage
@pytest.mark.parametrize(
    ("clip", "is_live"),
    [
        ("pad/clips/wolf_live_blinks.mp4", True),
        ("pad/clips/tvl_live_turn_nod.mp4", True),
        ("pad/clips/wolf_replay_moire.mp4", False),
        ("pad/clips/tvl_replay_turn_nod.mp4", False),
    ],
)
def test_live_faces_and_screens_lie_on_their_sides_of_the_threshold(
    footage_dir: Path, engine: Engine, clip: str, is_live: bool
) -> None:
    frame = picture_at(footage_dir / clip, 0.8)

    cue = engine.texture.probe(frame, engine.detector.find(frame)[0], 0)

    assert (cue.score >= engine.rules.thresholds.texture) is is_live


@pytest.mark.weights
@pytest.mark.footage
def test_the_samples_of_the_authors_are_told_apart_once_they_are_upright(footage_dir: Path, engine: Engine) -> None:
    with (footage_dir / "pad/labels.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if "minivision" in row["file"]]
    said = {}
    for row in rows:
        frame, faces = find_upright(read(footage_dir / "pad" / row["file"]), engine.detector)
        said[row["file"]] = engine.texture.probe(frame, faces[0], 0).score >= engine.rules.thresholds.texture

    assert said == {row["file"]: row["label"] == "live" for row in rows}
    assert len(said) == 3


def test_a_face_that_is_tilted_is_shown_to_the_networks_upright() -> None:
    """They know no others: a living man who tilted his head came to 0.4 in the mean, and to 0.75 once turned back."""
    upright = np.full((240, 320, 3), 40, np.uint8)
    cv2.rectangle(upright, (130, 80), (190, 160), (200, 200, 200), -1)
    turn = cv2.getRotationMatrix2D((160.0, 120.0), -12.0, 1.0)  # Clockwise.
    tilted = cv2.warpAffine(upright, turn, (320, 240), borderMode=cv2.BORDER_REPLICATE)
    face = replace(FACE, box=Box(135, 90, 50, 60))
    seen: list[Tensor] = []
    network = Answering(lambda tensor: seen.append(tensor) or (np.array([[0, 1, 0]], np.float32),))
    probe = TextureProbe((TextureNet(network, 2.7),))

    for frame, tilt_deg in ((upright, 0.0), (tilted, 12.0), (tilted, 0.0), (tilted, UPRIGHT_DEG - 0.1)):
        probe.probe(frame, face, 0, tilt_deg)

    level, turned_back, left, little = (tensor.astype(np.float64) for tensor in seen)
    assert np.abs(turned_back - level).mean() < 3.0
    assert np.abs(left - level).mean() > 2 * np.abs(turned_back - level).mean() + 3.0
    assert np.array_equal(little, left)


@pytest.mark.weights
@pytest.mark.footage
def test_a_living_man_who_tilts_his_head_is_told_as_living_and_his_replay_is_not(footage_dir: Path, engine: Engine) -> None:
    def tilted(clip: str, from_s: float, to_s: float) -> list[float]:
        scores = []
        for shot in Clip(footage_dir / clip).shots(round(from_s * 1e9)):
            if shot.at_ns > to_s * 1e9:
                break
            for face in engine.detector.find(shot.bgr)[:1]:
                tilt_deg = roll_deg(engine.aligner.points(shot.bgr, face))
                if 8.0 <= abs(tilt_deg) <= 20.0:
                    scores.append(float(engine.texture.probe(shot.bgr, face, 0, tilt_deg).score))
        return scores

    living, replayed = (tilted(f"pad/clips/tvl_{kind}_turn_nod.mp4", 6.0, 11.0) for kind in ("live", "replay"))

    assert min(len(living), len(replayed)) >= 10
    assert np.median(living) > 0.6
    assert max(replayed) < 0.05
