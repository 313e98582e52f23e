"""A camera in a process of its own: what hangs is killed, what dies is replaced, and the third time it is a fault (F58, F59)."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest

from firmware.apart.camera import ApartCamera, ApartLimits
from firmware.apart.line import ENVIRONMENT, KEPT_FREE
from firmware.apart.ring import SLOTS
from firmware.board import open_camera
from firmware.clock import SystemClock
from firmware.errors import (
    CameraBusyError,
    CameraDriverMissingError,
    CameraFaultError,
    CameraFormatError,
    CameraNotFoundError,
    CameraSpecError,
    CameraStalledError,
    FirmwareError,
)
from firmware.frame import Frame, Light
from firmware.health import HealthLimits
from firmware.ports import ExposureHold
from tests.firmware.builders import FPS, level_of, noisy, plain, write_clip, write_picture

ROOT = Path(__file__).resolve().parents[2]
SOUND = HealthLimits(first_within_s=60.0, blank_after_s=0.3, frozen_after_frames=8, least_px=24)
PATIENT = ApartLimits(opens_within_s=60.0, silent_after_s=60.0, closing_s=20.0, back_off_s=0.02, health=SOUND)
"""For whatever does not hang: a machine may be slow."""
QUICK = replace(PATIENT, silent_after_s=0.8, closing_s=1.0)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve seconds of a sensor's noise."""
    return write_clip(tmp_path_factory.mktemp("clip") / "noise.avi", list(islice(noisy(), 12 * FPS)))


def _open(word: str, limits: ApartLimits = PATIENT) -> ApartCamera:
    return ApartCamera(f"apart:{word}", word, SystemClock(), limits)


def _ailing(clip: Path, ailment: str) -> ApartCamera:
    return _open(f"ailing:{ailment}:clip:{clip}", QUICK if ailment.startswith("hangs") else PATIENT)


def _seen(camera: ApartCamera) -> list[int | None]:
    """The process of each frame until the camera fails; the failure is raised."""
    return [camera.pid for _ in camera.frames()]


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    began_s = time.monotonic()
    yield
    assert time.monotonic() - began_s < seconds


def _is_gone(pid: int | None) -> bool:
    assert pid is not None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


# --- a process that fails ------------------------------------------------------------------------------------------


def test_a_process_that_hangs_in_native_code_is_killed_and_the_third_time_the_camera_is_at_fault(clip: Path) -> None:
    pids: set[int | None] = set()

    with (
        _ailing(clip, "hangs@2") as camera,
        pytest.raises(CameraFaultError, match=r"failed 3 times, at last because it hung"),
    ):
        pids.update(camera.pid for _ in camera.frames())

    assert len(pids) == 3
    assert all(map(_is_gone, pids))


def test_a_process_that_ends_is_replaced_until_the_third_time(clip: Path) -> None:
    with _ailing(clip, "dies@2") as camera, pytest.raises(CameraFaultError, match="at last because its process ended with 70"):
        _seen(camera)


def test_strikes_are_forgotten_after_enough_good_frames(clip: Path) -> None:
    forgiving = replace(PATIENT, forgiven_after_frames=3)

    with _open(f"ailing:dies@6:clip:{clip}", forgiving) as camera:
        frames = list(islice(camera.frames(), 24))

    assert [frame.sequence for frame in frames] == list(range(24))
    assert all(earlier.captured_ns < later.captured_ns for earlier, later in pairwise(frames))


def test_a_process_that_is_killed_is_replaced_and_frames_go_on_as_if_of_one_camera(clip: Path) -> None:
    with _open(f"clip:{clip}") as camera:
        frames = camera.frames()
        before, pid = list(islice(frames, 4)), camera.pid
        assert pid is not None

        os.kill(pid, signal.SIGKILL)
        after = list(islice(frames, 4))

        assert camera.pid != pid
    assert [frame.sequence for frame in before + after] == list(range(8))
    assert all(earlier.captured_ns < later.captured_ns for earlier, later in pairwise(before + after))


def test_a_process_that_stands_still_is_killed_and_replaced(clip: Path) -> None:
    with _open(f"clip:{clip}", QUICK) as camera:
        frames = camera.frames()
        next(frames)
        pid = camera.pid
        assert pid is not None

        os.kill(pid, signal.SIGSTOP)
        with _within(10):
            while camera.pid == pid:
                next(frames)

        assert _is_gone(pid)


def test_a_camera_that_hangs_while_it_is_closed_is_ended_all_the_same(clip: Path) -> None:
    camera = _ailing(clip, "hangs-closing@0")
    next(camera.frames())
    pid = camera.pid

    with _within(5):
        camera.__exit__(None, None, None)

    assert _is_gone(pid)


def test_a_process_that_hangs_while_it_opens_its_camera_is_killed(clip: Path) -> None:
    impatient = replace(QUICK, opens_within_s=1.0)

    with _within(10), pytest.raises(CameraFaultError, match="it did not open within 1 s"):
        _open(f"ailing:hangs-opening@0:clip:{clip}", impatient)


def test_after_a_fault_the_camera_can_be_asked_again(clip: Path) -> None:
    with _ailing(clip, "dies@2") as camera:
        with pytest.raises(CameraFaultError):
            _seen(camera)

        again = next(camera.frames())

    assert again.sequence == 0


def test_the_end_of_the_unit_is_the_end_of_the_process_even_while_that_hangs(clip: Path) -> None:
    program = f"""
from firmware.board import open_camera
camera = open_camera("apart:ailing:hangs@0:clip:{clip}")
print(camera.pid, flush=True)
input()
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as unit:
        assert unit.stdout is not None
        pid = int(unit.stdout.readline())
        assert not _is_gone(pid)

        unit.kill()
        unit.wait()

        with _within(5):
            while not _is_gone(pid):
                threading.Event().wait(0.02)


# --- pictures that cannot be used ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ailment", "error", "said"),
    [
        ("freezes@3", CameraFaultError, "the last 8 pictures are the same"),
        ("black@3", CameraFaultError, "its pictures have been all black for"),
        ("white@3", CameraFaultError, "its pictures have been all white for"),
        ("shrinks@3", CameraFormatError, "its pictures changed their size"),
    ],
)
def test_pictures_that_cannot_be_used_are_named_soon(clip: Path, ailment: str, error: type[FirmwareError], said: str) -> None:
    with _ailing(clip, ailment) as camera, _within(5), pytest.raises(error, match=said):
        _seen(camera)


def test_what_the_camera_says_of_its_trouble_is_raised_as_it_is(tmp_path: Path) -> None:
    for word, error in {
        "usb:97": CameraNotFoundError,
        f"clip:{tmp_path / 'no.mp4'}": CameraNotFoundError,
        "pi:0": CameraDriverMissingError,
        "jetson:0": CameraDriverMissingError,
        "nonsense": CameraSpecError,
    }.items():
        with pytest.raises(error) as caught:
            _open(word)
        assert type(caught.value) is error


def test_an_error_of_another_kind_is_a_fault_of_the_camera(tmp_path: Path) -> None:
    write_picture(tmp_path / "1.png", plain(50))
    whole = write_picture(tmp_path / "2.png", plain(60)).read_bytes()
    (tmp_path / "2.png").write_bytes(whole[: len(whole) // 2])

    with _open(f"folder:{tmp_path}") as camera, pytest.raises(CameraFaultError, match=r"2\.png"):
        _seen(camera)


# --- frames --------------------------------------------------------------------------------------------------------


def test_frames_are_those_of_the_camera_with_time_and_light(tmp_path: Path) -> None:
    rows = ["file,captured_ns,light"]
    for number, light in enumerate(("0", "L", "R", "LR", "?")):
        write_picture(tmp_path / f"{number}.png", plain(50 + 30 * number))
        rows.append(f"{number}.png,{number * 200_000_000},{light}")
    (tmp_path / "frames.csv").write_text("\n".join(rows), encoding="utf-8")

    with _open(f"folder:{tmp_path}") as camera:
        frames = list(camera.frames())

    seen = {frame.captured_ns: (level_of(frame), frame.light) for frame in frames}
    every = {
        number * 200_000_000: (50 + 30 * number, Light.parse(light)) for number, light in enumerate(("0", "L", "R", "LR", "?"))
    }
    assert len(seen) >= 3
    assert seen.items() <= every.items()


def test_colour_and_brightness_come_through_value_for_value(tmp_path: Path) -> None:
    for number, picture in enumerate(islice(noisy(), 8)):
        write_picture(tmp_path / f"{number}.png", picture)

    with _open(f"folder:{tmp_path}") as camera:
        frames = list(camera.frames())
    with open_camera(f"folder:{tmp_path}") as here:
        same = {frame.captured_ns: frame for frame in here.frames()}

    assert len(frames) >= 3
    assert all(np.array_equal(frame.bgr, same[frame.captured_ns].bgr) for frame in frames)
    assert all(np.array_equal(frame.luma, same[frame.captured_ns].luma) for frame in frames)


def test_frames_that_are_kept_never_change_however_many_they_are(clip: Path) -> None:
    with _open(f"clip:{clip}") as camera:
        frames = camera.frames()
        kept = [(frame, frame.bgr.copy(), frame.luma.copy()) for frame in islice(frames, 2 * SLOTS)]
        for _ in islice(frames, 2 * SLOTS):
            pass

    assert len({bgr.tobytes() for _, bgr, _ in kept}) == 2 * SLOTS
    assert all(np.array_equal(frame.bgr, bgr) and np.array_equal(frame.luma, luma) for frame, bgr, luma in kept)


def test_the_unit_copies_no_pixel_unless_many_frames_are_kept(clip: Path) -> None:
    with _open(f"clip:{clip}") as camera:
        kept: list[Frame] = list(islice(camera.frames(), SLOTS + 2))

    looking = [frame for frame in kept if not _owns(frame)]
    assert 1 <= len(looking) <= SLOTS - KEPT_FREE
    assert all(_owns(frame) for frame in kept if not any(frame is other for other in looking))


def _owns(frame: Frame) -> bool:
    """Whether the pixels are a copy of the unit's own, and not a look into the process's memory."""
    return frame.bgr.flags.owndata or (frame.bgr.base is not None and getattr(frame.bgr.base, "flags", frame.bgr.flags).owndata)


def test_a_frame_outlives_its_process(clip: Path) -> None:
    with _open(f"clip:{clip}") as camera:
        frame = next(camera.frames())
        before = frame.bgr.copy()

    gc.collect()

    assert np.array_equal(frame.bgr, before)


def test_whoever_asks_late_gets_the_newest_frame(clip: Path) -> None:
    with _open(f"clip:{clip}") as camera:
        frames = camera.frames()
        first = next(frames)

        threading.Event().wait(0.6)
        later = next(frames)

    assert later.sequence == 1
    assert later.captured_ns - first.captured_ns > 300_000_000


# --- the process ---------------------------------------------------------------------------------------------------


def test_the_process_inherits_nothing_of_the_units_environment_and_no_open_file(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIFECERT_PIN", "1234")
    secret = (tmp_path / "key.pem").open("w")

    with secret, _open(f"clip:{clip}") as camera:
        told = Path(f"/proc/{camera.pid}/environ").read_text(encoding="utf-8").split("\0")
        files = {entry.readlink().name for entry in Path(f"/proc/{camera.pid}/fd").iterdir()}

    assert {line.partition("=")[0] for line in told if line} == set(ENVIRONMENT)
    assert "key.pem" not in files


def test_a_crash_leaves_no_picture_of_memory_behind(clip: Path) -> None:
    with _open(f"clip:{clip}") as camera:
        limits = Path(f"/proc/{camera.pid}/limits").read_text(encoding="utf-8")

    (core,) = (line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"]


def test_nothing_stays_open_when_the_camera_is_closed(clip: Path) -> None:
    def open_files() -> int:
        gc.collect()
        return len(list(Path("/proc/self/fd").iterdir()))

    before = open_files()
    for word in (f"clip:{clip}", f"ailing:dies@1:clip:{clip}"):
        with _open(word) as camera:
            next(camera.frames())

    assert open_files() == before


def test_closing_from_another_thread_wakes_whoever_waits(clip: Path) -> None:
    camera = _open(f"ailing:hangs@1:clip:{clip}", replace(PATIENT, closing_s=1.0))
    frames = camera.frames()
    next(frames)
    waiting = threading.Thread(target=lambda: list(frames))
    waiting.start()

    camera.__exit__(None, None, None)
    waiting.join(10)

    assert not waiting.is_alive()


def test_its_exposure_can_be_asked_for(clip: Path) -> None:
    with _open(f"clip:{clip}") as camera:
        assert isinstance(camera, ExposureHold)
        camera.hold_exposure()
        camera.follow_light()

        assert len(list(islice(camera.frames(), 3))) == 3


OPENS: dict[str, Callable[[], object]] = {"pi": lambda: open_camera("pi"), "jetson": lambda: open_camera("jetson:1")}


@pytest.mark.parametrize("board", OPENS)
def test_the_drivers_that_hang_always_run_apart(board: str) -> None:
    with pytest.raises(CameraDriverMissingError, match=f"^{board}.*--system-site-packages"):
        OPENS[board]()

    assert "picamera2" not in sys.modules


def test_errors_that_a_process_says_keep_their_reason() -> None:
    errors = (CameraBusyError("usb:0", "/dev/video0"), CameraStalledError("usb:0", "no picture came for 2 s"))

    from firmware.apart.words import Failed, read_word, spell

    told = [read_word(spell(Failed.by("usb:0", error))) for error in errors]

    assert [str(word.error()) for word in told if isinstance(word, Failed)] == [str(error) for error in errors]
