"""The matchers that a policy may name: those that were measured and accepted, and the one that is shipped with its proof."""

from __future__ import annotations

from models.manifest import Manifest
from models.matcher import matcher_digest
from provisioning.calibration.models import MatcherUse
from provisioning.db import Transaction
from provisioning.errors import MatcherRefusedError
from provisioning.policy.store import MatcherStore


def shipped_digests(manifest: Manifest) -> frozenset[bytes]:
    """The digests of the matchers that come with a proven threshold."""
    proven = (card for card in manifest.matchers.values() if card.shipped is not None)
    return frozenset(matcher_digest(card, manifest.cards) for card in proven)


def require_accepted(transaction: Transaction, use: MatcherUse, shipped: frozenset[bytes]) -> None:
    """Raise `MatcherRefusedError` unless the matcher is shipped, or was accepted under this very runtime."""
    if use.model_digest in shipped:
        return
    if MatcherStore(transaction).find(use.model_digest, use.runtime) is None:
        raise MatcherRefusedError(
            use.matcher,
            f"it was not accepted under {use.runtime} (digest {use.model_digest.hex()}): measure it with "
            "`lifecert models accept` and hand the record in with `lifecert-centre matcher accept`",
        )
