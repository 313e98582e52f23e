"""A hot board looks less often and ends the same; the ladder does not tremble, and a replay knows no heat but its script's."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from edge.attempt import UNHURRIED, Attempt, BoardLoad, Ending
from edge.conclude import judge, without_capture
from edge.flow import ActionKind
from edge.health.examine import of_heat
from edge.heat import ASKED_APART_NS, HeatLadder, HeatLimits, HeatWatch, heat_of
from edge.likeness import Standard
from edge.perform import Performer
from edge.prompts.catalogue import load_catalogue
from edge.schedule import Heat
from edge.session.challenge import Challenge
from edge.stages.match import Embedding
from firmware.clock import SystemClock
from firmware.ports import Slowdown
from firmware.thermal import NO_THERMOMETER, SysfsThermometer
from firmware.twin.parts import Part, Recorder, RecordingThermometer
from tests.edge.observations import MS, RULES
from tests.edge.visits import Desk, open_desk
from tests.fakes.parts import ScriptedCamera, twin_board
from tests.fakes.stage import Scene, Stage, embedding_of
from tests.firmware.builders import SteppingClock
from tests.firmware.sysfs import write_slowdowns, write_zone
from wire.reasons import Reason
from wire.result import BoardHeat, Verdict

COOL, WARM, HOT = Heat
LIMITS = HeatLimits(warm_celsius=70, hot_celsius=80)


@dataclass
class Counted:
    """A thermometer that counts how often it is asked."""

    temperature: float | None
    slows: frozenset[Slowdown] = frozenset()
    asked: int = field(default=0)

    def celsius(self) -> float | None:
        self.asked += 1
        return self.temperature

    def slowdowns(self) -> frozenset[Slowdown]:
        return self.slows


def told(celsius: float | None, *slowdowns: Slowdown) -> RecordingThermometer:
    thermometer = RecordingThermometer(Recorder(SystemClock()))
    thermometer.tell(celsius, *slowdowns)
    return thermometer


@pytest.mark.parametrize(
    ("celsius", "after_cool", "after_warm", "after_hot"),
    [
        (-20.0, COOL, COOL, COOL),
        (64.9, COOL, COOL, COOL),
        (65.0, COOL, WARM, WARM),
        (69.9, COOL, WARM, WARM),
        (70.0, WARM, WARM, WARM),
        (74.9, WARM, WARM, WARM),
        (75.0, WARM, WARM, HOT),
        (79.9, WARM, WARM, HOT),
        (80.0, HOT, HOT, HOT),
        (99.0, HOT, HOT, HOT),
        (None, COOL, WARM, HOT),
    ],
)
def test_a_board_cools_down_later_than_it_heats_up(
    celsius: float | None, after_cool: Heat, after_warm: Heat, after_hot: Heat
) -> None:
    assert [heat_of(LIMITS, before, celsius) for before in Heat] == [after_cool, after_warm, after_hot]


def test_without_settings_a_board_is_warm_from_70_degrees_and_hot_from_80() -> None:
    assert [HeatLadder().read(told(celsius)) for celsius in (69.9, 70.0, 79.9, 80.0)] == [COOL, WARM, WARM, HOT]


def test_a_temperature_that_trembles_at_a_limit_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    ladder, thermometer = HeatLadder(LIMITS), told(None)

    with caplog.at_level(logging.INFO, "lifecert.heat"):
        for celsius in (69.0, 70.1, 69.8, 70.2, 66.0, 70.0, 64.0, 66.0):
            thermometer.tell(celsius)
            ladder.read(thermometer)

    assert [(record.getMessage(), record.__dict__["celsius"]) for record in caplog.records] == [
        ("board warm", 70.1),
        ("board cool", 64.0),
    ]


def test_the_ladder_remembers_from_one_visit_to_the_next(caplog: pytest.LogCaptureFixture) -> None:
    ladder, clock = HeatLadder(LIMITS), SteppingClock()

    seen = [HeatWatch(ladder, told(celsius), clock.now_ns).heat() for celsius in (81.0, 76.0, 76.0)]

    assert seen == [HOT, HOT, HOT]
    assert [record.getMessage() for record in caplog.records] == ["board hot"]


@pytest.mark.parametrize("why", [Slowdown.CAPPED, Slowdown.THROTTLED, Slowdown.SOFT_LIMIT])
def test_a_board_that_slows_itself_down_is_hot_until_it_does_no_longer(why: Slowdown) -> None:
    ladder = HeatLadder(LIMITS)

    assert ladder.read(told(None, why)) is HOT
    assert ladder.read(told(58.0)) is COOL


def test_a_board_that_slowed_itself_down_is_no_hotter_afterwards_than_its_sensors_say() -> None:
    ladder = HeatLadder(LIMITS)

    assert [ladder.read(told(76.0, Slowdown.THROTTLED)), ladder.read(told(76.0))] == [HOT, WARM]


def test_a_weak_supply_is_no_heat() -> None:
    assert HeatLadder(LIMITS).read(told(58.0, Slowdown.WEAK_SUPPLY)) is COOL


@pytest.mark.parametrize("thermometer", [NO_THERMOMETER, SysfsThermometer(Path("/nowhere"))], ids=["none", "no sysfs"])
def test_a_board_without_sensors_is_cool(thermometer: SysfsThermometer) -> None:
    assert HeatLadder(LIMITS).read(thermometer) is COOL


def test_a_sensor_that_stops_answering_leaves_the_board_as_hot_as_it_was(tmp_path: Path) -> None:
    zone, ladder = write_zone(tmp_path, 0, "86000"), HeatLadder(LIMITS)
    assert ladder.read(SysfsThermometer(tmp_path)) is HOT

    (zone / "temp").unlink()

    assert ladder.read(SysfsThermometer(tmp_path)) is HOT


def test_a_thermometer_is_asked_every_few_seconds_however_many_frames_there_are() -> None:
    thermometer, clock = Counted(72.0), SteppingClock(step_ns=33_333_333)
    watch = HeatWatch(HeatLadder(LIMITS), thermometer, clock.now_ns)

    seen = {watch.heat() for _ in range(600)}  # 20 seconds

    assert (seen, ASKED_APART_NS, thermometer.asked) == ({WARM}, 5_000_000_000, 4)


@dataclass(frozen=True)
class Seen:
    """What a visit on the stage cost, and how it ended."""

    ending: Ending
    verdict: Verdict
    runs: dict[str, int]


def visited(load: BoardLoad) -> Seen:
    """A still visit on the stage, on a board that tells this of itself."""
    stage = Stage(lambda _: Scene())
    engine, board = stage.engine(RULES), twin_board(ScriptedCamera(stage.frames))
    attempt = Attempt(engine.pipeline(), RULES, Challenge(()), Performer(board, load_catalogue("en")), lambda: 0, load)
    ending = attempt.run(board.camera.frames(), tuple)
    standard = Standard(Embedding(embedding_of(1)), RULES.thresholds)
    verdict = judge(ending, (standard,), engine.embedder, RULES).decision.verdict
    return Seen(ending, verdict, {name: network.runs for name, network in stage.networks.items()})


def test_a_visit_on_a_hot_board_looks_less_often_and_ends_the_same() -> None:
    cool, hot = visited(UNHURRIED), visited(replace(UNHURRIED, heat=lambda: HOT))

    assert cool.verdict is hot.verdict is Verdict.ACCEPTED
    assert len(hot.ending.shots) == len(cool.ending.shots) == RULES.shots
    assert hot.ending.evidence.texture is not None
    for name in ("yunet_n", "minifasnet_v2", "minifasnet_v1se"):
        assert hot.runs[name] / hot.ending.frames <= 0.8 * cool.runs[name] / cool.ending.frames, name


def test_the_hottest_that_the_board_was_is_remembered_and_signed(desk: Desk) -> None:
    heats = iter([Heat.COOL, HOT, Heat.WARM])

    seen = visited(replace(UNHURRIED, heat=lambda: next(heats, Heat.COOL)))

    assert seen.ending.heat is HOT
    assert visited(UNHURRIED).ending.heat is Heat.COOL
    desk.visit(desk.ticket())
    (result,) = desk.results
    assert result.heat is BoardHeat.COOL


def test_a_visit_in_which_nobody_looked_says_nothing_of_heat() -> None:
    assert without_capture(Verdict.ABORTED, Reason.INTERRUPTED).heat is None


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        yield desk


@dataclass
class Slow:
    """A clock of CPU time on a machine that takes this long for whatever lies between two looks at it."""

    step_ns: int
    now_ns: int = 0

    def __call__(self) -> int:
        self.now_ns += self.step_ns
        return self.now_ns


def detections(desk: Desk, case: str, celsius: float | None, cpu_ns: Slow, *, live: bool) -> tuple[float, Verdict]:
    """How often the detector ran in a frame of a visit on this board, and how the visit ended."""
    stage, ticket = Stage(lambda _: Scene()), desk.ticket(case=case, nonce=case.encode() * 16)
    board = replace(twin_board(ScriptedCamera(stage.frames)), thermometer=told(celsius), live=live)
    unit = replace(desk.unit(stage), cpu_ns=cpu_ns)
    report = unit.visit(ticket, [desk.photo], board, lambda: None)
    return stage.networks["yunet_n"].runs / report.judgement.frames, report.judgement.decision.verdict


def test_a_visit_on_a_hot_unit_says_so_and_still_accepts(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    cool, _ = detections(desk, "a", 45.0, Slow(0), live=False)
    assert "board hot" not in caplog.text

    hot, verdict = detections(desk, "b", 83.2, Slow(0), live=False)

    (record,) = [record for record in caplog.records if record.getMessage() == "board hot"]
    assert (record.levelname, record.__dict__["celsius"], record.__dict__["slowdowns"]) == ("WARNING", 83.2, "")
    assert verdict is Verdict.ACCEPTED
    assert hot < cool


def test_a_replay_is_seen_the_same_way_on_a_slow_machine_and_a_live_camera_is_not(desk: Desk) -> None:
    quick = detections(desk, "a", None, Slow(0), live=False)
    slow = detections(desk, "b", None, Slow(60_000_000), live=False)
    live = detections(desk, "c", None, Slow(60_000_000), live=True)

    assert slow == quick
    assert live[0] < quick[0]
    assert live[1] is Verdict.ACCEPTED


@pytest.mark.parametrize(
    ("celsius", "slowdowns", "ok", "sentence"),
    [
        (None, [], True, "No sensor tells the temperature."),
        (54.24, [], True, "54.2 degrees Celsius, cool."),
        (72.0, [Slowdown.WEAK_SUPPLY], True, "72.0 degrees Celsius, warm, weak supply."),
        (81.0, [], False, "81.0 degrees Celsius, hot: looks are made seldom; give the unit air, shade or a heat sink."),
        (
            None,
            [Slowdown.THROTTLED],
            False,
            "no sensor tells the temperature, throttled: looks are made seldom; give the unit air, ",
        ),
    ],
)
def test_the_doctor_tells_temperature_and_state(
    celsius: float | None, slowdowns: list[Slowdown], ok: bool, sentence: str
) -> None:
    finding = of_heat(told(celsius, *slowdowns), LIMITS)

    assert (finding.part, finding.ok) == ("heat", ok)
    assert finding.sentence.startswith(sentence)


def test_the_doctor_asks_the_kernel_of_a_live_board(tmp_path: Path) -> None:
    write_zone(tmp_path, 0, "86500\n")
    write_slowdowns(tmp_path, Slowdown.THROTTLED, Slowdown.WEAK_SUPPLY)

    finding = of_heat(SysfsThermometer(tmp_path), HeatLimits())

    assert finding.sentence.startswith("86.5 degrees Celsius, hot, throttled, weak supply: ")


@pytest.mark.parametrize(("mesh_ms", "asked"), [(30, "ASK_BLINK"), (60, "ASK_OPEN_MOUTH")])
def test_a_board_on_which_dense_landmarks_take_long_asks_for_no_blink(mesh_ms: int, asked: str) -> None:
    """While nobody acts it has time for every frame; a blink would be over before two of them have their landmarks."""
    stage = Stage(lambda _: Scene())
    engine = stage.engine(replace(RULES, times=replace(RULES.times, action_ms=1000)))
    recorder = Recorder(SystemClock())
    board = twin_board(ScriptedCamera(stage.frames), recorder)
    load = BoardLoad(lambda: stage.networks["landmarks478"].runs * mesh_ms * MS, UNHURRIED.heat)
    performer = Performer(board, load_catalogue("en"))

    attempt = Attempt(engine.pipeline(), engine.rules, Challenge((ActionKind.BLINK,)), performer, lambda: 0, load)
    attempt.run(stage.frames(), tuple)

    assert asked in recorder.of(Part.SCREEN)
