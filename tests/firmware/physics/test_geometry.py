"""A point of a surface is seen where the pinhole says, also when the surface is turned; checked by a projection of its own."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware.twin.physics.geometry import Lens, Sight, normals_of, sampled, see
from firmware.twin.physics.motion import Pose
from firmware.twin.physics.optics import Grid
from firmware.twin.physics.surface import Surface, plane
from tests.firmware.scenes import board, bust, painted

Numbers = NDArray[np.float64]
LENS = Lens(160, 120, focal_px=100.0, down_px=-6.0)
POSES = {
    "straight": Pose(),
    "yaw": Pose(yaw_deg=25),
    "pitch": Pose(pitch_deg=20),
    "roll": Pose(roll_deg=30),
    "aside": Pose(x_cm=2, y_cm=-1.5, away_cm=50),
    "everything": Pose(-22, 15, -10, 1, 1, 42),
    "lying": Pose(yaw_deg=15, roll_deg=-80),
}


@dataclass(frozen=True)
class _Seen:
    """Where points are from the camera, and where they are seen."""

    right: Numbers
    down: Numbers
    before: Numbers
    column: Numbers
    row: Numbers


def _projected(surface: Surface, pose: Pose, x: Grid, y: Grid) -> _Seen:
    """Bow, then turn, then tilt, then away: with sines and cosines by hand, in double precision."""
    yaw, pitch, roll = (float(np.radians(angle)) for angle in (pose.yaw_deg, pose.pitch_deg, pose.roll_deg))
    right, down = x.astype(float) * surface.scale, y.astype(float) * surface.scale
    near = sampled(surface.height, x, y).astype(float) * surface.scale
    down, near = down * np.cos(pitch) + near * np.sin(pitch), near * np.cos(pitch) - down * np.sin(pitch)
    right, near = right * np.cos(yaw) + near * np.sin(yaw), near * np.cos(yaw) - right * np.sin(yaw)
    right, down = right * np.cos(roll) - down * np.sin(roll), right * np.sin(roll) + down * np.cos(roll)
    right, down, before = right + pose.x_cm, down + pose.y_cm, pose.away_cm - near
    column = LENS.width_px / 2 + LENS.focal_px * right / before
    row = LENS.height_px / 2 + LENS.down_px + LENS.focal_px * down / before
    return _Seen(right, down, before, column, row)


def _pixels() -> tuple[Grid, Grid]:
    """The middles of two by two pixels."""
    column, row = np.meshgrid(np.arange(80) * 2 + 0.5, np.arange(60) * 2 + 0.5)
    return column.astype(np.float32), row.astype(np.float32)


def _sight(surface: Surface, pose: Pose) -> Sight:
    return see(LENS, surface, normals_of(surface), pose)


@pytest.mark.parametrize("scale", [1.0, 0.5])
@pytest.mark.parametrize("pose", POSES.values(), ids=POSES)
def test_a_pixel_sees_the_point_of_a_plane_that_lies_behind_it(pose: Pose, scale: float) -> None:
    surface = replace(board(), scale=scale)
    column, row = _pixels()

    sight = _sight(surface, pose)

    seen = _projected(surface, pose, sight.x, sight.y)
    near = np.hypot(sight.x, sight.y) < 10
    assert near.sum() > 60
    assert np.hypot(seen.column - column, seen.row - row)[near].max() < 0.2


@pytest.mark.parametrize("pose", POSES.values(), ids=POSES)
def test_a_pixel_sees_the_point_of_a_head_that_lies_behind_it(pose: Pose) -> None:
    surface = bust()
    column, row = _pixels()

    sight = _sight(surface, pose)

    seen = _projected(surface, pose, sight.x, sight.y)
    face = (np.abs(sight.x) < 4) & (np.abs(sight.y - 2) < 5)
    off = np.hypot(seen.column - column, seen.row - row)[face]
    assert face.sum() > 70
    assert np.median(off) < 1e-3
    assert off.max() < 0.01


@pytest.mark.parametrize("pose", POSES.values(), ids=POSES)
def test_a_point_is_where_it_was_turned_to(pose: Pose) -> None:
    surface = bust()

    sight = _sight(surface, pose)

    seen = _projected(surface, pose, sight.x, sight.y)
    face = (np.abs(sight.x) < 4) & (np.abs(sight.y - 2) < 5)
    assert face.sum() > 70
    for part, expected in zip(sight.point, (seen.right, seen.down, -seen.before), strict=True):
        assert np.allclose(part[face], expected[face], atol=0.05)


def test_what_the_edge_of_a_turned_head_hides_is_not_seen() -> None:
    surface = bust()

    sight = _sight(surface, Pose(yaw_deg=30))

    # From pixel to pixel one sees more of the right, nothing twice; behind the edge a piece of the other cheek is left out.
    row = np.diff(sight.x[np.argmin(np.abs(sight.y[:, 40])), :])
    assert (row > -1e-3).all()
    assert row.max() > 4 * np.median(row)


def test_a_nearer_thing_looks_larger() -> None:
    near, far = (_sight(board(), Pose(away_cm=away_cm)) for away_cm in (25, 50))

    assert np.allclose(2 * (near.x[:, 1:] - near.x[:, :-1]), far.x[:, 1:] - far.x[:, :-1], atol=1e-4)


def test_the_axis_of_the_lens_meets_the_middle_of_the_face() -> None:
    sight = _sight(board(), Pose())

    assert (sight.x[27, 40], sight.y[27, 40]) == pytest.approx((0.5 * 0.35, 0.5 * 0.35), abs=1e-3)


@pytest.mark.parametrize(
    ("pose", "normal"),
    [
        (Pose(), (0, 0, 1)),
        (Pose(yaw_deg=30), (0.5, 0, 0.866)),
        (Pose(pitch_deg=30), (0, 0.5, 0.866)),
        (Pose(roll_deg=30), (0, 0, 1)),
    ],
)
def test_the_normal_of_a_plane_turns_with_it(pose: Pose, normal: tuple[float, float, float]) -> None:
    sight = _sight(board(), pose)

    for part, expected in zip(sight.normal, normal, strict=True):
        assert np.allclose(part, expected, atol=1e-3)


def test_the_normals_of_a_ball_point_away_from_its_middle() -> None:
    x, y = plane()
    height = np.sqrt(np.clip(100 - x**2 - y**2, 1, None)).astype(np.float32)

    normals = normals_of(painted(height))

    inside = x**2 + y**2 < 64
    expected = np.dstack([x, y, height]) / 10
    assert np.allclose(normals[inside], expected[inside], atol=0.01)


def test_a_grid_is_read_between_its_cells_and_goes_on_at_its_border() -> None:
    x, _ = plane()
    at = np.array([[-3.01, 0.33, 99.0]], dtype=np.float32)

    values = sampled(x, at, np.zeros_like(at))

    assert values[0].tolist() == pytest.approx([-3.01, 0.33, float(x.max())], abs=0.01)
