"""`lifecert doctor` says whether the unit has a clock that runs without power; without one it is fit for service."""

import pytest

from edge.health.diagnosis import of_rtc
from firmware.rtc import ClockChip

NOW_S = 1_790_000_000


@pytest.mark.parametrize(
    ("chips", "sentence"),
    [
        (
            (),
            "There is no clock that runs without power; after each start, results are marked as unsynced until the unit reaches "
            "the centre.",
        ),
        ((ClockChip("rtc-ds1307", NOW_S + 1, None, None),), "rtc-ds1307 agrees with the system."),
        (
            (ClockChip("rpi_rtc", NOW_S - 40, 3_010_000, 0),),
            "rpi_rtc is 40 s behind the system, battery 3.0 V, which is not charged.",
        ),
        (
            (ClockChip("rpi_rtc", NOW_S + 2, 12_000, 3_000_000),),
            "rpi_rtc is 2 s ahead of the system, battery 0.0 V (flat or missing).",
        ),
        (
            (ClockChip("rpi_rtc", 120, 0, 0),),
            "rpi_rtc has not kept the time (is its battery in and charged?); after each start, results are marked as unsynced "
            "until the unit reaches the centre.",
        ),
    ],
)
def test_the_clock_is_told_in_one_sentence(chips: tuple[ClockChip, ...], sentence: str) -> None:
    finding = of_rtc(chips, NOW_S)

    assert (finding.part, finding.ok, finding.code) == ("rtc", True, None)
    assert finding.sentence == sentence
