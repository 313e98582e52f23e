"""One attempt at the bench: a recording or a camera against a photo, on a unit that need not be enrolled.

It runs the very attempt of the product and signs its result with a throw-away key; nothing is stored or sent.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from edge.attempt import Attempt
from edge.clock import UnitClock, machine_sources
from edge.conclude import Judgement, Occasion, Origin, judge, sealed, statement, threshold_x10000, without_capture
from edge.config import Settings
from edge.engine import Engine
from edge.errors import ReferenceUnusableError
from edge.flow import CueFinding
from edge.identity import unenrolled_identity
from edge.likeness import Standard
from edge.perform import Performer
from edge.prompts.catalogue import load_catalogue
from edge.reference import embed_only_face
from edge.rules import cues_lacking, rules_for
from edge.session.challenge import challenge_of
from edge.spool.rows import FIRST
from edge.stages.match import Embedding
from edge.version import software_version
from firmware.board import BoardKind, open_board
from firmware.clock import SystemClock
from firmware.picture import read_picture
from firmware.ports import Camera
from firmware.twin.parts import Recorder
from wire.reasons import Reason
from wire.result import DebugStatus, Mode, ResultStatement, Verdict

log = logging.getLogger("lifecert.bench")


@dataclass(frozen=True, slots=True)
class BenchVisit:
    """What one attempt at the bench showed."""

    statement: ResultStatement
    envelope: bytes
    threshold_x10000: int
    action: str
    """How the action went, or `not_asked`."""
    findings: tuple[CueFinding, ...]
    """What each cue said."""
    cpu_ms_per_frame: float


Through = Callable[[Camera], Camera]
"""Puts something between a camera and the attempt."""


def run_bench_visit(
    camera: str,
    reference: Path,
    mode: Mode,
    nonce: bytes,
    settings: Settings,
    engine: Engine,
    scratch: Path,
    through: Through | None = None,
) -> BenchVisit:
    """Run one attempt. Raises the errors of camera, picture and models; whatever a visitor does ends in a verdict."""
    engine = replace(engine, rules=replace(engine.rules, times=settings.times, grade=settings.grade))
    try:
        embedding = embed_only_face(read_picture(reference), engine.eyes)
    except ReferenceUnusableError:
        judgement, cpu_ms = without_capture(Verdict.REFUSED, Reason.REFERENCE_UNUSABLE), 0.0
    else:
        judgement, cpu_ms = _capture(camera, embedding, mode, nonce, settings, engine, through)
    identity = unenrolled_identity()
    origin = Origin(identity.unit, software_version(), settings.digest, DebugStatus.ENABLED, engine.models)
    clock = UnitClock(scratch / "clock.json", machine_sources()).read()
    occasion = Occasion(secrets.token_bytes(16), clock, None, mode)
    return BenchVisit(
        statement(judgement, origin, occasion, FIRST),
        sealed(judgement, origin, occasion, FIRST, identity.signer),
        threshold_x10000(engine.rules.thresholds.match),
        judgement.liveness.outcome.value,
        judgement.findings,
        cpu_ms / max(1, judgement.frames),
    )


def _capture(
    camera: str,
    reference: Embedding,
    mode: Mode,
    nonce: bytes,
    settings: Settings,
    engine: Engine,
    through: Through | None,
) -> tuple[Judgement, float]:
    recorder, rules = Recorder(SystemClock()), rules_for(engine.rules, mode)
    with open_board(BoardKind.TWIN, camera, recorder, lamps=settings.unit.lamps) as board:
        if lacking := cues_lacking(rules.required, board.strobe.lamps):
            log.warning("the board cannot give every cue", extra={"lacking": ", ".join(lacking)})
            return without_capture(Verdict.ABORTED, Reason.HW_UNSUPPORTED), 0.0
        challenge = challenge_of(nonce, mode, board.strobe.lamps, board.strobe.symbol_ns)
        performer = Performer(board, load_catalogue(settings.unit.language))
        attempt = Attempt(engine.pipeline(challenge.code), rules, challenge, performer, time.process_time_ns)
        seen = through(board.camera) if through else board.camera
        ending = attempt.run(seen.frames(), tuple)
    standard = Standard(reference, rules.thresholds)
    return judge(ending, (standard,), engine.embedder, rules), ending.cpu_ms
