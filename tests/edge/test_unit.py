"""A visit on an enrolled unit: one result for every attempt that began, none for one that may not begin."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.clock import UnitClock
from edge.conclude import Origin
from edge.errors import PolicyUnknownError, ReferenceMismatchError, TicketExpiredError, TicketUsedError
from edge.identity import UnsafeUnenrolledIdentity
from edge.keystore import passing_signer
from edge.prompts.catalogue import load_catalogue
from edge.spool.spool import Spool, open_spool
from edge.unit import Unit, VisitReport
from models.runtime import Network
from tests import builders as a
from tests.edge.observations import RULES
from tests.edge.test_clock import Machine
from tests.fakes.networks import Breaking
from tests.fakes.parts import ScriptedCamera, twin_board
from tests.fakes.stage import Scene, Stage
from wire.envelope import Kind, seal, unverified_payload
from wire.reasons import Reason
from wire.reference import Reference, ReferenceClass
from wire.result import DebugStatus, Mode, ResultStatement, Verdict, read_result
from wire.ticket import Ticket, ticket_payload


class PowerCutError(BaseException):
    """The battery is pulled: nothing in the product may catch it."""


@dataclass
class Desk:
    """A unit without hardware, and the photo of its visitor."""

    folder: Path
    spool: Spool
    clock: UnitClock

    @property
    def photo(self) -> Path:
        return self.folder / "photo.png"

    def ticket(self, **changes: object) -> Ticket:
        digest = hashlib.sha256(self.photo.read_bytes()).digest()
        ticket = replace(
            a.ticket(mode=Mode.PASSIVE, policy=RULES.policy, references=(Reference(digest, ReferenceClass.DOCUMENT),)), **changes
        )  # type: ignore[arg-type]
        self.spool.put_ticket(ticket, _sealed(ticket))
        return ticket

    def visit(
        self, ticket: Ticket, opened: Callable[[], None] = lambda: None, stage: Stage | None = None, **instead: Network
    ) -> VisitReport:
        stage = stage or Stage(lambda _: Scene())
        return self.unit(stage, **instead).visit(ticket, self.photo, twin_board(ScriptedCamera(stage.frames)), opened)

    def unit(self, stage: Stage, **instead: Network) -> Unit:
        engine = stage.engine(**instead)
        origin = Origin("unenrolled", "test", bytes(32), DebugStatus.ENABLED, engine.models, engine.rules)
        identity = UnsafeUnenrolledIdentity(passing_signer("unenrolled"))
        return Unit(identity, self.clock, self.spool, engine, origin, load_catalogue("en"), lambda: 0)

    @property
    def results(self) -> list[ResultStatement]:
        queued = self.spool.waiting(100, 2**40)
        return [read_result(unverified_payload(each.envelope, Kind.RESULT)) for each in queued]


def _sealed(ticket: Ticket) -> bytes:
    return seal(ticket_payload(ticket), Kind.TICKET, a.KeySigner(a.key(9)))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = UnitClock(tmp_path / "clock.json", Machine(wall_s=a.NOW_S, synchronised=True).sources(), build_time_s=a.NOW_S - 10)
    noise = np.random.default_rng(1).integers(60, 200, (240, 320, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "photo.png"), noise)
    with open_spool(tmp_path / "spool.db", clock.now_s) as spool:
        yield Desk(tmp_path, spool, clock)


def test_a_visit_leaves_one_result_that_answers_its_ticket(desk: Desk) -> None:
    ticket = desk.ticket()

    report = desk.visit(ticket)

    (result,) = desk.results
    assert result.verdict is report.judgement.decision.verdict is Verdict.ACCEPTED
    assert result.visit is not None
    assert result.visit.nonce == ticket.nonce
    assert desk.spool.unfinished() == []


def test_a_ticket_serves_one_visit(desk: Desk) -> None:
    ticket = desk.ticket()
    desk.visit(ticket)

    with pytest.raises(TicketUsedError):
        desk.visit(ticket)

    assert len(desk.results) == 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"not_before_s": a.NOW_S - 7000, "not_after_s": a.NOW_S - 60}, TicketExpiredError),
        ({"policy": "pension-2099/1"}, PolicyUnknownError),
        ({"references": (Reference(b"\x0e" * 32, ReferenceClass.DOCUMENT),)}, ReferenceMismatchError),
    ],
)
def test_a_visit_that_may_not_begin_leaves_no_attempt(desk: Desk, changes: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        desk.visit(desk.ticket(**changes))

    assert desk.results == []
    assert desk.spool.unfinished() == []


def test_a_matcher_that_fails_on_the_photo_ends_in_a_result_and_leaves_the_ticket_for_another_try(desk: Desk) -> None:
    ticket = desk.ticket()

    desk.visit(ticket, embedder=Breaking())

    (result,) = desk.results
    assert (result.verdict, result.reasons) == (Verdict.ABORTED, (Reason.MATCHER_UNAVAILABLE,))
    assert desk.spool.ticket(ticket.case) == ticket


def test_a_photo_without_a_face_is_a_refusal_with_its_reason(desk: Desk) -> None:
    desk.visit(desk.ticket(), stage=Stage(lambda _: Scene(faces=())))

    (result,) = desk.results
    assert (result.verdict, result.reasons) == (Verdict.REFUSED, (Reason.REFERENCE_UNUSABLE,))


def test_an_attempt_is_written_down_before_the_first_frame_and_reported_after_a_power_cut(desk: Desk) -> None:
    def pull_the_battery() -> None:
        raise PowerCutError

    with pytest.raises(PowerCutError):
        desk.visit(desk.ticket(), opened=pull_the_battery)
    assert desk.results == []

    desk.unit(Stage(lambda _: Scene())).report_interrupted()

    (result,) = desk.results
    assert (result.verdict, result.reasons) == (Verdict.ABORTED, (Reason.INTERRUPTED,))
    assert result.visit is not None
    assert desk.spool.unfinished() == []
