"""The unit's trust and delivery against the real centre: enrolment over EST, one ticket, one result, one receipt (F47, F50)."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.centre import Claim, TicketOrder
from demo.programs import our_programs
from demo.stack import Stack, centre_environment, free_port
from edge.clock import UnitClock, machine_sources
from edge.identity import load_identity
from edge.spool.rows import Head
from edge.spool.spool import open_spool
from edge.state_dir import StateDir
from tests.builders import result
from tests.edge.spool_parts import visit_of
from wire.envelope import Kind, seal
from wire.receipt import Standing
from wire.result import Mode, result_payload

pytestmark = [pytest.mark.system, pytest.mark.broker]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A centre with its broker, its enrolment server and one ingest, as processes."""
    folder, port = tmp_path_factory.mktemp("centre"), free_port()
    with Stack(folder, our_programs(centre_environment(folder, port)), port) as running:
        yield running


def enrol(stack: Stack, claim: Claim, state: Path, text: str | None = None) -> subprocess.Popen[str]:
    """Start lifecert-enrol; the claim goes in on standard input."""
    words = ["--centre", stack.addresses.enrolment, "--ca", str(stack.ca), "--state", str(state), "--serial", claim.serial]
    program = [str(Path(sys.executable).parent / "lifecert-enrol"), *words, "--json"]
    started = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert started.stdin is not None
    started.stdin.write(text or claim.text)
    started.stdin.close()
    started.stdin = None
    return started


def ended(started: subprocess.Popen[str]) -> tuple[int, dict[str, object]]:
    """Exit code and answer."""
    said, _ = started.communicate(timeout=60)
    return started.returncode, json.loads(said)


def test_a_claim_makes_one_unit_and_not_two(stack: Stack, tmp_path: Path) -> None:
    claim = stack.centre.claim("SYS-0001")

    code, answer = ended(enrol(stack, claim, tmp_path / "first"))
    assert (code, answer["unit"]) == (0, claim.unit)

    code, answer = ended(enrol(stack, claim, tmp_path / "second"))
    assert code == 1
    assert "used already" in str(answer)


@pytest.mark.parametrize("claim_text", ["AAAAAAAAAAAAAAAAAAAAAAAAAA", "nonsense"])
def test_a_wrong_claim_is_refused(stack: Stack, tmp_path: Path, claim_text: str) -> None:
    claim = stack.centre.claim(f"SYS-{claim_text[:4].upper()}")

    code, answer = ended(enrol(stack, claim, tmp_path / "state", claim_text))

    assert code == 1
    assert "do not belong together" in str(answer)


def test_killed_at_random_moments_enrolment_goes_on_with_the_same_claim(stack: Stack, tmp_path: Path) -> None:
    chance = random.Random(50)
    claim = stack.centre.claim("SYS-0050")
    for _ in range(6):
        started = enrol(stack, claim, tmp_path / "state")
        time.sleep(chance.uniform(0.3, 0.9))
        started.kill()
        started.communicate()

    code, answer = ended(enrol(stack, claim, tmp_path / "state"))

    assert (code, answer["unit"]) == (0, claim.unit)


def test_a_ticket_becomes_a_receipted_leaf_of_the_ledger(stack: Stack, tmp_path: Path) -> None:
    claim, state = stack.centre.claim("SYS-0002"), tmp_path / "state"
    assert ended(enrol(stack, claim, state))[0] == 0
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"stands for a reference picture: only its digest is used")
    stack.centre.ticket(TicketOrder(claim.unit, "case-1", "subject-1", photo, Mode.ACTIVE))
    place, programs = StateDir(state), stack.programs
    clock = UnitClock(place.clock, machine_sources())

    with open_spool(place.spool, clock.now_s) as spool:
        uplink = programs.start("lifecert-uplink", "--state", str(state), log=tmp_path / "uplink.log")
        uplink.await_sign(lambda: spool.ticket("case-1") is not None, "ticket", 30)
        ticket, identity = spool.ticket("case-1"), load_identity(state)
        assert ticket is not None

        def make(head: Head) -> bytes:
            statement = result(
                unit=identity.unit, sequence=head.sequence, previous=head.previous, clock=clock.read(), visit=visit_of(ticket)
            )
            return seal(result_payload(statement), Kind.RESULT, identity.signer)

        spool.conclude(spool.open_attempt(ticket.case, ticket.mode, ticket.nonce), make)
        uplink.await_sign(lambda: spool.count_waiting() == 0, "receipt", 30)
        uplink.stop()

    rows = stack.programs.ask("lifecert-centre", "ledger", "list").parts("rows")
    (row,) = [row for row in rows if row.text("unit") == claim.unit]
    assert (row.text("case"), row.number("sequence"), row.text("standing")) == ("case-1", 1, Standing.FINAL)
    assert row.truth("signature_checked")
