"""Whether stored counts support their claim. Everything is recomputed from the counts; no earlier conclusion is believed."""

from __future__ import annotations

from models.calibration.rates import Interval, Rate, rate
from models.calibration.support import supports
from provisioning.calibration.models import Bounds, MeasuredThreshold, StratumCount
from provisioning.calibration.rounding import bounds_of
from provisioning.errors import ClaimUnsupportedError
from wire.errors import StatementInvalidError
from wire.policy import SHARE_SCALE, Calibration


def prove(found: MeasuredThreshold) -> Calibration:
    """The calibration as a policy says it; raises `ClaimUnsupportedError` in words when the counts do not support the claim.

    The bounds that are signed are the wider ones of those over comparisons and those over persons.
    """
    counted = _rate(found.overall)
    by_person = Interval(found.by_person.low_x1e9 / SHARE_SCALE, found.by_person.high_x1e9 / SHARE_SCALE)
    support = supports(found.claimed_fmr_x1e9 / SHARE_SCALE, counted, by_person)
    if not support.holds:
        raise ClaimUnsupportedError(support.why)
    widest = wider(bounds_of(Interval(counted.low, counted.high)), found.by_person)
    try:
        return _said(found, widest)
    except StatementInvalidError as error:
        raise ClaimUnsupportedError(str(error)) from error


def rate_of(stratum: StratumCount) -> Rate:
    """The false match rate of a stratum with its exact interval; `ClaimUnsupportedError` for counts that cannot be."""
    return _rate(stratum)


def wider(one: Bounds, other: Bounds) -> Bounds:
    """The bounds that hold both."""
    return Bounds(min(one.low_x1e9, other.low_x1e9), max(one.high_x1e9, other.high_x1e9))


def _rate(stratum: StratumCount) -> Rate:
    try:
        return rate(stratum.false_matches, stratum.comparisons)
    except ValueError as error:
        raise ClaimUnsupportedError(str(error)) from error


def _said(found: MeasuredThreshold, bounds: Bounds) -> Calibration:
    return Calibration(
        matcher=found.use.matcher,
        model_digest=found.use.model_digest,
        runtime=found.use.runtime,
        reference_class=found.use.reference_class,
        population=found.population,
        threshold_x10000=found.threshold_x10000,
        review_from_x10000=found.review_from_x10000,
        claimed_fmr_x1e9=found.claimed_fmr_x1e9,
        false_matches=found.overall.false_matches,
        comparisons=found.overall.comparisons,
        persons=found.overall.persons,
        fmr_low_x1e9=bounds.low_x1e9,
        fmr_high_x1e9=bounds.high_x1e9,
        calibrated_at_s=found.calibrated_at_s,
    )
