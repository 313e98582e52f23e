"""A policy as it is kept, and a matcher that was accepted for policies."""

from __future__ import annotations

from dataclasses import dataclass

from wire.policy import Policy


@dataclass(frozen=True, slots=True)
class KeptPolicy:
    """A policy in the database."""

    policy: Policy
    envelope: bytes
    """The exact bytes that were signed."""
    calibrations: tuple[int, ...]
    """Numbers of the calibrations it was built from, in the order of the policy."""


@dataclass(frozen=True, slots=True)
class AcceptedMatcher:
    """A matcher whose measured figures somebody has looked at and taken in."""

    matcher: str
    model_digest: bytes
    runtime: str
    record: bytes
    """The record of the measurement, exactly as it was handed in."""
    accepted_at_s: int


def name_of(policy_id: str) -> str:
    """What all versions of a policy have in common: the part before the slash."""
    return policy_id.rpartition("/")[0]


def number_of(policy_id: str) -> int:
    """Which version of its policy this is, counted from 1."""
    return int(policy_id.rpartition("/")[2])
