"""A visit that would lack a cue does not begin, one that denies life is told as an attack; lamps are asked for where they are."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from edge.errors import CueLackingError, CueUnaskedError
from edge.flow import ActionKind
from edge.health.emitter_memory import LampMemory
from edge.pipeline import Pipeline
from edge.session.challenge import asked_action
from tests.edge.visits import SIGNED, Desk, open_desk
from tests.fakes.parts import ScriptedCamera, twin_board
from tests.fakes.stage import Scene, Script, Stage
from wire.reasons import Reason
from wire.result import Mode, Verdict


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        yield desk


@pytest.mark.parametrize(
    ("mode", "cues", "lamps", "error"),
    [
        (Mode.PASSIVE, {"code"}, "LRV", CueUnaskedError),
        (Mode.ACTIVE, {"texture", "relief"}, "LRV", CueUnaskedError),
        (Mode.FULL, {"texture"}, "", CueLackingError),
        (Mode.FULL, {"relief"}, "LV", CueLackingError),
    ],
)
def test_a_visit_that_would_lack_a_cue_does_not_begin_and_its_ticket_stays(
    desk: Desk, mode: Mode, cues: set[str], lamps: str, error: type[Exception]
) -> None:
    published = replace(SIGNED, required_cues=frozenset(cues))
    desk.publish(published)
    ticket = desk.ticket(policy=published.id, mode=mode)

    with pytest.raises(error, match=published.id):
        desk.visit(ticket, lamps=lamps)

    assert (desk.results, desk.spool.unfinished()) == ([], [])
    assert desk.spool.ticket(ticket.case) == ticket


def test_a_full_visit_under_the_shipped_policy_does_not_begin_without_lamps_either(desk: Desk) -> None:
    ticket = desk.ticket(mode=Mode.FULL)

    with pytest.raises(CueLackingError, match="no lamps of its own"):
        desk.visit(ticket)

    assert desk.spool.ticket(ticket.case) == ticket


def test_a_visit_whose_policy_requires_what_its_mode_gathers_is_served(desk: Desk) -> None:
    published = replace(SIGNED, required_cues=frozenset({"texture"}))
    desk.publish(published)

    desk.visit(desk.ticket(policy=published.id))

    assert [result.verdict for result in desk.results] == [Verdict.ACCEPTED]


def test_whoever_does_not_answer_the_lamps_is_not_accepted_however_good_the_rest(desk: Desk) -> None:
    """The frames of the stage say that no lamp ever shone."""
    desk.visit(desk.ticket(mode=Mode.FULL), stage=Stage(lambda _: Scene(), fps=5, lasts_ms=12_000), lamps="LRV")

    (result,) = desk.results
    assert result.mode is Mode.FULL
    assert (result.verdict, result.reasons) == (Verdict.REFUSED, (Reason.TIMED_OUT,))


@pytest.mark.parametrize(("substitution", "verdict"), [(True, Verdict.ACCEPTED), (False, Verdict.REFUSED)])
def test_who_does_not_blink_and_opens_the_mouth_instead_is_served_where_the_policy_allows_it(
    desk: Desk, substitution: bool, verdict: Verdict
) -> None:
    published = replace(SIGNED, substitution=substitution)
    desk.publish(published)
    nonce = next(nonce for number in count() if asked_action(nonce := number.to_bytes(16, "big")) is ActionKind.BLINK)
    mouth: Script = lambda at_ms: Scene(mouth=0.7 if 18_000 < at_ms < 18_600 else 0.0)  # noqa: E731

    desk.visit(desk.ticket(policy=published.id, mode=Mode.ACTIVE, nonce=nonce), stage=Stage(mouth, fps=25, lasts_ms=22_000))

    (result,) = desk.results
    assert (result.verdict, result.substituted) == (verdict, substitution)


def test_an_attack_is_told_to_whoever_watches_the_log_and_nothing_else_is(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.visit(desk.ticket(nonce=b"\x01" * 16), stage=Stage(lambda _: Scene(real=0.01)))
    desk.visit(desk.ticket(nonce=b"\x02" * 16))

    told = [(record.levelno, record.__dict__["sequence"]) for record in caplog.records if record.message == "attack reported"]
    assert [result.verdict for result in desk.results] == [Verdict.ATTACK, Verdict.ACCEPTED]
    assert told == [(logging.WARNING, 1)]


def test_a_visit_leaves_what_it_told_of_the_lamps_and_one_without_a_code_leaves_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = LampMemory(desk.folder / "lamps.json")
    stage = Stage(lambda _: Scene())
    unit = replace(desk.unit(stage), lamps=memory)
    board = twin_board(ScriptedCamera(stage.frames))

    unit.visit(desk.ticket(nonce=b"\x01" * 16), [desk.photo], board, lambda: None)
    assert not (desk.folder / "lamps.json").exists()
    monkeypatch.setattr(Pipeline, "lamp_strengths", {"L": 0.02, "R": 0.04})
    unit.visit(desk.ticket(nonce=b"\x02" * 16), [desk.photo], board, lambda: None)

    assert json.loads((desk.folder / "lamps.json").read_bytes()) == {"visits": [{"L": 0.5, "R": 1.0}]}
