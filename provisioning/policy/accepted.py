"""The matchers that a policy may name: those that were measured and accepted, and those that are shipped with their proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.acceptance import Acceptance, Verdict
from models.acceptance_file import parse_acceptance
from models.errors import AcceptanceInvalidError
from models.manifest import Manifest
from models.matcher import matcher_digest
from provisioning.audit import Action, Actor, AuditEntry, note
from provisioning.calibration.models import MeasuredThreshold
from provisioning.clock import Clock
from provisioning.db import Database, Transaction
from provisioning.errors import MatcherRefusedError
from provisioning.files import read_whole
from provisioning.policy.models import AcceptedMatcher
from provisioning.policy.store import MatcherStore


@dataclass(frozen=True, slots=True)
class ShippedMatchers:
    """What every unit is shipped with."""

    review_from_x10000: Mapping[bytes, int]
    """By digest, where the review band of the shipped threshold begins: no unit takes a threshold below it from a policy."""

    def require_accepted(self, transaction: Transaction, found: MeasuredThreshold) -> None:
        """Raise `MatcherRefusedError` unless the matcher is shipped, or was accepted under this very runtime."""
        floor = self.review_from_x10000.get(found.use.model_digest)
        if floor is None:
            _require_record(transaction, found)
        elif found.threshold_x10000 < floor:
            raise MatcherRefusedError(
                found.use.matcher,
                f"no unit takes a threshold below {floor / 10_000:.4f} for it, where its shipped review band begins; test that "
                "one, or a higher one, with `lifecert-centre calibrate --threshold`",
            )


def shipped_matchers(manifest: Manifest) -> ShippedMatchers:
    """The matchers of a manifest that come with a proven threshold."""
    proven = (card for card in manifest.matchers.values() if card.shipped is not None)
    return ShippedMatchers({matcher_digest(card, manifest.cards): card.review_from_x10000 for card in proven})


@dataclass(frozen=True, slots=True)
class MatcherDesk:
    """Takes in the records of measured matchers, for one centre."""

    database: Database
    clock: Clock

    def accept(self, file: Path) -> AcceptedMatcher:
        """Take in the record of a matcher that was accepted; raises `MatcherRefusedError`, `FileUnusableError`."""
        content = read_whole(file)
        record = _read(content, file.name)
        now_s = self.clock.now_s()
        matcher = AcceptedMatcher(record.matcher, record.digest, record.runtime, content, now_s)
        detail = f"digest {record.digest.hex()} under {record.runtime}, measured on {record.measured_on.isoformat()}"
        with self.database.writing() as transaction:
            MatcherStore(transaction).put(matcher)
            note(transaction, AuditEntry(now_s, Actor.CONSOLE, Action.MATCHER_ACCEPTED, record.matcher, detail))
        return matcher

    def all(self) -> tuple[AcceptedMatcher, ...]:
        """Every accepted matcher, oldest first."""
        with self.database.reading() as transaction:
            return MatcherStore(transaction).all()


def _require_record(transaction: Transaction, found: MeasuredThreshold) -> None:
    """The record is read anew each time, so that only what it says itself counts."""
    use = found.use
    kept = MatcherStore(transaction).find(use.model_digest, use.runtime)
    record = _read(kept.record, use.matcher) if kept else None
    if record is None or (record.digest, record.runtime) != (use.model_digest, use.runtime):
        raise MatcherRefusedError(
            use.matcher,
            f"it was not accepted under {use.runtime} (digest {use.model_digest.hex()}): measure it with "
            "`lifecert models accept` and hand the record in with `lifecert-centre matcher accept`",
        )


def _read(content: bytes, name: str) -> Acceptance:
    """A record that says accepted, which it can only where it proves its claim."""
    try:
        record = parse_acceptance(content, name)
    except AcceptanceInvalidError as error:
        raise MatcherRefusedError(name, f"the record cannot be taken: {error}") from error
    if record.verdict is not Verdict.ACCEPTED:
        raise MatcherRefusedError(record.matcher, f"it was measured and refused: {'; '.join(record.reasons)}")
    return record
