"""Ordinary visits tell of a lamp that never shines and of one that fades; sound lamps are not slandered."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from edge.errors import FileNotDurableError
from edge.health.emitter_memory import FIRST, LATEST, LampFindings, LampMemory, find_faults, shares_of
from firmware.frame import Emitter
from firmware.twin.scene import LampFaults
from tests.edge.health.lamp_visits import DrawnUnit

SOUND = {"L": 0.8, "R": 1.0}
FINE = LampFindings()
LEFT, RIGHT = frozenset({Emitter.LEFT}), frozenset({Emitter.RIGHT})


def course(*parts: tuple[int, Mapping[str, float]]) -> list[Mapping[str, float]]:
    """So many visits of each kind, one after the other."""
    return [visit for count, visit in parts for _ in range(count)]


@pytest.mark.parametrize(
    ("visits", "found"),
    [
        (course(), FINE),
        (course((40, SOUND)), FINE),
        (course((4, {"L": 0.05, "R": 1.0})), FINE),
        (course((5, {"L": 0.05, "R": 1.0})), LampFindings(silent="L")),
        (course((20, SOUND), (4, {"L": 0.0, "R": 1.0})), LampFindings(fading="L")),
        (course((20, SOUND), (5, {"L": 0.0, "R": 1.0})), LampFindings(silent="L")),
        (course((20, {"L": 0.0, "R": 1.0}), (1, SOUND)), FINE),
        (course((8, {"L": 0.0, "R": 0.0})), LampFindings(silent="LR")),
        (course((8, {"R": 1.0})), FINE),
        (course((FIRST, SOUND), (LATEST, {"L": 0.57, "R": 1.0})), FINE),
        (course((FIRST, SOUND), (LATEST, {"L": 0.55, "R": 1.0})), LampFindings(fading="L")),
        (course((FIRST, SOUND), (LATEST, {"L": 1.0, "R": 0.86})), LampFindings(fading="R")),
        (course((FIRST, SOUND), (LATEST - 1, {"L": 0.4, "R": 1.0})), FINE),
        (course((FIRST, SOUND), (3, SOUND), (LATEST - 3, {"L": 0.4, "R": 1.0})), LampFindings(fading="L")),
        (course((FIRST, SOUND), (5, SOUND), (LATEST - 5, {"L": 0.4, "R": 1.0})), FINE),
    ],
)
def test_a_lamp_is_held_against_the_others_and_its_own_past(visits: Sequence[Mapping[str, float]], found: LampFindings) -> None:
    assert find_faults(visits) == found


@pytest.mark.parametrize(
    ("strengths", "shares"),
    [
        ({"L": 0.02, "R": 0.04}, {"L": 0.5, "R": 1.0}),
        ({"L": -0.001, "R": 0.04}, {"L": 0.0, "R": 1.0}),
        ({"L": float("nan"), "R": 0.04}, {"L": 0.0, "R": 1.0}),
        ({"L": 1e-6, "R": 5e-5}, {"L": 0.0, "R": 0.0}),
        ({}, {}),
    ],
)
def test_what_lamps_give_is_told_over_the_strongest(strengths: Mapping[str, float], shares: Mapping[str, float]) -> None:
    assert shares_of(strengths) == shares


def test_a_memory_lasts_over_a_restart_and_stays_small(tmp_path: Path) -> None:
    path = tmp_path / "lamps.json"
    for _ in range(100):
        LampMemory(path).keep({"L": 0.032, "R": 0.04})
    assert LampMemory(path).findings == FINE
    assert path.stat().st_size < 2048

    for _ in range(LATEST):
        told = LampMemory(path).keep({"L": 0.0, "R": 0.04})

    assert told == LampMemory(path).findings == LampFindings(silent="L")


def test_lamps_that_were_replaced_are_known_anew(tmp_path: Path) -> None:
    memory = LampMemory(tmp_path / "lamps.json")
    for strengths in course((FIRST, {"L": 0.04, "R": 0.04}), (LATEST, {"L": 0.02, "R": 0.04})):
        memory.keep(strengths)
    assert memory.findings == LampFindings(fading="L")

    memory.renew()

    assert memory.findings == FINE
    with pytest.raises(FileNotDurableError):
        LampMemory(tmp_path / "missing" / "lamps.json").renew()


@pytest.mark.parametrize(
    "content", ["", "null", "[]", '{"visits": 1}', '{"visits": [[1]]}', '{"visits": [{"X": 0.5}]}', '{"visits": [{"L": 7}]}']
)
def test_a_damaged_memory_begins_anew(tmp_path: Path, content: str, caplog: pytest.LogCaptureFixture) -> None:
    (path := tmp_path / "lamps.json").write_text(content)

    with caplog.at_level(logging.WARNING, "lifecert.lamps"):
        assert LampMemory(path).keep(SOUND) == FINE
    assert "lamp statistic begun anew" in caplog.text
    assert json.loads(path.read_text()) == {"visits": [SOUND]}


def test_a_visit_that_tells_nothing_of_the_lamps_writes_nothing(tmp_path: Path) -> None:
    memory = LampMemory(tmp_path / "lamps.json")

    assert memory.keep({}) == FINE
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fails_costs_the_statistic_and_no_visit(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    memory = LampMemory(tmp_path / "missing" / "lamps.json")

    assert memory.keep(SOUND) == FINE
    assert "lamp statistic not kept" in caplog.text


# On drawn scenes (simulated): the very probe of a visit reads the lamps


def findings_of(folder: Path, visits: Sequence[Mapping[str, float]]) -> LampFindings:
    memory = LampMemory(folder / "lamps.json")
    for visit in visits:
        memory.keep(visit)
    return memory.findings


@pytest.mark.parametrize(("dead", "word"), [(LEFT, "L"), (RIGHT, "R")])
def test_a_dead_lamp_is_found_in_five_drawn_visits(tmp_path: Path, dead: frozenset[Emitter], word: str) -> None:
    unit = DrawnUnit(0, LampFaults(dead=dead))

    assert findings_of(tmp_path, [unit.visit(seed) for seed in range(5)]) == LampFindings(silent=word)


def test_a_lamp_that_gives_six_tenths_of_what_it_gave_is_found_on_drawn_visits(tmp_path: Path) -> None:
    new, old = DrawnUnit(0), DrawnUnit(0, LampFaults(weak=LEFT, weak_share=0.6))
    first = [new.visit(number % 6) for number in range(FIRST)]

    assert findings_of(tmp_path, first) == FINE
    assert findings_of(tmp_path, [old.visit(seed) for seed in range(LATEST)]) == LampFindings(fading="L")


def test_sound_lamps_of_drawn_units_are_called_silent_or_fading_in_none_of_600_courses(tmp_path: Path) -> None:
    """Courses of 24 visits, drawn out of six for each of two units whose lamps differ by up to a third. Simulated."""
    dice, alarms = np.random.default_rng(11), 0
    for number in range(2):
        seen = [DrawnUnit(number).visit(seed) for seed in range(6)]
        assert all(set(visit) == {"L", "R"} for visit in seen)
        for _ in range(300):
            alarms += find_faults([seen[at] for at in dice.integers(0, len(seen), FIRST + LATEST)]) != FINE

    assert alarms == 0
