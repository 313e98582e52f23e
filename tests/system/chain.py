"""A running chain for system tests: the demonstration's own stack, with quick tickets and a look into the spool."""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.show import Show
from demo.stills import take_still
from demo.story import Chain, open_chain
from demo.visits import FROM_REPLAY
from demo.words import Paint
from edge.spool.spool import Spool, open_spool
from provisioning.centre import open_centre
from provisioning.settings import CentreSettings
from provisioning.tickets.models import TicketOrder
from wire.policy import SHIPPED_POLICY
from wire.reference import Reference, ReferenceClass
from wire.result import Mode

VALID_S = 86_400
LOOK_AGAIN_S = 0.1


@contextmanager
def running_chain(folder: Path, mirror: Path) -> Iterator[Chain]:
    """Unit and centre, enrolled and running, with one photo in the gallery."""
    folder.mkdir(mode=0o700, exist_ok=True)
    stream = io.StringIO()
    with open_chain(folder, mirror, Show(stream, Paint(stream, ""))) as chain:
        take_still(mirror / FROM_REPLAY.recording, FROM_REPLAY.share, photo(chain))
        yield chain


def photo(chain: Chain) -> Path:
    """The one photo on file."""
    return chain.unit.gallery / FROM_REPLAY.name


def hand_out_tickets(chain: Chain, cases: Iterable[str]) -> None:
    """Make tickets as the console does, all in one go."""
    settings = CentreSettings.model_validate({"data": chain.stack.data})
    references = (Reference(hashlib.sha256(photo(chain).read_bytes()).digest(), ReferenceClass.DOCUMENT),)
    with open_centre(settings) as centre:
        for case in cases:
            order = TicketOrder(chain.unit.name, case, f"subject-{case}", SHIPPED_POLICY, Mode.PASSIVE, references, VALID_S)
            centre.ticket_desk.make(order)


@contextmanager
def spool_of(chain: Chain) -> Iterator[Spool]:
    """The unit's spool, beside the programs that have it open."""
    with open_spool(chain.unit.state / "spool.db", lambda: int(time.time())) as spool:
        yield spool


def await_true(seen: Callable[[], bool], awaited: str, within_s: float) -> None:
    """Look again and again until it is so; fails when it is not in time."""
    until = time.monotonic() + within_s
    while not seen():
        assert time.monotonic() < until, f"no {awaited} within {within_s} s"
        time.sleep(LOOK_AGAIN_S)


def await_tickets(chain: Chain, count: int, within_s: float) -> None:
    """Wait until so many unused tickets lie in the unit's spool."""
    with spool_of(chain) as spool:
        await_true(lambda: len(spool.tickets()) >= count, f"{count} tickets on the unit", within_s)
