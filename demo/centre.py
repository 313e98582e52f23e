"""Asks the centre's console, as an operator would: every answer is one JSON document of `lifecert-centre`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from demo.answers import Answer
from demo.programs import Programs
from wire.receipt import Standing
from wire.result import Likeness, Mode, Verdict

PROGRAM = "lifecert-centre"
MOST_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Claim:
    """The permission to enrol one unit, once."""

    serial: str
    unit: str
    text: str


@dataclass(frozen=True, slots=True)
class TicketOrder:
    """What the centre is asked to sign for one visit."""

    unit: str
    case: str
    subject: str
    """Pseudonym of the person, never a name."""
    reference: Path
    mode: Mode


@dataclass(frozen=True, slots=True)
class Row:
    """One leaf of the ledger."""

    leaf: int
    unit: str
    case: str
    sequence: int
    result_id: str
    verdict: Verdict
    reasons: tuple[str, ...]
    standing: Standing
    likeness: Likeness | None
    """None where nothing was compared."""
    checked: bool
    """The centre found the unit's signature and every column right."""
    token: str
    """The signed result, base64url, for checking it without the centre."""


@dataclass(frozen=True, slots=True)
class Soundness:
    """What recomputing the whole ledger showed."""

    leaves: int
    sound: bool


@dataclass(frozen=True, slots=True)
class Centre:
    """The console of one centre; its data folder is named in the environment of the programs."""

    programs: Programs

    def found(self) -> Path:
        """Make keys, certificates and database; the file that units are given to trust."""
        return Path(self._ask("init").text("ca"))

    def configure_broker(self, folder: Path, port: int) -> Path:
        """Write what mosquitto needs; its configuration file."""
        # Started as root, mosquitto would change to an account that cannot enter our private folder.
        user = ("--user", "root") if os.geteuid() == 0 else ()
        return Path(self._ask("broker", "config", "--port", str(port), "--out", str(folder), *user).text("configuration"))

    def claim(self, serial: str) -> Claim:
        """Make a claim for a unit."""
        answer = self._ask("claim", "new", serial)
        return Claim(answer.text("serial"), answer.text("unit"), answer.text("claim"))

    def ticket(self, order: TicketOrder) -> None:
        """Sign the permission for one visit; ingest sends it to the unit."""
        words = ("--unit", order.unit, "--case", order.case, "--subject", order.subject)
        self._ask("ticket", "new", *words, "--reference", str(order.reference), "--mode", order.mode.value)

    def block(self, unit: str) -> None:
        """Shut a unit out for good."""
        self._ask("device", "block", unit)

    def rows(self) -> tuple[Row, ...]:
        """The ledger, in order."""
        return tuple(_row(part) for part in self._ask("ledger", "list", "--most", str(MOST_ROWS)).parts("rows"))

    def check(self) -> Soundness:
        """Recompute the whole ledger."""
        answer = self._ask("ledger", "verify")
        return Soundness(answer.number("leaves"), answer.truth("sound"))

    def _ask(self, *words: str) -> Answer:
        return self.programs.ask(PROGRAM, *words)


def _row(answer: Answer) -> Row:
    return Row(
        leaf=answer.number("leaf"),
        unit=answer.text("unit"),
        case=answer.text("case"),
        sequence=answer.number("sequence"),
        result_id=answer.text("result_id"),
        verdict=Verdict(answer.text("verdict")),
        reasons=answer.texts("reasons"),
        standing=Standing(answer.text("standing")),
        likeness=_likeness(answer.number_or_none("similarity"), answer.number_or_none("threshold")),
        checked=answer.truth("signature_checked"),
        token=answer.text("token"),
    )


def _likeness(similarity: int | None, threshold: int | None) -> Likeness | None:
    return None if similarity is None or threshold is None else Likeness(similarity, threshold)
