"""What the program without a network leaves for the uplink: written seldom, read strictly, and never about a person."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from edge.flow import Decision
from edge.health.contact_note import ContactNote, contact_age_s
from edge.health.faults import Fault
from edge.health.health import Health, judge
from edge.health.notes import ANYWAY_S, NoteBook, read_note
from edge.health.report import Beside, condition_of, said_to_centre
from edge.health.tally import Tally
from edge.schedule import Heat
from edge.showing.facts import FACTS, passed_on
from edge.showing.messages import down_line, read_down
from firmware.ports import Slowdown
from tests.builders import NOW_S, UNIT, condition
from tests.edge.health.facts import LIMITS, disk, facts
from wire.condition import Slowed
from wire.reasons import Reason
from wire.result import Verdict

BESIDE = Beside("1.2.3", Tally(2, 1), 70)


@dataclass
class Times:
    """Time that stands still until a test moves it."""

    wall_s: int = NOW_S
    up_s: float = 100.0
    written: list[int] = field(default_factory=list)


def note_book(path: Path, times: Times) -> NoteBook:
    return NoteBook(path, UNIT, lambda: times.wall_s, lambda: times.up_s)


def test_a_note_is_written_when_the_unit_changes_and_every_ten_minutes(tmp_path: Path) -> None:
    path, times = tmp_path / "condition.cbor", Times()
    book, written = note_book(path, times), []
    for wait_s, free_mib, faults in (
        (0.0, 5000, ("lens_dirty",)),
        (5.0, 4990, ("lens_dirty",)),
        (5.0, 4990, ("lens_dirty", "hot")),
        (5.0, 4900, ("lens_dirty", "hot")),
        (ANYWAY_S, 4800, ("lens_dirty", "hot")),
    ):
        times.up_s += wait_s
        times.wall_s += round(wait_s)
        before = path.stat().st_mtime_ns if path.exists() else 0
        book.keep(condition(free_mib=free_mib, faults=faults))
        written.append(path.stat().st_mtime_ns != before)

    assert written == [True, False, True, False, True]
    note = read_note(path)
    assert note is not None
    assert (note.unit, note.at_s, note.condition.free_mib) == (UNIT, times.wall_s, 4800)


def test_a_disk_that_takes_no_note_is_told_once_and_stops_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    times = Times()
    book = note_book(tmp_path / "missing" / "condition.cbor", times)

    for _ in range(3):
        times.up_s += 2 * ANYWAY_S
        book.keep(condition())

    assert [record.getMessage() for record in caplog.records] == ["condition not noted for the centre"]


@pytest.mark.parametrize("content", [b"", b"\xff" * 40, b"{}", b"\x00" * 9000])
def test_a_damaged_note_is_no_note(tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    (path := tmp_path / "condition.cbor").write_bytes(content)

    with caplog.at_level(logging.WARNING):
        assert read_note(path) is None
    assert caplog.records


def test_what_the_panel_hears_passes_over_its_socket_and_is_of_no_person() -> None:
    known = facts(
        celsius=81.5, heat=Heat.HOT, slowdowns=frozenset({Slowdown.THROTTLED}), waiting=4, contact_age_s=10**6, storage=disk(85)
    )
    health = judge(known, LIMITS)

    told = condition_of(health, known, BESIDE)

    assert read_down(down_line(told)) == told
    assert told.facts["state"] == "degraded"
    assert (told.facts["fault"], told.facts["faults"]) == ("storage_low", 3)
    assert (told.facts["celsius"], told.facts["heat"], told.facts["slowed"]) == (81.5, "hot", 1)
    assert (told.facts["spool_queued"], told.facts["net"], told.facts["disk_percent"]) == (4, "network_long_ago", 85.0)


@pytest.mark.parametrize(("volume", "findings"), [(None, {}), (70, {"doctor.camera": "BAD CAMERA_LOST no frame came"})])
def test_what_orders_found_out_goes_no_further_than_its_verdict(volume: int | None, findings: dict[str, str]) -> None:
    told = condition_of(Health(), facts(), replace(BESIDE, volume_percent=volume, findings=findings)).facts

    passed = {name: passed_on(name, value) for name, value in told.items()}

    assert told["volume"] == passed["volume"] == volume
    assert {name: passed[name] for name in findings} == dict.fromkeys(findings, "BAD")


def test_of_many_visits_counts_and_the_reasons_of_the_last_ten_are_told_newest_first() -> None:
    tally = Tally()
    for reason in (Reason.TOO_DARK, Reason.NO_FACE, Reason.TOO_FAR, *[Reason.TOO_CLOSE] * 7):
        tally.add(Decision(Verdict.REFUSED, (reason, Reason.TIMED_OUT)))
    tally.add(Decision(Verdict.ACCEPTED, ()))
    tally.add(Decision(Verdict.ATTACK, (Reason.SPOOF_SUSPECTED,)))

    told = condition_of(Health(), facts(tickets=3, spool_bytes=3 * 2**19), replace(BESIDE, tally=tally)).facts

    assert (told["visits"], told["accepted"], told["tickets"], told["spool_mib"]) == (12, 1, 3, 1.5)
    assert told["last_reasons"] == " ".join(["SPOOF_SUSPECTED", *["TOO_CLOSE"] * 7, "TOO_FAR"])


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fact_is_known_to_the_panel_by_name_and_may_be_measured(fault: Fault) -> None:
    told = condition_of(Health((fault,)), facts(celsius=55.0, contact_age_s=9, identity_ends_in_s=90 * 86_400), BESIDE)

    assert set(told.facts) == set(FACTS)
    assert {name: passed_on(name, value) for name, value in told.facts.items()} == told.facts
    assert [name for name, value in told.facts.items() if value is None] == []


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        (Fault.CAMERA_BUSY, "camera"),
        (Fault.CAMERA_GIVEN_UP, "camera"),
        (Fault.LAMP_SILENT, "light"),
        (Fault.LENS_DIRTY, "lens"),
        (Fault.NETWORK_LONG_AGO, "net"),
    ],
)
def test_a_part_that_fails_is_named_beside_those_that_are_well(fault: Fault, name: str) -> None:
    told = condition_of(Health((fault,)), facts(), BESIDE).facts

    assert {part: told[part] for part in ("camera", "light", "lens", "net")} == {
        **dict.fromkeys(("camera", "light", "lens", "net"), "ok"),
        name: fault.value,
    }


def test_what_the_centre_hears_are_whole_numbers_and_words() -> None:
    known = facts(celsius=81.5, slowdowns=frozenset({Slowdown.THROTTLED, Slowdown.WEAK_SUPPLY}))

    said = said_to_centre(Health((Fault.HOT, Fault.SUPPLY_WEAK)), known)

    assert (said.state, said.trouble, said.faults) == ("degraded", Reason.TOO_HOT, ("hot", "supply_weak"))
    assert (said.celsius, said.free_mib) == (82, 4000)
    assert said.slowed == {Slowed.THROTTLED, Slowed.WEAK_SUPPLY}


def test_every_slowdown_of_a_board_has_a_word_that_travels() -> None:
    said = said_to_centre(Health((Fault.HOT,)), facts(slowdowns=frozenset(Slowdown)))

    assert said.slowed == set(Slowed)


def test_contact_with_the_centre_is_noted_every_ten_minutes_at_most(tmp_path: Path) -> None:
    path, times = tmp_path / "heard", Times()
    note = ContactNote(path, lambda: times.wall_s)
    assert contact_age_s(path, NOW_S) is None

    note.heard()
    times.wall_s += 599
    note.heard()
    assert contact_age_s(path, times.wall_s) == 599
    times.wall_s += 1
    note.heard()

    assert contact_age_s(path, times.wall_s) == 0


@pytest.mark.parametrize("content", [b"", b"soon", b"\xff"])
def test_a_damaged_note_of_contact_tells_nothing(tmp_path: Path, content: bytes) -> None:
    (path := tmp_path / "heard").write_bytes(content)

    assert contact_age_s(path, NOW_S) is None


def test_a_clock_that_went_back_makes_no_age_below_nothing(tmp_path: Path) -> None:
    (path := tmp_path / "heard").write_text(f"{NOW_S}\n")

    assert contact_age_s(path, NOW_S - 5000) == 0
