"""A policy comes back as it went, and none is made or read whose thresholds are not proven."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import cbor2
import pytest

from tests import builders as a
from wire.codec import MAX_BYTES, decode, encode
from wire.envelope import Kind, open_verified, seal
from wire.errors import MalformedError, StatementInvalidError, WireError
from wire.keys import key_id
from wire.policy import Policy, ReferenceClass, policy_payload, read_policy, read_policy_id

CALIBRATIONS = -70_402
PROFILE_CLAIM, CUES = 265, -70_403
PAYLOAD = policy_payload(a.policy())
WITH_CUES = policy_payload(a.policy(required_cues=a.CUES))


def decoded(payload: bytes) -> Any:
    """The claims of a payload."""
    return decode(payload)


def with_first(label: int, value: Any) -> bytes:
    """The payload with one claim of its first calibration changed; `...` takes the claim away."""
    claims: Any = decode(PAYLOAD)
    first = claims[CALIBRATIONS][0]
    first.pop(label, None) if value is ... else first.update({label: value})
    return encode(claims)


def test_a_policy_comes_back_as_it_went() -> None:
    assert read_policy(PAYLOAD) == a.policy()


def test_any_sound_calibration_comes_back_as_it_went() -> None:
    dice = random.Random(17)
    for _ in range(300):
        claim, comparisons = dice.randint(1000, 10**8), dice.randint(10**7, 10**12)
        low, high = 0, dice.randint(min(claim, 1 + 3 * 10**9 // comparisons), claim)
        policy = a.policy(
            calibrations=(
                a.calibration(
                    threshold_x10000=(threshold := dice.randint(1, 10_000)),
                    review_from_x10000=dice.randint(-10_000, threshold - 1),
                    claimed_fmr_x1e9=claim,
                    comparisons=comparisons,
                    false_matches=max(0, high * comparisons // 10**9 // 2 - 1),
                    fmr_low_x1e9=low,
                    fmr_high_x1e9=high,
                    reference_class=dice.choice(list(ReferenceClass)),
                ),
            )
        )
        assert read_policy(policy_payload(policy)) == policy


def test_the_order_of_calibrations_travels() -> None:
    policy = a.policy(calibrations=tuple(reversed(a.policy().calibrations)))

    assert read_policy(policy_payload(policy)).calibrations == policy.calibrations


# Required cues


@pytest.mark.parametrize("cues", [{"texture"}, {"code", "relief"}, {"texture", "action", "code", "relief"}])
def test_required_cues_travel_under_the_second_profile(cues: set[str]) -> None:
    policy = a.policy(required_cues=frozenset(cues))
    claims: Any = decode(policy_payload(policy))

    assert read_policy(policy_payload(policy)) == policy
    assert claims[PROFILE_CLAIM] == "tag:lifecert.example,2026:policy/2"
    assert claims[CUES] == sorted(cues)


def test_a_policy_that_requires_no_cue_is_said_as_ever() -> None:
    claims: Any = decode(policy_payload(a.policy(required_cues=frozenset())))

    assert claims[PROFILE_CLAIM] == "tag:lifecert.example,2026:policy/1"
    assert CUES not in claims


@pytest.mark.parametrize("cue", ["", "Code", "infrared", "texture "])
def test_a_cue_that_no_visit_can_give_cannot_be_required(cue: str) -> None:
    with pytest.raises(StatementInvalidError, match="cues"):
        a.policy(required_cues=frozenset({"code", cue}))


@pytest.mark.parametrize(
    "cues",
    [
        [],
        ["relief", "code"],
        ["code", "code"],
        ["code", "infrared"],
        ["code", 1],
        ["action", "code", "relief", "texture", "x"],
        "code",
    ],
)
def test_cues_have_one_spelling_and_no_other_is_read(cues: Any) -> None:
    with pytest.raises(StatementInvalidError, match="cues"):
        read_policy(encode({**decoded(WITH_CUES), CUES: cues}))


@pytest.mark.parametrize("cues", [set(), {"code", "relief"}])
def test_that_something_else_may_be_asked_for_travels_under_the_third_profile(cues: set[str]) -> None:
    policy = a.policy(substitution=True, required_cues=frozenset(cues))
    claims: Any = decode(policy_payload(policy))

    assert read_policy(policy_payload(policy)) == policy
    assert claims[PROFILE_CLAIM] == "tag:lifecert.example,2026:policy/3"


@pytest.mark.parametrize("profile", ["policy/1", "policy/2"])
def test_an_older_profile_allows_nothing_else_to_be_asked_for(profile: str) -> None:
    claims = decoded(policy_payload(a.policy(substitution=True, required_cues=a.CUES)))

    with pytest.raises(StatementInvalidError):
        read_policy(encode({**claims, PROFILE_CLAIM: f"tag:lifecert.example,2026:{profile}"}))


def test_a_profile_and_its_cues_belong_together() -> None:
    """Whoever strikes the cues out, or says the first profile over them, makes a policy that nobody reads."""
    first, second = decoded(PAYLOAD), decoded(WITH_CUES)

    for mixed in ({**first, PROFILE_CLAIM: second[PROFILE_CLAIM]}, {**second, PROFILE_CLAIM: first[PROFILE_CLAIM]}):
        with pytest.raises(StatementInvalidError):
            read_policy(encode(mixed))
    with pytest.raises(StatementInvalidError, match="eat_profile"):
        read_policy(encode({**second, PROFILE_CLAIM: "tag:lifecert.example,2026:policy/4"}))


IMPOSSIBLE: dict[str, tuple[dict[str, Any], str]] = {
    "a threshold that everybody reaches": ({"threshold_x10000": 0, "review_from_x10000": -1}, "threshold"),
    "a threshold that nobody reaches": ({"threshold_x10000": 10_001}, "threshold"),
    "a review that begins at the threshold": ({"review_from_x10000": 5300}, "review_from"),
    "a review that begins above the threshold": ({"review_from_x10000": 5301}, "review_from"),
    "a review below all similarity": ({"review_from_x10000": -10_001}, "review_from"),
    "a claim of nothing": ({"claimed_fmr_x1e9": 0}, "claimed_fmr"),
    "a claim of more than one in ten": ({"claimed_fmr_x1e9": 100_000_001}, "claimed_fmr"),
    "nobody compared": ({"persons": 1}, "comparisons"),
    "no comparison": ({"comparisons": 0, "false_matches": 0}, "comparisons"),
    "one comparison too few for its claim": ({"comparisons": 2999, "false_matches": 0, "fmr_low_x1e9": 0}, "fewer than 3"),
    "an upper bound above the claim": ({"fmr_high_x1e9": 1_000_001}, "above the claim"),
    "bounds in the wrong order": ({"fmr_low_x1e9": 640_001}, "in order"),
    "a lower bound below nothing": ({"fmr_low_x1e9": -1}, "in order"),
    "a share below its interval": ({"false_matches": 43}, "below it"),
    "a share above its interval": ({"false_matches": 80}, "too near"),
    "an interval without width": ({"false_matches": 0, "fmr_low_x1e9": 0, "fmr_high_x1e9": 0}, "too near"),
    "fewer false matches than none": ({"false_matches": -1}, "less than none"),
    "more false matches than comparisons": ({"false_matches": 124_751}, "more than"),
}


@pytest.mark.parametrize(("changes", "why"), IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_a_calibration_that_does_not_support_itself_cannot_be_made(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(StatementInvalidError, match=why):
        a.calibration(**changes)


@pytest.mark.parametrize(
    ("label", "value"),
    [(6, 0), (7, 5300), (8, 0), (8, 100_000_001), (8, 639_999), (9, 43), (9, 80), (9, 124_751), (10, 0), (10, 2999), (11, 1)],
)
def test_a_calibration_that_does_not_support_itself_cannot_be_read(label: int, value: int) -> None:
    with pytest.raises(StatementInvalidError):
        read_policy(with_first(label, value))


def test_thirty_thousand_comparisons_are_the_least_for_one_in_ten_thousand() -> None:
    bare = {"claimed_fmr_x1e9": 100_000, "false_matches": 0, "fmr_low_x1e9": 0, "fmr_high_x1e9": 100_000}

    assert a.calibration(comparisons=30_000, **bare).comparisons == 30_000
    with pytest.raises(StatementInvalidError, match="fewer than 3"):
        a.calibration(comparisons=29_999, **bare)


def test_two_calibrations_for_the_same_use_are_refused_and_for_another_use_are_not() -> None:
    one = a.calibration()
    others = (
        replace(one, model_digest=b"\x02" * 32),
        replace(one, runtime="onnxruntime 1.20.2"),
        replace(one, reference_class=ReferenceClass.SUPERVISED),
    )

    with pytest.raises(StatementInvalidError, match="two for the same"):
        a.policy(calibrations=(one, replace(one, population="others", threshold_x10000=6000)))
    assert len(a.policy(calibrations=(one, *others)).calibrations) == 4


def test_two_calibrations_for_the_same_use_cannot_be_read() -> None:
    claims: Any = decode(PAYLOAD)
    claims[CALIBRATIONS][1] = claims[CALIBRATIONS][0]

    with pytest.raises(StatementInvalidError, match="two for the same"):
        read_policy(encode(claims))


@pytest.mark.parametrize("count", [0, 9])
def test_a_policy_has_one_to_eight_calibrations(count: int) -> None:
    some = tuple(a.calibration(model_digest=bytes([number]) * 32) for number in range(count))
    claims: Any = decode(PAYLOAD)
    claims[CALIBRATIONS] = [{**claims[CALIBRATIONS][0], 2: found.model_digest} for found in some]

    with pytest.raises(StatementInvalidError, match="calibrations"):
        a.policy(calibrations=some)
    with pytest.raises(StatementInvalidError, match="calibrations"):
        read_policy(encode(claims))


@pytest.mark.parametrize("not_after_s", [a.NOW_S - 7200, a.NOW_S - 7201])
def test_a_policy_that_ends_before_it_begins_is_refused(not_after_s: int) -> None:
    with pytest.raises(StatementInvalidError, match="not after nbf"):
        a.policy(not_after_s=not_after_s)


@pytest.mark.parametrize("text", ["default/2", "pension-2027/3", "a/1", "x" * 47 + "/999999999", "v1.2/10"])
def test_a_policy_id_of_the_grammar_is_read(text: str) -> None:
    assert read_policy_id(text) == text


BAD_IDS = ("", "default", "default/", "/1", "default/0", "default/01", "Default/1", "a b/1", "a/b/1", "-a/1", "a/1\n", "a/-1")


@pytest.mark.parametrize("text", [*BAD_IDS, "x" * 48 + "/1", "a/1000000000", "ü/1", "a/１"])
def test_another_policy_id_is_refused(text: str) -> None:
    with pytest.raises(StatementInvalidError, match="policy"):
        read_policy_id(text)
    with pytest.raises(StatementInvalidError, match="policy"):
        a.policy(id=text)


def test_a_calibration_is_found_for_exactly_its_use_only() -> None:
    policy = a.policy()
    document, supervised = policy.calibrations
    use = (document.model_digest, document.runtime)

    assert policy.calibration_for(*use, ReferenceClass.DOCUMENT) is document
    assert policy.calibration_for(*use, ReferenceClass.SUPERVISED) is supervised
    assert policy.calibration_for(b"\x09" * 32, document.runtime, ReferenceClass.DOCUMENT) is None
    assert policy.calibration_for(document.model_digest, "onnxruntime 1.20.2", ReferenceClass.DOCUMENT) is None


def largest() -> Policy:
    """Eight calibrations with texts as long as they may be, the population in Chinese."""
    text = {"matcher": "m" * 64, "runtime": "r" * 64, "population": "六" * 64}
    counts = {"false_matches": 2**40, "comparisons": 2**48, "persons": 2**32, "calibrated_at_s": 2**36}
    shares = {"claimed_fmr_x1e9": 10**8, "fmr_low_x1e9": 3_000_000, "fmr_high_x1e9": 10**8}
    eight = tuple(a.calibration(model_digest=bytes([number]) * 32, **text, **counts, **shares) for number in range(8))
    return a.policy(id="p" * 47 + "/999999999", programme="市" * 64, calibrations=eight)


def test_the_largest_policy_of_eight_calibrations_can_be_sent_and_read() -> None:
    envelope = seal(policy_payload(largest()), Kind.POLICY, a.KeySigner(a.key(1)))
    keys = {key_id(a.key(1).public_key()): a.key(1).public_key()}

    assert len(envelope) <= MAX_BYTES
    assert read_policy(open_verified(envelope, Kind.POLICY, keys)) == largest()


def test_a_policy_under_another_kind_is_not_opened() -> None:
    keys = {key_id(a.key(1).public_key()): a.key(1).public_key()}
    envelope = seal(PAYLOAD, Kind.TICKET, a.KeySigner(a.key(1)))

    with pytest.raises(MalformedError, match="expected application/lifecert-policy"):
        open_verified(envelope, Kind.POLICY, keys)


ODD: list[Any] = [None, True, -1, 2**63, "", "x" * 65, b"", b"x" * 33, [], {}, [1], {1: 1}, ...]


@pytest.mark.parametrize("label", range(1, 15))
def test_an_odd_claim_of_a_calibration_is_refused(label: int) -> None:
    for value in ODD:
        if label == 7 and value == -1:  # the one odd value that says something: review begins at similarity -0.0001
            continue
        with pytest.raises(StatementInvalidError):
            read_policy(with_first(label, value))


@pytest.mark.parametrize("label", [0, 15, -70_402, "photo"])
def test_a_claim_that_a_calibration_does_not_know_is_refused(label: int | str) -> None:
    claims: Any = decode(PAYLOAD)
    claims[CALIBRATIONS][0][label] = 1

    with pytest.raises(StatementInvalidError, match="unknown to this version"):
        read_policy(encode(claims))


@pytest.mark.parametrize("item", [None, 1, "calibration", b"", [], [1, 2]])
def test_a_calibration_that_is_no_map_is_refused(item: Any) -> None:
    claims: Any = decode(PAYLOAD)
    claims[CALIBRATIONS][0] = item

    with pytest.raises(StatementInvalidError, match="not a map"):
        read_policy(encode(claims))


def test_a_float_or_a_tag_in_a_policy_is_refused() -> None:
    claims: Any = decode(PAYLOAD)
    for value in (0.53, cbor2.CBORTag(4, [-4, 53])):
        claims[CALIBRATIONS][0][6] = value
        with pytest.raises(MalformedError):
            read_policy(cbor2.dumps(claims, canonical=True))


def test_hostile_bytes_never_raise_anything_but_an_error_of_the_wire() -> None:
    dice = random.Random(2027)
    read = 0
    for _ in range(4000):
        hostile = bytearray(PAYLOAD)
        for _ in range(dice.randint(1, 3)):
            hostile[dice.randrange(len(hostile))] = dice.randrange(256)
        cut = bytes(hostile[: dice.choice([len(hostile), dice.randrange(len(hostile))])])
        try:
            policy = read_policy(cut)
        except WireError:
            continue
        read += 1
        assert policy_payload(policy) == cut

    assert read < 2000
