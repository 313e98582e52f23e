"""Does what an operator orders between visits, and tells what it found; a check that fails is a finding, never a crash."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from edge.errors import EdgeError, FocalUnmeasuredError
from edge.front import Front
from edge.health.diagnosis import Finding
from edge.health.faults import TABLE, fault_of_error
from edge.prompts.catalogue import ScreenCode
from edge.pulse import Pulse
from edge.showing.orders import Order, volume_of
from edge.volume import Volume
from firmware.errors import FirmwareError
from models.errors import ModelError
from wire.reasons import Reason

log = logging.getLogger("lifecert.operator")

FAILURES = (EdgeError, FirmwareError, ModelError, OSError)
"""What a check may raise, the last of a disk that does not even answer. Anything else is a fault of the program, and ends it."""


@dataclass(slots=True)
class Operator:
    """Hears orders through the front and does one at a time, between two turns of the main loop."""

    front: Front
    pulse: Pulse
    checks: Mapping[Order, Callable[[], Iterator[Finding]]]
    volume: Volume
    findings: dict[str, str]
    """Where what was found is kept, by names such as `doctor.camera`; a new order of the same kind replaces its own."""
    tell: Callable[[], None]
    """Tells the panel anew."""

    def turn(self) -> None:
        """Do what was ordered, if something was."""
        order = self.front.next_order()
        if order is None:
            return
        log.info("order", extra={"order": order})
        percent = volume_of(order)
        if percent is None:
            self._check(Order(order))
        else:
            self.findings["volume.speaker"] = self.volume.order(percent)
        self.tell()

    def _check(self, order: Order) -> None:
        kind = order.value.lower()
        for name in [name for name in self.findings if name.startswith(f"{kind}.")]:
            del self.findings[name]
        self.front.wait(ScreenCode.BUSY)
        self.pulse.ready(f"busy: {kind}")
        try:
            for finding in self.checks[order]():
                self.pulse.beat()
                self._keep(kind, finding)
        except FAILURES as error:
            log.warning("order failed", extra={"order": kind, "error": type(error).__name__})
            self._keep(kind, Finding("failed", False, str(error), _code_of(error)))
        self.front.look()

    def _keep(self, kind: str, finding: Finding) -> None:
        """Of two findings about one part the first bad one is told, and else both."""
        name, told = f"{kind}.{_slug(finding.part)}", spelled(finding)
        before = self.findings.get(name)
        if before is None or (before.startswith("ok") and not finding.ok):
            self.findings[name] = told
        elif finding.ok and before.startswith("ok"):
            self.findings[name] = f"{before} {finding.sentence}"


def spelled(finding: Finding) -> str:
    """A finding as the panel is told: `ok sentence`, or `BAD CODE sentence`."""
    if finding.ok:
        return f"ok {finding.sentence}"
    return f"BAD {finding.code.value if finding.code else Reason.HW_UNSUPPORTED.value} {finding.sentence}"


def _slug(part: str) -> str:
    """A name of a part as facts are named."""
    return re.sub(r"[^a-z]+", "_", part.lower()).strip("_")[:24] or "part"


def _code_of(error: Exception) -> Reason:
    if isinstance(error, FocalUnmeasuredError):
        return Reason.NO_FACE
    return TABLE[fault_of_error(error)].reason
