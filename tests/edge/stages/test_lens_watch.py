"""A lens is dirty where no visit was ever sharp, and only after many of them."""

from __future__ import annotations

import logging
from collections.abc import Collection
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.imaging import Pixels, fineness
from edge.lens_memory import LensMemory
from edge.stages.lens_watch import COLUMNS, ROWS, VISITS, Cells, LensLook, Smudge, find_smudge
from firmware.frame import UNKNOWN_LIGHT, frame_from_bgr
from tests.edge.visits import open_desk
from wire.result import Verdict

WALL = np.full((ROWS, COLUMNS), np.nan, np.float32)


def scene(number: int) -> Pixels:
    """A picture full of things: noise of all sizes."""
    dice = np.random.default_rng(number)
    sizes = (dice.integers(0, 256, (240 // step, 320 // step)).astype(np.float32) for step in (1, 2, 5, 10))
    return np.clip(sum(cv2.resize(noise, (640, 480)) for noise in sizes) / 4, 0, 255).astype(np.uint8)


def smudged(luma: Pixels) -> Pixels:
    """The same through a finger mark at the upper left, over 3 x 3 cells of 80 px."""
    out = luma.copy()
    out[80:320, 80:320] = cv2.GaussianBlur(luma, (0, 0), 8)[80:320, 80:320]
    return out


def cells(luma: Pixels) -> Cells:
    return fineness(luma, ROWS, COLUMNS)


def test_a_place_that_is_never_sharp_is_found_after_enough_visits() -> None:
    visits = [cells(smudged(scene(number))) for number in range(VISITS)]

    found = find_smudge(visits)

    assert find_smudge(visits[:-1]) is None
    assert isinstance(found, Smudge)
    assert found.cells >= 1
    assert 1 / 8 < found.x_share < 4 / 8
    assert 1 / 6 < found.y_share < 4 / 6


def test_dirt_that_came_after_good_visits_is_found_once_they_are_long_ago() -> None:
    dirty = [cells(smudged(scene(number))) for number in range(VISITS)]

    assert find_smudge([cells(scene(99)), *dirty[1:]]) is None
    assert find_smudge([cells(scene(99)), *dirty]) is not None


def test_one_sharp_visit_shows_that_it_was_wiped() -> None:
    visits = [cells(smudged(scene(number))) for number in range(VISITS)]

    assert find_smudge([*visits, cells(scene(99))]) is None


def test_blur_that_is_everywhere_is_no_dirt() -> None:
    """Whoever moves, or a lens that is out of focus, is blurred all over."""
    assert find_smudge([cells(cv2.GaussianBlur(scene(number), (0, 0), 8)) for number in range(VISITS)]) is None


def test_a_smooth_wall_is_no_dirt_and_says_nothing() -> None:
    assert np.isnan(cells(np.full((480, 640), 140, np.uint8))).all()
    assert find_smudge([WALL] * VISITS) is None
    half = [np.where(np.arange(COLUMNS) < 4, cells(scene(number)), np.nan).astype(np.float32) for number in range(VISITS)]
    assert find_smudge(half) is None


LOOKED_AT = (3, 6, 12, 24, 48)
"""Of frames a tenth of a second apart, in nine seconds."""


def seen_of(sharp_ones: Collection[int]) -> float:
    """The finest detail seen in a visit of ninety frames, of which some are sharp, over the least that sharp ones have."""
    sharp, blurred = (cv2.cvtColor(luma, cv2.COLOR_GRAY2BGR) for luma in (scene(1), cv2.GaussianBlur(scene(1), (0, 0), 9)))
    frames = [frame_from_bgr(sharp if at in sharp_ones else blurred, at * 100_000_000, at, UNKNOWN_LIGHT) for at in range(90)]
    look = LensLook()

    assert [frame.sequence for frame in look.passing(frames)] == list(range(90))
    return float(np.nanmax(look.best) / np.nanmin(cells(scene(1))))


def test_a_visit_is_looked_at_ever_more_seldom_and_all_frames_are_passed_on() -> None:
    assert seen_of(set(range(90)) - set(LOOKED_AT)) < 0.2


@pytest.mark.parametrize("at", LOOKED_AT)
def test_each_of_the_frames_that_are_looked_at_counts(at: int) -> None:
    assert seen_of({at}) >= 1


def test_visits_are_remembered_across_reboots_as_numbers_only(tmp_path: Path) -> None:
    for number in range(VISITS + 3):
        told = LensMemory(tmp_path / "lens.json").keep(cells(smudged(scene(number))))

    assert told == LensMemory(tmp_path / "lens.json").smudge
    assert told is not None
    assert (tmp_path / "lens.json").stat().st_size < 20_000
    assert (tmp_path / "lens.json").stat().st_mode & 0o777 == 0o600


def test_visits_that_show_nothing_do_not_make_the_dirt_forgotten(tmp_path: Path) -> None:
    memory = LensMemory(tmp_path / "lens.json")
    for number in range(VISITS):
        memory.keep(cells(smudged(scene(number))))

    for _ in range(VISITS):
        assert memory.keep(WALL) is not None


BROKEN = [b"", b"{", b"[]", b"{}", b'{"visits": 3}', b'{"visits": [[1, 2]]}', b'{"visits": [["x"]]}', b"\xff"]


@pytest.mark.parametrize("content", BROKEN)
def test_a_broken_memory_is_begun_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "lens.json").write_bytes(content)
    memory = LensMemory(tmp_path / "lens.json")

    assert memory.smudge is None
    assert memory.keep(cells(scene(1))) is None
    assert memory.smudge is None


def test_a_disk_that_fails_costs_no_visit(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    memory = LensMemory(tmp_path / "nowhere" / "lens.json")

    assert memory.keep(cells(scene(1))) is None
    assert "lens statistic not kept" in caplog.text


def test_a_unit_says_after_a_visit_that_its_lens_is_dirty(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with open_desk(tmp_path) as desk:
        memory = LensMemory(tmp_path / "lens.json")
        for number in range(VISITS):
            memory.keep(cells(smudged(scene(number))))
        # The frames of the stage are noise without coarse structure, which says nothing of the lens.
        with caplog.at_level(logging.WARNING):
            desk.visit(desk.ticket())

        assert [result.verdict for result in desk.results] == [Verdict.ACCEPTED]
        assert "lens dirty" in caplog.text
        assert memory.smudge is not None
