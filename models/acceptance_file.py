"""The record of an acceptance as a TOML file: read strictly, written whole or not at all."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from models.acceptance import Acceptance, Band, Claim, Misses, PartRecord, Verdict
from models.errors import AcceptanceInvalidError, AcceptanceNotWrittenError
from models.matcher_file import MOST_COUNT, MOST_WEIGHT, NAME
from models.strict_toml import StrictTable, parse_strict, quoted, read_strict
from wire.policy import ReferenceClass

FORMAT = 1
LONGEST_TEXT = 500

_RUNTIME = re.compile(r"[!-~][ -~]{0,63}")
_TEXT = re.compile(rf".{{1,{LONGEST_TEXT}}}")


def read_acceptance(path: Path) -> Acceptance:
    """Read a record; raises `AcceptanceInvalidError` naming entry and key for anything unknown, missing or unproven."""
    return _read(read_strict(path, AcceptanceInvalidError))


def parse_acceptance(content: bytes, name: str) -> Acceptance:
    """Read the content of a record; `name` stands for it in errors. Raises as `read_acceptance` does."""
    return _read(parse_strict(name, content, AcceptanceInvalidError))


def write_acceptance(acceptance: Acceptance, path: Path) -> None:
    """Write a record over what may stand there, so that the file is whole at any moment.

    Raises `AcceptanceNotWrittenError`, and `AcceptanceInvalidError` for one that could not be read back.
    """
    part = path.with_name(f"{path.name}.part")
    content = acceptance_text(acceptance).encode("utf-8")
    parse_acceptance(content, path.name)
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise AcceptanceNotWrittenError(path, error.strerror or str(error)) from error


def acceptance_text(acceptance: Acceptance) -> str:
    """The record as TOML; the same measurement gives the same text."""
    return "\n".join(_lines(acceptance)) + "\n"


def _read(opened: StrictTable) -> Acceptance:
    with opened as table:
        table.whole("format", FORMAT, FORMAT)
        return Acceptance(
            matcher=table.matching("matcher", NAME, "the name of a matcher"),
            digest=bytes.fromhex(table.sha256("digest")),
            runtime=table.matching("runtime", _RUNTIME, "a library with its version, at most 64 characters"),
            preparation=table.whole("preparation", 1, 1000),
            measured_on=table.day("measured_on"),
            verdict=table.word("verdict", Verdict),
            reasons=tuple(_text(table, "reasons", item) for item in table.items("reasons")) if table.has("reasons") else (),
            speed_ratio=table.ratio("speed_ratio"),
            claim=_claim(table.table("claim")) if table.has("claim") else None,
            parts=tuple(map(_part, table.tables("network"))),
            bands=tuple(map(_band, table.tables("band"))) if table.has("band") else (),
            misses=tuple(map(_misses, table.tables("genuine"))) if table.has("genuine") else (),
        )


def _text(table: StrictTable, key: str, item: object) -> str:
    if isinstance(item, str) and item.isprintable() and _TEXT.fullmatch(item):
        return item
    raise table.wrong(key, f"must be texts of 1 to {LONGEST_TEXT} printable characters")


def _name(table: StrictTable, key: str) -> str:
    return _text(table, key, table.text(key))


def _claim(opened: StrictTable) -> Claim:
    with opened as table:
        return Claim(
            threshold_x10000=table.whole("threshold_x10000", 1, 10_000),
            review_from_x10000=table.whole("review_from_x10000", -10_000, 9_999),
            fmr=table.share("fmr"),
            band=_name(table, "band"),
            population=_population(table),
            reference_class=table.word("reference_class", ReferenceClass),
        )


def _population(table: StrictTable) -> str:
    population = _name(table, "population")
    if len(population) > 64:
        raise table.wrong("population", "must be 1 to 64 characters")
    return population


def _part(opened: StrictTable) -> PartRecord:
    with opened as table:
        return PartRecord(
            network=table.matching("name", NAME, "the name of a model"),
            sha256=table.sha256("sha256"),
            weight=table.whole("weight", 1, MOST_WEIGHT),
            licence=_name(table, "licence"),
        )


def _band(opened: StrictTable) -> Band:
    with opened as table:
        comparisons = table.whole("comparisons", 0, MOST_COUNT)
        return Band(
            name=_name(table, "name"),
            people=table.whole("people", 0, MOST_COUNT),
            comparisons=comparisons,
            false_matches=table.whole("false_matches", 0, comparisons),
            low=table.bound("low"),
            high=table.bound("high"),
            low_by_person=table.bound("low_by_person"),
            high_by_person=table.bound("high_by_person"),
            threshold_1e2_x10000=_threshold(table, "threshold_1e2_x10000"),
            threshold_1e3_x10000=_threshold(table, "threshold_1e3_x10000"),
        )


def _threshold(table: StrictTable, key: str) -> int | None:
    return table.whole(key, -10_000, 10_001) if table.has(key) else None


def _misses(opened: StrictTable) -> Misses:
    with opened as table:
        pairs = table.whole("pairs", 1, MOST_COUNT)
        return Misses(
            name=_name(table, "name"),
            pairs=pairs,
            missed=table.whole("missed", 0, pairs),
            low=table.bound("low"),
            high=table.bound("high"),
        )


def _lines(acceptance: Acceptance) -> Iterator[str]:
    yield f"format = {FORMAT}"
    yield f"matcher = {quoted(acceptance.matcher)}"
    yield f'digest = "{acceptance.digest.hex()}"'
    yield f"runtime = {quoted(acceptance.runtime)}"
    yield f"preparation = {acceptance.preparation}"
    yield f"measured_on = {acceptance.measured_on.isoformat()}"
    yield f'verdict = "{acceptance.verdict}"'
    if acceptance.reasons:
        yield f"reasons = [{', '.join(map(quoted, acceptance.reasons))}]"
    yield f"speed_ratio = {_number(acceptance.speed_ratio)}"
    if acceptance.claim is not None:
        yield from _claim_lines(acceptance.claim)
    for part in acceptance.parts:
        yield from ("", "[[network]]", f"name = {quoted(part.network)}", f'sha256 = "{part.sha256}"')
        yield from (f"weight = {part.weight}", f"licence = {quoted(part.licence)}")
    for band in acceptance.bands:
        yield from _band_lines(band)
    for misses in acceptance.misses:
        yield from ("", "[[genuine]]", f"name = {quoted(misses.name)}", f"pairs = {misses.pairs}", f"missed = {misses.missed}")
        yield from (f"low = {_number(misses.low)}", f"high = {_number(misses.high)}")


def _claim_lines(claim: Claim) -> Iterable[str]:
    yield from ("", "[claim]", f"threshold_x10000 = {claim.threshold_x10000}", f"review_from_x10000 = {claim.review_from_x10000}")
    yield from (f"fmr = {_number(claim.fmr)}", f"band = {quoted(claim.band)}", f"population = {quoted(claim.population)}")
    yield f'reference_class = "{claim.reference_class}"'


def _band_lines(band: Band) -> Iterable[str]:
    yield from ("", "[[band]]", f"name = {quoted(band.name)}", f"people = {band.people}")
    yield from (f"comparisons = {band.comparisons}", f"false_matches = {band.false_matches}")
    for key in ("low", "high", "low_by_person", "high_by_person"):
        yield f"{key} = {_number(getattr(band, key))}"
    for key in ("threshold_1e2_x10000", "threshold_1e3_x10000"):
        if getattr(band, key) is not None:
            yield f"{key} = {getattr(band, key)}"


def _number(value: float) -> str:
    # Python's shortest text that reads back the same is a float of TOML, too, also as 1e-05.
    return repr(float(value))
