"""Marks held against what was seen: found, missed, false, and lists that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.evaluate.actions import Mark, read_marks, weigh_marks
from edge.evaluate.errors import FolderNotFoundError, ListInvalidError, ListUnreadableError
from edge.evaluate.happened import ClipDiary, Noted, Sight, note_all
from edge.flow import ActionKind, Expression, TrackId
from edge.session.diary import Happening
from models.calibration.rates import rate
from tests.edge.session.test_diary import course, doing

BLINK, MOUTH, LEFT, RIGHT = ActionKind.BLINK, ActionKind.OPEN_MOUTH, ActionKind.TURN_LEFT, ActionKind.TURN_RIGHT


def mark(event: str, start_s: float, end_s: float, file: str = "a.mp4") -> Mark:
    return Mark(file, Path(file), event, start_s, end_s)


def diary(*happened: tuple[ActionKind, float, float]) -> ClipDiary:
    noted = (Noted(Happening(kind, round(start_s * 1e9), round(end_s * 1e9), 1.0), True) for kind, start_s, end_s in happened)
    return ClipDiary(100, 10.0, (), tuple(noted))


def test_an_event_is_found_when_its_kind_is_seen_at_its_time_give_or_take_a_quarter_of_a_second() -> None:
    marks = (mark("blink", 1.0, 1.2), mark("blink", 5.0, 5.2), mark("mouth_open", 7.0, 8.0))
    seen = diary((BLINK, 1.44, 1.5), (BLINK, 5.46, 5.6), (BLINK, 7.1, 7.3))

    report = weigh_marks(marks, {"a.mp4": seen})

    assert report.kinds == (("blink", rate(1, 2)), ("mouth_open", rate(0, 1)))
    assert [hit.mark.start_s for hit in report.hits if hit.found is None] == [5.0, 7.0]


def test_one_movement_answers_one_mark() -> None:
    marks = (mark("blink", 1.0, 1.2), mark("blink", 1.3, 1.5))

    assert weigh_marks(marks, {"a.mp4": diary((BLINK, 1.1, 1.4))}).kinds == (("blink", rate(1, 2)),)
    assert weigh_marks(marks, {"a.mp4": diary((BLINK, 1.1, 1.2), (BLINK, 1.3, 1.4))}).kinds == (("blink", rate(2, 2)),)


def test_edges_are_those_of_the_picture_and_sides_those_of_the_person() -> None:
    marks = (mark("face_to_left_edge", 1, 2), mark("face_to_right_edge", 4, 5))

    assert weigh_marks(marks, {"a.mp4": diary((RIGHT, 1, 2), (LEFT, 4, 5))}).kinds[0][1] == rate(1, 1)
    assert [found for _, found in weigh_marks(marks, {"a.mp4": diary((LEFT, 1, 2), (RIGHT, 4, 5))}).kinds] == [rate(0, 1)] * 2


def test_while_somebody_talks_only_what_is_marked_is_right() -> None:
    marks = (mark("talks", 0, 30), mark("blink", 1, 1.2), mark("frontal", 40, 60))
    seen = diary((BLINK, 1, 1.2), (MOUTH, 10, 11), (BLINK, 35, 35.2), (LEFT, 50, 51))

    report = weigh_marks(marks, {"a.mp4": seen})

    assert [(one.context, one.happening.kind) for one in report.false_events] == [("talks", MOUTH), ("frontal", LEFT)]
    assert [(one.context, one.seconds, one.found, one.per_minute) for one in report.contexts] == [
        ("talks", 30, 1, 2.0),
        ("frontal", 20, 1, 3.0),
    ]
    assert report.false_per_minute == pytest.approx(2 / 50 * 60)


def test_clips_are_weighed_each_by_itself() -> None:
    marks = (mark("blink", 1, 1.2, "a.mp4"), mark("blink", 1, 1.2, "b.mp4"), mark("none", 0, 0, "c.mp4"))
    seen = {"a.mp4": diary((BLINK, 1, 1.2)), "b.mp4": diary(), "c.mp4": diary((BLINK, 1, 1.2))}

    report = weigh_marks(marks, seen)

    assert report.kinds == (("blink", rate(1, 2)),)
    assert (report.false_per_minute, report.contexts) == (None, ())


def sights(track: int, seen: list[Expression], outside_s: tuple[float, float] = (0, 0)) -> list[Sight]:
    return [Sight(TrackId(track), one, not outside_s[0] < one.captured_ns / 1e9 < outside_s[1]) for one in seen]


@pytest.mark.parametrize(("outside_s", "counts"), [((0, 0), True), ((2.4, 2.6), False), ((5, 6), True)])
def test_what_leaves_the_guide_half_way_is_told_but_would_not_count(outside_s: tuple[float, float], counts: bool) -> None:
    (noted,) = note_all(sights(1, list(course(doing(LEFT, 2000, 1500))), outside_s))

    assert (noted.happening.kind, noted.in_guide) == (LEFT, counts)


def test_another_face_does_not_go_on_with_a_movement() -> None:
    seen = list(course(doing(MOUTH, 2000, 2000)))
    half = len(seen) * 3 // 8

    noted = note_all([*sights(1, seen[:half]), *sights(2, seen[half:])])

    assert [one.happening.whole for one in noted] == [False]


def listed(folder: Path, *lines: str) -> Path:
    (folder / "a.mp4").write_bytes(b"a clip")
    path = folder / "events.csv"
    path.write_text("\n".join(("file,event,start_s,end_s", *lines, "")), encoding="utf-8")
    return path


def test_marks_are_read(tmp_path: Path) -> None:
    path = listed(tmp_path, "a.mp4,blink,0.5,0.7", "a.mp4,none,,")

    assert [(one.event, one.start_s, one.end_s) for one in read_marks(path, tmp_path)] == [("blink", 0.5, 0.7), ("none", 0, 0)]


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("a.mp4,wink,1,2", "event"),
        ("a.mp4,blink,one,2", "start_s"),
        ("a.mp4,blink,nan,2", "start_s"),
        ("a.mp4,blink,-1,2", "start_s"),
        ("a.mp4,blink,1,inf", "end_s"),
        ("a.mp4,blink,1,", "end_s"),
        ("a.mp4,blink,2,1", "end_s"),
        ("b.mp4,blink,1,2", "file"),
        ("../a.mp4,blink,1,2", "file"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, column: str) -> None:
    with pytest.raises(ListInvalidError) as caught:
        read_marks(listed(tmp_path, line), tmp_path)

    assert (caught.value.line, caught.value.column) == (2, column)


def test_a_list_or_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ListUnreadableError):
        read_marks(tmp_path / "events.csv", tmp_path)
    with pytest.raises(FolderNotFoundError):
        read_marks(listed(tmp_path, "a.mp4,blink,1,2"), tmp_path / "clips")
