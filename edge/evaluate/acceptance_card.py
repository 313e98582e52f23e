"""The page for people about a matcher that was tried: what it is, whose licence, its figures by band, the verdict. Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edge.evaluate.acceptance import Measurement, Trial
from edge.evaluate.acceptance_gates import SLIP_SHARE, SLOWEST_RATIO, STEADY_SHARE
from models.acceptance import Acceptance, Band, Misses, Verdict
from models.card import ModelCard
from wire.result import SCALE

_INTERVALS = ("95 % over comparisons", "95 % over persons")


def card_text(record: Acceptance, measured: Measurement, trial: Trial, cards: Mapping[str, ModelCard]) -> str:
    """The whole page; `cards` holds the networks of the matcher by name."""
    return "\n".join([*_head(record), *_networks(record, cards), *_claim(record), *_figures(record, measured, trial)]) + "\n"


def _head(record: Acceptance) -> Iterator[str]:
    yield f"# Matcher {record.matcher}: {record.verdict}"
    yield ""
    if record.verdict is Verdict.REFUSED:
        yield "It was refused, so no policy may name it:"
        yield ""
        yield from (f"- {reason}" for reason in record.reasons)
        yield ""
    yield "| | |"
    yield "| --- | --- |"
    yield f"| measured on | {record.measured_on.isoformat()} |"
    yield f"| digest | `{record.digest.hex()}` |"
    yield f"| run by | {record.runtime} |"
    yield f"| preparation | version {record.preparation} |"
    yield ""


def _networks(record: Acceptance, cards: Mapping[str, ModelCard]) -> Iterator[str]:
    yield "## Networks and licences"
    yield ""
    yield from _table("network", "weight", "file", "bytes", "SHA-256", "licence")
    for part in record.parts:
        card = cards[part.network]
        licence = _cell(f"{part.licence}. {card.licence_note}")
        yield _row(f"`{part.network}`", str(part.weight), f"`{card.file}`", str(card.size_bytes), f"`{part.sha256}`", licence)
    yield ""


def _claim(record: Acceptance) -> Iterator[str]:
    claim = record.claim
    if claim is None:
        return
    yield "## Threshold"
    yield ""
    yield (
        f"**{claim.threshold_x10000 / SCALE:.4f}**, review from {claim.review_from_x10000 / SCALE:.4f}: at most {claim.fmr:g} of "
        f"strangers are taken for the person. Proven among *{_cell(claim.band)}*, the band of old people that needs it most "
        f"({_cell(claim.population)}; reference: {claim.reference_class}), over comparisons and over persons, 95 %."
    )
    yield ""


def _figures(record: Acceptance, measured: Measurement, trial: Trial) -> Iterator[str]:
    if record.bands:
        yield "## False matches by band, at that threshold"
        yield ""
        yield from _table("band", "people", "comparisons", "false matches", "FMR", *_INTERVALS, "at 1e-2", "at 1e-3")
        yield from map(_band_row, record.bands)
        yield ""
        yield "*at 1e-2* is the lowest threshold that at most this share of the comparisons reached; - where there are too few."
        yield ""
        yield from _above(record)
    yield from _genuine(record.misses, measured.genuine_lost)
    yield from _limits(record, measured, trial)


def _genuine(found: tuple[Misses, ...], lost: int) -> Iterator[str]:
    if not found:
        return
    yield "## Pairs of one person that are missed, at that threshold"
    yield ""
    yield from _table("pairs", "compared", "missed", "FNMR", "95 %")
    for misses in found:
        yield _row(_cell(misses.name), str(misses.pairs), str(misses.missed), _share(misses.fnmr), _span(misses.low, misses.high))
    yield ""
    if lost:
        yield f"{lost} pairs were not compared: a picture shows no usable face."
        yield ""


def _limits(record: Acceptance, measured: Measurement, trial: Trial) -> Iterator[str]:
    steadiness, population = measured.steadiness, measured.population
    reached = f"{STEADY_SHARE:.0%} of {steadiness.faces} faces"
    yield "## What was looked at"
    yield ""
    yield f"- Population *{_cell(population.name)}*: {population.listed} pictures, {len(population.lost)} of them not usable."
    declared, left_out = len(trial.one_person), population.left_out
    yield f"- {declared} pairs of it were declared to be one person; {left_out} comparisons were left out."
    if measured.elders.too_small:
        yield f"- Too few to prove the claim {trial.claim} whatever the threshold: {_cell('; '.join(measured.elders.too_small))}."
    yield f"- Same picture twice: {'the same numbers' if steadiness.repeats else 'OTHER numbers'}."
    yield f"- Mirrored: {reached} stay at {steadiness.mirrored:.3f} or above."
    yield f"- Points off by {SLIP_SHARE:.0%} of the eye distance: {reached} stay at {steadiness.shifted:.3f} or above."
    yield (
        f"- Computing time per face, crops included: {record.speed_ratio:.2f} times the default matcher's "
        f"({measured.speed.candidate_ms:.1f} ms against {measured.speed.default_ms:.1f} ms here); {SLOWEST_RATIO:g} is the limit."
    )
    for warning in population.warnings:
        yield f"- {_cell(warning)}."


def _above(record: Acceptance) -> Iterator[str]:
    """Bands that are worse off than the claim says, whoever proved it."""
    claimed = 1.0 if record.claim is None else record.claim.fmr
    above = [f"{_cell(band.name)} ({_share(band.fmr)})" for band in record.bands if band.fmr is not None and band.fmr > claimed]
    if above:
        yield f"**Above the claim, though not required to hold it: {'; '.join(above)}.**"
        yield ""


def _band_row(band: Band) -> str:
    counts = (str(band.people), str(band.comparisons), str(band.false_matches), _share(band.fmr))
    intervals = (_span(band.low, band.high), _span(band.low_by_person, band.high_by_person))
    thresholds = (_threshold(band.threshold_1e2_x10000), _threshold(band.threshold_1e3_x10000))
    return _row(_cell(band.name), *counts, *intervals, *thresholds)


def _table(*heads: str) -> Iterator[str]:
    yield _row(*heads)
    yield _row(*("---" for _ in heads))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _span(low: float, high: float) -> str:
    return f"{_share(low)} to {_share(high)}"


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share * 100:.3g} %"


def _threshold(threshold_x10000: int | None) -> str:
    return "-" if threshold_x10000 is None else f"{threshold_x10000 / SCALE:.4f}"


def _cell(text: str) -> str:
    """Words of somebody else's, so that they cannot leave their cell or become a link or a tag."""
    return "".join(f"\\{letter}" if letter in r"\`*_[]<>|#" else letter for letter in text)
