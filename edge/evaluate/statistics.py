"""Error rates of a matcher, and the thresholds behind them; the rates themselves come from `models.calibration.rates`.

Terms as in ISO/IEC 19795-1:2021: a false match is a comparison of two persons that the matcher takes for one (its share
is the FMR), a false non-match one of the same person that it does not (FNMR). A score that equals the threshold is a
match, here as in the unit; so scores that tie always fall on the same side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.calibration.rates import Rate, rate

Scores = NDArray[np.float64]
"""(n,) similarities of comparisons, none of them NaN; n may be 0."""


@dataclass(frozen=True, slots=True, eq=False)
class TradeOff:
    """What a matcher does at each of (n,) rising thresholds: counts of errors, not shares."""

    thresholds: Scores
    false_matches: NDArray[np.int64]
    false_non_matches: NDArray[np.int64]


def false_match_rate(impostors: Scores, threshold: float) -> Rate:
    """FMR: the share of comparisons of two persons that reach the threshold."""
    return rate(int(np.count_nonzero(impostors >= threshold)), impostors.size)


def false_non_match_rate(genuine: Scores, threshold: float) -> Rate:
    """FNMR: the share of comparisons of one person with himself that stay below the threshold."""
    return rate(int(np.count_nonzero(genuine < threshold)), genuine.size)


def threshold_at_fmr(impostors: Scores, fmr: float) -> float | None:
    """The lowest threshold at which at most the share `fmr` of the impostors match.

    It lies just above the highest score that must be refused. Where several impostors tie there, all of them are refused,
    so the FMR reached may be below the one asked for, never above. None when there are fewer than 1 / fmr impostors: then
    a single false match would already be more than was asked for, and nothing can be said.
    """
    allowed = int(np.floor(impostors.size * fmr + 1e-9))
    if allowed < 1:
        return None
    if allowed >= impostors.size:
        return float(impostors.min())
    refused = np.partition(impostors, impostors.size - allowed - 1)[impostors.size - allowed - 1]
    return float(np.nextafter(refused, np.inf))


def trade_off(genuine: Scores, impostors: Scores, thresholds: Scores) -> TradeOff:
    """Count the errors at each of these thresholds; they must rise."""
    false_matches = impostors.size - np.searchsorted(np.sort(impostors), thresholds, side="left")
    false_non_matches = np.searchsorted(np.sort(genuine), thresholds, side="left")
    return TradeOff(thresholds, false_matches.astype(np.int64), false_non_matches.astype(np.int64))


def every_threshold(genuine: Scores, impostors: Scores) -> Scores:
    """One threshold for each way to divide the scores: all distinct scores, and one above them all."""
    scores = np.unique(np.concatenate([genuine, impostors]))
    return np.append(scores, np.nextafter(scores[-1], np.inf)) if scores.size else scores


def equal_error_rate(genuine: Scores, impostors: Scores) -> float | None:
    """EER: the mean of FMR and FNMR at the threshold where they differ least (of several, where the mean is lowest).

    None when one of the two kinds is missing.
    """
    if not genuine.size or not impostors.size:
        return None
    counts = trade_off(genuine, impostors, every_threshold(genuine, impostors))
    fmr, fnmr = counts.false_matches / impostors.size, counts.false_non_matches / genuine.size
    differ, mean = np.abs(fmr - fnmr), (fmr + fnmr) / 2
    return float(mean[differ <= differ.min() + 1e-12].min())


def best_accuracy(genuine: Scores, impostors: Scores) -> float | None:
    """The share of right answers at the threshold that suits these very scores best; None when one kind is missing.

    It is the measure of Labeled Faces in the Wild, and flatters: the threshold is chosen after the fact.
    """
    if not genuine.size or not impostors.size:
        return None
    counts = trade_off(genuine, impostors, every_threshold(genuine, impostors))
    errors = int((counts.false_matches + counts.false_non_matches).min())
    return 1 - errors / (genuine.size + impostors.size)
