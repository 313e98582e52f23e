"""A place by the hour: painted rooms whose light is known, the score and the advice that follow, and what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray

from edge.cli import main
from edge.engine import Engine
from edge.evaluate.errors import ListInvalidError
from edge.evaluate.survey.diary import append, read
from edge.evaluate.survey.look import Look, look_at
from edge.evaluate.survey.score import GOOD_FROM, Trait, score, trait_scores
from edge.evaluate.survey.watch import SETTLING, Timer, watch
from edge.evaluate.survey.words import spans
from firmware.errors import CameraBusyError, CameraFormatError, FirmwareError
from firmware.frame import UNKNOWN_LIGHT, Frame, frame_from_bgr
from tests.fakes.stage import Face, Scene, Stage
from wire.reasons import Reason

Pixels = NDArray[np.uint8]
NOON = datetime(2026, 6, 1, 12, 0)  # noqa: DTZ001 (the clock of the place)


def room(wall: int = 140) -> Pixels:
    """A plain wall with a sensor's noise."""
    noise = np.random.default_rng(1).integers(-3, 4, (240, 320, 1))
    return np.clip(np.full((240, 320, 3), wall) + noise, 0, 255).astype(np.uint8)


def with_window(wall: int = 90) -> Pixels:
    """A window behind the visitor."""
    bgr = room(wall)
    bgr[20:150, 30:290] = 250
    return bgr


def lit_from_left(strength: float) -> Pixels:
    """A wall that is brighter at the left of the picture."""
    across = np.linspace(1 + strength, 1 - strength, 320)[None, :, None]
    return np.clip(room(110) * across, 0, 255).astype(np.uint8)


def cluttered() -> Pixels:
    """Shelves full of things."""
    return np.kron(np.random.default_rng(3).integers(0, 2, (60, 80, 1)), np.ones((4, 4, 3))).astype(np.uint8) * 120 + 60


def frame_of(bgr: Pixels) -> Frame:
    return frame_from_bgr(bgr, 0, 0, UNKNOWN_LIGHT)


@pytest.fixture
def nobody() -> Engine:
    """An engine that sees no face."""
    return Stage(lambda _: Scene(faces=())).engine()


def look(bgr: Pixels, engine: Engine, at: datetime = NOON) -> Look:
    return look_at(frame_of(bgr), at, engine)


@pytest.mark.parametrize(
    ("bgr", "trait"),
    [
        (room(20), Trait.DARK),
        (room(253), Trait.BRIGHT),
        (with_window(), Trait.BACKLIT),
        (lit_from_left(0.8), Trait.SIDE_LIT),
    ],
    ids=["dark", "bright", "window behind", "from the side"],
)
def test_what_spoils_a_room_is_what_costs_it_points(bgr: Pixels, trait: Trait, nobody: Engine) -> None:
    found = trait_scores(look(bgr, nobody))

    assert min(found, key=lambda one: found[one]) is trait
    assert found[trait] < GOOD_FROM


def test_an_evenly_lit_wall_loses_nothing(nobody: Engine) -> None:
    assert set(trait_scores(look(room(), nobody)).values()) == {100}


def test_a_busy_background_warns_and_no_more(nobody: Engine) -> None:
    found = trait_scores(look(cluttered(), nobody))

    assert found[Trait.BUSY] == min(found.values())
    assert 50 <= found[Trait.BUSY] < GOOD_FROM


def test_lamps_that_a_wall_throws_back_warn_and_a_window_is_no_such_lamp(nobody: Engine) -> None:
    shiny = room(110)
    for x, y in ((20, 30), (60, 50), (280, 40), (300, 90)):
        shiny[y : y + 6, x : x + 6] = 255

    found = trait_scores(look(shiny, nobody))

    assert found[Trait.SHINY] == min(found.values())
    assert 50 <= found[Trait.SHINY] < 100
    assert trait_scores(look(with_window(), nobody))[Trait.SHINY] == 100


def test_the_side_of_the_light_is_told(nobody: Engine) -> None:
    assert look(lit_from_left(0.8), nobody).side > 0.5
    assert look(np.ascontiguousarray(lit_from_left(0.8)[:, ::-1]), nobody).side < -0.5


def test_who_sits_there_is_told_what_a_visitor_would_be(nobody: Engine) -> None:
    far = Stage(lambda _: Scene(faces=(Face(side_px=70),))).engine()

    # The wall shows no detail, so the made-up face has none either.
    assert set(look(room(), far).said) == {Reason.TOO_FAR, Reason.HOLD_STILL}
    assert look(room(), nobody).said == ()


def day(engine: Engine) -> list[Look]:
    """Night until seven, the sun through the window behind the seat until ten, good light until five, lamps out again."""
    rooms = {range(7): room(15), range(7, 10): with_window(), range(10, 17): room(), range(17, 24): room(30)}
    return [
        look(bgr, engine, NOON.replace(hour=hour, minute=minute))
        for hours, bgr in rooms.items()
        for hour in hours
        for minute in (0, 30)
    ]


def test_a_day_is_scored_by_the_hour_with_the_right_advice(nobody: Engine) -> None:
    found = score(day(nobody))

    assert found.looks == 48
    assert [hour.hour for hour in found.hours] == list(range(24))
    assert found.good_hours == tuple(range(10, 17))
    assert found.score == round(sum(hour.score for hour in found.hours) / 24)
    advice = {one.trait: one.hours for one in found.advice}
    assert advice[Trait.BACKLIT] == (7, 8, 9)
    assert set(advice[Trait.DARK]) == {*range(7), *range(17, 24)}
    # What helps most hours comes first.
    assert found.advice[0].trait is Trait.DARK


def test_one_good_look_does_not_save_an_hour(nobody: Engine) -> None:
    looks = [
        look(bgr, nobody, NOON.replace(minute=minute)) for minute, bgr in ((0, room()), (20, with_window()), (40, with_window()))
    ]

    assert not score(looks).hours[0].good


def test_hours_are_spelled_as_spans() -> None:
    assert spans((8, 9, 10, 15)) == "8:00–11:00, 15:00–16:00"
    assert spans(()) == ""


def test_looks_come_back_as_they_were_written_and_more_are_added(tmp_path: Path, nobody: Engine) -> None:
    looks = day(nobody)[:4]
    looks.append(Look(NOON, 100.0, 0.5, -0.25, 0.125, 0.0625, (Reason.TOO_FAR, Reason.TOO_DARK)))
    file = tmp_path / "hall.csv"

    append(file, looks[:2])
    append(file, looks[2:])

    again = read(file)
    assert [one.at for one in again] == [one.at for one in looks]
    assert again[-1] == looks[-1]
    assert again[0].level == pytest.approx(looks[0].level, abs=1e-4)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("today,100,0,0,0,0,", "at"),
        ("2026-06-01T12:00:00,bright,0,0,0,0,", "level"),
        ("2026-06-01T12:00:00,100,nan,0,0,0,", "blinding"),
        ("2026-06-01T12:00:00,100,0,0,0,0,TOO_PRETTY", "said"),
    ],
)
def test_a_line_that_is_no_look_is_named(tmp_path: Path, row: str, column: str) -> None:
    file = tmp_path / "hall.csv"
    file.write_text(f"at,level,blinding,side,busy,glints,said\n{row}\n", encoding="utf-8")

    with pytest.raises(ListInvalidError, match=rf"line 2.*{column}"):
        read(file)


class Wall:
    """A camera before a wall; it counts how often it was opened, and may be busy then."""

    name = "wall"

    def __init__(self, frames: int, busy: tuple[int, ...] = ()) -> None:
        self._frames, self._busy, self.opened, self.closed = frames, busy, 0, 0

    def open(self) -> Wall:
        self.opened += 1
        if self.opened - 1 in self._busy:
            raise CameraBusyError("wall", "/dev/video0")
        return self

    def frames(self) -> Iterator[Frame]:
        for number in range(self._frames):
            yield frame_from_bgr(room(40 + 5 * number), number, number, UNKNOWN_LIGHT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /) -> None:
        self.closed += 1


class Clock:
    """Time that passes only in sleep."""

    def __init__(self) -> None:
        self.at = NOON

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    @property
    def timer(self) -> Timer:
        return Timer(lambda: self.at, self.sleep)


def watched(wall: Wall, engine: Engine, missed: list[FirmwareError], hours: float = 1.0) -> list[Look]:
    return list(watch(wall.open, hours, timedelta(minutes=20), engine, Clock().timer, missed.append))


def test_it_looks_as_often_as_asked_and_lets_the_camera_go_in_between(nobody: Engine) -> None:
    wall = Wall(40)

    looks = watched(wall, nobody, [])

    assert [one.at for one in looks] == [NOON + timedelta(minutes=minutes) for minutes in (0, 20, 40)]
    assert (wall.opened, wall.closed) == (3, 3)
    # The frame that counts is the one after the exposure was found.
    assert looks[0].level == pytest.approx(40 + 5 * (SETTLING - 1), abs=2)


def test_a_camera_that_a_visit_uses_costs_one_look(nobody: Engine) -> None:
    missed: list[FirmwareError] = []

    looks = watched(Wall(3, busy=(1,)), nobody, missed)

    assert [one.at.minute for one in looks] == [0, 40]
    assert len(missed) == 1


@pytest.mark.parametrize(("wall", "error"), [(Wall(3, busy=(0,)), CameraBusyError), (Wall(0), CameraFormatError)])
def test_a_camera_that_fails_at_once_ends_the_survey(nobody: Engine, wall: Wall, error: type[FirmwareError]) -> None:
    with pytest.raises(error):
        watched(wall, nobody, [])


def run(*words: str, mirror: Path | None = None) -> Result:
    return CliRunner().invoke(main, ["survey", *words], env={"LIFECERT_MIRROR": str(mirror)} if mirror else {})


@pytest.fixture
def kept(tmp_path: Path, nobody: Engine) -> Path:
    """The numbers of a day."""
    file = tmp_path / "hall.csv"
    append(file, day(nobody))
    return file


def test_the_page_of_what_was_kept_is_bilingual_and_holds_everything_it_needs(kept: Path) -> None:
    result = run("--log", str(kept), "--json")

    told = json.loads(result.stdout)
    page = kept.with_suffix(".html").read_text(encoding="utf-8")
    assert result.exit_code == 0
    assert told["good_hours"] == list(range(10, 17))
    assert {one["cause"] for one in told["advice"]} == {"dark", "backlit"}
    assert all(one["zh-CN"] in page and one["en"] in page.replace("&#39;", "'") for one in told["advice"])
    assert 'src="data:image/png' in page
    assert "http" not in page.replace("http-equiv", "")


@pytest.mark.parametrize("kept_bytes", [1, 9, 30])
def test_a_look_that_a_pulled_battery_cut_off_is_left_out_and_the_survey_goes_on(
    kept: Path, nobody: Engine, kept_bytes: int
) -> None:
    whole = kept.read_bytes()
    torn = whole[: whole.rstrip().rfind(b"\n") + 1 + kept_bytes]
    kept.write_bytes(torn)

    result = run("--log", str(kept), "--json")
    append(kept, [look(room(), nobody)])

    assert json.loads(result.stdout)["looks"] == 47
    assert "was cut off" in result.stderr
    assert len(read(kept)) == 48


def test_a_place_without_a_good_hour_is_refused(tmp_path: Path, nobody: Engine) -> None:
    file = tmp_path / "cellar.csv"
    append(file, [look(room(10), nobody)])

    result = run("--log", str(file))

    assert result.exit_code == 1
    assert "good hours: none" in result.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("--log", "x.csv", "--camera", "usb:0", "--frames", "shots.csv", "--root", "."),
        ("--log", "x.csv", "--frames", "shots.csv"),
        ("--log", "x.csv", "--root", "."),
        ("--log", "nowhere.csv"),
        ("--log", "x.csv", "--hours", "0"),
    ],
)
def test_what_does_not_go_together_or_is_not_there_is_a_fault(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert run(*words).exit_code == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.weights
@pytest.mark.footage
def test_recorded_pictures_are_looked_at_once(tmp_path: Path, footage_dir: Path) -> None:
    lines = ["file,time"]
    for hour, bgr in ((8, with_window()), (12, room())):
        cv2.imwrite(str(tmp_path / f"{hour}.png"), bgr)
        lines.append(f"{hour}.png,2026-06-01T{hour:02}:00")
    (tmp_path / "shots.csv").write_text("\n".join(lines), encoding="utf-8")
    words = ("--frames", str(tmp_path / "shots.csv"), "--root", str(tmp_path), "--log", str(tmp_path / "hall.csv"))

    first, again = (run(*words, mirror=footage_dir.parent) for _ in range(2))

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert first.stdout == again.stdout
    assert "good hours: 12:00–13:00" in first.stdout
    assert len(read(tmp_path / "hall.csv")) == 2
