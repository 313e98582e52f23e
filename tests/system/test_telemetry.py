"""How a unit is, from the note of its program over a real broker into the list of the fleet: with a hello, and by telemetry."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from edge.durable_file import write_durably
from edge.state_dir import StateDir
from provisioning.centre import open_centre
from provisioning.devices.models import LastHealth
from provisioning.settings import CentreSettings
from tests.builders import condition
from tests.conftest import mirror_folder
from tests.system.chain import await_true, running_chain
from wire.reasons import Reason
from wire.telemetry import Telemetry, telemetry_payload

pytestmark = [pytest.mark.system, pytest.mark.broker, pytest.mark.weights, pytest.mark.footage]

WITHIN_S = 30.0


def test_what_the_unit_notes_of_itself_stands_in_the_list_of_the_fleet(tmp_path: Path) -> None:
    with running_chain(tmp_path / "run", mirror_folder()) as chain:
        place, settings = StateDir(chain.unit.state), CentreSettings.model_validate({"data": chain.stack.data})

        def note(state: str, *faults: str) -> None:
            said = replace(condition(), state=state, trouble=Reason.TOO_HOT, faults=faults, celsius=91)
            write_durably(place.condition, telemetry_payload(Telemetry(chain.unit.name, int(time.time()), said)))

        def health() -> LastHealth | None:
            with open_centre(settings) as centre:
                return next(each.health for each in centre.registry.devices() if each.unit == chain.unit.name)

        note("degraded", "hot")
        await_true(lambda: (seen := health()) is not None and seen.state == "degraded", "word of a hot unit", WITHIN_S)
        note("paused", "overheated", "lens_dirty")
        await_true(lambda: (seen := health()) is not None and seen.state == "paused", "word of a pause", WITHIN_S)

        last = health()
        assert last is not None
        assert (last.trouble, last.faults, last.celsius) == ("TOO_HOT", ("overheated", "lens_dirty"), 91)
        assert abs(last.at_s - time.time()) < 2 * WITHIN_S
