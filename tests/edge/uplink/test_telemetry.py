"""The heartbeat: how the unit is, told now and then, at once when it changes, and never out of an old note."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.clock import TimeSources, UnitClock
from edge.durable_file import write_durably
from edge.health.contact_note import ContactNote
from edge.uplink.courier import Courier, Pace
from edge.uplink.telemetry import EVERY_S, JITTER_S, OLD_S, Heartbeat
from tests.builders import NOW_S, UNIT, condition, telemetry, ticket
from tests.edge.spool_parts import CENTRE_KEYS, opened, sealed_ticket
from wire.condition import UnitCondition
from wire.hello import read_hello
from wire.telemetry import read_telemetry, telemetry_payload
from wire.topics import Down, down_topic


class Beat:
    """A heartbeat, its note and its times."""

    def __init__(self, folder: Path, chance: float = 0.5) -> None:
        self.note, self.wall_s, self.up_s = folder / "condition.cbor", NOW_S, 50.0
        self.heartbeat = Heartbeat(self.note, UNIT, lambda: self.wall_s, lambda: self.up_s, lambda: chance)

    def write(self, said: UnitCondition, unit: str = UNIT) -> None:
        write_durably(self.note, telemetry_payload(telemetry(unit=unit, at_s=self.wall_s, condition=said)))

    def states_told(self, course: list[tuple[float, UnitCondition]]) -> list[str | None]:
        """What is told when the note says this after so many seconds."""
        told = []
        for wait_s, said in course:
            self.up_s += wait_s
            self.wall_s += round(wait_s)
            self.write(said)
            due = self.heartbeat.due()
            told.append(due.condition.state if due else None)
        return told


WELL = condition(state="serving", trouble=None, faults=())
PAUSED = condition(state="paused", faults=("overheated",))


def test_a_report_comes_now_and_then_and_at_once_when_the_state_changes(tmp_path: Path) -> None:
    told = Beat(tmp_path).states_told([(0, WELL), (5, WELL), (5, PAUSED), (5, PAUSED), (EVERY_S + JITTER_S / 2, PAUSED)])

    assert told == ["serving", None, "paused", None, "paused"]


@pytest.mark.parametrize("chance", [0.0, 0.999])
def test_units_that_were_switched_on_together_drift_apart(tmp_path: Path, chance: float) -> None:
    beat = Beat(tmp_path, chance)
    beat.states_told([(0, WELL)])
    wait_s = EVERY_S + chance * JITTER_S

    assert beat.states_told([(wait_s - 1, WELL), (1, WELL)]) == [None, "serving"]


def test_an_old_note_or_that_of_another_unit_says_nothing(tmp_path: Path) -> None:
    beat = Beat(tmp_path)
    assert beat.heartbeat.due() is None

    beat.write(WELL, unit="unit-00002")
    assert beat.heartbeat.due() is None
    beat.write(WELL)
    beat.wall_s += OLD_S + 1

    assert beat.heartbeat.due() is None


def courier(beat: Beat, folder: Path, contact: ContactNote | None = None) -> Courier:
    sources = TimeSources(lambda: 0.0, lambda: 50.0, lambda: False, "boot-1", lambda count: bytes(count))
    clock = UnitClock(folder / "clock.json", sources)
    return Courier(
        UNIT, "lifecert 0.1.0", CENTRE_KEYS, opened(folder), clock, lambda: 0.0, lambda: 1.0, Pace(), beat.heartbeat, contact
    )


def test_a_report_travels_without_confirmation_and_a_hello_tells_the_same(tmp_path: Path) -> None:
    beat = Beat(tmp_path)
    beat.write(PAUSED)
    told = courier(beat, tmp_path)

    (report,) = told.report()
    _, hello = told.greet()

    assert (report.topic, report.confirmed, report.retained) == (f"lifecert/v1/u/{UNIT}/up/telemetry", False, False)
    assert read_telemetry(report.payload).condition == PAUSED
    assert read_hello(hello.payload).condition == PAUSED
    assert hello.confirmed


def test_a_unit_without_a_note_says_hello_as_ever(tmp_path: Path) -> None:
    told = courier(Beat(tmp_path), tmp_path)

    assert told.report() == ()
    assert read_hello(told.greet()[1].payload).condition is None


def test_only_what_the_centre_signed_counts_as_contact(tmp_path: Path) -> None:
    note = ContactNote(tmp_path / "heard", lambda: NOW_S)
    told = courier(Beat(tmp_path), tmp_path, note)

    told.hear(down_topic(UNIT, Down.TICKET), b"anything")
    told.hear("lifecert/v1/u/unit-00002/down/ticket", sealed_ticket(ticket()))
    assert not note.path.exists()
    told.hear(down_topic(UNIT, Down.TICKET), sealed_ticket(ticket()))

    assert note.path.read_text() == f"{NOW_S}\n"
