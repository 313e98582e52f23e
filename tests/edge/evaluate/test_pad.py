"""Rates of attack detection, counted by hand on made-up answers."""

from __future__ import annotations

from pathlib import Path

from edge.evaluate.pad import Answer, Label, PadVerdict, Presentation, weigh_answers
from edge.flow import LivenessScore
from models.calibration.rates import rate

LIVE, ATTACK, SILENT = PadVerdict.LIVE, PadVerdict.ATTACK, PadVerdict.NO_RESPONSE


def answers(kind: str, *verdicts: PadVerdict) -> list[Answer]:
    """Answers to presentations of one kind; an empty kind is a living person."""
    label = Label.ATTACK if kind else Label.LIVE
    score = LivenessScore(0.5)
    return [
        Answer(Presentation(f"{kind}{n}", Path(f"{kind}{n}"), label, kind), verdict, None if verdict is SILENT else score, "")
        for n, verdict in enumerate(verdicts)
    ]


def test_living_persons_taken_for_an_attack_are_the_bpcer() -> None:
    report = weigh_answers(answers("", LIVE, ATTACK, LIVE, LIVE), LivenessScore(0.9))

    assert report.bpcer == rate(1, 4)
    assert report.apcer == ()


def test_each_kind_of_attack_has_its_own_apcer() -> None:
    report = weigh_answers([*answers("screen", LIVE, ATTACK), *answers("print", ATTACK), *answers("", LIVE)], LivenessScore(0.9))

    assert [(each.kind, each.rate) for each in report.apcer] == [("print", rate(0, 1)), ("screen", rate(1, 2))]


def test_no_response_is_counted_apart_and_leaves_the_errors_alone() -> None:
    report = weigh_answers([*answers("", LIVE, SILENT, ATTACK), *answers("print", SILENT, LIVE)], LivenessScore(0.9))

    assert (report.bpcer, report.bpnrr) == (rate(1, 2), rate(1, 3))
    assert report.apcer[0].rate == rate(1, 1)
    assert report.apnrr[0].rate == rate(1, 2)


def test_a_kind_that_never_got_a_response_has_no_rate_of_errors() -> None:
    report = weigh_answers(answers("mask", SILENT, SILENT), LivenessScore(0.9))

    assert report.apcer[0].rate.value is None
    assert report.apnrr[0].rate.value == 1.0
    assert report.bpcer.value is None
