"""Measures the detection of presentation attacks: who lives, and who is a print or a screen.

Terms as in ISO/IEC 30107-3:2023. A clip goes through the attempt of the product, without a challenge, as far as the texture
decision; a picture is probed once. A file without a usable face gets no response, which is counted apart from errors.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from edge.attempt import Attempt, Ending
from edge.engine import Engine
from edge.errors import LivenessBrokenError
from edge.evaluate.portrait import Loss, look_at
from edge.evaluate.tables import Row, file_inside, read_table
from edge.evaluate.verification import Progress
from edge.flow import LivenessScore
from edge.perform import Performer
from edge.prompts.catalogue import load_catalogue
from edge.session.challenge import STILL
from edge.stages.grade import roll_deg
from firmware.board import BoardKind, open_board
from firmware.clock import SystemClock
from firmware.errors import FirmwareError
from firmware.picture_header import kind_of
from firmware.twin.parts import Recorder
from models.calibration.rates import Rate, rate
from wire.reasons import Reason

COLUMNS = ("file", "label", "attack_kind")
UNNAMED_KIND = "unnamed"
"""The kind of an attack whose kind the list leaves open."""


class Label(StrEnum):
    """What a file shows."""

    LIVE = "live"
    ATTACK = "attack"


class PadVerdict(StrEnum):
    """What the unit takes it for."""

    LIVE = "live"
    ATTACK = "attack"
    NO_RESPONSE = "no_response"


@dataclass(frozen=True, slots=True)
class Presentation:
    """A listed file and what it shows."""

    file: str
    path: Path
    label: Label
    kind: str
    """Kind of the attack, such as print or screen; empty for the living."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the unit makes of a presentation."""

    presentation: Presentation
    verdict: PadVerdict
    score: LivenessScore | None
    """None when there was no response."""
    why: str
    """Why there was no response; empty when there was one."""


@dataclass(frozen=True, slots=True)
class KindRate:
    """A rate of one kind of attack."""

    kind: str
    rate: Rate


@dataclass(frozen=True, slots=True)
class PadReport:
    """The figures of one set. The rates of errors leave out what got no response."""

    answers: tuple[Answer, ...]
    threshold: LivenessScore
    bpcer: Rate
    """Living persons taken for an attack."""
    apcer: tuple[KindRate, ...]
    """Attacks of each kind taken for living persons."""
    bpnrr: Rate
    """Living persons who got no response."""
    apnrr: tuple[KindRate, ...]
    """Attacks of each kind that got no response."""


def read_labels(path: Path, root: Path) -> tuple[Presentation, ...]:
    """Read the list of files; raises `ListUnreadableError`, `ListInvalidError`, `FolderNotFoundError`."""
    lines: dict[str, int] = {}
    presentations = []
    for row in read_table(path, COLUMNS):
        presentation = _presentation(root, row)
        if presentation.file in lines:
            raise row.wrong("file", f"this file already stands in line {lines[presentation.file]}; a file counts once")
        lines[presentation.file] = row.line
        presentations.append(presentation)
    return tuple(presentations)


def _presentation(root: Path, row: Row) -> Presentation:
    path = file_inside(root, row, "file")
    label, kind = row.text("label"), row.text("attack_kind")
    if label not in set(Label):
        raise row.wrong("label", f"{label!r} is neither live nor attack")
    if label == Label.LIVE and kind:
        raise row.wrong("attack_kind", f"a living person is no attack of kind {kind!r}")
    return Presentation(row.text("file"), path, Label(label), kind if label == Label.LIVE else kind or UNNAMED_KIND)


def probe_all(presentations: Sequence[Presentation], engine: Engine, progress: Progress) -> tuple[Answer, ...]:
    """Probe every file; raises `ModelError` or `LivenessBrokenError` when a network fails."""
    answers = []
    for presentation in presentations:
        answers.append(probe(presentation, engine))
        progress(len(answers), len(presentations))
    return tuple(answers)


def probe(presentation: Presentation, engine: Engine) -> Answer:
    """Probe one file. Whatever is wrong with it is no response, with a word that says why."""
    try:
        if _is_picture(presentation.path):
            return _probe_picture(presentation, engine)
        return _probe_clip(presentation, engine)
    except FirmwareError as error:
        return Answer(presentation, PadVerdict.NO_RESPONSE, None, f"{Loss.UNREADABLE}: {error}")


def _is_picture(path: Path) -> bool:
    with path.open("rb") as file:
        return kind_of(file.read(12)) is not None


def _probe_picture(presentation: Presentation, engine: Engine) -> Answer:
    portrait = look_at(presentation.path, engine.detector)
    if portrait is None:
        return Answer(presentation, PadVerdict.NO_RESPONSE, None, Loss.NO_FACE)
    tilt_deg = roll_deg(engine.aligner.points(portrait.bgr, portrait.face))
    return _judged(presentation, engine.texture.probe(portrait.bgr, portrait.face, 0, tilt_deg).score, engine)


def _probe_clip(presentation: Presentation, engine: Engine) -> Answer:
    ending = _run_attempt(presentation.path, engine)
    if ending.trouble is Reason.LIVENESS_UNAVAILABLE:
        raise LivenessBrokenError("texture")
    if ending.trouble or ending.evidence.texture is None:
        why = ending.trouble or ending.hindrance or Reason.TIMED_OUT
        return Answer(presentation, PadVerdict.NO_RESPONSE, None, why.value)
    return _judged(presentation, ending.evidence.texture, engine)


def _run_attempt(clip: Path, engine: Engine) -> Ending:
    """The attempt of the product in which the visitor only holds still; without a reference nothing is matched."""
    with open_board(BoardKind.TWIN, f"clip:{clip}", Recorder(SystemClock())) as board:
        performer = Performer(board, load_catalogue("en"))
        attempt = Attempt(engine.pipeline(), engine.rules, STILL, performer, time.process_time_ns)
        return attempt.run(board.camera.frames(), tuple)


def _judged(presentation: Presentation, score: LivenessScore, engine: Engine) -> Answer:
    lives = score >= engine.rules.thresholds.texture
    return Answer(presentation, PadVerdict.LIVE if lives else PadVerdict.ATTACK, score, "")


def weigh_answers(answers: Sequence[Answer], threshold: LivenessScore) -> PadReport:
    """Turn answers into rates."""
    living = [answer for answer in answers if answer.presentation.label is Label.LIVE]
    kinds = sorted({answer.presentation.kind for answer in answers if answer.presentation.label is Label.ATTACK})
    by_kind = {kind: [answer for answer in answers if answer.presentation.kind == kind] for kind in kinds}
    return PadReport(
        tuple(answers),
        threshold,
        bpcer=_error_rate(living, PadVerdict.ATTACK),
        apcer=tuple(KindRate(kind, _error_rate(group, PadVerdict.LIVE)) for kind, group in by_kind.items()),
        bpnrr=_silence_rate(living),
        apnrr=tuple(KindRate(kind, _silence_rate(group)) for kind, group in by_kind.items()),
    )


def _error_rate(answers: Sequence[Answer], wrong: PadVerdict) -> Rate:
    responses = [answer for answer in answers if answer.verdict is not PadVerdict.NO_RESPONSE]
    return rate(sum(answer.verdict is wrong for answer in responses), len(responses))


def _silence_rate(answers: Sequence[Answer]) -> Rate:
    return rate(sum(answer.verdict is PadVerdict.NO_RESPONSE for answer in answers), len(answers))
