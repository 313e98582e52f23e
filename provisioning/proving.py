"""The assembler of what computes and publishes thresholds.

It stands apart from `centre`, because it loads libraries for numbers that no other command needs.
"""

from __future__ import annotations

from models.manifest import load_manifest
from provisioning.calibration.compute import Tell
from provisioning.calibration.desk import CalibrationDesk
from provisioning.centre import Centre
from provisioning.policy.accepted import shipped_digests
from provisioning.policy.publish import PolicyDesk


def calibration_desk(centre: Centre, tell: Tell) -> CalibrationDesk:
    """Makes calibrations; `tell` hears how far a comparison is."""
    return CalibrationDesk(centre.database, centre.cohort_archive, centre.clock, tell)


def policy_desk(centre: Centre) -> PolicyDesk:
    """Publishes policies. `ManifestInvalidError` of models when the shipped manifest is damaged."""
    return PolicyDesk(centre.database, centre.signer, centre.clock, shipped_digests(load_manifest()))
