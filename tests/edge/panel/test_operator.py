"""The page behind the PIN: nobody guesses it, nothing is told without it, and what it hands out holds nothing of any person."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from edge.panel.errors import OperatorUnknownError, PinFileUnusableError, PinRefusedError, PinUnfitError, PinWaitError
from edge.panel.operator.pin import PinFile, check_pin
from edge.panel.operator.sessions import IDLE_S, LONGEST_S, MOST, Sessions
from edge.panel.operator.table import rows_of
from edge.panel.operator.tries import LOCKED_AFTER, LOCKED_S, PinDoor, wait_after
from edge.showing.messages import Condition
from edge.showing.orders import volume_of, volume_order
from edge.showing.server import StageServer
from tests.edge.panel.running import PIN, QUICK_HASHER, HandClock, Running, until


def pin_file(folder: Path) -> PinFile:
    pin = PinFile(folder / "pin", QUICK_HASHER)
    pin.keep(PIN)
    return pin


def outcome(door: PinDoor, pin: str) -> str:
    try:
        door.enter(pin)
    except (PinRefusedError, PinWaitError) as error:
        return type(error).__name__
    return "in"


@pytest.mark.parametrize("pin", ["730514", "1029384756", "998877665544"])
def test_a_pin_without_a_pattern_is_taken(pin: str) -> None:
    assert check_pin(pin) == pin


@pytest.mark.parametrize(
    "pin",
    [
        "",
        "12345",
        "1234567890123",
        "73051a",
        "７３０５１４",
        "730 514",
        "111111",
        "121212",
        "123456",
        "654321",
        "730730",
        "112211",
    ],
)
def test_a_pin_that_is_none_or_easy_is_refused(pin: str, tmp_path: Path) -> None:
    with pytest.raises(PinUnfitError):
        pin_file(tmp_path).keep(pin)

    assert PinFile(tmp_path / "pin", QUICK_HASHER).matches(PIN)


def test_the_file_holds_a_hash_for_its_owner_alone_and_not_the_pin(tmp_path: Path) -> None:
    pin = pin_file(tmp_path)

    text = pin.path.read_text("ascii")

    assert text.startswith("$argon2id$")
    assert PIN not in text
    assert pin.path.stat().st_mode & 0o777 == 0o600
    assert (pin.matches(PIN), pin.matches("730515"), pin.matches("")) == (True, False, False)


def test_before_a_pin_is_set_none_is_right(tmp_path: Path) -> None:
    assert not PinFile(tmp_path / "pin", QUICK_HASHER).matches(PIN)
    assert not PinFile(tmp_path / "pin", QUICK_HASHER).matches("no PIN is set")


@pytest.mark.parametrize("content", [b"", b"730514\n", b"\xff\xfe", b"$argon2id$v=19$m=8"])
def test_a_damaged_file_lets_nobody_in(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pin").write_bytes(content)

    with pytest.raises(PinFileUnusableError, match="lifecert panel pin"):
        PinFile(tmp_path / "pin", QUICK_HASHER).matches(PIN)


def test_waits_grow_to_a_lock_that_ends() -> None:
    waits = [wait_after(wrong) for wrong in range(LOCKED_AFTER + 5)]

    assert waits[:5] == [0, 1, 2, 4, 8]
    assert waits == sorted(waits)
    assert waits[LOCKED_AFTER:] == [LOCKED_S] * 5


def test_of_a_thousand_guesses_in_a_row_one_is_looked_at(tmp_path: Path) -> None:
    door = PinDoor(pin_file(tmp_path), HandClock())

    outcomes = [outcome(door, f"{guess:06}") for guess in range(1000)]

    assert outcomes == ["PinRefusedError"] + ["PinWaitError"] * 999


def test_whoever_waits_as_told_gets_a_hundred_guesses_a_day_and_the_owner_gets_in(tmp_path: Path) -> None:
    clock = HandClock()
    door, day_end, looked_at = PinDoor(pin_file(tmp_path), clock), clock() + 86_400, 0

    while clock() < day_end:
        try:
            door.enter("000000")
        except PinRefusedError as error:
            looked_at += 1
            clock.pass_s(error.wait_s)

    assert looked_at < 110
    assert outcome(door, PIN) == "in"
    assert outcome(door, PIN) == "in"


def test_the_right_pin_is_not_looked_at_before_the_time(tmp_path: Path) -> None:
    clock = HandClock()
    door = PinDoor(pin_file(tmp_path), clock)
    for _ in range(LOCKED_AFTER):
        outcome(door, "000000")
        clock.pass_s(LOCKED_S)
    outcome(door, "000000")

    clock.pass_s(LOCKED_S - 1)
    assert outcome(door, PIN) == "PinWaitError"
    clock.pass_s(1)
    assert outcome(door, PIN) == "in"


def test_a_restart_forgives_nothing(tmp_path: Path) -> None:
    clock, pin = HandClock(), pin_file(tmp_path)
    door = PinDoor(pin, clock)
    for _ in range(LOCKED_AFTER):
        outcome(door, "000000")
        clock.pass_s(LOCKED_S)

    anew = PinDoor(pin, clock)

    assert outcome(anew, PIN) == "PinWaitError"
    clock.pass_s(LOCKED_S)
    assert outcome(anew, PIN) == "in"


@pytest.mark.parametrize("content", [b"", b"many", b"\xff", b"-5", b"9" * 5000])
def test_a_count_that_cannot_be_read_is_no_way_round_the_lock(tmp_path: Path, content: bytes) -> None:
    pin, clock = pin_file(tmp_path), HandClock()
    pin.tries.write_bytes(content)

    waits = PinDoor(pin, clock)

    assert outcome(waits, PIN) == ("in" if content == b"-5" else "PinWaitError")


def test_a_try_that_cannot_be_counted_is_not_looked_at(tmp_path: Path) -> None:
    pin = pin_file(tmp_path)
    pin.tries.with_name("pin.tries.part").mkdir()

    with pytest.raises(PinFileUnusableError):
        PinDoor(pin, HandClock()).enter(PIN)


def test_a_new_pin_forgets_the_wrong_ones_also_where_a_panel_runs(tmp_path: Path) -> None:
    pin = pin_file(tmp_path)
    door = PinDoor(pin, HandClock())
    assert (outcome(door, "000000"), outcome(door, PIN)) == ("PinRefusedError", "PinWaitError")

    pin.keep("951357")

    assert outcome(door, "951357") == "in"


def test_a_session_ends_when_idle_and_at_last_in_any_case() -> None:
    clock, tokens = HandClock(), iter(["one", "two"])
    sessions = Sessions(clock, lambda: next(tokens))
    first = sessions.begin()

    for _ in range(LONGEST_S // (IDLE_S - 1)):
        clock.pass_s(IDLE_S - 1)
        sessions.use(first)
    clock.pass_s(IDLE_S - 1)
    with pytest.raises(OperatorUnknownError):
        sessions.use(first)
    second = sessions.begin()
    clock.pass_s(IDLE_S)
    assert not sessions.lasts(second)


def test_of_many_sessions_the_oldest_ends() -> None:
    names = iter("abcdefgh")
    sessions = Sessions(HandClock(), lambda: next(names))

    opened = [sessions.begin() for _ in range(MOST + 1)]

    assert [sessions.lasts(token) for token in opened] == [False] + [True] * MOST
    assert not sessions.lasts(None)


def enter(panel: Running) -> None:
    assert panel.post("/operator/enter", {"pin": PIN}).status_code == 204


def test_without_the_pin_nothing_is_told_and_nothing_ordered(panel: Running, stage: StageServer) -> None:
    stage.tell(Condition({"free_mib": 900}))

    answers = [panel.client.get("/operator/stream"), panel.client.get("/operator/bundle")]
    answers += [panel.post("/operator/order", {"order": "DOCTOR"}) for _ in range(2)]
    panel.client.cookies.set("lifecert-operator", "guess", path="/operator")
    answers.append(panel.client.get("/operator/stream"))

    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in answers] == [(401, "pin_needed")] * 5
    assert stage.taken() == ()


def test_a_thousand_guesses_over_the_page_leave_the_panel_alive_and_the_operator_gets_in_later(
    panel: Running, stage: StageServer
) -> None:
    answers = [panel.post("/operator/enter", {"pin": f"{guess:06}"}) for guess in range(1000)]

    assert [answer.status_code for answer in answers] == [401] + [429] * 999
    assert {answer.json()["error"]["code"] for answer in answers[1:]} == {"pin_wait"}
    assert all(answer.headers["retry-after"] == "1" for answer in answers)
    assert not any("set-cookie" in answer.headers for answer in answers)
    assert panel.client.get("/healthz").json() == {"panel": "ok", "stage": "here"}
    panel.clock.pass_s(1)
    enter(panel)


def test_without_a_pin_the_answer_is_that_of_a_wrong_one(panel: Running) -> None:
    wrong = panel.post("/operator/enter", {"pin": "000000"})
    panel.pin.path.unlink()
    panel.clock.pass_s(1)

    none = panel.post("/operator/enter", {"pin": PIN})

    assert (none.status_code, none.json()["error"]["message"]) == (wrong.status_code, wrong.json()["error"]["message"])


def test_the_cookie_is_for_this_page_alone(panel: Running) -> None:
    cookie = panel.post("/operator/enter", {"pin": PIN}).headers["set-cookie"]

    assert {part.strip() for part in cookie.split(";")} >= {"HttpOnly", "SameSite=strict", "Path=/operator"}


def test_another_page_can_neither_enter_nor_order(panel: Running, stage: StageServer) -> None:
    enter(panel)

    answers = [panel.post(f"/operator/{way}", {}, origin="http://evil.example") for way in ("enter", "order", "leave")]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert stage.taken() == ()


def test_the_condition_is_told_in_words_as_it_changes(panel: Running, stage: StageServer) -> None:
    enter(panel)
    with panel.events("/operator/stream") as events:
        stage.tell(
            Condition({"doctor.camera": "BAD no frame", "zebra": None, "celsius": 41.25, "enrolled": True, "state": "IDLE"})
        )

        body = next(body for name, body in events if name == "condition" and body["findings"])

    assert body == {
        "facts": [
            {"name": "state", "zh": "状态", "en": "State", "value": "IDLE"},
            {"name": "celsius", "zh": "温度", "en": "Temperature", "value": "41.2 °C"},
            {"name": "enrolled", "zh": "已登记", "en": "Enrolled", "value": "✓"},
            {"name": "zebra", "zh": "zebra", "en": "zebra", "value": "—"},
        ],
        "findings": [{"name": "doctor.camera", "zh": "doctor.camera", "en": "doctor.camera", "value": "BAD no frame"}],
    }


@pytest.mark.parametrize(("seconds", "told"), [(59, "59 s"), (7199, "7199 s"), (10_900, "3 h"), (30 * 86_400, "30 d")])
def test_long_times_are_told_in_hours_and_days(seconds: int, told: str) -> None:
    assert rows_of({"contact_age_s": seconds}).facts[0]["value"] == told


def test_an_empty_word_is_seen_to_be_empty() -> None:
    assert rows_of({"last_reasons": ""}).facts[0]["value"] == "—"


def test_when_the_time_is_over_the_stream_ends_with_the_next_thing_to_say(panel: Running, stage: StageServer) -> None:
    enter(panel)
    with panel.events("/operator/stream") as events:
        stage.tell(Condition({"free_mib": 1}))
        assert any(name == "condition" and "1 MiB" in str(body) for name, body in events)
        panel.clock.pass_s(IDLE_S)

        stage.tell(Condition({"free_mib": 2}))

        assert list(events) == []
    assert panel.client.get("/operator/stream").status_code == 401


def test_orders_are_passed_on_and_others_refused(panel: Running, stage: StageServer) -> None:
    enter(panel)
    words = ["DOCTOR", "SURVEY", "CALIBRATE", "VOLUME:70", "AGREE", "VOLUME:71", "VOLUME:", "VOLUME:-10", "VOLUME:１０", "doctor"]

    codes = [panel.post("/operator/order", {"order": word}).status_code for word in words]

    taken: list[str] = []
    assert codes == [204] * 4 + [400] * 6
    assert until(lambda: taken.extend(stage.taken()) or len(taken) == 4)
    assert taken == words[:4]


def test_loudness_is_read_back_as_it_was_ordered() -> None:
    assert [volume_of(volume_order(percent)) for percent in (0, 50, 100)] == [0, 50, 100]
    assert [volume_of(word) for word in ("DOCTOR", "50", "VOLUME:5", "VOLUME:110")] == [None] * 4


def test_who_leaves_is_out(panel: Running) -> None:
    enter(panel)

    assert panel.post("/operator/leave", {}).status_code == 204

    assert panel.client.get("/operator/bundle").status_code == 401


def test_the_bundle_is_a_zip_with_what_is_known_and_counted(panel: Running, stage: StageServer) -> None:
    stage.tell(Condition({"celsius": 41.5, "name": "somebody", "last_reasons": "TOO_FAR NO_FACE"}))
    enter(panel)
    assert until(lambda: "last_reasons" in condition_of(panel))

    told = condition_of(panel)

    assert told == {"celsius": 41.5, "last_reasons": "TOO_FAR NO_FACE"}


def condition_of(panel: Running) -> dict[str, object]:
    content = panel.client.get("/operator/bundle").content
    told: dict[str, object] = json.loads(zipfile.ZipFile(io.BytesIO(content)).read("condition.json"))
    return told
