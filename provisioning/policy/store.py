"""Policies and accepted matchers in the database. A policy is never changed: a new one gets the next number."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    Row,
    Table,
    Text,
    UniqueConstraint,
    delete,
    func,
    insert,
    select,
)

from provisioning.calibration.store import calibrations
from provisioning.db import METADATA, Transaction
from provisioning.policy.models import AcceptedMatcher, KeptPolicy, name_of, number_of
from wire.envelope import Kind, unverified_payload
from wire.policy import read_policy

policies = Table(
    "policies",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("issued_at_s", BigInteger, nullable=False),
    Column("not_before_s", BigInteger, nullable=False),
    Column("not_after_s", BigInteger, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    UniqueConstraint("name", "number", name="policies_one_per_number"),
)

policy_calibrations = Table(
    "policy_calibrations",
    METADATA,
    Column("policy_id", Text, ForeignKey("policies.id"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("calibration_id", BigInteger, ForeignKey(calibrations.c.id), nullable=False),
)

matchers = Table(
    "matchers",
    METADATA,
    Column("model_digest", LargeBinary, primary_key=True),
    Column("runtime", Text, primary_key=True),
    Column("matcher", Text, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("accepted_at_s", BigInteger, nullable=False),
)


class PolicyStore:
    """Policies, within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, kept: KeptPolicy) -> None:
        """Keep a policy that was just signed."""
        policy = kept.policy
        self._transaction.execute(
            insert(policies).values(
                id=policy.id,
                name=name_of(policy.id),
                number=number_of(policy.id),
                issued_at_s=policy.issued_at_s,
                not_before_s=policy.not_before_s,
                not_after_s=policy.not_after_s,
                envelope=kept.envelope,
            )
        )
        for place, number in enumerate(kept.calibrations):
            values = {"policy_id": policy.id, "place": place, "calibration_id": number}
            self._transaction.execute(insert(policy_calibrations).values(values))

    def newest_of(self, name: str) -> KeptPolicy | None:
        """The last version under a name."""
        found = select(policies).where(policies.c.name == name).order_by(policies.c.number.desc()).limit(1)
        row = self._transaction.execute(found).one_or_none()
        return self._kept(row) if row else None

    def find(self, policy_id: str) -> KeptPolicy | None:
        """The policy of this id."""
        row = self._transaction.execute(select(policies).where(policies.c.id == policy_id)).one_or_none()
        return self._kept(row) if row else None

    def all(self) -> tuple[KeptPolicy, ...]:
        """Every policy, by name and number."""
        rows = self._transaction.execute(select(policies).order_by(policies.c.name, policies.c.number))
        return tuple(self._kept(row) for row in rows)

    def newest(self, now_s: int) -> tuple[KeptPolicy, ...]:
        """Of each name the last version, unless it has ended."""
        last = select(policies.c.name, func.max(policies.c.number).label("number")).group_by(policies.c.name).subquery()
        mine = (policies.c.name == last.c.name) & (policies.c.number == last.c.number) & (policies.c.not_after_s > now_s)
        rows = self._transaction.execute(select(policies).join(last, mine).order_by(policies.c.name))
        return tuple(self._kept(row) for row in rows)

    def _kept(self, row: Row[tuple[object, ...]]) -> KeptPolicy:
        mine = policy_calibrations.c.policy_id == row.id
        found = select(policy_calibrations.c.calibration_id).where(mine).order_by(policy_calibrations.c.place)
        envelope = bytes(row.envelope)
        policy = read_policy(unverified_payload(envelope, Kind.POLICY))
        return KeptPolicy(policy, envelope, tuple(self._transaction.scalars(found)))


class MatcherStore:
    """Accepted matchers, within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def put(self, matcher: AcceptedMatcher) -> None:
        """Keep an acceptance; it takes the place of an earlier one of this matcher and runtime."""
        mine = (matchers.c.model_digest == matcher.model_digest) & (matchers.c.runtime == matcher.runtime)
        self._transaction.execute(delete(matchers).where(mine))
        self._transaction.execute(
            insert(matchers).values(
                model_digest=matcher.model_digest,
                runtime=matcher.runtime,
                matcher=matcher.matcher,
                record=matcher.record,
                accepted_at_s=matcher.accepted_at_s,
            )
        )

    def find(self, model_digest: bytes, runtime: str) -> AcceptedMatcher | None:
        """The acceptance of a matcher under a runtime."""
        mine = (matchers.c.model_digest == model_digest) & (matchers.c.runtime == runtime)
        row = self._transaction.execute(select(matchers).where(mine)).one_or_none()
        return _accepted(row) if row else None

    def all(self) -> tuple[AcceptedMatcher, ...]:
        """Every acceptance, oldest first."""
        rows = self._transaction.execute(select(matchers).order_by(matchers.c.accepted_at_s, matchers.c.matcher))
        return tuple(_accepted(row) for row in rows)


def _accepted(row: Row[tuple[object, ...]]) -> AcceptedMatcher:
    return AcceptedMatcher(row.matcher, bytes(row.model_digest), row.runtime, bytes(row.record), row.accepted_at_s)
