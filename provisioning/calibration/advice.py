"""What a person should know about a calibration before it is published. Pure: counts in, sentences out."""

from __future__ import annotations

from collections.abc import Iterator

from provisioning.calibration.models import MeasuredThreshold, StratumCount
from wire.policy import SHARE_SCALE


def advise_on_people(*, has_elders: bool, alike: int, groups_left_out: int) -> tuple[str, ...]:
    """What is odd about the people: nobody old, some under two names, groups that were not told apart."""
    return tuple(_about_people(has_elders, alike, groups_left_out))


def advise_on_counts(found: MeasuredThreshold) -> tuple[str, ...]:
    """For whom the claim, which holds for others together, does not hold; and whose word the counts rest on."""
    beyond = (stratum for stratum in found.strata if _exceeds(stratum, found.claimed_fmr_x1e9))
    warnings = tuple(_beyond(stratum, found) for stratum in beyond)
    if not found.merged:
        return warnings
    return (
        *warnings,
        f"{found.merged} persons were taken for others under a second name, as the list says; nobody checks the list",
    )


def _about_people(has_elders: bool, alike: int, groups_left_out: int) -> Iterator[str]:
    if not has_elders:
        yield "nobody of 60 and over is among these references (or no age is known): nothing is proven for the elders"
    if alike:
        yield (
            f"{alike} pairs of persons look like one person under two names; they are counted as false matches, which asks for a "
            "higher threshold: look at them, and list those that are one person for --one-person"
        )
    if groups_left_out:
        yield f"{groups_left_out} smaller groups were not told apart"


def _exceeds(stratum: StratumCount, claimed_fmr_x1e9: int) -> bool:
    return stratum.false_matches * SHARE_SCALE > claimed_fmr_x1e9 * stratum.comparisons


def _beyond(stratum: StratumCount, found: MeasuredThreshold) -> str:
    share = stratum.false_matches / stratum.comparisons
    return (
        f"{stratum.name}: {share:.3g} ({stratum.false_matches} of {stratum.comparisons}) lies above the claim of "
        f"{found.claimed_fmr_x1e9 / SHARE_SCALE:g}, which is proven for {found.overall.name!r} together only"
    )
