"""The facts are those of disk, clock, spool and parts, also where nobody has ever told some of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.clock import TimeSources, UnitClock
from edge.health.emitter_memory import LampMemory
from edge.health.gather import Gather
from edge.heat import HeatLadder, HeatLimits
from edge.lens_memory import LensMemory
from edge.state_dir import StateDir
from firmware.clock import SystemClock
from firmware.twin.parts import Recorder, RecordingTamperSwitch, RecordingThermometer
from tests.builders import NOW_S
from tests.edge.spool_parts import opened, queue

UP_S = 90_000


@pytest.fixture
def gather(tmp_path: Path) -> Iterator[Gather]:
    place, recorder = StateDir(tmp_path), Recorder(SystemClock())
    sources = TimeSources(lambda: float(NOW_S), lambda: float(UP_S), lambda: True, "boot-1", lambda count: bytes(count))
    with opened(tmp_path) as spool:
        yield Gather(
            place, spool, UnitClock(place.clock, sources), RecordingThermometer(recorder), HeatLadder(HeatLimits()),
            LensMemory(place.lens), LampMemory(place.lamps), NOW_S + 1000, RecordingTamperSwitch(recorder),
        )  # fmt: skip


def test_a_centre_that_was_never_heard_has_been_silent_since_the_start(gather: Gather) -> None:
    queue(gather.spool)

    facts = gather.facts(None, interrupted=False)

    assert (facts.waiting, facts.contact_age_s) == (1, UP_S)


def test_a_centre_that_was_heard_has_been_silent_since_then(gather: Gather) -> None:
    gather.place.heard.write_text(f"{NOW_S - 40}\n", encoding="ascii")

    assert gather.facts(None, interrupted=False).contact_age_s == 40


def test_the_facts_of_the_parts_are_passed_on(gather: Gather) -> None:
    gather.supported = False

    facts = gather.facts(None, interrupted=True)

    assert facts.storage.total_bytes > facts.storage.free_bytes > 0
    assert facts.spool_bytes == gather.place.spool.stat().st_size > 0
    assert (facts.identity_ends_in_s, facts.interrupted, facts.supported) == (1000, True, False)
