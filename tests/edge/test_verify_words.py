"""What `lifecert verify` says to people and to programs: an attacker reads along, a bench needs every score."""

from __future__ import annotations

import json
import re

import pytest

from edge.bench_visit import BenchVisit
from edge.commands.verify import _document, _print_lines
from tests.builders import result
from wire.reasons import Reason
from wire.result import CUES_OF, CueScore, Mode, Verdict

CUES = tuple(CueScore(cue, 8765, 4321) for cue in sorted(CUES_OF[Mode.FULL]))


def visit(verdict: Verdict, *reasons: Reason) -> BenchVisit:
    """A full visit with this verdict, in which nothing was compared unless it was accepted."""
    likeness = result().likeness if verdict is Verdict.ACCEPTED else None
    statement = result(verdict=verdict, reasons=reasons, mode=Mode.FULL, likeness=likeness, liveness=CUES)
    return BenchVisit(statement, b"token", 5300, "done", (), 12.5)


def lines(shown: BenchVisit, capsys: pytest.CaptureFixture[str]) -> list[str]:
    _print_lines(shown)
    return capsys.readouterr().out.splitlines()


def test_an_attack_is_told_no_score_and_no_threshold(capsys: pytest.CaptureFixture[str]) -> None:
    said = lines(visit(Verdict.ATTACK, Reason.SPOOF_SUSPECTED), capsys)

    assert said[0] == "verdict     attack"
    assert [line for line in said if re.search(r"0\.\d{4}|threshold", line)] == []
    assert any(line.startswith("scores      not shown for an attack") for line in said)
    assert [line for line in said if line.startswith(tuple(cue.cue for cue in CUES))] == []


@pytest.mark.parametrize(("verdict", "reasons"), [(Verdict.ACCEPTED, ()), (Verdict.REFUSED, (Reason.ACTION_MISSED,))])
def test_everybody_else_reads_every_score(
    capsys: pytest.CaptureFixture[str], verdict: Verdict, reasons: tuple[Reason, ...]
) -> None:
    said = lines(visit(verdict, *reasons), capsys)

    for cue in CUES:
        assert f"{cue.cue:11} 0.8765 (threshold 0.4321)" in said


def test_the_document_for_the_bench_holds_the_scores_of_an_attack_too() -> None:
    found = json.loads(json.dumps(_document(visit(Verdict.ATTACK, Reason.SPOOF_SUSPECTED))))

    assert found["liveness"]["relief"] == found["liveness"]["code"] == {"score": 8765, "threshold": 4321}
    assert (found["liveness"]["mode"], found["similarity"]) == ("full", None)
