"""The light of an exposure is the one that was told last, and not known near a switch or where the log has forgotten it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.frame import DARK, UNKNOWN_LIGHT, Light
from firmware.light_log import KEPT, LightLog

GUARD_NS = 4
LEFT, RIGHT = Light.parse("L"), Light.parse("R")
LIGHTS = (DARK, LEFT, RIGHT)


def _log(*switches: tuple[int, Light]) -> LightLog:
    log = LightLog(GUARD_NS)
    for at_ns, light in switches:
        log.switched(light, at_ns)
    return log


def test_before_the_first_word_it_is_dark() -> None:
    assert _log().during(0, 10**9) == DARK
    assert _log((100, LEFT)).during(80, 96) == DARK


@pytest.mark.parametrize(
    ("begin_ns", "end_ns", "light"),
    [
        (90, 96, DARK),
        (90, 97, UNKNOWN_LIGHT),
        (98, 102, UNKNOWN_LIGHT),
        (103, 110, UNKNOWN_LIGHT),
        (104, 110, LEFT),
        (104, 196, LEFT),
        (104, 197, UNKNOWN_LIGHT),
        (50, 250, UNKNOWN_LIGHT),
        (204, 10**9, RIGHT),
    ],
)
def test_an_exposure_near_a_switch_has_no_known_light(begin_ns: int, end_ns: int, light: Light) -> None:
    assert _log((100, LEFT), (200, RIGHT)).during(begin_ns, end_ns) == light


def test_the_same_word_again_is_no_switch() -> None:
    log = _log((100, LEFT), (200, LEFT))

    assert log.during(190, 210) == LEFT


def test_another_strength_is_a_switch() -> None:
    log = _log((100, LEFT), (200, Light.parse("L", 50)))

    assert log.during(190, 210) == UNKNOWN_LIGHT
    assert log.during(204, 210) == Light.parse("L", 50)


def test_what_is_forgotten_is_not_called_dark() -> None:
    log = _log(*((100 * number, LIGHTS[1 + number % 2]) for number in range(1, KEPT + 2)))

    assert log.during(10, 20) == UNKNOWN_LIGHT
    assert log.during(110, 120) == UNKNOWN_LIGHT
    assert log.during(210, 220) == LEFT


@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(1, 2)), max_size=12),
    st.integers(0, 200),
    st.integers(1, 30),
)
def test_a_light_is_known_exactly_where_no_switch_is_near(steps: list[tuple[int, int]], begin_ns: int, lasts_ns: int) -> None:
    log, at_ns, which, switched_ns = LightLog(GUARD_NS), 0, 0, []
    shone = [DARK] * 600
    for wait_ns, other in steps:
        at_ns, which = at_ns + wait_ns, (which + other) % 3
        log.switched(LIGHTS[which], at_ns)
        switched_ns.append(at_ns)
        shone[at_ns:] = [LIGHTS[which]] * (600 - at_ns)

    light = log.during(begin_ns, begin_ns + lasts_ns)

    near = set(range(begin_ns - GUARD_NS + 1, begin_ns + lasts_ns + GUARD_NS)) & set(switched_ns)
    assert light == (UNKNOWN_LIGHT if near else shone[begin_ns])
