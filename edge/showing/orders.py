"""What the operator's page can ask of `lifecert-edge`: it stands on no view, and is heard between visits only."""

from __future__ import annotations

from enum import StrEnum


class Order(StrEnum):
    """What is found out is told in the condition, as facts named after the order (`doctor.camera`)."""

    DOCTOR = "DOCTOR"
    """Try every part of the unit."""
    SURVEY = "SURVEY"
    """Judge the place where the unit stands."""
    CALIBRATE = "CALIBRATE"
    """Measure how far away faces are."""


VOLUME = "VOLUME:"
LOUDEST, STEP = 100, 10


def volume_order(percent: int) -> str:
    """The order for this loudness, 0 to 100, in tens."""
    return f"{VOLUME}{percent}"


def is_order(touched: str) -> bool:
    """Whether this is one of the orders; no choice on a view is."""
    return touched in tuple(Order) or volume_of(touched) is not None


def volume_of(order: str) -> int | None:
    """The loudness that an order asks for; None where it is no such order."""
    percent = order.removeprefix(VOLUME)
    known = {str(each) for each in range(0, LOUDEST + 1, STEP)}
    return int(percent) if percent != order and percent in known else None
