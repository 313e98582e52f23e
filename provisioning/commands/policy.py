"""Policies: thresholds with their proof, signed for the units; and the matchers that they may name."""

from __future__ import annotations

import base64
from pathlib import Path

import click

from provisioning.centre import open_centre
from provisioning.clock import written
from provisioning.console import Answer, Console, answering, table
from provisioning.policy.models import AcceptedMatcher, KeptPolicy
from provisioning.policy.publish import PolicyOrder
from provisioning.proving import matcher_desk, policy_desk
from wire.policy import CUES, SHARE_SCALE, Calibration
from wire.result import SCALE

MOST_NUMBER = 2**63 - 1
"""No database counts further."""


@click.group(epilog="Example: lifecert-centre policy list")
def policy() -> None:
    """Which matcher may accept whom, at which proven threshold: signed, and sent to every unit."""


@policy.command("publish", epilog="Example: lifecert-centre policy publish pension-2027 --calibration 3 --calibration 4")
@click.argument("name")
@click.option(
    "--calibration",
    "calibrations",
    type=click.IntRange(1, MOST_NUMBER),
    multiple=True,
    required=True,
    help="Calibration that it is built from.",
)
@click.option("--programme", help="Whose policy it is, in words; without it the programme of the first cohort.")
@click.option("--valid-days", type=int, default=365, show_default=True, help="Days until it ends.")
@click.option(
    "--require",
    "cues",
    type=click.Choice(sorted(CUES)),
    multiple=True,
    help="Liveness cue without which nobody may be accepted; without it the mode of each ticket says which.",
)
@click.option(
    "--substitution",
    is_flag=True,
    help="Ask a visitor who does not do what was asked for one other action; an attacker gets that second chance, too.",
)
@answering
def policy_publish(
    console: Console,
    name: str,
    calibrations: tuple[int, ...],
    programme: str | None,
    valid_days: int,
    cues: tuple[str, ...],
    substitution: bool,
) -> Answer:
    """Sign the next version of the policy NAME and put it out for every unit; units that enrol later get it, too.

    Refused when a calibration does not support its claim, or a matcher was not accepted.
    """
    with open_centre(console.settings()) as centre:
        kept = policy_desk(centre).publish(PolicyOrder(name, calibrations, programme, valid_days, frozenset(cues), substitution))
    return Answer(f"{kept.policy.id} is signed and put out, until {written(kept.policy.not_after_s)}", _document(kept))


@policy.command("list", epilog="Example: lifecert-centre policy list")
@answering
def policy_list(console: Console) -> Answer:
    """List every version of every policy."""
    with open_centre(console.settings()) as centre:
        found = policy_desk(centre).all()
    rows = [
        {
            "policy": kept.policy.id,
            "programme": kept.policy.programme,
            "issued_at": written(kept.policy.issued_at_s),
            "not_after": written(kept.policy.not_after_s),
            "thresholds": [one.threshold_x10000 / SCALE for one in kept.policy.calibrations],
        }
        for kept in found
    ]
    return Answer(table(rows), {"policies": [_document(kept) for kept in found]})


@policy.command("show", epilog="Example: lifecert-centre policy show pension-2027/3")
@click.argument("policy_id", metavar="NAME/N")
@answering
def policy_show(console: Console, policy_id: str) -> Answer:
    """Show one version of a policy, with the proof of each threshold."""
    with open_centre(console.settings()) as centre:
        kept = policy_desk(centre).find(policy_id)
    lines = [
        f"policy      {kept.policy.id}",
        f"programme   {kept.policy.programme}",
        f"valid       {written(kept.policy.not_before_s)} to {written(kept.policy.not_after_s)}",
    ]
    if kept.policy.required_cues:
        lines.append(f"cues        {', '.join(sorted(kept.policy.required_cues))}")
    if kept.policy.substitution:
        lines.append("actions     another may be asked for in place of one that was not done")
    for number, calibration in zip(kept.calibrations, kept.policy.calibrations, strict=True):
        lines += _lines(number, calibration)
    return Answer("\n".join(lines), _document(kept))


@click.group(epilog="Example: lifecert-centre matcher accept mfn.accepted.toml")
def matcher() -> None:
    """Matchers that policies may name: those shipped with a proven threshold, and those accepted here."""


@matcher.command("accept", epilog="Example: lifecert-centre matcher accept acceptance.toml")
@click.argument("file", type=click.Path(path_type=Path))
@answering
def matcher_accept(console: Console, file: Path) -> Answer:
    """Take in the record that `lifecert models accept` wrote. Refused unless it proves what it claims."""
    with open_centre(console.settings()) as centre:
        accepted = matcher_desk(centre).accept(file)
    return Answer(f"{accepted.matcher} is accepted under {accepted.runtime}", _matcher_row(accepted))


@matcher.command("list", epilog="Example: lifecert-centre matcher list --json")
@answering
def matcher_list(console: Console) -> Answer:
    """List the matchers that were accepted here."""
    with open_centre(console.settings()) as centre:
        rows = [_matcher_row(accepted) for accepted in matcher_desk(centre).all()]
    return Answer(table(rows), {"matchers": rows})


def _matcher_row(accepted: AcceptedMatcher) -> dict[str, object]:
    return {
        "matcher": accepted.matcher,
        "runtime": accepted.runtime,
        "model_digest": accepted.model_digest.hex(),
        "accepted_at": written(accepted.accepted_at_s),
    }


def _lines(number: int, calibration: Calibration) -> list[str]:
    low, high = calibration.fmr_low_x1e9 / SHARE_SCALE, calibration.fmr_high_x1e9 / SHARE_SCALE
    return [
        f"calibration {number}: {calibration.matcher} under {calibration.runtime}",
        f"  references  {calibration.reference_class.value}; {calibration.population}",
        f"  threshold   {calibration.threshold_x10000 / SCALE:.4f}, review from {calibration.review_from_x10000 / SCALE:.4f}",
        f"  proof       {calibration.false_matches} of {calibration.comparisons} comparisons of {calibration.persons} persons",
        f"              {low:.3g} to {high:.3g}, claimed {calibration.claimed_fmr_x1e9 / SHARE_SCALE:g}",
    ]


def _document(kept: KeptPolicy) -> dict[str, object]:
    policy = kept.policy
    calibrations = zip(kept.calibrations, policy.calibrations, strict=True)
    return {
        "policy": policy.id,
        "programme": policy.programme,
        "issued_at": written(policy.issued_at_s),
        "not_before": written(policy.not_before_s),
        "not_after": written(policy.not_after_s),
        "required_cues": sorted(policy.required_cues),
        "substitution": policy.substitution,
        "calibrations": [_calibration(number, calibration) for number, calibration in calibrations],
        "token": base64.urlsafe_b64encode(kept.envelope).rstrip(b"=").decode(),
    }


def _calibration(number: int, calibration: Calibration) -> dict[str, object]:
    return {
        "calibration": number,
        "matcher": calibration.matcher,
        "model_digest": calibration.model_digest.hex(),
        "runtime": calibration.runtime,
        "reference_class": calibration.reference_class.value,
        "population": calibration.population,
        "threshold": calibration.threshold_x10000 / SCALE,
        "review_from": calibration.review_from_x10000 / SCALE,
        "claimed_fmr": calibration.claimed_fmr_x1e9 / SHARE_SCALE,
        "false_matches": calibration.false_matches,
        "comparisons": calibration.comparisons,
        "persons": calibration.persons,
        "fmr_low": calibration.fmr_low_x1e9 / SHARE_SCALE,
        "fmr_high": calibration.fmr_high_x1e9 / SHARE_SCALE,
        "calibrated_at": written(calibration.calibrated_at_s),
    }
