"""What a visitor can do next, line by line: after a visit, when none is allowed, while nobody is there (R40 to R51, R61, R69)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from edge.flow import Decision
from edge.off_peak import next_slot
from edge.prompts.catalogue import Catalogue, StepCode
from edge.sheet import Sheet
from edge.tries import Tries
from wire.reasons import Category, Reason
from wire.result import Verdict


@dataclass(frozen=True, slots=True)
class Ended:
    """A visit that is over."""

    decision: Decision
    number: int
    """The sequence of its result."""
    tries: Tries
    """After it."""
    now_s: int
    online: bool
    """Whether its result is on its way now."""


def asked_by(sheet: Sheet, words: Catalogue) -> tuple[str, ...]:
    """Who asks for what, where the programme says so."""
    said = sheet.in_language(words.language)
    return (words.step(StepCode.ASKED_BY, asker=said.asker, programme=said.programme),) if said.asker and said.programme else ()


def notices(sheet: Sheet, words: Catalogue) -> tuple[str, ...]:
    """What stands on the screen while nobody is there: the programme's notices, and what nobody ever asks for."""
    return (*sheet.in_language(words.language).notices, words.step(StepCode.NEVER_ASKED))


def steps_after(ended: Ended, sheet: Sheet, words: Catalogue) -> tuple[str, ...]:
    """What to know and do after a visit, the most useful first."""
    number = words.step(StepCode.RECEIPT, number=ended.number)
    later = () if ended.online else (words.step(StepCode.SAVED_FOR_LATER),)
    if ended.decision.verdict is Verdict.ACCEPTED:
        return (*_next_due(ended.now_s, sheet, words), number, *later)
    return (*_retry(ended, sheet, words), *_elsewhere(sheet, words), number, *later)


def steps_when_locked(until_s: int, sheet: Sheet, words: Catalogue) -> tuple[str, ...]:
    """What to do for somebody who has to wait."""
    return (words.step(StepCode.LOCKED_UNTIL, time=_moment(until_s, sheet)), *_elsewhere(sheet, words))


def steps_without_visit(sheet: Sheet, words: Catalogue) -> tuple[str, ...]:
    """What to do for somebody whom this unit cannot serve."""
    return _elsewhere(sheet, words)


def _retry(ended: Ended, sheet: Sheet, words: Catalogue) -> tuple[str, ...]:
    """Tries left, a person's check once they are used up, and the wait before the next."""
    reason = ended.decision.reasons[0]
    if ended.decision.verdict is Verdict.ABORTED and reason.category is not Category.COURSE:
        return ()
    if reason is Reason.SPOOF_SUSPECTED or ended.decision.verdict is Verdict.REVIEW:
        return (words.step(StepCode.APPEAL),)
    until_s, left = ended.tries.locked_until_s(sheet.lock_after), sheet.tries - ended.tries.failures
    if until_s > ended.now_s:
        return (words.step(StepCode.LOCKED_UNTIL, time=_moment(until_s, sheet)), words.step(StepCode.APPEAL))
    if left <= 0:
        return (words.step(StepCode.APPEAL), *_off_peak(ended.now_s, sheet, words))
    return (words.step(StepCode.TRIES_LEFT, count=left),)


def _elsewhere(sheet: Sheet, words: Catalogue) -> tuple[str, ...]:
    said = sheet.in_language(words.language)
    counter = (words.step(StepCode.COUNTER, place=said.counter),) if said.counter else ()
    hotline = (words.step(StepCode.HOTLINE, number=sheet.hotline),) if sheet.hotline else ()
    between = "、" if words.language.startswith("zh") else ", "
    routes = (words.step(StepCode.OTHER_ROUTES, routes=between.join(said.routes)),) if said.routes else ()
    return (*counter, *hotline, *routes)


def _off_peak(now_s: int, sheet: Sheet, words: Catalogue) -> tuple[str, ...]:
    slot = next_slot(sheet.hours, datetime.fromtimestamp(now_s, UTC).astimezone(sheet.zone))
    if slot is None:
        return ()
    day = words.weekdays[slot.begin.weekday()]
    return (words.step(StepCode.OFF_PEAK, time=f"{day} {slot.begin:%H:%M}–{slot.end:%H:%M}"),)


def _next_due(now_s: int, sheet: Sheet, words: Catalogue) -> tuple[str, ...]:
    """The same day after so many months, or the last day of a month that has no such day."""
    if not sheet.period_months:
        return ()
    today = datetime.fromtimestamp(now_s, UTC).astimezone(sheet.zone).date()
    months = today.month - 1 + sheet.period_months
    year, month = today.year + months // 12, months % 12 + 1
    day = next(day for day in range(today.day, 0, -1) if _is_day(year, month, day))
    return (words.step(StepCode.NEXT_DUE, date=f"{year}-{month:02}-{day:02}"),)


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return False
    return True


def _moment(at_s: int, sheet: Sheet) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC).astimezone(sheet.zone):%Y-%m-%d %H:%M}"
