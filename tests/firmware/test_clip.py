"""A clip is replayed upright with the times of its file, and a clip that is not whole is refused before its first frame."""

import struct
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from firmware.errors import CameraFormatError, CameraNotFoundError
from firmware.twin.camera import Clip, ClipCamera
from firmware.twin.container import cut_off
from tests.firmware.builders import PERIOD_NS, encoded, levels, plain, write_clip, write_grey_clip

GREYS = list(range(20, 220, 10))


@pytest.mark.parametrize(("name", "fourcc"), [("a.avi", "MJPG"), ("a.mp4", "mp4v"), ("a.mkv", "MJPG")])
def test_a_clip_gives_its_pictures_at_its_own_times(tmp_path: Path, name: str, fourcc: str) -> None:
    camera = ClipCamera(write_grey_clip(tmp_path / name, GREYS, fourcc))

    frames = list(camera.frames())

    assert levels(frames) == GREYS
    assert [frame.captured_ns for frame in frames] == [number * PERIOD_NS for number in range(len(GREYS))]
    assert [frame.sequence for frame in frames] == list(range(len(GREYS)))
    assert {frame.light.word for frame in frames} == {"?"}


def test_a_clip_is_replayed_from_its_beginning_each_time(tmp_path: Path) -> None:
    camera = ClipCamera(write_grey_clip(tmp_path / "a.avi", GREYS))

    interrupted = next(camera.frames())
    again = list(camera.frames())

    assert interrupted.captured_ns == again[0].captured_ns == 0
    assert len(again) == len(GREYS)


def test_a_part_of_a_clip_starts_and_ends_where_asked(tmp_path: Path) -> None:
    clip = Clip(write_grey_clip(tmp_path / "a.avi", GREYS))

    shots = list(clip.shots(3 * PERIOD_NS, 6 * PERIOD_NS))

    assert [shot.at_ns for shot in shots] == [3 * PERIOD_NS, 4 * PERIOD_NS, 5 * PERIOD_NS]
    assert [round(float(shot.bgr.mean()), -1) for shot in shots] == GREYS[3:6]


# Rotation as phones write it (ISO/IEC 14496-12 section 8.3.2): the matrix of the track, here with the corner in which the
# stored top left corner is then seen.
MATRICES = {
    (0x10000, 0, 0, 0, 0x10000, 0): ("top", "left"),
    (0, 0x10000, 0, -0x10000, 0, 0): ("top", "right"),
    (-0x10000, 0, 0, 0, -0x10000, 0): ("bottom", "right"),
    (0, -0x10000, 0, 0x10000, 0, 0): ("bottom", "left"),
}


@pytest.mark.parametrize("matrix", MATRICES)
def test_a_turned_clip_is_seen_upright(tmp_path: Path, matrix: tuple[int, ...]) -> None:
    picture = plain(0, 128, 96)
    picture[:48, :64] = 255
    path = write_clip(tmp_path / "a.mp4", [picture] * 5, "mp4v")
    content = bytearray(path.read_bytes())
    struct.pack_into(">6i", content, content.index(b"tkhd") + 44, *matrix)
    path.write_bytes(content)
    vertical, horizontal = MATRICES[matrix]

    frame = next(ClipCamera(path).frames())

    sideways = matrix[0] == 0
    assert frame.bgr.shape == ((128, 96, 3) if sideways else (96, 128, 3))
    assert frame.luma[-10 if vertical == "bottom" else 10, -10 if horizontal == "right" else 10] > 200
    assert frame.luma[10 if vertical == "bottom" else -10, 10 if horizontal == "right" else -10] < 50


def test_a_clip_ends_when_its_camera_is_closed(tmp_path: Path) -> None:
    with ClipCamera(write_grey_clip(tmp_path / "a.avi", GREYS)) as camera:
        frames = camera.frames()
        first = next(frames)

    assert first.sequence == 0
    assert list(frames) == []


def test_a_missing_clip_is_named(tmp_path: Path) -> None:
    with pytest.raises(CameraNotFoundError, match=r"clip:.*nothing\.mp4: there is no such file"):
        ClipCamera(tmp_path / "nothing.mp4")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty"),
        (b"hello, this is a text of several words\n" * 40, "this is text"),
        ("字幕\r\n".encode() * 40, "this is text"),
        (b"#EXTM3U\nhttp://example.invalid/clip.ts\n", "this is text"),
        (bytes(range(256)) * 20, "not a video"),
        (bytes(4096), "not a video"),
        (encoded(".jpg", plain(50)), r"this is one picture; .*folder:DIR"),
        (encoded(".png", plain(50)), r"this is one picture; .*folder:DIR"),
        (b"\0\0\0\x10ftypisom\0\0\0\0", "has no index"),
        (b"RIFF\xff\0\0\0AVI LIST", "shorter than it says"),
    ],
)
def test_what_is_no_clip_is_refused_in_words(
    tmp_path: Path, content: bytes, sentence: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)

    with pytest.raises(CameraFormatError, match=sentence):
        ClipCamera(path)

    assert str(tmp_path) not in capfd.readouterr().err


def test_a_folder_is_no_clip(tmp_path: Path) -> None:
    with pytest.raises(CameraFormatError, match="use folder:DIR"):
        ClipCamera(tmp_path)


def test_a_clip_whose_name_is_not_utf_8_is_refused_because_opencv_would_crash(tmp_path: Path) -> None:
    path = write_grey_clip(tmp_path / "a.avi", GREYS[:2]).rename(tmp_path / "\udcff.avi")

    with pytest.raises(CameraFormatError, match="its name is not UTF-8") as caught:
        ClipCamera(path)

    assert str(caught.value).encode("utf-8")


@pytest.mark.parametrize(("name", "fourcc"), [("a.avi", "MJPG"), ("a.mp4", "mp4v"), ("a.mkv", "MJPG"), ("a.webm", "VP80")])
def test_a_clip_cut_off_anywhere_is_refused_before_its_first_frame(tmp_path: Path, name: str, fourcc: str) -> None:
    content = write_grey_clip(tmp_path / name, GREYS, fourcc).read_bytes()
    path = tmp_path / f"cut-{name}"

    for length in range(512, len(content), len(content) // 17):
        path.write_bytes(content[:length])
        with pytest.raises(CameraFormatError):
            ClipCamera(path)


def test_a_clip_that_announces_more_pictures_than_it_holds_breaks_off(tmp_path: Path) -> None:
    content = write_grey_clip(tmp_path / "a.avi", GREYS).read_bytes()
    path = tmp_path / "cut.avi"
    half = content[: content.index(b"01wb") if b"01wb" in content else len(content) * 6 // 10]
    path.write_bytes(half[:4] + struct.pack("<I", len(half) - 8) + half[8:])

    with pytest.raises(CameraFormatError, match=r"breaks off after \d+ of about 20 pictures|cannot be decoded"):
        list(ClipCamera(path).frames())


def test_a_clip_with_pictures_above_16_megapixels_is_refused(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.avi", [np.zeros((4200, 4200, 3), dtype=np.uint8)])

    with pytest.raises(CameraFormatError, match="4200 x 4200 pixels; the limit is 16 megapixels"):
        ClipCamera(path)


# --- the outermost parts of containers ----------------------------------------------------------------------------

PACK_MPEG1 = bytes.fromhex("000001ba 2100010001800001")
PACKET = bytes.fromhex("000001e0 0004 aabbccdd")
END = bytes.fromhex("000001b9")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (PACK_MPEG1 + PACKET + PACKET, None),
        (PACK_MPEG1 + PACKET + PACKET[:-1], "inside a packet"),
        (PACK_MPEG1 + PACKET + END + b"\0\0", None),
        (PACK_MPEG1 + PACKET + b"something else", None),
        (PACK_MPEG1 + PACKET + PACK_MPEG1[:8], "inside a packet"),
        (b"\0\0\0\x08ftyp\0\0\0\x09moov!", None),
        (b"\0\0\0\x08ftyp\0\0\0\x08moov\0\0\0\0mdat....", None),
        (b"\0\0\0\x08ftyp\0\0\0\x08moov\0\0\0\x01mdat\0\0\0\0\0\0\0\x20....", "inside its 'mdat' part"),
        (b"\0\0\0\x08ftyp\0\0\0\x08moov\0\0\0\0\0\0\0\0\0\0", None),
        (b"\0\0\0\x08ftyp\0\0\0\x40moov!", "inside its 'moov' part"),
        (b"\x1a\x45\xdf\xa3\x81x\x18\x53\x80\x67\x82ab", None),
        (b"\x1a\x45\xdf\xa3\x81x\x18\x53\x80\x67\x83ab", "shorter than it says"),
        (b"\x1a\x45\xdf\xa3\x81x\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xffab", None),
        (b"\x1a\x45\xdf\xa3\x81x\x18\x53\x80\x67\x40\x03ab", "shorter than it says"),
        (b"RIFF\0\0\0\0AVI ", "shorter than it says"),
        (b"G" + bytes(187), None),
    ],
)
def test_a_container_tells_whether_it_is_cut_off(tmp_path: Path, content: bytes, sentence: str | None) -> None:
    path = tmp_path / "clip"
    path.write_bytes(content)

    found = cut_off(path)

    assert (found is None) if sentence is None else (found is not None and sentence in found)


@pytest.mark.parametrize("stuffing", [0, 2, 7])
def test_an_mpeg_2_pack_ends_after_its_stuffing(tmp_path: Path, stuffing: int) -> None:
    pack = bytes.fromhex("000001ba4400040004010189c3") + bytes([0xF8 | stuffing]) + b"\xff" * stuffing
    path = tmp_path / "clip"

    path.write_bytes(pack + PACKET)
    whole = cut_off(path)
    path.write_bytes(pack + PACKET[:-2])
    cut = cut_off(path)

    assert whole is None
    assert cut is not None


@pytest.mark.footage
def test_every_real_clip_plays_to_its_end_in_order_of_time(footage_dir: Path) -> None:
    paths = sorted((footage_dir / "clips").glob("*.m*"))

    for path in paths:
        shots = [shot.at_ns for shot in Clip(path).shots()]
        assert len(shots) >= 20, path.name
        assert all(earlier < later for earlier, later in pairwise(shots)), path.name
    assert len(paths) >= 10


@pytest.mark.footage
def test_half_a_real_phone_clip_is_refused(footage_dir: Path, tmp_path: Path) -> None:
    content = (footage_dir / "clips" / "lp_d18_mouth_open.mp4").read_bytes()
    path = tmp_path / "half.mp4"
    path.write_bytes(content[: len(content) // 2])

    with pytest.raises(CameraFormatError, match="ends inside its 'mdat' part"):
        ClipCamera(path)
