"""The words that travel: reasons, names, serials and topics."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.enrolment import read_serial, read_unit_name
from wire.errors import MalformedError, StatementInvalidError
from wire.reasons import Category, Reason
from wire.topics import Down, Up, down_topic, every_unit, unit_of, up_topic

# The codes that stand in brackets in the requirements, in their order (R1 to R41).
REQUIRED = [
    "VERSION_TOO_OLD",
    "NET_DEGRADED",
    "SERVER_BUSY",
    "HW_UNSUPPORTED",
    "STORAGE_LOW",
    "CAMERA_DENIED",
    "CAMERA_BUSY",
    "CAMERA_LOST",
    "LENS_DIRTY",
    "TOO_DARK",
    "TOO_BRIGHT",
    "BACKLIT",
    "SIDE_LIT",
    "BACKGROUND_BUSY",
    "MULTIPLE_FACES",
    "HAIR_OVER_FACE",
    "GLASSES_GLARE",
    "SUNGLASSES",
    "FACE_MASK",
    "HEAD_COVER",
    "OCCLUDED",
    "HOLD_STILL",
    "TOO_CLOSE",
    "TOO_FAR",
    "OFF_CENTRE",
    "CROPPED",
    "ACTION_MISSED",
    "ACTION_TOO_FAST",
    "ACTION_TOO_SLOW",
    "WRONG_ACTION",
    "ID_EXPIRED",
    "ID_MISMATCH",
    "REFERENCE_OLD",
    "REFERENCE_MISSING",
    "REFERENCE_STALE",
    "ALREADY_DONE",
    "NOT_DUE",
    "SPOOF_SUSPECTED",
    "LOCKED",
]


@pytest.mark.parametrize("code", REQUIRED)
def test_every_required_code_is_a_reason(code: str) -> None:
    assert Reason[code].value == code


def test_the_store_and_camera_faults_have_their_codes() -> None:
    assert {Reason.STORE_FULL.value, Reason.CAMERA_FAULT.value} == {"STORE_FULL", "CAMERA_FAULT"}  # F4, F58


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_category_and_is_its_own_word(reason: Reason) -> None:
    assert isinstance(reason.category, Category)
    assert reason.value == reason.name
    assert len(reason.value) <= 64


def test_no_two_reasons_share_a_word() -> None:
    # An alias would vanish from the iteration but stand among the members.
    assert len({reason.value for reason in Reason}) == len(Reason.__members__)


def test_an_attack_is_a_category_of_its_own() -> None:
    assert [reason for reason in Reason if reason.category is Category.ATTACK] == [Reason.SPOOF_SUSPECTED]  # R35


@pytest.mark.parametrize("name", ["unit-00017", "abcdef", "0" * 40, "a-b--c"])
def test_a_unit_name_of_the_grammar_is_read(name: str) -> None:
    assert read_unit_name(name) == name


BAD_NAMES: Sequence[str] = (
    "",
    "short",
    "x" * 41,
    "-leading",
    "trailing-",
    "UPPER-CASE",
    "unit/00017",
    "unit+0017",
    "unit#0017",
    "unit 0017",
    "unit_0017",
    "#",
    "+",
    "$SYS/abc",
    "unit-0001\n",
    "\x00unit-001",
    "ünit-0001",
    "unit.0001",
)


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_could_open_another_topic_is_refused(name: str) -> None:
    with pytest.raises(StatementInvalidError):
        read_unit_name(name)
    with pytest.raises(MalformedError):
        unit_of(f"lifecert/v1/u/{name}/up/result", Up.RESULT)


@given(st.text(max_size=50))
def test_a_topic_names_a_unit_only_when_it_is_the_topic_of_that_unit(name: str) -> None:
    try:
        unit = unit_of(f"lifecert/v1/u/{name}/up/hello", Up.HELLO)
    except MalformedError:
        return
    assert up_topic(unit, Up.HELLO) == f"lifecert/v1/u/{name}/up/hello"


@pytest.mark.parametrize("word", Up)
def test_the_centre_hears_each_unit_under_its_own_name(word: Up) -> None:
    topic = up_topic("unit-00017", word)

    assert unit_of(topic, word) == "unit-00017"
    assert every_unit(word) == topic.replace("unit-00017", "+")


@pytest.mark.parametrize(
    "topic",
    [
        "lifecert/v1/u/unit-00017/up/conn",
        "lifecert/v1/u/unit-00017/down/result",
        "lifecert/v1/u/unit-00017/up/result/more",
        "lifecert/v2/u/unit-00017/up/result",
        "lifecert/v1/u/unit-00017/up",
        "unit-00017",
        "",
    ],
)
def test_another_topic_names_no_unit(topic: str) -> None:
    with pytest.raises(MalformedError):
        unit_of(topic, Up.RESULT)


def test_units_speak_and_listen_on_different_topics() -> None:
    spoken = {up_topic("unit-00017", word) for word in Up}
    heard = {down_topic("unit-00017", word) for word in Down}

    assert len(spoken | heard) == len(Up) + len(Down)


@pytest.mark.parametrize("serial", ["LC-2027-000123", "A1B", "0" * 32])
def test_a_serial_number_of_the_grammar_is_read(serial: str) -> None:
    assert read_serial(serial) == serial


@pytest.mark.parametrize("serial", ["", "AB", "-AB", "lc-2027", "LC 2027", "LC/2027", "A" * 33, "LC-2027\n"])
def test_another_serial_number_is_refused(serial: str) -> None:
    with pytest.raises(StatementInvalidError):
        read_serial(serial)
