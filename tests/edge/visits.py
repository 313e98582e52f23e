"""An enrolled unit without hardware: its desk, the photos of its visitor, the tickets and policies that arrive."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from edge.clock import UnitClock
from edge.conclude import Origin
from edge.flow import LivenessScore
from edge.identity import UnsafeUnenrolledIdentity
from edge.keystore import passing_signer
from edge.lens_memory import LensMemory
from edge.prompts.catalogue import LANGUAGES, load_catalogue
from edge.pulse import Pulse
from edge.reception import Reception
from edge.spool.spool import Spool, open_spool
from edge.tries import TriesMemory
from edge.unit import Unit, VisitReport
from firmware.strobe import Strobe
from models.runtime import Network
from tests import builders as a
from tests.edge.observations import RULES
from tests.edge.spool_parts import CENTRE_KEYS, sealed_policy
from tests.edge.test_clock import Machine
from tests.fakes.noise import picture
from tests.fakes.parts import ScriptedCamera, twin_board
from tests.fakes.stage import MATCHER, Scene, Stage
from wire.envelope import Kind, seal, unverified_payload
from wire.keys import KeyId, PublicKey
from wire.policy import Policy
from wire.reference import Reference, ReferenceClass
from wire.result import DebugStatus, Mode, ResultStatement, read_result
from wire.ticket import Ticket, ticket_payload

DOCUMENT, SUPERVISED = ReferenceClass
HALF = LivenessScore(0.5)
LIT = replace(RULES, thresholds=replace(RULES.thresholds, texture_lit=LivenessScore(0.03), code=HALF, relief=HALF))
"""The rules of the unit, with thresholds for what lamps ask."""

PROVEN = a.calibration(model_digest=MATCHER.model_digest, runtime=MATCHER.runtime, threshold_x10000=6120, review_from_x10000=5000)
SIGNED = a.policy(calibrations=(PROVEN, replace(PROVEN, reference_class=SUPERVISED, threshold_x10000=5870)))
"""A policy for the unit's matcher."""


@dataclass(frozen=True)
class Enrolled(UnsafeUnenrolledIdentity):
    """A unit that knows the keys of its centre."""

    @property
    def centre_keys(self) -> Mapping[KeyId, PublicKey]:
        return CENTRE_KEYS


@dataclass
class Desk:
    """A unit without hardware, and the photo of its visitor."""

    folder: Path
    spool: Spool
    clock: UnitClock
    reception: Reception

    @property
    def photo(self) -> Path:
        return self.folder / "photo.png"

    @property
    def second(self) -> Path:
        return self.folder / "second.png"

    def ticket(self, **changes: object) -> Ticket:
        plain = a.ticket(mode=Mode.PASSIVE, policy=RULES.policy, references=(named(self.photo, DOCUMENT),))
        ticket = replace(plain, **changes)  # type: ignore[arg-type]
        self.spool.put_ticket(ticket, _sealed(ticket))
        return ticket

    def publish(self, published: Policy) -> None:
        """Let a policy arrive."""
        self.spool.put_policy(published, sealed_policy(published))

    def visit(
        self,
        ticket: Ticket,
        opened: Callable[[], None] = lambda: None,
        stage: Stage | None = None,
        photos: Sequence[Path] | None = None,
        lamps: str = "",
        pulse: Pulse | None = None,
        spool: Spool | None = None,
        **instead: Network,
    ) -> VisitReport:
        stage = stage or Stage(lambda _: Scene())
        board = replace(twin_board(ScriptedCamera(stage.frames)), strobe=Strobe(lamps, 30.0, 6))
        unit = self.unit(stage, **instead)
        unit = replace(unit, pulse=pulse or unit.pulse, spool=spool or unit.spool)
        return unit.visit(ticket, photos or [self.photo], board, opened)

    def unit(self, stage: Stage, **instead: Network) -> Unit:
        engine = stage.engine(LIT, **instead)
        origin = Origin("unenrolled", "test", bytes(32), DebugStatus.ENABLED, engine.models)
        identity = Enrolled(passing_signer("unenrolled"))
        lens = LensMemory(self.folder / "lens.json")
        return Unit(identity, self.clock, self.spool, engine, origin, load_catalogue("en"), lambda: 0, lens, self.reception)

    @property
    def results(self) -> list[ResultStatement]:
        queued = self.spool.waiting(100, 2**40)
        return [read_result(unverified_payload(each.envelope, Kind.RESULT)) for each in queued]


def named(photo: Path, reference_class: ReferenceClass) -> Reference:
    """A photo as a ticket names it."""
    return Reference(hashlib.sha256(photo.read_bytes()).digest(), reference_class)


def _sealed(ticket: Ticket) -> bytes:
    return seal(ticket_payload(ticket), Kind.TICKET, a.KeySigner(a.key(9)))


@contextmanager
def open_desk(folder: Path) -> Iterator[Desk]:
    """A desk in an empty folder."""
    clock = UnitClock(folder / "clock.json", Machine(wall_s=a.NOW_S, synchronised=True).sources(), build_time_s=a.NOW_S - 10)
    for number, name in enumerate(("photo.png", "second.png")):
        picture(folder / name, number)
    with open_spool(folder / "spool.db", clock.now_s) as spool:
        others = {language: load_catalogue(language) for language in LANGUAGES}
        yield Desk(folder, spool, clock, Reception(TriesMemory(folder / "tries.json"), others=others))
