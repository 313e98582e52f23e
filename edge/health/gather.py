"""Asks disk, clock, thermometer and memories how the unit is. It reads small files and writes none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edge.clock import UnitClock
from edge.contact import read_certificate
from edge.errors import EdgeError
from edge.health.contact_note import contact_age_s
from edge.health.emitter_memory import LampMemory
from edge.health.faults import Fault
from edge.health.health import Facts
from edge.health.storage import measure
from edge.heat import HeatLadder
from edge.lens_memory import LensMemory
from edge.spool.spool import Spool
from edge.state_dir import KeyLabel, StateDir
from firmware.absent import NO_TAMPER_SWITCH
from firmware.ports import TamperSwitch, Thermometer


@dataclass(slots=True)
class Gather:
    """Where the facts come from."""

    place: StateDir
    spool: Spool
    clock: UnitClock
    thermometer: Thermometer
    heat: HeatLadder
    lens: LensMemory
    lamps: LampMemory
    identity_ends_at_s: int | None
    tamper: TamperSwitch = NO_TAMPER_SWITCH
    supported: bool = True

    def facts(self, device: Fault | None, *, interrupted: bool) -> Facts:
        """What is known now; `device` and `interrupted` are what the watch remembers."""
        clock, findings = self.clock.read(), self.lamps.findings
        ends_s, heard_s_ago = self.identity_ends_at_s, contact_age_s(self.place.heard, clock.issued_at_s)
        return Facts(
            storage=measure(self.place.root, self.spool),
            device=device,
            celsius=self.thermometer.celsius(),
            heat=self.heat.read(self.thermometer),
            slowdowns=self.thermometer.slowdowns(),
            clock=clock.state,
            identity_ends_in_s=None if ends_s is None else ends_s - clock.issued_at_s,
            waiting=self._counted(self.spool.count_waiting),
            tickets=self._counted(self.spool.count_tickets),
            spool_bytes=_size(self.place.spool),
            # A centre that was never heard has been silent since the start at least.
            contact_age_s=clock.uptime_s if heard_s_ago is None else heard_s_ago,
            smudged=self.lens.smudge is not None,
            silent_lamps=findings.silent,
            fading_lamps=findings.fading,
            interrupted=interrupted,
            supported=self.supported,
            housing_open=self.tamper.opened_since_ns() is not None,
        )

    @staticmethod
    def _counted(count: Callable[[], int]) -> int:
        try:
            return count()
        except EdgeError:
            return 0  # That the spool cannot be read stands in `storage` already.


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0  # That the disk does not answer stands in `storage` already.


def identity_end_s(state: Path) -> int | None:
    """When the first of the unit's certificates ends, Unix seconds; None where it has none that can be read."""
    place = StateDir(state)
    try:
        return min(int(read_certificate(place, label).not_valid_after_utc.timestamp()) for label in KeyLabel)
    except EdgeError:
        return None
