"""No request, however it is put, makes the lamps shine stronger or longer than an eye and the lamps themselves bear."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.dose import (
    DARKNESS,
    LASTING_W_M2,
    USED_W_M2,
    DoseLimiter,
    LightLimits,
    exposure_limit_w_m2,
    irradiance_w_m2,
)
from firmware.errors import LampTooStrongError, LampUnmeasuredError

MS = 1_000_000
LIMITS = LightLimits(500, 500, 500, nearest_cm=20, longest_on_ms=60_000, rest_ms=15_000)
DIMMED = {"L": True, "R": True, "V": True, "T": True}
STEADY = dict.fromkeys(DIMMED, False)


def test_the_irradiance_follows_the_inverse_square_law() -> None:
    assert irradiance_w_m2(1000, 30, 100) == pytest.approx(11.11, abs=0.01)
    assert irradiance_w_m2(1000, 10, 100) == pytest.approx(100.0)
    assert irradiance_w_m2(1000, 10, 25) == pytest.approx(25.0)


@pytest.mark.parametrize(("seconds", "limit"), [(1, 18_000), (10, 3_201), (100, 569), (1000, 101), (1001, 100), (1e6, 100)])
def test_the_exposure_limit_is_that_of_icnirp(seconds: float, limit: float) -> None:
    assert exposure_limit_w_m2(seconds) == pytest.approx(limit, rel=0.005)


def test_what_is_used_lies_below_every_limit_whatever_the_time() -> None:
    assert all(exposure_limit_w_m2(seconds) >= 2 * USED_W_M2 for seconds in (0.1, 1, 60, 999, 1000, 1001, 86_400))
    assert LASTING_W_M2 == 100


def test_weak_lamps_get_what_they_ask_for() -> None:
    limiter = DoseLimiter(LIMITS, DIMMED)

    grant = limiter.ask("LR", 60, 0)

    assert (grant.word, grant.duty_percent, grant.until_ns) == ("LR", 60, 60_000 * MS)


@pytest.mark.parametrize(
    ("word", "asked", "given"), [("L", 100, 50), ("LR", 100, 25), ("LRT", 100, 16), ("LR", 20, 20), ("V", 100, 100)]
)
def test_strong_lamps_are_dimmed_until_their_sum_is_safe(word: str, asked: int, given: int) -> None:
    """4 W/sr at 20 cm are 100 W/m2."""
    limiter = DoseLimiter(replace(LIMITS, left_mw_sr=4000, right_mw_sr=4000, top_mw_sr=4000), DIMMED)

    assert limiter.ask(word, asked, 0).duty_percent == given


def test_a_lamp_that_cannot_be_dimmed_counts_with_all_its_strength() -> None:
    """2 W/sr at 20 cm are 50 W/m2: one such lamp is safe, two are not."""
    limits = replace(LIMITS, left_mw_sr=2000, right_mw_sr=2000)

    assert DoseLimiter(limits, {"L": False}).ask("L", 10, 0).duty_percent == 100
    with pytest.raises(LampTooStrongError, match="100 W/m2 at 20 cm, at most 50"):
        DoseLimiter(limits, {"L": False, "R": False})


def test_a_steady_lamp_leaves_less_for_a_dimmed_one() -> None:
    """25 W/m2 steady, so 25 of the other's 100."""
    limiter = DoseLimiter(replace(LIMITS, left_mw_sr=1000, right_mw_sr=4000), {"L": False, "R": True})

    assert limiter.ask("LR", 100, 0).duty_percent == 25
    assert limiter.ask("R", 100, 0).duty_percent == 50


def test_lamps_of_which_one_percent_is_too_much_are_refused() -> None:
    with pytest.raises(LampTooStrongError):
        DoseLimiter(replace(LIMITS, left_mw_sr=20_000, nearest_cm=10, right_mw_sr=20_000), {"L": False, "R": True})


@pytest.mark.parametrize(("emitter", "key"), [("L", "left_mw_sr"), ("R", "right_mw_sr"), ("T", "top_mw_sr")])
def test_a_near_infrared_lamp_of_unknown_strength_is_refused(emitter: str, key: str) -> None:
    limits = replace(LIMITS, **{key: None})

    with pytest.raises(LampUnmeasuredError, match=f"light.{key}"):
        DoseLimiter(limits, {emitter: True})


def test_a_white_lamp_needs_no_strength_for_everyone_blinks_at_it() -> None:
    assert DoseLimiter(LightLimits(), {"V": False}).ask("V", 60, 0).duty_percent == 100


def test_darkness_is_always_granted() -> None:
    limiter = DoseLimiter(LIMITS, DIMMED)
    limiter.ask("L", 100, 0)

    assert limiter.ask("0", 0, 100_000 * MS) == DARKNESS


def test_a_lamp_that_shone_its_longest_rests_until_it_has_recovered_wholly() -> None:
    limiter = DoseLimiter(LIMITS, DIMMED)
    limiter.ask("L", 60, 0)

    tired = limiter.ask("L", 60, 60_000 * MS)
    still = limiter.ask("L", 60, 74_000 * MS)
    again = limiter.ask("L", 60, 75_000 * MS)

    assert (tired.word, tired.rests_ns) == ("0", 15_000 * MS)
    assert (still.word, still.rests_ns) == ("0", 1_000 * MS)
    assert (again.word, again.until_ns) == ("L", 135_000 * MS)


def test_what_was_asked_with_a_resting_lamp_is_dark_too() -> None:
    limiter = DoseLimiter(LIMITS, DIMMED)
    limiter.ask("L", 60, 0)
    limiter.ask("0", 0, 60_000 * MS)

    assert limiter.ask("LR", 60, 60_001 * MS).word == "0"
    assert limiter.ask("R", 60, 60_001 * MS).word == "R"


def test_a_short_pause_gives_back_in_proportion() -> None:
    limiter = DoseLimiter(LIMITS, DIMMED)
    limiter.ask("L", 60, 0)
    limiter.ask("0", 0, 30_000 * MS)

    grant = limiter.ask("L", 60, 32_000 * MS)

    assert grant.until_ns == (32_000 + 30_000 + 8_000) * MS


WORDS = ["0", "L", "R", "LR", "V", "LRV", "LRT"]
STEPS = st.lists(st.tuples(st.sampled_from(WORDS), st.integers(1, 100), st.integers(0, 90_000)), max_size=40)
INTENSITIES = st.floats(min_value=1, max_value=20_000)


@given(STEPS, INTENSITIES, INTENSITIES, INTENSITIES, st.floats(min_value=10, max_value=50))
def test_whatever_is_asked_for_no_eye_gets_more_than_is_used_and_no_lamp_shines_on(
    steps: list[tuple[str, int, int]], left: float, right: float, top: float, nearest_cm: float
) -> None:
    limits = replace(LIMITS, left_mw_sr=left, right_mw_sr=right, top_mw_sr=top, nearest_cm=nearest_cm)
    strength = {"L": left, "R": right, "T": top, "V": 0.0}
    if sum(irradiance_w_m2(each, nearest_cm, 1) for each in strength.values()) > USED_W_M2:
        return
    limiter, now_ms = DoseLimiter(limits, DIMMED), 0
    lit_since_ms: dict[str, int | None] = dict.fromkeys(DIMMED, None)
    for word, duty, pause_ms in steps:
        grant = limiter.ask(word, duty, now_ms * MS)
        duties = {emitter: grant.duty_percent for emitter in grant.word if emitter != "0"}
        assert sum(irradiance_w_m2(strength[emitter], nearest_cm, duty) for emitter, duty in duties.items()) <= USED_W_M2 + 1e-6
        assert all(lamp <= duty for lamp in duties.values())
        assert set(duties) <= set(word)
        for emitter in DIMMED:
            since = lit_since_ms[emitter]
            lit_since_ms[emitter] = (now_ms if since is None else since) if emitter in duties else None
        # Whoever obeys goes dark at `until_ns`; here that is asked for when it is due.
        now_ms += pause_ms
        if grant.until_ns is not None and now_ms * MS > grant.until_ns:
            assert all(
                grant.until_ns - since * MS <= LIMITS.longest_on_ms * MS for since in lit_since_ms.values() if since is not None
            )
            limiter.ask("0", 0, grant.until_ns)
            lit_since_ms = dict.fromkeys(DIMMED, None)
