"""What a camera saw is kept for this user alone, and played back pixel by pixel; nothing passes that could not be kept."""

import stat
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pytest

from firmware.errors import FrameNotKeptError
from firmware.frame import Frame, Light, frame_from_bgr
from firmware.twin.camera import FolderCamera
from firmware.twin.keeping import KeepingCamera
from tests.firmware.builders import noisy

WORDS = ("0", "L", "LR", "?", "V")


class _NoisyCamera:
    """Frames of noise at uneven times under changing light; it ends after five, and remembers whether it is open."""

    name = "usb:7"

    def __init__(self) -> None:
        self.states: list[str] = []

    def frames(self) -> Iterator[Frame]:
        for sequence, pixels in zip(count(), noisy(), strict=False):
            if sequence == len(WORDS):
                return
            yield frame_from_bgr(pixels, 7 + 1_000_003 * sequence**2, sequence, Light.parse(WORDS[sequence]))

    def __enter__(self) -> Self:
        self.states.append("open")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.states.append("closed")


def _assert_same(replayed: list[Frame], seen: list[Frame]) -> None:
    assert [frame.captured_ns for frame in replayed] == [frame.captured_ns for frame in seen]
    assert [frame.light for frame in replayed] == [frame.light for frame in seen]
    assert all(np.array_equal(again.bgr, frame.bgr) for again, frame in zip(replayed, seen, strict=True))


def test_what_was_kept_is_played_back_as_it_was(tmp_path: Path) -> None:
    seen = list(KeepingCamera(_NoisyCamera(), tmp_path / "visit").frames())

    replayed = list(FolderCamera(tmp_path / "visit").frames())

    assert len(seen) == 5
    _assert_same(replayed, seen)


def test_a_visit_that_ends_early_is_kept_as_far_as_it_went(tmp_path: Path) -> None:
    frames = KeepingCamera(_NoisyCamera(), tmp_path / "visit").frames()
    seen = [next(frames), next(frames)]

    del frames

    _assert_same(list(FolderCamera(tmp_path / "visit").frames()), seen)


def test_a_second_visit_is_kept_instead_of_the_first(tmp_path: Path) -> None:
    camera = KeepingCamera(_NoisyCamera(), tmp_path / "visit")
    list(camera.frames())

    seen = list(islice(camera.frames(), 3))

    _assert_same(list(FolderCamera(tmp_path / "visit").frames()), seen)


def test_folder_and_files_are_for_this_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "visits" / "visit"

    list(KeepingCamera(_NoisyCamera(), folder).frames())

    files = sorted(folder.iterdir())
    assert [file.name for file in files] == ["000000.png", "000001.png", "000002.png", "000003.png", "000004.png", "frames.csv"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_disk_that_takes_no_frame_is_named_before_anybody_sees_it(tmp_path: Path) -> None:
    (tmp_path / "visit").write_text("no folder")

    with pytest.raises(FrameNotKeptError, match="nothing of this recording can be used"):
        next(KeepingCamera(_NoisyCamera(), tmp_path / "visit").frames())


def test_a_disk_that_is_full_later_stops_the_visit(tmp_path: Path) -> None:
    (tmp_path / "000002.png").mkdir()
    seen: list[int] = []

    with pytest.raises(FrameNotKeptError, match=r"000002\.png: Is a directory") as caught:
        seen.extend(frame.sequence for frame in KeepingCamera(_NoisyCamera(), tmp_path).frames())

    assert seen == [0, 1]
    assert caught.value.file == tmp_path / "000002.png"


def test_a_table_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "frames.csv").mkdir()

    with pytest.raises(FrameNotKeptError, match=r"frames\.csv: Is a directory"):
        list(KeepingCamera(_NoisyCamera(), tmp_path).frames())


def test_opening_and_closing_reach_the_camera(tmp_path: Path) -> None:
    camera = _NoisyCamera()

    with KeepingCamera(camera, tmp_path) as keeping:
        name = keeping.name

    assert name == "usb:7"
    assert camera.states == ["open", "closed"]
