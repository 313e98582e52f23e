"""The story of the demonstration, from the empty folder to the proven rows: straight-line code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo.cameras import camera_words
from demo.centre import Soundness, TicketOrder
from demo.errors import FootageMissingError, ProgramSilentError, WeightsMissingError
from demo.programs import Programs, our_programs
from demo.proof import Proven, Seen, await_rows, prove
from demo.show import Show
from demo.stack import Stack, centre_environment, free_port
from demo.stills import take_still
from demo.unit import Enrolling, Unit
from demo.visits import Visit, missing_nothing

SERIAL = "DEMO-0001"
SUBJECT = "pseudonym-{number:04}"
ROWS_WITHIN_S = 60.0
RECEIPTS_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Chain:
    """Unit and centre, enrolled and running."""

    stack: Stack
    unit: Unit
    mirror: Path


@dataclass(frozen=True, slots=True)
class Account:
    """What the demonstration showed."""

    proven: tuple[Proven, ...]
    soundness: Soundness
    page: str

    @property
    def good(self) -> bool:
        """Every visit ended as planned, every row was verified, and the ledger holds these rows and is sound."""
        whole = self.soundness.sound and self.soundness.leaves == len(self.proven)
        return whole and bool(self.proven) and all(row.good for row in self.proven)


def require_weights(programs: Programs, mirror: Path | None) -> None:
    """Ask a unit whether its networks are there; `WeightsMissingError` repeats what its model store says."""
    where = ("--mirror", str(mirror)) if mirror else ()
    findings = programs.ask("lifecert", "doctor", "--camera", "clip:none", *where).parts("findings")
    for finding in findings:
        if finding.text("part") == "models" and not finding.truth("ok"):
            raise WeightsMissingError(finding.text("sentence"))


def require_footage(plan: tuple[Visit, ...], mirror: Path | None) -> Path:
    """The mirror, if it holds every recording of the plan; `FootageMissingError` names the first that is missing."""
    if mirror is None:
        raise FootageMissingError(plan[0].camera.recording, "any mirror, because none was given")
    missing_nothing(plan, mirror)
    return mirror


@contextmanager
def open_chain(folder: Path, mirror: Path, show: Show) -> Iterator[Chain]:
    """Found a centre, enrol a unit, and let everything run; everything is stopped at the end."""
    port = free_port()
    programs = our_programs(centre_environment(folder, port))
    with Stack(folder, programs, port) as stack, Unit(folder / "unit", stack.logs, programs) as unit:
        show.step("中心已建立", "centre founded", f"enrolment {stack.addresses.enrolment}")
        show.step("消息服务已启动", "private mosquitto", f"mutual TLS, 127.0.0.1:{port}")
        unit.enrol(stack.centre.claim(SERIAL), Enrolling(stack.addresses.enrolment, stack.ca))
        unit.start_uplink()
        show.step("设备已登记", "unit enrolled", f"{unit.name}, two keys of its own")
        show.step("账本页面", "ledger page", stack.addresses.page)
        yield Chain(stack, unit, mirror)


def tell(chain: Chain, plan: Sequence[Visit], show: Show) -> Account:
    """Serve every visit of the plan, then wait for the ledger and check every row."""
    for visit in plan:
        take_still(chain.mirror / visit.reference.recording, visit.reference.share, _photo(chain, visit))
    with ThreadPoolExecutor(max_workers=2) as desk:
        # Tickets are made while visitors are served: the console takes longer than many a visit.
        tickets = [desk.submit(chain.stack.centre.ticket, _order(chain, visit, number)) for number, visit in enumerate(plan, 1)]
        seen = []
        for number, (visit, ticket) in enumerate(zip(plan, tickets, strict=True), 1):
            ticket.result()
            show.arrive(visit, number, len(plan))
            seen.append(serve(chain, visit, show))
            show.end(seen[-1])
        rows = await_rows(chain.stack.centre, [each.outcome for each in seen], ROWS_WITHIN_S)
        await_receipts(chain)
        proven = tuple(desk.map(lambda each, row: prove(each, row, chain.stack.programs, chain.stack.ca), seen, rows))
    return Account(proven, chain.stack.centre.check(), chain.stack.addresses.page)


def await_receipts(chain: Chain) -> None:
    """See to it that the unit holds a receipt for every result; `ProgramSilentError` when one is missing in the end."""
    chain.unit.stop_uplink()
    if not chain.unit.deliver(RECEIPTS_WITHIN_S):
        raise ProgramSilentError("lifecert-uplink", "receipt for every result", RECEIPTS_WITHIN_S)
    chain.unit.start_uplink()


def serve(chain: Chain, visit: Visit, show: Show) -> Seen:
    """Let one visitor sit down, and tell what happens."""
    told = []
    camera = camera_words(visit.camera, chain.mirror, chain.unit.folder)
    with chain.unit.visit(visit.case, camera, chain.mirror) as running:
        for live in running.lines():
            show.live(live)
            if live.part == "screen":
                told.append(live.what)
        chain.unit.require_running()
        chain.stack.require_running()
        return Seen(visit, running.outcome(), tuple(told))


def _order(chain: Chain, visit: Visit, number: int) -> TicketOrder:
    return TicketOrder(chain.unit.name, visit.case, SUBJECT.format(number=number), _photo(chain, visit), visit.mode)


def _photo(chain: Chain, visit: Visit) -> Path:
    return chain.unit.gallery / visit.reference.name
