"""The assembler of what computes and publishes thresholds.

It stands apart from `centre`, because it loads libraries for numbers that no other command needs.
"""

from __future__ import annotations

from models.manifest import load_manifest
from provisioning.calibration.compute import Tell
from provisioning.calibration.desk import CalibrationDesk
from provisioning.centre import Centre
from provisioning.policy.accepted import MatcherDesk, shipped_matchers
from provisioning.policy.publish import PolicyDesk
from provisioning.policy.watch import PolicyWatch


def calibration_desk(centre: Centre, tell: Tell) -> CalibrationDesk:
    """Makes calibrations; `tell` hears how far a comparison is."""
    return CalibrationDesk(centre.database, centre.cohort_archive, centre.clock, tell)


def policy_watch(centre: Centre, tell: Tell) -> PolicyWatch:
    """Holds newer cohorts against policies; `tell` hears how far a comparison is."""
    return PolicyWatch(centre.database, calibration_desk(centre, tell))


def policy_desk(centre: Centre) -> PolicyDesk:
    """Publishes policies."""
    return PolicyDesk(centre.database, centre.signer, centre.clock, shipped_matchers(load_manifest()))


def matcher_desk(centre: Centre) -> MatcherDesk:
    """Takes in records of measured matchers."""
    return MatcherDesk(centre.database, centre.clock)
