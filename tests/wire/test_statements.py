"""Every statement comes back as it went, and none with a missing, unknown or impossible claim is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import builders as a
from wire.claims import MAX_TIME_S
from wire.codec import decode, encode
from wire.condition import STATES, Slowed, UnitCondition
from wire.errors import StatementInvalidError, WireError
from wire.hello import Hello, hello_payload, read_hello
from wire.policy import policy_payload, read_policy
from wire.reasons import Reason
from wire.receipt import Receipt, Standing, read_receipt, receipt_payload
from wire.reference import Reference, ReferenceClass
from wire.result import (
    CUES_OF,
    SCALE,
    BoardHeat,
    Clock,
    ClockState,
    Consent,
    ConsentGiven,
    CueScore,
    DebugStatus,
    Likeness,
    Mode,
    ModelUse,
    ResultStatement,
    Verdict,
    Visit,
    read_result,
    result_payload,
)
from wire.telemetry import read_telemetry, telemetry_payload
from wire.ticket import Ticket, read_ticket, ticket_payload

UNITS = st.from_regex(r"[a-z0-9][a-z0-9-]{4,38}[a-z0-9]", fullmatch=True)
WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=64)
TIMES = st.integers(0, MAX_TIME_S)
NONCES = st.binary(min_size=16, max_size=64)
DIGESTS = st.binary(min_size=32, max_size=32)
SCORES = st.integers(-SCALE, SCALE)
COUNTS = st.integers(0, 2**32)

CLOCKS = st.builds(Clock, TIMES, st.sampled_from(ClockState), COUNTS, st.integers(0, 2**40), COUNTS, DIGESTS)
CUES = st.lists(st.builds(CueScore, WORDS, SCORES, SCORES), max_size=8, unique_by=lambda cue: cue.cue)
MODELS = st.lists(st.builds(ModelUse, WORDS, DIGESTS), max_size=12, unique_by=lambda model: model.name)
REFUSED = st.builds(
    ResultStatement,
    unit=UNITS,
    result_id=st.binary(min_size=16, max_size=16),
    sequence=st.integers(1, 2**48),
    previous=DIGESTS,
    clock=CLOCKS,
    visit=st.none() | st.builds(Visit, WORDS, WORDS, NONCES, WORDS),
    verdict=st.sampled_from([verdict for verdict in Verdict if verdict is not Verdict.ACCEPTED]),
    reasons=st.lists(st.sampled_from(Reason), min_size=1, max_size=16).map(tuple),
    mode=st.sampled_from(Mode),
    likeness=st.none() | st.builds(Likeness, SCORES, SCORES, st.sampled_from(ReferenceClass)),
    liveness=CUES.map(tuple),
    models=MODELS.map(tuple),
    frames=COUNTS,
    software=st.text(st.characters(codec="utf-8"), max_size=64),
    config_digest=DIGESTS,
    debug=st.sampled_from(DebugStatus),
    heat=st.none() | st.sampled_from(BoardHeat),
    consent=st.none() | st.builds(Consent, WORDS, st.sampled_from(("zh-CN", "en")), st.sampled_from(ConsentGiven), TIMES),
)
REFERENCES = st.lists(
    st.builds(Reference, DIGESTS, st.sampled_from(ReferenceClass)), min_size=1, max_size=4, unique_by=lambda one: one.sha256
).map(tuple)
TICKETS = st.builds(
    Ticket,
    unit=UNITS,
    case=WORDS,
    subject=WORDS,
    nonce=NONCES,
    issued_at_s=TIMES,
    not_before_s=st.integers(0, 2**36),
    not_after_s=st.integers(2**36 + 1, MAX_TIME_S),
    policy=WORDS,
    mode=st.sampled_from(Mode),
    references=REFERENCES,
)
RECEIPTS = st.builds(
    Receipt, UNITS, st.binary(min_size=16, max_size=16), DIGESTS, st.integers(0, 2**48), st.sampled_from(Standing), TIMES
)
FAULTS = st.lists(st.from_regex(r"[a-z][a-z_]{0,30}", fullmatch=True), min_size=1, max_size=8).map(tuple)
CONDITIONS = st.builds(
    UnitCondition,
    st.sampled_from(STATES[1:]),
    st.sampled_from(Reason),
    FAULTS,
    st.none() | st.integers(-40, 150),
    st.frozensets(st.sampled_from(Slowed)),
    COUNTS,
    st.sampled_from(ClockState),
)
HELLOS = st.builds(Hello, UNITS, WORDS, st.integers(0, 2**48), COUNTS, COUNTS, st.none() | CONDITIONS)


def as_it_travels(statement: ResultStatement) -> ResultStatement:
    """The order of cues and models does not travel: put them into the order of their encoded names."""
    return replace(
        statement,
        liveness=tuple(sorted(statement.liveness, key=lambda cue: encode(cue.cue))),
        models=tuple(sorted(statement.models, key=lambda model: encode(model.name))),
    )


@given(REFUSED)
def test_a_result_comes_back_as_it_went(statement: ResultStatement) -> None:
    assert read_result(result_payload(statement)) == as_it_travels(statement)


def test_an_accepted_result_comes_back_as_it_went() -> None:
    assert read_result(result_payload(a.result())) == a.result()


@given(TICKETS)
def test_a_ticket_comes_back_as_it_went(ticket: Ticket) -> None:
    assert read_ticket(ticket_payload(ticket)) == ticket


@given(RECEIPTS)
def test_a_receipt_comes_back_as_it_went(receipt: Receipt) -> None:
    assert read_receipt(receipt_payload(receipt)) == receipt


@given(HELLOS)
def test_a_hello_comes_back_as_it_went(hello: Hello) -> None:
    assert read_hello(hello_payload(hello)) == hello


@given(CONDITIONS)
def test_telemetry_comes_back_as_it_went(condition: UnitCondition) -> None:
    told = a.telemetry(condition=condition)

    assert read_telemetry(telemetry_payload(told)) == told


def test_a_unit_that_is_well_has_neither_trouble_nor_faults() -> None:
    well = a.condition(state="serving", trouble=None, faults=(), celsius=-12)

    assert read_telemetry(telemetry_payload(a.telemetry(condition=well))).condition == well
    assert len(telemetry_payload(a.telemetry(condition=well))) < 256


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "asleep"},
        {"state": "serving"},
        {"trouble": None},
        {"faults": ()},
        {"faults": ("lens dirty",)},
        {"faults": ("x" * 33,)},
        {"faults": ("x",) * 33},
    ],
)
def test_a_condition_that_contradicts_itself_cannot_be_said(changes: dict[str, Any]) -> None:
    with pytest.raises(StatementInvalidError):
        a.condition(**changes)


READERS: dict[str, tuple[bytes, Callable[[bytes], object]]] = {
    "result": (result_payload(a.result()), read_result),
    "result 2": (result_payload(a.result(likeness=a.SUPERVISED_LIKENESS)), read_result),
    "result 3": (result_payload(a.result(substituted=True)), read_result),
    "result 4 by its consent": (result_payload(a.result(consent=a.AGREED)), read_result),
    "result 4 by its heat": (result_payload(a.result(heat=BoardHeat.HOT)), read_result),
    "ticket": (ticket_payload(a.ticket()), read_ticket),
    "ticket 2": (ticket_payload(a.ticket(references=a.SEVERAL_REFERENCES)), read_ticket),
    "receipt": (receipt_payload(a.receipt()), read_receipt),
    "hello": (hello_payload(a.hello()), read_hello),
    "hello 2": (hello_payload(a.hello(condition=a.condition())), read_hello),
    "telemetry": (telemetry_payload(a.telemetry()), read_telemetry),
    "policy": (policy_payload(a.policy()), read_policy),
    "policy 2": (policy_payload(a.policy(required_cues=a.CUES)), read_policy),
    "policy 3": (policy_payload(a.policy(substitution=True)), read_policy),
}
EVERY_CLAIM = [(kind, label) for kind, (payload, _) in READERS.items() for label in decode(payload)]  # type: ignore[union-attr]


def with_claim(kind: str, label: int | str, value: Any) -> bytes:
    claims = decode(READERS[kind][0])
    assert isinstance(claims, dict)
    return encode({**claims, label: value})


@pytest.mark.parametrize(("kind", "label"), EVERY_CLAIM)
def test_a_statement_without_one_of_its_claims_is_not_read(kind: str, label: int | str) -> None:
    payload, read = READERS[kind]
    claims = decode(payload)
    assert isinstance(claims, dict)
    del claims[label]

    with pytest.raises(StatementInvalidError):
        read(encode(claims))


ODD: list[Any] = [
    *(None, True, -1, 2**63, "", "x" * 65, b"", b"x" * 65),
    *([], [[]], ["x" * 65], [True, True], [1], {}, {1: 1}, {"x": None}, {"x": [1, 2, 3]}),
]
WRITERS: dict[str, Callable[[Any], bytes]] = {
    "result": result_payload,
    "result 2": result_payload,
    "result 3": result_payload,
    "result 4 by its consent": result_payload,
    "result 4 by its heat": result_payload,
    "ticket": ticket_payload,
    "ticket 2": ticket_payload,
    "receipt": receipt_payload,
    "hello": hello_payload,
    "hello 2": hello_payload,
    "telemetry": telemetry_payload,
    "policy": policy_payload,
    "policy 2": policy_payload,
    "policy 3": policy_payload,
}


@pytest.mark.parametrize(("kind", "label"), EVERY_CLAIM)
def test_an_odd_claim_is_refused_or_means_just_what_it_says(kind: str, label: int | str) -> None:
    refused = 0
    for value in ODD:
        payload = with_claim(kind, label, value)
        try:
            statement = READERS[kind][1](payload)
        except WireError:
            refused += 1
        else:
            assert WRITERS[kind](statement) == payload

    assert refused >= len(ODD) - 4


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("label", [0, 3_000_000, "photo", -70_999])
def test_a_claim_that_this_version_does_not_know_is_refused(kind: str, label: int | str) -> None:
    with pytest.raises(StatementInvalidError, match="unknown to this version"):
        READERS[kind][1](with_claim(kind, label, 1))


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("payload", [b"\x01", b"\x80", b"\xf6", b"\x40", b"\x60"])
def test_a_payload_that_is_no_map_is_refused(kind: str, payload: bytes) -> None:
    with pytest.raises(StatementInvalidError, match="not a map of claims"):
        READERS[kind][1](payload)


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("other", READERS)
def test_a_payload_is_read_only_as_what_it_is(kind: str, other: str) -> None:
    payload = READERS[other][0]

    if READERS[kind][1] is READERS[other][1]:
        assert READERS[kind][1](payload)
    else:
        with pytest.raises(StatementInvalidError):
            READERS[kind][1](payload)


THREE = ("texture", "action", "code")
IMPOSSIBLE: dict[str, dict[str, Any]] = {
    "something else was asked for in a visit that asks for nothing": {"mode": Mode.PASSIVE, "substituted": True},
    "accepted with a reason against it": {"reasons": (Reason.TOO_DARK,)},
    "accepted without a comparison": {"likeness": None},
    "accepted without a sign of life": {"liveness": ()},
    "accepted below the threshold": {"likeness": Likeness(5299, 5300)},
    "accepted against one liveness cue": {"liveness": (CueScore("action", 10_000, 5000), CueScore("texture", 3999, 4000))},
    "accepted in active mode without an action": {"mode": Mode.ACTIVE, "liveness": (CueScore("texture", 9500, 4000),)},
    "accepted in passive mode without texture": {"mode": Mode.PASSIVE, "liveness": (CueScore("action", 10_000, 5000),)},
    "accepted in full mode with what was enough for active": {"mode": Mode.FULL},
    "accepted in full mode without a relief": {"mode": Mode.FULL, "liveness": tuple(CueScore(cue, 9500, 4000) for cue in THREE)},
    "refused without a reason": {"verdict": Verdict.REFUSED},
    "review without a reason": {"verdict": Verdict.REVIEW},
    "an attack without a reason": {"verdict": Verdict.ATTACK},
    "aborted without a reason": {"verdict": Verdict.ABORTED},
    "a cue with two scores": {"liveness": (CueScore("texture", 9500, 4000), CueScore("texture", 9000, 4000))},
    "a model with two digests": {"models": (ModelUse("embed", b"\x01" * 32), ModelUse("embed", b"\x02" * 32))},
}


@pytest.mark.parametrize("changes", IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_a_result_that_contradicts_itself_cannot_be_made(changes: dict[str, Any]) -> None:
    with pytest.raises(StatementInvalidError):
        a.result(**changes)


@pytest.mark.parametrize(
    ("label", "value"),
    [(-70_008, ["TOO_DARK"]), (-70_010, [5299, 5300]), (-70_011, {}), (-70_011, {"texture": [3999, 4000]}), (-70_007, "refused")],
)
def test_a_result_that_contradicts_itself_cannot_be_read(label: int, value: Any) -> None:
    with pytest.raises(StatementInvalidError):
        read_result(with_claim("result", label, value))


def test_a_likeness_exactly_at_the_threshold_accepts() -> None:
    assert a.result(likeness=Likeness(5300, 5300)).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("mode", Mode)
def test_all_cues_of_a_mode_accept_and_no_more_are_needed(mode: Mode) -> None:
    liveness = tuple(CueScore(cue, 9500, 4000) for cue in sorted(CUES_OF[mode]))

    assert read_result(result_payload(a.result(mode=mode, liveness=liveness))).mode is mode


@pytest.mark.parametrize("claims", [{"not_after_s": a.NOW_S}, {"not_after_s": a.NOW_S - 1}])
def test_a_ticket_that_ends_before_it_begins_is_refused(claims: dict[str, int]) -> None:
    payload = ticket_payload(a.ticket(not_before_s=a.NOW_S, **claims))

    with pytest.raises(StatementInvalidError, match="not after nbf"):
        read_ticket(payload)


@pytest.mark.parametrize("hours", [-12, 0, 14])
def test_every_time_that_is_read_can_be_shown_as_a_date(hours: int) -> None:
    assert datetime.fromtimestamp(MAX_TIME_S, timezone(timedelta(hours=hours))).year > 6000


def test_a_result_holds_no_float_whatever_its_scores() -> None:
    for score in range(-SCALE, SCALE + 1, 997):
        payload = result_payload(a.refused(likeness=Likeness(score, 5300)))
        assert read_result(payload).likeness == Likeness(score, 5300)


@pytest.mark.parametrize(
    ("references", "why"),
    [
        ([], "not a list of 1 to 4"),
        ([[bytes([number]) * 32, "document"] for number in range(5)], "not a list of 1 to 4"),
        ([[b"\x0e" * 32, "document"], [b"\x0e" * 32, "supervised"]], "named twice"),
        ([[b"\x0e" * 32, "document"]], "ticket/1"),
        ([[b"\x0e" * 31, "supervised"]], "digest of 32 bytes"),
        ([[b"\x0e" * 32, "selfie"]], "unknown word"),
        ([[b"\x0e" * 32]], "digest of 32 bytes"),
        ([[b"\x0e" * 32, "supervised", 1]], "digest of 32 bytes"),
        ({"document": b"\x0e" * 32}, "not a list"),
    ],
)
def test_references_that_are_none_too_many_doubled_or_odd_are_refused(references: Any, why: str) -> None:
    with pytest.raises(StatementInvalidError, match=why):
        read_ticket(with_claim("ticket 2", -70_105, references))


def test_a_ticket_without_a_reference_cannot_be_read() -> None:
    with pytest.raises(StatementInvalidError, match="not a list of 1 to 4"):
        read_ticket(ticket_payload(a.ticket(references=())))


@pytest.mark.parametrize(("kind", "label", "value"), [("ticket", -70_105, []), ("ticket 2", -70_104, b"\x0e" * 32)])
def test_a_ticket_of_one_profile_holds_no_claim_of_the_other(kind: str, label: int, value: Any) -> None:
    with pytest.raises(StatementInvalidError, match="unknown to this version"):
        READERS[kind][1](with_claim(kind, label, value))


def test_a_comparison_with_a_document_is_said_as_ever() -> None:
    with pytest.raises(StatementInvalidError, match="a document is said with"):
        read_result(with_claim("result 2", -70_015, "document"))
    with pytest.raises(StatementInvalidError, match="unknown to this version"):
        read_result(with_claim("result", -70_015, "supervised"))
