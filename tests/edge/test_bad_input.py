"""`lifecert verify` with everything that can be wrong with what it is given: one clear sentence, or a verdict with its reason.

Never a traceback, never an accepted result, never more than one document, and nothing left in the temporary folder.
"""

from __future__ import annotations

import base64
import json
import os
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from edge.clock import BUILD_TIME_S, machine_sources
from edge.commands.verify import verify
from firmware.twin.camera import Clip
from tests.conftest import mirror_folder
from tests.edge.footage import Pixels, picture_at
from tests.firmware.builders import encoded, exif, plain, with_jpeg_exif, write_clip, write_picture
from wire.envelope import Kind, unverified_payload
from wire.result import ClockState, DebugStatus, ResultStatement, read_result

pytestmark = [pytest.mark.weights, pytest.mark.footage]

LIVE, REPLAY = "pad/clips/wolf_live_blinks.mp4", "pad/clips/wolf_replay_moire.mp4"


@dataclass(frozen=True)
class Answer:
    """What the command answered."""

    status: int
    document: dict[str, object]

    @property
    def error(self) -> dict[str, str]:
        found = self.document["error"]
        assert isinstance(found, dict)
        return found

    @property
    def verdict(self) -> tuple[object, object]:
        return self.document["verdict"], self.document["reasons"]

    @property
    def statement(self) -> ResultStatement:
        token = str(self.document["token"])
        envelope = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        return read_result(unverified_payload(envelope, Kind.RESULT))


class Bench:
    """A folder to put files into, and the command."""

    def __init__(self, folder: Path, footage_dir: Path) -> None:
        self.folder, self.footage_dir = folder, footage_dir
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self.photo = write_picture(folder / "photo.png", picture_at(footage_dir / REPLAY, 0.6))
        """The man of the live clip, from another recording."""

    @property
    def clip(self) -> str:
        return f"clip:{self.footage_dir / LIVE}"

    def file(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def verify(self, camera: str | None = None, photo: Path | None = None, *options: str) -> Answer:
        """Run it with --json, and check what must hold for every answer."""
        arguments = ["--camera", camera or self.clip, "--reference", str(photo or self.photo), "--seed", "1", *options, "--json"]
        result = CliRunner().invoke(verify, arguments)
        assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
        assert result.stdout.count("\n") == 1
        assert result.stderr == ""
        assert list(self.temporary.iterdir()) == []
        return Answer(result.exit_code, json.loads(result.stdout))


@pytest.fixture
def bench(tmp_path: Path, footage_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    made = Bench(tmp_path, footage_dir)
    monkeypatch.setenv("LIFECERT_MIRROR", str(mirror_folder()))
    monkeypatch.setattr(tempfile, "tempdir", str(made.temporary))
    return made


def huge_png() -> bytes:
    """A whole PNG of 12,000 x 12,000 black pixels, 18 kB."""
    rows = zlib.compress(bytes(12_000 * (1 + 1500)), 9)
    header = struct.pack(">IIBBBBB", 12_000, 12_000, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", rows), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def test_with_good_input_the_same_command_accepts(bench: Bench) -> None:
    answer = bench.verify()

    assert (answer.status, answer.verdict) == (0, ("accepted", []))
    assert answer.statement.verdict.value == "accepted"
    assert answer.statement.debug is DebugStatus.ENABLED


PHOTOS: list[tuple[str, Callable[[Bench], Path], str]] = [
    ("missing", lambda bench: bench.folder / "nobody.jpg", "PictureNotFound"),
    ("a folder", lambda bench: bench.folder, "PictureUnreadable"),
    ("empty", lambda bench: bench.file("photo.jpg", b""), "PictureUnreadable"),
    ("cut off", lambda bench: bench.file("photo.png", bench.photo.read_bytes()[:-2000]), "PictureUnreadable"),
    ("cut off early", lambda bench: bench.file("photo.jpg", encoded(".jpg", plain(90))[:200]), "PictureUnreadable"),
    ("text", lambda bench: bench.file("photo.jpg", b"this is no picture"), "PictureUnreadable"),
    ("a video", lambda bench: bench.footage_dir / LIVE, "PictureUnreadable"),
    ("12000 x 12000", lambda bench: bench.file("photo.png", huge_png()), "PictureTooLarge"),
]


@pytest.mark.parametrize(("photo", "code"), [row[1:] for row in PHOTOS], ids=[row[0] for row in PHOTOS])
def test_a_photo_that_is_no_picture_is_a_fault(bench: Bench, photo: Callable[[Bench], Path], code: str) -> None:
    answer = bench.verify(photo=photo(bench))

    assert answer.status == 2
    assert answer.error["code"] == code
    assert str(bench.folder) in answer.error["message"] or str(bench.footage_dir) in answer.error["message"]


USELESS: list[tuple[str, Callable[[Bench], Pixels]]] = [
    ("one pixel", lambda _: plain(90, 1, 1)),
    ("no face", lambda bench: picture_at(bench.footage_dir / "clips/intel_no_face.mp4", 3.0)),
    ("two faces", lambda bench: picture_at(bench.footage_dir / "clips/intel_two_faces.mp4", 1.0)),
]


@pytest.mark.parametrize("picture", [row[1] for row in USELESS], ids=[row[0] for row in USELESS])
def test_a_photo_that_shows_no_single_face_is_refused_with_its_reason(bench: Bench, picture: Callable[[Bench], Pixels]) -> None:
    answer = bench.verify(photo=write_picture(bench.folder / "other.png", picture(bench)))

    assert (answer.status, answer.verdict) == (1, ("refused", ["REFERENCE_UNUSABLE"]))
    assert answer.document["similarity"] is None
    assert answer.document["frames"] == 0


def test_a_photo_of_another_person_is_refused(bench: Bench) -> None:
    other = write_picture(bench.folder / "other.png", picture_at(bench.footage_dir / "clips/lp_d0_smile_blink.mp4", 0.3))

    answer = bench.verify(photo=other)

    assert (answer.status, answer.verdict) == (1, ("refused", ["FACE_MISMATCH"]))
    assert isinstance(answer.document["similarity"], int)
    assert isinstance(answer.document["threshold"], int)
    assert answer.document["similarity"] < answer.document["threshold"]


@pytest.mark.parametrize("says_so", [True, False])
def test_a_photo_that_lies_on_its_side_is_turned(bench: Bench, says_so: bool) -> None:
    lying = np.ascontiguousarray(np.rot90(picture_at(bench.footage_dir / REPLAY, 0.6)))
    content = encoded(".jpg", lying)

    answer = bench.verify(photo=bench.file("lying.jpg", with_jpeg_exif(content, exif(6)) if says_so else content))

    assert (answer.status, answer.verdict) == (0, ("accepted", []))


def half_of(path: Path) -> bytes:
    content = path.read_bytes()
    return content[: len(content) // 2]


CAMERAS: list[tuple[str, Callable[[Bench], str], str]] = [
    ("missing", lambda bench: f"clip:{bench.folder / 'nothing.mp4'}", "CameraNotFound"),
    ("empty", lambda bench: f"clip:{bench.file('visit.mp4', b'')}", "CameraFormat"),
    ("cut off", lambda bench: f"clip:{bench.file('visit.mp4', half_of(bench.footage_dir / LIVE))}", "CameraFormat"),
    ("text", lambda bench: f"clip:{bench.file('visit.mp4', b'this is no video')}", "CameraFormat"),
    ("noise", lambda bench: f"clip:{bench.file('visit.mp4', bytes(range(256)) * 40)}", "CameraFormat"),
    ("a picture", lambda bench: f"clip:{bench.photo}", "CameraFormat"),
    ("a folder as a clip", lambda bench: f"clip:{bench.folder}", "CameraFormat"),
    ("a folder without pictures", lambda bench: f"folder:{bench.temporary}", "CameraFormat"),
    ("a folder that is not there", lambda bench: f"folder:{bench.folder / 'nothing'}", "CameraNotFound"),
    ("an unknown word", lambda bench: "telescope:1", "CameraSpec"),
    ("no word", lambda bench: ":", "CameraSpec"),
    ("a board without driver", lambda bench: "pi", "CameraDriverMissing"),
    ("an actor without script", lambda bench: f"actor:{bench.file('actor.toml', b'[')}", "FootageInvalid"),
]


@pytest.mark.parametrize(("camera", "code"), [row[1:] for row in CAMERAS], ids=[row[0] for row in CAMERAS])
def test_a_camera_that_gives_no_pictures_is_a_fault(bench: Bench, camera: Callable[[Bench], str], code: str) -> None:
    answer = bench.verify(camera=camera(bench))

    assert answer.status == 2
    assert answer.error["code"] == code
    assert answer.error["message"]


def folder_of(bench: Bench, *pictures: bytes) -> str:
    folder = bench.folder / "frames"
    folder.mkdir()
    for number, content in enumerate(pictures):
        (folder / f"{number:03}.png").write_bytes(content)
    return f"folder:{folder}"


def test_frames_of_one_pixel_show_no_face(bench: Bench) -> None:
    answer = bench.verify(camera=folder_of(bench, *[encoded(".png", plain(90, 1, 1))] * 5))

    assert (answer.status, answer.verdict) == (1, ("refused", ["NO_FACE", "TIMED_OUT"]))


def test_a_frame_of_12000_pixels_each_way_aborts_the_attempt_unseen(bench: Bench) -> None:
    answer = bench.verify(camera=folder_of(bench, encoded(".png", plain(90)), huge_png()))

    assert (answer.status, answer.verdict) == (1, ("aborted", ["CAMERA_FAULT"]))


def test_a_frame_that_is_cut_off_in_the_middle_aborts_the_attempt(bench: Bench) -> None:
    whole = encoded(".png", picture_at(bench.footage_dir / LIVE, 0.5))

    answer = bench.verify(camera=folder_of(bench, whole, whole, whole[: len(whole) // 2], whole))

    assert (answer.status, answer.verdict) == (1, ("aborted", ["CAMERA_FAULT"]))


VISITS = [
    ("clips/intel_no_face.mp4", ["NO_FACE", "TIMED_OUT"]),
    ("clips/intel_two_faces.mp4", ["MULTIPLE_FACES", "TIMED_OUT"]),
]


@pytest.mark.parametrize(("clip", "reasons"), VISITS)
def test_a_clip_without_one_face_is_refused_with_its_reason(bench: Bench, clip: str, reasons: list[str]) -> None:
    answer = bench.verify(camera=f"clip:{bench.footage_dir / clip}")

    assert (answer.status, answer.verdict) == (1, ("refused", reasons))


def test_a_clip_that_lies_on_its_side_is_not_accepted_and_told_to_face_the_screen(bench: Bench) -> None:
    """Whether the detector still sees a face that lies depends on how the clip is decoded: either way the remedy is the same."""
    shots = [shot.bgr for _, shot in zip(range(40), Clip(bench.footage_dir / LIVE).shots(), strict=False)]
    lying = [np.asarray(cv2.rotate(picture, cv2.ROTATE_90_CLOCKWISE), np.uint8) for picture in shots]

    answer = bench.verify(camera=f"clip:{write_clip(bench.folder / 'lying.avi', lying)}")

    assert (answer.status, answer.verdict) in [(1, ("refused", [why, "TIMED_OUT"])) for why in ("HEAD_TURNED", "NO_FACE")]


CONFIGS = [
    ("missing", None, "file"),
    ("broken", b"[times", "TOML"),
    ("an unknown key", b"[times]\nattempt_s = 5", "times.attempt_s"),
    ("an unknown section", b"[thresholds]\nmatch = 0.1", "[thresholds]"),
    ("a wrong type", b"[times]\nattempt_ms = 'long'", "times.attempt_ms"),
    ("not a number", b"[grade]\nsharpness = nan", "grade.sharpness"),
    ("out of range", b"[grade]\nroll_deg = 90", "grade.roll_deg"),
    ("not text", b"\xff\xfe\x00", "file"),
    ("too large", b"#" * 100_000, "file"),
]


@pytest.mark.parametrize(("content", "key"), [row[1:] for row in CONFIGS], ids=[row[0] for row in CONFIGS])
def test_settings_that_cannot_be_used_are_a_fault_that_names_file_and_key(bench: Bench, content: bytes | None, key: str) -> None:
    file = bench.folder / "unit.toml"
    if content is not None:
        file.write_bytes(content)

    answer = bench.verify(None, None, "--config", str(file))

    assert answer.status == 2
    assert answer.error["code"] == "ConfigInvalid"
    assert answer.error["message"].startswith(f"{file}: {key}: ")


def test_a_name_of_other_bytes_than_utf_8_is_a_fault_that_can_be_printed(bench: Bench) -> None:
    strange = bench.folder / os.fsdecode(b"caf\xe9")

    assert bench.verify(photo=strange).status == 2
    assert bench.verify(camera=f"clip:{strange}").status == 2
    assert bench.verify(None, None, "--config", str(strange)).status == 2


def test_without_the_weights_it_is_a_fault_that_names_file_and_remedy(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFECERT_MIRROR", str(bench.folder / "nowhere"))

    answer = bench.verify()

    assert answer.status == 2
    assert "LIFECERT_MIRROR" in answer.error["message"] or "mirror" in answer.error["message"]


def test_a_clock_in_1970_stops_nobody_and_is_not_believed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    woken = replace(machine_sources(), wall_s=lambda: 42.0, synchronised=lambda: False)
    monkeypatch.setattr("edge.bench_visit.machine_sources", lambda: woken)

    answer = bench.verify()

    assert (answer.status, answer.verdict) == (0, ("accepted", []))
    assert answer.statement.clock.state is ClockState.UNSYNCED
    assert answer.statement.clock.issued_at_s >= BUILD_TIME_S


def program(bench: Bench, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The program as a process of its own."""
    command = [sys.executable, "-c", "from edge.cli import main; main()", *arguments]
    environment = {**os.environ, "LIFECERT_MIRROR": str(mirror_folder()), "TMPDIR": str(bench.temporary)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_for_people_a_fault_is_one_sentence_on_stderr_and_nothing_on_stdout(bench: Bench) -> None:
    done = program(bench, "verify", "--camera", "clip:nothing.mp4", "--reference", str(bench.photo))

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.strip().splitlines()[-1] == "error: clip:nothing.mp4: there is no such file"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [["verify", "--json"], ["verify", "--mode", "sleepy", "--json"], ["cure", "--json"]])
def test_a_wrong_use_is_one_document_too(bench: Bench, arguments: list[str]) -> None:
    done = program(bench, *arguments)

    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["code"] == "Usage"
    assert "Traceback" not in done.stderr


def test_as_a_process_it_prints_one_document_and_keeps_stderr_clean_of_tracebacks(bench: Bench) -> None:
    done = program(bench, "verify", "--camera", bench.clip, "--reference", str(bench.photo), "--json")

    assert done.returncode == 0
    assert json.loads(done.stdout)["verdict"] == "accepted"
    assert "Traceback" not in done.stderr
