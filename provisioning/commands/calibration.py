"""Calibrations: from sealed references to a threshold with its proof, and whether newer references still fit it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from provisioning.calibration.desk import CalibrationOrder, CalibrationReport, DriftReport
from provisioning.calibration.models import EVERYBODY, AgeShare, AlikePersons, KeptCalibration, MeasuredThreshold, StratumCount
from provisioning.calibration.one_person import read_one_person
from provisioning.calibration.proof import rate_of
from provisioning.calibration.rounding import read_claim, read_threshold
from provisioning.centre import open_centre
from provisioning.clock import written
from provisioning.commands.progress import progress_on_stderr
from provisioning.console import DONE, REFUSED, Answer, Console, answering, table
from provisioning.errors import ClaimUnsupportedError
from provisioning.proving import calibration_desk, policy_watch
from wire.policy import SHARE_SCALE
from wire.result import SCALE


@click.group(
    invoke_without_command=True,
    epilog="Example: lifecert-centre calibrate --cohort cohort-0a1b2c3d4e5f --claim 1e-3 --population 'pensioners of the city'",
)
@click.option("--cohort", "cohorts", multiple=True, help="Cohort to compare; several are taken together.")
@click.option("--claim", help="False match rate that the threshold must keep, such as 1e-3.")
@click.option("--population", help="Among whom, in words, at most 64 characters; without it the names of the programmes.")
@click.option(
    "--among", default=EVERYBODY, show_default=True, help="Stratum in which the claim must hold, such as '60 and over', as told."
)
@click.option("--threshold", help="Test this threshold, such as 0.53, instead of finding the lowest one that is supported.")
@click.option("--one-person", type=click.Path(path_type=Path), help="CSV with the columns a and b: pseudonyms of one person.")
@answering
def calibrate(
    console: Console,
    cohorts: tuple[str, ...],
    claim: str | None,
    population: str | None,
    among: str,
    threshold: str | None,
    one_person: Path | None,
) -> Answer | None:
    """Compare all references with one another and keep the lowest threshold that provably keeps the claimed rate.

    Ends with 1, and keeps nothing, when the claim is not supported. Pseudonyms of people who look alike are shown, never stored.
    """
    if click.get_current_context().invoked_subcommand is not None:
        return None
    if not cohorts or claim is None:
        raise click.UsageError("--cohort and --claim are needed")
    order = CalibrationOrder(
        cohorts=cohorts,
        claimed_fmr_x1e9=read_claim(claim),
        population=population,
        among=among,
        threshold_x10000=None if threshold is None else read_threshold(threshold),
        same=() if one_person is None else read_one_person(one_person),
        same_from="" if one_person is None else one_person.name,
    )
    with open_centre(console.settings()) as centre:
        report = calibration_desk(centre, progress_on_stderr()).calibrate(order)
    return _refused(report) if report.kept is None else _kept(report, report.kept)


@calibrate.command("list", epilog="Example: lifecert-centre calibrate list")
@answering
def calibrate_list(console: Console) -> Answer:
    """List the calibrations that are kept; every one supports its claim."""
    with open_centre(console.settings()) as centre:
        kept = calibration_desk(centre, progress_on_stderr()).all()
    rows = [
        {
            "calibration": found.id,
            "matcher": found.found.use.matcher,
            "reference_class": found.found.use.reference_class.value,
            "population": found.found.population,
            "threshold": found.found.threshold_x10000 / SCALE,
            "claimed_fmr": found.found.claimed_fmr_x1e9 / SHARE_SCALE,
            "persons": found.found.overall.persons,
            "calibrated_at": written(found.found.calibrated_at_s),
        }
        for found in kept
    ]
    return Answer(table(rows), {"calibrations": [_document(found.found, found) for found in kept]})


@calibrate.command(
    "drift", epilog="Example: lifecert-centre calibrate drift --policy pension-2027/3 --cohort cohort-0a1b2c3d4e5f"
)
@click.option("--policy", required=True, help="Published policy, NAME/N.")
@click.option("--cohort", required=True, help="Newer cohort to hold against it.")
@answering
def calibrate_drift(console: Console, policy: str, cohort: str) -> Answer:
    """Count a newer cohort at the signed threshold. Ends with 1 when it no longer fits what was signed."""
    with open_centre(console.settings()) as centre:
        report = policy_watch(centre, progress_on_stderr()).test(policy, cohort)
    return _drifted(policy, cohort, report)


def _kept(report: CalibrationReport, kept: KeptCalibration) -> Answer:
    lines = [f"calibration {kept.id}", *_lines(kept.found), *_remarks(report)]
    return Answer("\n".join(lines), {**_document(kept.found, kept), **_seen(report)})


def _refused(report: CalibrationReport) -> Answer:
    error = ClaimUnsupportedError(report.refusal)
    counted = [] if report.found is None else _lines(report.found)
    document = {} if report.found is None else _document(report.found, None)
    lines = [f"Refused: {error}", *counted, *_remarks(report)]
    return Answer("\n".join(lines), {"error": {"code": error.code, "message": str(error)}, **document, **_seen(report)}, REFUSED)


def _seen(report: CalibrationReport) -> dict[str, object]:
    return {"alike": [_pair(pair) for pair in report.alike], "warnings": list(report.warnings)}


def _pair(pair: AlikePersons) -> dict[str, object]:
    return {"a": pair.one, "b": pair.other, "similarity": pair.similarity_x10000 / SCALE}


def _lines(found: MeasuredThreshold) -> list[str]:
    by_person = f"{found.by_person.low_x1e9 / SHARE_SCALE:.3g} to {found.by_person.high_x1e9 / SHARE_SCALE:.3g}"
    return [
        f"matcher     {found.use.matcher} under {found.use.runtime}, references of class {found.use.reference_class.value}",
        f"population  {found.population}: {found.references} references of {found.overall.persons} persons",
        f"threshold   {found.threshold_x10000 / SCALE:.4f}, review from {found.review_from_x10000 / SCALE:.4f}",
        f"claim       {found.claimed_fmr_x1e9 / SHARE_SCALE:g}",
        f"{found.overall.name:<11} {_said(found.overall)}; over persons {by_person}",
        *(f"  {stratum.name}: {_said(stratum)}, {stratum.persons} persons" for stratum in found.strata),
    ]


def _said(stratum: StratumCount) -> str:
    rate = rate_of(stratum)
    share = "nothing" if rate.value is None else f"{rate.value:.3g}"
    return f"{share} ({rate.errors} of {rate.of}; 95 %: {rate.low:.3g} to {rate.high:.3g})"


def _remarks(report: CalibrationReport) -> list[str]:
    pairs = [f"alike  {pair.one}  {pair.other}  {pair.similarity_x10000 / SCALE:.4f}" for pair in report.alike]
    return [*pairs, *(f"Warning: {warning}" for warning in report.warnings)]


def _document(found: MeasuredThreshold, kept: KeptCalibration | None) -> dict[str, object]:
    return {
        "calibration": None if kept is None else kept.id,
        "supported": kept is not None,
        "matcher": found.use.matcher,
        "model_digest": found.use.model_digest.hex(),
        "runtime": found.use.runtime,
        "reference_class": found.use.reference_class.value,
        "population": found.population,
        "among": found.overall.name,
        "cohorts": list(found.cohorts),
        "claimed_fmr": found.claimed_fmr_x1e9 / SHARE_SCALE,
        "threshold": found.threshold_x10000 / SCALE,
        "review_from": found.review_from_x10000 / SCALE,
        "persons": found.overall.persons,
        "references": found.references,
        "merged": found.merged,
        "fmr": _rate(found.overall),
        "fmr_by_person": _bounds(found.by_person.low_x1e9, found.by_person.high_x1e9),
        "strata": [{"name": one.name, "persons": one.persons, "fmr": _rate(one)} for one in found.strata],
        "ages": _ages(found.ages),
        "calibrated_at": written(found.calibrated_at_s),
    }


def _rate(stratum: StratumCount) -> dict[str, object]:
    rate = rate_of(stratum)
    return {"value": rate.value, "errors": rate.errors, "of": rate.of, "low": rate.low, "high": rate.high}


def _bounds(low_x1e9: int, high_x1e9: int) -> dict[str, object]:
    return {"low": low_x1e9 / SHARE_SCALE, "high": high_x1e9 / SHARE_SCALE}


def _ages(ages: Sequence[AgeShare]) -> dict[str, object]:
    return {share.band: share.references for share in ages}


def _drifted(policy: str, cohort: str, report: DriftReport) -> Answer:
    signed, newer, drift = report.signed, report.newer, report.drift
    then = StratumCount("signed", signed.persons, signed.comparisons, signed.false_matches)
    lines = [
        f"{policy} signed {_said(then)} at {signed.threshold_x10000 / SCALE:.4f}",
        f"{cohort} has   {_said(newer.overall)}",
        *(f"  {shift.band}: {shift.then_x1000 / 10:.1f} % then, {shift.now_x1000 / 10:.1f} % now" for shift in drift.ages),
        *(f"DRIFT: {alarm}" for alarm in drift.alarms),
        *(f"Warning: {remark}" for remark in drift.remarks),
        *(["calibrate anew and publish a new version of the policy"] if drift.found else ["no drift found"]),
    ]
    document = {
        "policy": policy,
        "cohort": cohort,
        "drifted": drift.found,
        "threshold": signed.threshold_x10000 / SCALE,
        "claimed_fmr": signed.claimed_fmr_x1e9 / SHARE_SCALE,
        "signed": _rate(then),
        "newer": _rate(newer.overall),
        "newer_bounds": _bounds(newer.bounds.low_x1e9, newer.bounds.high_x1e9),
        "ages": [{"band": one.band, "then": one.then_x1000 / 1000, "now": one.now_x1000 / 1000} for one in drift.ages],
        "alarms": list(drift.alarms),
        "warnings": list(drift.remarks),
    }
    return Answer("\n".join(lines), document, REFUSED if drift.found else DONE)
