"""A row counts as verified only when unit, ledger and token say the same, and a visit as planned only when all of it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from demo.centre import Centre, Row
from demo.errors import ProgramSilentError, WeightsMissingError
from demo.proof import Seen, await_rows, prove
from demo.story import require_weights
from demo.unit import Outcome
from demo.visits import PLAN
from tests.demo.fakes import programs_that, saying
from wire.reasons import Reason
from wire.receipt import Standing
from wire.result import Verdict

GUIDED = next(visit for visit in PLAN if visit.told)
OUTCOME = Outcome(GUIDED.case, Verdict.REFUSED, (Reason.TOO_FAR.value, Reason.TIMED_OUT.value), 4, "ab" * 16, 60, 12.5)
TOLD = ("LOOK_HERE", "TOO_FAR", "TOO_FAR")
SEEN = Seen(GUIDED, OUTCOME, TOLD)
ROW = Row(3, "unit-1", GUIDED.case, 4, "ab" * 16, Verdict.REFUSED, OUTCOME.reasons, Standing.FINAL, None, True, "0oRY")
SIGNED = {
    "verified": True, "verdict": "refused", "reasons": list(OUTCOME.reasons), "sequence": 4, "result_id": "ab" * 16,
    "case": GUIDED.case,
}  # fmt: skip
LISTED = {
    "leaf": 3, "unit": "unit-1", "case": GUIDED.case, "sequence": 4, "result_id": "ab" * 16, "verdict": "refused",
    "reasons": list(OUTCOME.reasons), "standing": "final", "similarity": None, "threshold": None, "signature_checked": True,
    "token": "0oRY",
}  # fmt: skip


def test_a_visit_is_as_planned_when_verdict_reason_and_guidance_are() -> None:
    assert SEEN.as_planned


@pytest.mark.parametrize(
    "seen",
    [
        replace(SEEN, told=("LOOK_HERE",)),
        replace(SEEN, outcome=replace(OUTCOME, verdict=Verdict.ABORTED)),
        replace(SEEN, outcome=replace(OUTCOME, reasons=(Reason.TIMED_OUT.value, Reason.TOO_FAR.value))),
        replace(SEEN, outcome=replace(OUTCOME, reasons=())),
        replace(SEEN, visit=PLAN[0]),
    ],
)
def test_a_visit_is_not_as_planned_when_any_of_it_differs(seen: Seen) -> None:
    assert not seen.as_planned


def test_a_row_is_verified_when_unit_ledger_and_token_agree(tmp_path: Path) -> None:
    programs = programs_that(tmp_path, {"lifecert": saying(SIGNED)})

    assert prove(SEEN, ROW, programs, tmp_path / "ca.pem").good


@pytest.mark.parametrize(
    "row",
    [
        replace(ROW, checked=False),
        replace(ROW, standing=Standing.QUARANTINED),
        replace(ROW, verdict=Verdict.ACCEPTED),
        replace(ROW, sequence=5),
    ],
)
def test_a_row_that_says_something_else_is_not_verified(tmp_path: Path, row: Row) -> None:
    programs = programs_that(tmp_path, {"lifecert": saying(SIGNED)})

    assert not prove(SEEN, row, programs, tmp_path / "ca.pem").verified


@pytest.mark.parametrize(
    "signed",
    [
        SIGNED | {"verdict": "accepted"},
        SIGNED | {"result_id": "cd" * 16},
        SIGNED | {"case": "another"},
        SIGNED | {"verified": False},
    ],
)
def test_a_token_that_says_something_else_is_not_verified(tmp_path: Path, signed: object) -> None:
    programs = programs_that(tmp_path, {"lifecert": saying(signed)})

    assert not prove(SEEN, ROW, programs, tmp_path / "ca.pem").verified


def test_rows_come_in_the_order_of_the_outcomes(tmp_path: Path) -> None:
    other = LISTED | {"leaf": 0, "result_id": "cd" * 16}
    centre = Centre(programs_that(tmp_path, {"lifecert-centre": saying({"rows": [other, LISTED]})}))

    rows = await_rows(centre, [OUTCOME, replace(OUTCOME, result_id="cd" * 16)], within_s=0)

    assert [row.leaf for row in rows] == [3, 0]


def test_a_row_that_never_comes_is_waited_for_only_so_long(tmp_path: Path) -> None:
    centre = Centre(programs_that(tmp_path, {"lifecert-centre": saying({"rows": []})}))

    with pytest.raises(ProgramSilentError, match="no row for 1 of 1 results within 0 s"):
        await_rows(centre, [OUTCOME], within_s=0)


def test_missing_weights_are_told_in_the_words_of_the_store(tmp_path: Path) -> None:
    finding = {"part": "models", "ok": False, "sentence": "model embedder: the file is nowhere; give a mirror"}
    camera = {"part": "camera", "ok": False, "sentence": "clip:none: there is no such file"}
    programs = programs_that(tmp_path, {"lifecert": saying({"ok": False, "findings": [camera, finding]}, status=1)})

    with pytest.raises(WeightsMissingError, match=r"^model embedder: the file is nowhere; give a mirror$"):
        require_weights(programs, None)


def test_weights_that_are_there_let_the_demonstration_begin(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    camera = {"part": "camera", "ok": False, "sentence": "clip:none: there is no such file"}
    finding = {"part": "models", "ok": True, "sentence": "6 networks are there"}
    answer = saying({"ok": False, "findings": [finding, camera]}, status=1)
    programs = programs_that(tmp_path, {"lifecert": f'echo "$*" >{asked}\n{answer}'})

    require_weights(programs, Path("mirror"))

    assert asked.read_text() == "doctor --camera clip:none --mirror mirror --json\n"
