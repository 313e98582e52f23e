"""Builds a policy from calibrations, signs it, and puts it out for every unit at work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from provisioning.audit import Action, Actor, AuditEntry, note
from provisioning.calibration.models import KeptCalibration
from provisioning.calibration.proof import prove
from provisioning.calibration.store import CalibrationStore
from provisioning.clock import Clock
from provisioning.cohorts.store import CohortStore
from provisioning.db import Database, Transaction, lock_policies
from provisioning.devices.models import DeviceState
from provisioning.devices.store import DeviceStore
from provisioning.errors import (
    CalibrationUnknownError,
    ClaimUnsupportedError,
    InputInvalidError,
    PolicyRefusedError,
    PolicyUnknownError,
)
from provisioning.policy.accepted import ShippedMatchers
from provisioning.policy.models import KeptPolicy, name_of, number_of
from provisioning.policy.sending import put_out_policy
from provisioning.policy.store import PolicyStore
from wire.envelope import Kind, seal
from wire.errors import MalformedError, StatementInvalidError
from wire.keys import Signer
from wire.policy import SHIPPED_POLICY, Calibration, Policy, policy_payload, read_policy

DAY_S = 86_400
BACKDATE_S = 300
"""A policy begins this much earlier, for a unit whose clock is a little behind."""
MOST_DAYS = 3660


@dataclass(frozen=True, slots=True)
class PolicyOrder:
    """What is asked for."""

    name: str
    calibrations: tuple[int, ...]
    """Numbers of calibrations."""
    programme: str | None
    """Whose policy it is, in words; None takes the programme of the first cohort."""
    valid_days: int
    required_cues: frozenset[str] = frozenset()
    """Liveness cues without which nobody may be accepted; none leaves them to the mode of each ticket."""
    substitution: bool = False
    """Whether a visitor who does not do what was asked may be asked for something else, once."""


@dataclass(frozen=True, slots=True)
class PolicyDesk:
    """Publishes for one centre."""

    database: Database
    signer: Signer
    clock: Clock
    shipped: ShippedMatchers

    def publish(self, order: PolicyOrder) -> KeptPolicy:
        """Publish the next version of a policy. Nothing happens when anything about it is refused.

        Raises `PolicyRefusedError`, `CalibrationUnknownError`, `MatcherRefusedError`, or `InputInvalidError`.
        """
        if not 1 <= order.valid_days <= MOST_DAYS:
            raise InputInvalidError(f"a policy is valid for 1 to {MOST_DAYS} days")
        with self.database.writing() as transaction:
            lock_policies(transaction)
            kept = self._sign(transaction, order)
            PolicyStore(transaction).add(kept)
            units = [unit.unit for unit in DeviceStore(transaction).all() if unit.state is DeviceState.ACTIVE]
            for unit in units:
                put_out_policy(transaction, unit, kept)
            detail = f"calibrations {', '.join(map(str, kept.calibrations))}; put out for {len(units)} units"
            entry = AuditEntry(kept.policy.issued_at_s, Actor.CONSOLE, Action.POLICY_PUBLISHED, kept.policy.id, detail)
            note(transaction, entry)
        return kept

    def all(self) -> tuple[KeptPolicy, ...]:
        """Every policy, by name and number."""
        with self.database.reading() as transaction:
            return PolicyStore(transaction).all()

    def find(self, policy_id: str) -> KeptPolicy:
        """A policy; raises `PolicyUnknownError`."""
        with self.database.reading() as transaction:
            kept = PolicyStore(transaction).find(policy_id)
        if kept is None:
            raise PolicyUnknownError(policy_id)
        return kept

    def _sign(self, transaction: Transaction, order: PolicyOrder) -> KeptPolicy:
        kept = [self._calibration(transaction, number) for number in order.calibrations]
        calibrations = tuple(_proven(found) for found in kept)
        for found in kept:
            self.shipped.require_accepted(transaction, found.found)
        programme = order.programme or _programme_of(transaction, kept)
        before = PolicyStore(transaction).newest_of(order.name)
        policy = self._draft(order, programme, calibrations, before.policy if before else None)
        return KeptPolicy(policy, self._sealed(policy), order.calibrations)

    def _calibration(self, transaction: Transaction, number: int) -> KeptCalibration:
        found = CalibrationStore(transaction).find(number)
        if found is None:
            raise CalibrationUnknownError(number)
        return found

    def _draft(self, order: PolicyOrder, programme: str, calibrations: tuple[Calibration, ...], before: Policy | None) -> Policy:
        """The next version. Its time of issue never goes back, whatever the clock does: units would take it for an older one."""
        if order.name == name_of(SHIPPED_POLICY):
            raise PolicyRefusedError(f"the name {order.name} belongs to the policy that units are shipped with")
        if not programme.isprintable() or not 1 <= len(programme) <= 64:
            raise PolicyRefusedError("the programme is 1 to 64 printable characters")
        now_s = self.clock.now_s()
        number = number_of(before.id) + 1 if before else 1
        try:
            return Policy(
                id=f"{order.name}/{number}",
                programme=programme,
                issued_at_s=max(now_s, before.issued_at_s if before else 0),
                not_before_s=now_s - BACKDATE_S,
                not_after_s=now_s + order.valid_days * DAY_S,
                calibrations=calibrations,
                required_cues=order.required_cues,
                substitution=order.substitution,
            )
        except StatementInvalidError as error:
            raise PolicyRefusedError(str(error)) from error

    def _sealed(self, policy: Policy) -> bytes:
        """The envelope, made of what every unit will be able to read."""
        payload = policy_payload(policy)
        try:
            read_policy(payload)
            return seal(payload, Kind.POLICY, self.signer)
        except (StatementInvalidError, MalformedError) as error:
            raise PolicyRefusedError(str(error)) from error


def _proven(kept: KeptCalibration) -> Calibration:
    try:
        return prove(kept.found)
    except ClaimUnsupportedError as error:
        raise PolicyRefusedError(f"calibration {kept.id} does not support its claim: {error.what}") from error


def _programme_of(transaction: Transaction, calibrations: Sequence[KeptCalibration]) -> str:
    """The programme of the first cohort; a calibration always has one."""
    for kept in calibrations:
        for cohort_id in kept.found.cohorts:
            cohort = CohortStore(transaction).find(cohort_id)
            if cohort is not None:
                return cohort.head.programme
    raise PolicyRefusedError("at least one calibration is needed")
