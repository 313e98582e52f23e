"""The page of the ledger, for this machine only: it has no login."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta, timezone
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from provisioning.clock import moment
from provisioning.ledger.page import LedgerPage, LedgerReader
from provisioning.ledger.words import CATEGORIES, CAUSES, STANDINGS, VERDICTS, Words
from wire.reasons import Reason
from wire.receipt import Standing
from wire.result import Verdict

ROWS = 50
REFRESH_S = 5

_BEIJING = timezone(timedelta(hours=8))
_UNKNOWN = Words("未知", "unknown")


@dataclass(frozen=True, slots=True)
class _Tile:
    kind: str
    words: Words
    number: int
    every: int
    """With those that settle nothing: superseded, recorded or quarantined ones."""


def ledger_router(reader: LedgerReader) -> APIRouter:
    """The one page."""
    router = APIRouter()
    template = _templates().get_template("ledger.html")

    @router.get("/", response_class=HTMLResponse)
    def ledger(before: Annotated[int | None, Query(ge=0, le=2**48)] = None) -> str:
        page = reader.page(ROWS, before)
        return template.render(
            page=page,
            tiles=_tiles(page),
            older=page.rows[-1].leaf if page.rows and page.rows[-1].leaf > 0 else None,
            refresh_s=REFRESH_S if before is None else None,
        )

    return router


def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent.with_name("templates")), autoescape=True, undefined=StrictUndefined
    )
    environment.globals.update(
        verdict_words=_verdict_words,
        standing_words=STANDINGS.__getitem__,
        cause_words=CAUSES.__getitem__,
        reason_words=_reason_words,
    )
    environment.filters.update(beijing=_beijing, score=lambda number: f"{number / 10_000:.3f}")
    return environment


def _verdict_words(word: str) -> Words:
    return VERDICTS[Verdict(word)] if word in set(Verdict) else _UNKNOWN


def _reason_words(code: str) -> Words:
    reason = Reason.__members__.get(code)
    return CATEGORIES[reason.category] if reason else _UNKNOWN


def _tiles(page: LedgerPage) -> list[_Tile]:
    """One tile per verdict, and one for what waits for a person."""
    tiles = [_tile(page, verdict, words) for verdict, words in VERDICTS.items()]
    waiting = sum(tally.leaves for tally in page.tallies if tally.standing is Standing.QUARANTINED)
    return [*tiles, _Tile("quarantined", STANDINGS[Standing.QUARANTINED], waiting, waiting)]


def _tile(page: LedgerPage, verdict: Verdict, words: Words) -> _Tile:
    """Only a final result counts in full; an aborted attempt never is one, so all of those count."""
    tallies = [tally for tally in page.tallies if tally.verdict == verdict.value]
    every = sum(tally.leaves for tally in tallies)
    final = sum(tally.leaves for tally in tallies if tally.standing is Standing.FINAL)
    return _Tile(verdict.value, words, every if verdict is Verdict.ABORTED else final, every)


def _beijing(at_s: int) -> str:
    return moment(at_s).astimezone(_BEIJING).strftime("%m-%d %H:%M:%S")
