"""Reads one `[[matcher]]` of a manifest; a threshold without its proof, or whose counts do not support its claim, is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.errors import ManifestInvalidError
from models.matcher import MatcherCard, MatcherPart, ShippedCalibration, ShippedThreshold, policy_calibration
from models.strict_toml import StrictTable
from wire.errors import StatementInvalidError
from wire.policy import ReferenceClass

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
MOST_NETWORKS = 4
MOST_WEIGHT = 1000
MOST_COUNT = 2**48


def read_matcher(entry: StrictTable) -> MatcherCard:
    """Return one matcher; raises `ManifestInvalidError`. Whether its networks are listed is not checked here."""
    name = entry.matching("name", NAME, "a name of lower-case letters, digits and underscores")
    entry.entry = name
    with entry as table:
        card = MatcherCard(
            name=name,
            parts=_parts(table),
            preparation=table.whole("preparation", 1, 1000),
            shipped=_shipped(table) if table.has("threshold") else None,
        )
    _insist_on_proof(card)
    return card


def _parts(table: StrictTable) -> tuple[MatcherPart, ...]:
    networks, weights = table.items("networks"), table.items("weights")
    if len(networks) > MOST_NETWORKS or len({*map(str, networks)}) != len(networks):
        raise table.wrong("networks", f"must be 1 to {MOST_NETWORKS}, each once")
    if len(weights) != len(networks):
        raise table.wrong("weights", "must be as many as networks")
    return tuple(
        MatcherPart(network, weight) for network, weight in zip(_names(table, networks), _weights(table, weights), strict=True)
    )


def _names(table: StrictTable, items: Sequence[object]) -> list[str]:
    names = [item for item in items if isinstance(item, str) and NAME.fullmatch(item)]
    if len(names) != len(items):
        raise table.wrong("networks", "must be names of models")
    return names


def _weights(table: StrictTable, items: Sequence[object]) -> list[int]:
    # Whole numbers have one spelling, which the digest of a matcher needs; none is 0, so no network is there in vain.
    weights = [item for item in items if isinstance(item, int) and not isinstance(item, bool) and 1 <= item <= MOST_WEIGHT]
    if len(weights) != len(items):
        raise table.wrong("weights", f"must be whole numbers from 1 to {MOST_WEIGHT}")
    return weights


def _shipped(table: StrictTable) -> ShippedThreshold:
    threshold, review_from = table.share("threshold"), table.share("review_from")
    if review_from >= threshold:
        raise table.wrong("review_from", "must lie below the threshold")
    return ShippedThreshold(
        threshold_x10000=round(threshold * 10_000),
        review_from_x10000=round(review_from * 10_000),
        meaning=table.text("threshold_meaning"),
        derived_from=table.text("derived_from"),
        calibration=_calibration(table.table("calibration")),
    )


def _calibration(table: StrictTable) -> ShippedCalibration:
    with table:
        return ShippedCalibration(
            population=table.text("population"),
            reference_class=table.word("reference_class", ReferenceClass),
            claimed_fmr=table.share("claimed_fmr"),
            false_matches=table.whole("false_matches", 0, MOST_COUNT),
            comparisons=table.whole("comparisons", 1, MOST_COUNT),
            persons=table.whole("persons", 2, MOST_COUNT),
            fmr_low=table.bound("fmr_low"),
            fmr_high=table.bound("fmr_high"),
            date=table.day("date"),
        )


def _insist_on_proof(card: MatcherCard) -> None:
    """What a policy would refuse is not shipped either."""
    if card.shipped is None:
        return
    if len(card.shipped.calibration.population) > 64:
        raise ManifestInvalidError(f"{card.name}.calibration", "population", "must be 1 to 64 characters")
    try:
        policy_calibration(card, bytes(32), "any")
    except StatementInvalidError as error:
        raise ManifestInvalidError(f"{card.name}.calibration", error.claim, error.what) from error
