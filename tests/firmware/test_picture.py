"""Pictures are read upright, and whatever is no whole picture of sane size is refused before it is decoded."""

import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.errors import FirmwareError, PictureNotFoundError, PictureTooLargeError, PictureUnreadableError
from firmware.exif import Orientation, orientation_of
from firmware.picture import read_picture
from firmware.picture_header import JPEG_SIGNATURE, PNG_SIGNATURE, read_header
from tests.firmware.builders import (
    Pixels,
    encoded,
    exif,
    plain,
    png_chunk,
    with_jpeg_exif,
    with_png_exif,
    with_webp_exif,
    write_picture,
)

SUFFIXES = (".jpg", ".png", ".webp", ".bmp")
LIMIT_BYTES_OF_A_REFUSAL = 4 * 1024 * 1024


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_picture_comes_back_as_it_was_written(tmp_path: Path, suffix: str) -> None:
    picture = read_picture(write_picture(tmp_path / f"photo{suffix}", plain(120, 33, 17)))

    assert picture.shape == (17, 33, 3)
    assert picture.dtype == np.uint8
    assert np.abs(picture.astype(int) - 120).max() <= 2


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_smallest_picture_has_one_pixel(tmp_path: Path, suffix: str) -> None:
    assert read_picture(write_picture(tmp_path / f"dot{suffix}", plain(0, 1, 1))).shape == (1, 1, 3)


@pytest.mark.parametrize(
    "pixels", [plain(120)[:, :, 0], np.full((48, 64, 4), 120, np.uint8), np.full((48, 64, 3), 30840, np.uint16)]
)
def test_grey_transparent_and_16_bit_pictures_become_8_bit_colour(tmp_path: Path, pixels: np.ndarray) -> None:
    picture = read_picture(write_picture(tmp_path / "photo.png", pixels))

    assert (picture.shape, picture.dtype) == ((48, 64, 3), np.uint8)
    assert np.all(picture == 120)


def test_the_name_of_a_file_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "写真 of a person.txt"
    path.write_bytes(encoded(".png", plain(9)))

    assert np.all(read_picture(path) == 9)


def test_a_progressive_picture_is_whole(tmp_path: Path) -> None:
    _, content = cv2.imencode(".jpg", _gradient(), [cv2.IMWRITE_JPEG_PROGRESSIVE, 1, cv2.IMWRITE_JPEG_RST_INTERVAL, 2])
    (tmp_path / "photo.jpg").write_bytes(content.tobytes() + b"what some phones leave behind the end")

    assert read_picture(tmp_path / "photo.jpg").shape == _gradient().shape


# --- orientation -------------------------------------------------------------------------------------------------

WHITE, RED, BLUE, BLACK = (255, 255, 255), (0, 0, 255), (255, 0, 0), (0, 0, 0)

# EXIF 4.6.4: on which visual side the first stored row and the first stored column lie.
FIRST_ROW_AND_COLUMN = {
    1: ("top", "left"),
    2: ("top", "right"),
    3: ("bottom", "right"),
    4: ("bottom", "left"),
    5: ("left", "top"),
    6: ("right", "top"),
    7: ("right", "bottom"),
    8: ("left", "bottom"),
}
OPPOSITE = {"top": "bottom", "bottom": "top", "left": "right", "right": "left"}


def _stored() -> Pixels:
    """White where the first row meets the first column, red at the end of the first row, blue at the end of the first column."""
    pixels = np.zeros((32, 48, 3), dtype=np.uint8)
    pixels[:16, :24] = WHITE
    pixels[:16, 24:] = RED
    pixels[16:, :24] = BLUE
    return pixels


def _corner(picture: Pixels, *sides: str) -> Pixels:
    row = -8 if "bottom" in sides else 8
    column = -8 if "right" in sides else 8
    return picture[row, column]


def _assert_upright(picture: Pixels, orientation: int) -> None:
    first_row, first_column = FIRST_ROW_AND_COLUMN[orientation]
    assert picture.shape == ((32, 48, 3) if first_row in ("top", "bottom") else (48, 32, 3))
    for colour, sides in {
        WHITE: (first_row, first_column),
        RED: (first_row, OPPOSITE[first_column]),
        BLUE: (OPPOSITE[first_row], first_column),
        BLACK: (OPPOSITE[first_row], OPPOSITE[first_column]),
    }.items():
        assert np.abs(_corner(picture, *sides).astype(int) - colour).max() <= 12, (orientation, sides)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", FIRST_ROW_AND_COLUMN)
def test_a_jpeg_is_turned_upright(tmp_path: Path, orientation: int, order: str) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(with_jpeg_exif(encoded(".jpg", _stored()), exif(orientation, order)))

    picture = read_picture(path)

    _assert_upright(picture, orientation)
    assert np.array_equal(picture, cv2.imread(str(path), cv2.IMREAD_COLOR))
    assert picture.flags.c_contiguous


@pytest.mark.parametrize("orientation", FIRST_ROW_AND_COLUMN)
def test_a_png_and_a_webp_are_turned_upright(tmp_path: Path, orientation: int) -> None:
    png, webp = tmp_path / "photo.png", tmp_path / "photo.webp"
    png.write_bytes(with_png_exif(encoded(".png", _stored()), exif(orientation)))
    webp.write_bytes(with_webp_exif(encoded(".webp", _stored()), exif(orientation), 48, 32))

    _assert_upright(read_picture(png), orientation)
    _assert_upright(read_picture(webp), orientation)


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"II*\0",
        exif(0),
        exif(9),
        exif(6)[:19],
        exif(6)[:4] + b"\xff" * 8,
        b"XX" + exif(6)[2:],
        exif(6).replace(b"\x12\x00\x03", b"\x12\x00\x04"),
    ],
)
def test_a_damaged_orientation_leaves_the_picture_as_it_is(block: bytes) -> None:
    assert orientation_of(block) is Orientation.UPRIGHT


# --- bad input ---------------------------------------------------------------------------------------------------


def _gradient() -> Pixels:
    rows, columns = np.mgrid[0:40, 0:56]
    return np.dstack([rows * 6, columns * 4, rows + columns]).astype(np.uint8)


def test_a_missing_picture_is_named(tmp_path: Path) -> None:
    with pytest.raises(PictureNotFoundError, match=r"nobody\.jpg: there is no such file"):
        read_picture(tmp_path / "nobody.jpg")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty"),
        (b"file,captured_ns,light\n", "no picture that can be opened"),
        (b"GIF89a" + bytes(60), "no picture that can be opened"),
        (JPEG_SIGNATURE, "cut off or damaged"),
        (PNG_SIGNATURE, "cut off or damaged"),
        (b"BM", "cut off or damaged"),
        (b"\xff\xd8\xff\xd9", "cannot be decoded"),
        (PNG_SIGNATURE + png_chunk(b"IEND", b""), "cannot be decoded"),
    ],
)
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)

    with pytest.raises(PictureUnreadableError, match=sentence):
        read_picture(path)


def test_a_folder_is_no_picture(tmp_path: Path) -> None:
    with pytest.raises(PictureUnreadableError, match="not a file"):
        read_picture(tmp_path)


def test_a_name_that_the_disk_cannot_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FirmwareError):
        read_picture(tmp_path / ("x" * 300))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_picture_cut_off_anywhere_is_refused(tmp_path: Path, suffix: str) -> None:
    content = encoded(suffix, _gradient())
    path = tmp_path / f"photo{suffix}"

    for length in range(0, len(content), 1 if len(content) < 1500 else 7):
        path.write_bytes(content[:length])
        with pytest.raises(PictureUnreadableError):
            read_picture(path)


def test_a_thumbnail_inside_a_cut_off_picture_does_not_make_it_whole(tmp_path: Path) -> None:
    whole = with_jpeg_exif(encoded(".jpg", _gradient()), exif(1) + encoded(".jpg", plain(1, 8, 8)))
    path = tmp_path / "photo.jpg"
    path.write_bytes(whole[:-40])

    with pytest.raises(PictureUnreadableError, match="cut off"):
        read_picture(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_flipped_bit_gives_a_picture_or_a_clear_error(tmp_path: Path, suffix: str) -> None:
    content = encoded(suffix, plain(77, 16, 16))
    path = tmp_path / f"photo{suffix}"
    outcomes = set()

    for at in range(len(content)):
        path.write_bytes(content[:at] + bytes([content[at] ^ 1 << at % 8]) + content[at + 1 :])
        try:
            picture = read_picture(path)
        except FirmwareError as error:
            outcomes.add(type(error))
        else:
            assert picture.ndim == 3
            assert picture.dtype == np.uint8

    assert PictureUnreadableError in outcomes


@given(st.sampled_from([JPEG_SIGNATURE, PNG_SIGNATURE, b"BM", b"RIFF\x40\0\0\0WEBP", b""]), st.binary(max_size=200))
def test_no_bytes_break_the_header_reader(start: bytes, rest: bytes) -> None:
    header = read_header(start + rest)

    assert header is None or (header.width_px >= 0 and header.height_px >= 0)


def _huge_png() -> bytes:
    """12000 x 12000 in a file of a few kilobytes: one bit per pixel, all the same."""
    rows = zlib.compress(bytes(12000 * 1501), 9)
    header = struct.pack(">IIBBBBB", 12000, 12000, 1, 0, 0, 0, 0)
    return PNG_SIGNATURE + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")


def _huge_jpeg() -> bytes:
    content = encoded(".jpg", plain(9, 16, 16))
    at = content.index(b"\xff\xc0") + 5
    return content[:at] + struct.pack(">HH", 12000, 12000) + content[at + 4 :]


def _huge_webp() -> bytes:
    return with_webp_exif(encoded(".webp", plain(9, 16, 16)), b"", 12000, 12000)


def _huge_bmp() -> bytes:
    content = encoded(".bmp", plain(9, 16, 16))
    return content[:18] + struct.pack("<ii", 12000, -12000) + content[26:]


@pytest.mark.parametrize("make", [_huge_png, _huge_jpeg, _huge_webp, _huge_bmp])
def test_a_picture_of_144_megapixels_is_refused_before_it_fills_the_memory(tmp_path: Path, make: Callable[[], bytes]) -> None:
    path = tmp_path / "photo"
    path.write_bytes(make())

    tracemalloc.start()
    with pytest.raises(PictureTooLargeError, match="12000 x 12000 pixels; the limit is 64 megapixels"):
        read_picture(path)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak_bytes < LIMIT_BYTES_OF_A_REFUSAL


def test_a_file_of_100_megabytes_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "photo.bmp"
    with path.open("wb") as file:
        file.truncate(100_000_000)

    with pytest.raises(PictureTooLargeError, match="100000000 bytes"):
        read_picture(path)


@pytest.mark.footage
def test_every_real_portrait_photo_can_be_read(footage_dir: Path) -> None:
    paths = sorted((footage_dir / "detection" / "images").glob("*.jpg"))

    pictures = [read_picture(path) for path in paths]

    assert len(pictures) >= 20
    assert all(picture.shape[2] == 3 for picture in pictures)
