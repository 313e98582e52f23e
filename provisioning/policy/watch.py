"""Holds a newer cohort against a published policy."""

from __future__ import annotations

from dataclasses import dataclass

from provisioning.calibration.desk import CalibrationDesk, DriftReport
from provisioning.calibration.gather import what_differs
from provisioning.calibration.models import MeasuredThreshold, use_of
from provisioning.calibration.store import CalibrationStore
from provisioning.db import Database
from provisioning.errors import CalibrationUnknownError, PolicyUnknownError
from provisioning.policy.models import KeptPolicy
from provisioning.policy.store import PolicyStore
from wire.cohort import CohortHead
from wire.policy import Calibration


@dataclass(frozen=True, slots=True)
class PolicyWatch:
    """Watches the policies of one centre."""

    database: Database
    desk: CalibrationDesk

    def test(self, policy_id: str, cohort_id: str) -> DriftReport:
        """Count a newer cohort at the threshold that the policy signs for its use.

        Raises `PolicyUnknownError`, `CohortUnknownError`, `CohortsUnlikeError` when the policy has no threshold for this use, and
        the errors of `CalibrationDesk.test`.
        """
        with self.database.reading() as transaction:
            kept = PolicyStore(transaction).find(policy_id)
        if kept is None:
            raise PolicyUnknownError(policy_id)
        head = self.desk.archive.find(cohort_id).head
        place = _place_for(kept, cohort_id, head)
        return self.desk.test(kept.policy.calibrations[place], self._then(kept.calibrations[place]), cohort_id)

    def _then(self, number: int) -> MeasuredThreshold:
        with self.database.reading() as transaction:
            calibrated = CalibrationStore(transaction).find(number)
        if calibrated is None:
            raise CalibrationUnknownError(number)
        return calibrated.found


def _place_for(kept: KeptPolicy, cohort_id: str, head: CohortHead) -> int:
    """Which calibration of the policy is for the use of this cohort."""
    signed: tuple[Calibration, ...] = kept.policy.calibrations
    fitting = kept.policy.calibration_for(head.model_digest, head.runtime, head.reference_class)
    if fitting is None:
        raise what_differs(cohort_id, use_of(head), signed[0])
    return signed.index(fitting)
