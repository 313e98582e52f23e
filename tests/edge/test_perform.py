"""What the visitor sees and hears: the same words on screen and voice, a pattern on the LED, and never a score."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from edge.flow import ActionKind, Decision
from edge.perform import PROGRESS_STEP, Performer
from edge.prompts.catalogue import LANGUAGES, Catalogue, ScreenCode, load_catalogue
from edge.prompts.spoken import every_sentence
from firmware.clock import SystemClock
from firmware.ports import LedPattern
from firmware.twin.parts import Part, Recorder, RecordingScreen
from tests.fakes.parts import ScriptedCamera, twin_board
from wire.reasons import Reason
from wire.result import Verdict

WITHIN_NS = 12_000_000_000


class Front:
    """A performer and what its board was told."""

    def __init__(self, language: str) -> None:
        self.recorder = Recorder(SystemClock())
        self.catalogue: Catalogue = load_catalogue(language)
        self.screen = RecordingScreen(self.recorder)
        board = replace(twin_board(ScriptedCamera(lambda: iter(())), self.recorder), screen=self.screen)
        self.performer = Performer(board, self.catalogue, {tag: load_catalogue(tag) for tag in LANGUAGES})

    @property
    def last(self) -> tuple[str, str, str]:
        """LED, screen and voice, as they are now."""
        led, screen, voice = (self.recorder.of(part)[-1] for part in (Part.LED, Part.SCREEN, Part.SPEAKER))
        return led, screen, voice

    def said(self, code: ScreenCode | Reason) -> str:
        view = self.catalogue.view(code)
        return f"{view.language}: {' '.join(part for part in (view.title, view.remedy) if part)}"


@pytest.fixture(params=LANGUAGES)
def front(request: pytest.FixtureRequest) -> Front:
    return Front(request.param)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_cause_and_a_remedy_and_the_voice_says_what_the_screen_shows(front: Front, reason: Reason) -> None:
    front.performer.guide(reason)

    view = front.catalogue.view(reason)
    assert view.title
    assert view.remedy
    assert front.last == (LedPattern.LOOK_HERE, reason.value, front.said(reason))


def test_where_a_remedy_did_not_help_the_cause_stays_and_somebody_is_called(front: Front) -> None:
    front.performer.call_staff(Reason.TOO_DARK)

    cause, help_ = front.catalogue.view(Reason.TOO_DARK).title, front.catalogue.view(ScreenCode.CALL_STAFF).title
    assert front.last == (LedPattern.LOOK_HERE, "TOO_DARK", f"{front.catalogue.language}: {cause} {help_}")


@pytest.mark.parametrize("reason", Reason)
def test_nothing_the_visitor_reads_holds_a_code_a_number_or_a_stray_space(front: Front, reason: Reason) -> None:
    view = front.catalogue.view(reason)

    for text in (view.title, view.remedy):
        assert not re.search(r"[0-9_%{}]|[A-Z]{3,}", text)
        assert text == text.strip()
        assert "  " not in text


def test_no_two_reasons_are_told_in_the_same_words(front: Front) -> None:
    told = [front.said(reason) for reason in Reason]

    assert len(set(told)) == len(told)


def test_an_attack_is_told_neutrally(front: Front) -> None:
    words = front.said(Reason.SPOOF_SUSPECTED).lower()

    assert not re.search(r"attack|spoof|fake|fraud|suspect|photo|假|攻击|欺诈|作弊|翻拍", words)


STATES = [
    (Performer.ready, LedPattern.IDLE, ScreenCode.READY),
    (Performer.look_here, LedPattern.LOOK_HERE, ScreenCode.LOOK_HERE),
    (Performer.hold_still, LedPattern.HOLD_STILL, ScreenCode.HOLD_STILL_PLEASE),
    (Performer.out_of_order, LedPattern.FAULT, ScreenCode.OUT_OF_ORDER),
]


@pytest.mark.parametrize(("say", "led", "code"), STATES, ids=[code.value for *_, code in STATES])
def test_each_state_has_its_light_and_its_words(front: Front, say: object, led: LedPattern, code: ScreenCode) -> None:
    assert callable(say)
    say(front.performer)

    assert front.last == (led, code.value, front.said(code))


@pytest.mark.parametrize(("action", "code"), [(ActionKind.BLINK, "ASK_BLINK"), (ActionKind.OPEN_MOUTH, "ASK_OPEN_MOUTH")])
def test_each_action_is_asked_for_in_its_own_words(front: Front, action: ActionKind, code: str) -> None:
    front.performer.ask(action, WITHIN_NS)

    assert front.last == (LedPattern.DO_ACTION, code, front.said(ScreenCode(code)))


def test_an_action_shows_the_time_for_it_and_another_language_gives_no_more(front: Front) -> None:
    began_ns = SystemClock().now_ns()
    front.performer.ask(ActionKind.NOD, WITHIN_NS)
    asked = front.screen.view
    front.performer.heed(next(f"LANGUAGE:{tag}" for tag in LANGUAGES if tag != front.catalogue.language))
    again = front.screen.view

    assert asked is not None
    assert again is not None
    assert asked.until_ns is not None
    assert began_ns + WITHIN_NS <= asked.until_ns <= SystemClock().now_ns() + WITHIN_NS
    assert (again.code, again.until_ns) == ("ASK_NOD", asked.until_ns)
    assert again.language != asked.language


def test_every_action_can_be_asked_for() -> None:
    assert [action for action in ActionKind if f"ASK_{action.name}" not in set(ScreenCode)] == []


RESULTS = [
    (Decision(Verdict.ACCEPTED, ()), LedPattern.DONE, ScreenCode.DONE),
    (Decision(Verdict.REFUSED, (Reason.TOO_DARK, Reason.TIMED_OUT)), LedPattern.REFUSED, Reason.TOO_DARK),
    (Decision(Verdict.REVIEW, (Reason.LIKENESS_UNCERTAIN,)), LedPattern.REFUSED, Reason.LIKENESS_UNCERTAIN),
    (Decision(Verdict.ATTACK, (Reason.SPOOF_SUSPECTED,)), LedPattern.REFUSED, Reason.SPOOF_SUSPECTED),
    (Decision(Verdict.ABORTED, (Reason.CAMERA_LOST,)), LedPattern.FAULT, Reason.CAMERA_LOST),
]


@pytest.mark.parametrize(("decision", "led", "code"), RESULTS, ids=[decision.verdict.value for decision, *_ in RESULTS])
def test_each_result_shows_its_first_reason(front: Front, decision: Decision, led: LedPattern, code: ScreenCode | Reason) -> None:
    front.performer.result(decision)

    assert front.last == (led, code.value, front.said(code))
    assert front.recorder.of(Part.BUZZER) == (led.value,)


def test_while_somebody_is_guided_nothing_buzzes(front: Front) -> None:
    front.performer.look_here()
    front.performer.guide(Reason.TOO_DARK)
    front.performer.call_staff(Reason.TOO_DARK)
    front.performer.hold_still()
    front.performer.ask(ActionKind.NOD, WITHIN_NS)

    assert front.recorder.of(Part.BUZZER) == ()


def test_led_screen_buzzer_and_voice_are_told_in_one_go_on_one_clock(front: Front) -> None:
    front.performer.result(Decision(Verdict.ACCEPTED, ()))

    happenings = front.recorder.happenings
    assert [happening.part for happening in happenings] == [Part.LED, Part.SCREEN, Part.BUZZER, Part.SPEAKER]
    assert happenings[-1].at_ns - happenings[0].at_ns < 50_000_000


def test_everything_that_is_ever_said_is_among_the_sentences_that_are_rendered(front: Front) -> None:
    rendered = {f"{front.catalogue.language}: {spoken.text}" for spoken in every_sentence(front.catalogue)}

    for reason in Reason:
        front.performer.guide(reason)
        front.performer.call_staff(reason)
    for action in ActionKind:
        front.performer.ask(action, WITHIN_NS)
    front.performer.ask_consent(1)
    for reason in Reason:
        front.performer.refusal(reason)
    for say in (Performer.ready, Performer.look_here, Performer.hold_still, Performer.out_of_order):
        say(front.performer)
    for decision, *_ in RESULTS:
        front.performer.result(decision)

    said = set(front.recorder.of(Part.SPEAKER))
    assert len(said) > 2 * len(Reason)
    assert said <= rendered


def test_every_verdict_is_shown_somehow() -> None:
    assert {decision.verdict for decision, *_ in RESULTS} == set(Verdict)


def test_the_face_light_goes_on_and_off(front: Front) -> None:
    front.performer.light_on()
    front.performer.light_off()

    lit, dark = front.recorder.of(Part.ILLUMINATOR)
    assert lit.startswith("V ")
    assert dark == "0 0"


@pytest.mark.parametrize(
    ("reason", "led"),
    [
        (Reason.CAMERA_LOST, LedPattern.FAULT),
        (Reason.KEY_UNAVAILABLE, LedPattern.FAULT),
        (Reason.INTERRUPTED, LedPattern.FAULT),
        (Reason.FACE_MISMATCH, LedPattern.REFUSED),
        (Reason.TICKET_EXPIRED, LedPattern.REFUSED),
    ],
)
def test_where_the_unit_itself_is_the_reason_that_is_a_fault_and_nobody_is_refused(
    front: Front, reason: Reason, led: LedPattern
) -> None:
    front.performer.refusal(reason)

    assert front.last[0] == led


def test_a_screen_is_told_of_progress_in_steps_that_can_be_seen_and_of_a_new_start(front: Front) -> None:
    told: list[float] = []
    front.screen.progress = told.append  # type: ignore[method-assign]

    for done in (0.0, 0.01, PROGRESS_STEP, PROGRESS_STEP + 0.01, 0.5, 0.4, 0.51, 0.53, 0.0, 0.0, 0.3):
        front.performer.progress(done)

    assert told == [PROGRESS_STEP, 0.5, 0.53, 0.0, 0.3]


def test_who_is_asked_to_act_in_a_moment_hears_nothing_in_between_but_that_what_was_wrong_is_not_any_more(front: Front) -> None:
    front.performer.look_here()
    front.performer.only_a_moment()
    once = front.recorder.of(Part.SPEAKER)
    front.performer.guide(Reason.TOO_FAR)
    front.performer.only_a_moment()

    assert len(once) == 1
    assert front.last == (LedPattern.LOOK_HERE, "LOOK_HERE", front.said(ScreenCode.LOOK_HERE))
