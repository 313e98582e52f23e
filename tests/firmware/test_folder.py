"""A folder of pictures is replayed with the time and the light of its table; a bad line is named by file, line and column."""

from pathlib import Path

import pytest

from firmware.errors import CameraFormatError, CameraNotFoundError, FrameTableInvalidError, PictureUnreadableError
from firmware.twin.camera import FolderCamera
from tests.firmware.builders import levels, plain, write_picture

HEADER = "file,captured_ns,light\n"


def _folder(tmp_path: Path, table: str | bytes | None = None) -> Path:
    folder = tmp_path / "visit"
    folder.mkdir()
    for number, name in enumerate(("b.png", "a.png", "c.PNG")):
        write_picture(folder / name.lower(), plain(50 + 50 * number)).rename(folder / name)
    (folder / "notes.txt").write_text("no picture")
    if isinstance(table, bytes):
        (folder / "frames.csv").write_bytes(table)
    elif table is not None:
        (folder / "frames.csv").write_text(table, encoding="utf-8")
    return folder


def test_the_table_gives_order_time_and_light(tmp_path: Path) -> None:
    table = HEADER + "c.PNG,5,L\na.png,1000000000,LR\nc.PNG,1000000001,0\nb.png,9223372036854775807,?\n"
    camera = FolderCamera(_folder(tmp_path, table))

    frames = list(camera.frames())

    assert levels(frames) == [150, 100, 150, 50]
    assert [frame.captured_ns for frame in frames] == [5, 1_000_000_000, 1_000_000_001, 9_223_372_036_854_775_807]
    assert [frame.light.word for frame in frames] == ["L", "LR", "0", "?"]
    assert [frame.sequence for frame in frames] == [0, 1, 2, 3]


def test_a_table_may_come_from_a_spreadsheet(tmp_path: Path) -> None:
    table = b"\xef\xbb\xbf" + HEADER.encode() + b'"b.png",1,"V"\r\n\r\na.png,2,0\r\n'

    frames = list(FolderCamera(_folder(tmp_path, table)).frames())

    assert levels(frames) == [50, 100]


def test_without_a_table_pictures_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    frames = list(FolderCamera(_folder(tmp_path)).frames())

    assert levels(frames) == [100, 50, 150]
    assert [frame.captured_ns for frame in frames] == [0, 33_333_333, 66_666_666]
    assert {frame.light.word for frame in frames} == {"?"}


def test_pictures_may_lie_in_a_folder_below(tmp_path: Path) -> None:
    folder = _folder(tmp_path, HEADER + "left/a.png,1,L\n")
    (folder / "left").mkdir()
    write_picture(folder / "left" / "a.png", plain(200))

    assert levels(list(FolderCamera(folder).frames())) == [200]


@pytest.mark.parametrize(
    ("table", "line", "column", "sentence"),
    [
        ("", 1, "file", "the first line must be"),
        ("file,captured_ns\na.png,1\n", 1, "file", "the first line must be"),
        ("captured_ns,file,light\n", 1, "file", "the first line must be"),
        (HEADER + "a.png,1,L,extra\n", 2, "light", "4 cells"),
        (HEADER + "a.png,1\n", 2, "light", "2 cells"),
        (HEADER + "a.png\n", 2, "captured_ns", "1 cells"),
        (HEADER + "a.png,1,L\nb.png,x,L\n", 3, "captured_ns", "whole number of nanoseconds"),
        (HEADER + "a.png,-1,L\n", 2, "captured_ns", "whole number of nanoseconds"),
        (HEADER + "a.png,1.5,L\n", 2, "captured_ns", "whole number of nanoseconds"),
        (HEADER + "a.png,1_0,L\n", 2, "captured_ns", "whole number of nanoseconds"),
        (HEADER + "a.png,٣,L\n", 2, "captured_ns", "whole number of nanoseconds"),
        (HEADER + "a.png,9223372036854775808,L\n", 2, "captured_ns", "whole number of nanoseconds"),
        (HEADER + "a.png," + "9" * 5000 + ",L\n", 2, "captured_ns", "whole number of nanoseconds"),
        (HEADER + "a.png,2,L\nb.png,2,L\n", 3, "captured_ns", "not later"),
        (HEADER + "a.png,1,X\n", 2, "light", "light 'X'"),
        (HEADER + "a.png,1,\n", 2, "light", "light ''"),
        (HEADER + ",1,L\n", 2, "file", "no file name"),
        (HEADER + "nobody.png,1,L\n", 2, "file", "there is no file 'nobody.png'"),
        (HEADER + "../visit/../../secret.png,1,L\n", 2, "file", "outside the folder"),
        (HEADER + "/etc/hostname,1,L\n", 2, "file", "outside the folder"),
        (HEADER + "a.png/../../up.png,1,L\n", 2, "file", "outside the folder"),
        (HEADER.encode() + b"\xff\xfe,1,L\n", 1, "file", "in UTF-8"),
        (HEADER + "x" * 5000 + ",1,L\n", 2, "file", "there is no file|name too long"),
        (HEADER + '"' + "x" * 140_000 + '",1,L\n', 1, "file", "comma-separated"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, table: str | bytes, line: int, column: str, sentence: str) -> None:
    folder = _folder(tmp_path, table)

    with pytest.raises(FrameTableInvalidError, match=sentence) as caught:
        FolderCamera(folder)

    assert (caught.value.line, caught.value.column) == (line, column)
    assert f"frames.csv, line {line}, column {column}: " in str(caught.value)


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    folder = _folder(tmp_path, HEADER + "link.png,1,L\n")
    (folder / "link.png").symlink_to(write_picture(tmp_path / "secret.png", plain(1)))

    with pytest.raises(FrameTableInvalidError, match="outside the folder"):
        FolderCamera(folder)


def test_a_damaged_picture_stops_the_replay_where_it_lies(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    (folder / "b.png").write_bytes((folder / "b.png").read_bytes()[:-9])
    frames = FolderCamera(folder).frames()

    first = next(frames)

    assert levels([first]) == [100]
    with pytest.raises(PictureUnreadableError, match=r"b\.png.*cut off"):
        next(frames)


def test_an_empty_folder_gives_no_picture(tmp_path: Path) -> None:
    with pytest.raises(CameraFormatError, match="no picture in this folder"):
        FolderCamera(tmp_path)


def test_a_table_without_lines_gives_no_picture(tmp_path: Path) -> None:
    with pytest.raises(CameraFormatError, match="no picture in this folder"):
        FolderCamera(_folder(tmp_path, HEADER))


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(CameraNotFoundError, match=r"folder:.*nothing: there is no such folder"):
        FolderCamera(tmp_path / "nothing")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(CameraFormatError, match="use clip:FILE"):
        FolderCamera(write_picture(tmp_path / "a.png", plain(1)))
