"""Reads and writes what was chosen for a board: JSON, read strictly, key by key."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path

from models.board import Board
from models.card import Runtime
from models.choice import Choice, Choices, Numbers, Ratio, SavedSession
from models.cost import NetworkCost
from models.digests import content_of
from models.errors import ChoiceInvalidError
from models.strict_toml import StrictTable
from models.variant import Form

FORMAT = 1
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_MOST = 2**62


def choices_bytes(choices: Choices) -> bytes:
    """The content of the file."""
    document = {
        "format": FORMAT,
        "board": {key: text for key, text in asdict(choices.board).items() if text},
        "versions": dict(choices.versions),
        "models": [_choice_fields(choices.by_model[name]) for name in sorted(choices.by_model)],
    }
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def read_choices(path: Path) -> Choices:
    """Read the file of a unit; raises `ModelFileUnreadableError`, `ChoiceInvalidError`."""

    def wrong(entry: str, key: str, problem: str) -> Exception:
        return ChoiceInvalidError(path, f"{entry}, key {key}: {problem}")

    try:
        document = json.loads(content_of(path))
    except (ValueError, RecursionError) as error:
        raise ChoiceInvalidError(path, f"it is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise ChoiceInvalidError(path, "it is not a table")
    with StrictTable("choices", document, wrong) as table:
        table.whole("format", FORMAT, FORMAT)
        with table.table("board") as facts:
            features = facts.text("features") if facts.has("features") else ""
            board = Board(facts.text("name"), facts.text("machine"), features)
        with table.table("versions") as told:
            versions = {runtime.value: told.text(runtime.value) for runtime in Runtime if told.has(runtime.value)}
        found = [_choice(entry) for entry in table.tables("models")]
    by_model = {choice.model: choice for choice in found}
    if len(by_model) != len(found):
        raise ChoiceInvalidError(path, "one model has two choices")
    return Choices(board, versions, by_model)


def _choice(table: StrictTable) -> Choice:
    with table:
        choice = Choice(
            model=table.text("model"),
            form=table.word("form", Form),
            runtime=table.word("runtime", Runtime),
            file=_file(table),
            sha256=table.sha256("sha256"),
            source_sha256=table.sha256("source_sha256"),
            numbers=_numbers(table.table("numbers")),
            shipped=_numbers(table.table("shipped")),
            ratio=_ratio(table.table("ratio")),
            saved=_saved(table.table("saved")) if table.has("saved") else None,
        )
        if choice.runtime is Runtime.DATA:
            raise table.wrong("runtime", "data is read, not run")
        if (choice.form is Form.SHIPPED) != (choice.sha256 == choice.source_sha256):
            raise table.wrong("sha256", "must be that of the source for what ships, and another one for what was made of it")
        return choice


def _numbers(table: StrictTable) -> Numbers:
    with table:
        cost = None
        if table.has("macs"):
            cost = NetworkCost(*(table.whole(key, 0, _MOST) for key in ("macs", "weight_bytes", "activation_bytes")))
        return Numbers(
            median_cpu_ms=table.ratio("median_cpu_ms"),
            p99_cpu_ms=table.ratio("p99_cpu_ms"),
            cold_cpu_ms=table.ratio("cold_cpu_ms"),
            added_bytes=table.whole("added_bytes", -_MOST, _MOST),
            cost=cost,
        )


def _saved(table: StrictTable) -> SavedSession:
    with table:
        return SavedSession(_file(table), table.sha256("sha256"), table.ratio("cold_cpu_ms"))


def _file(table: StrictTable) -> str:
    return table.matching("file", _FILE, "a file name without folders")


def _ratio(table: StrictTable) -> Ratio:
    with table:
        return Ratio(table.ratio("median"), table.ratio("low"), table.ratio("high"))


def _choice_fields(choice: Choice) -> dict[str, object]:
    saved = {"saved": asdict(choice.saved)} if choice.saved else {}
    return {
        "model": choice.model,
        "form": choice.form.value,
        "runtime": choice.runtime.value,
        "file": choice.file,
        "sha256": choice.sha256,
        "source_sha256": choice.source_sha256,
        "numbers": numbers_fields(choice.numbers),
        "shipped": numbers_fields(choice.shipped),
        "ratio": ratio_fields(choice.ratio),
        **saved,
    }


def numbers_fields(numbers: Numbers) -> dict[str, object]:
    """As JSON; work that the file does not tell has no keys."""
    fields: dict[str, object] = {
        "median_cpu_ms": numbers.median_cpu_ms,
        "p99_cpu_ms": numbers.p99_cpu_ms,
        "cold_cpu_ms": numbers.cold_cpu_ms,
        "added_bytes": numbers.added_bytes,
    }
    if numbers.cost is None:
        return fields
    cost = {
        "macs": numbers.cost.macs,
        "weight_bytes": numbers.cost.weight_bytes,
        "activation_bytes": numbers.cost.activation_bytes,
    }
    return fields | cost


def ratio_fields(ratio: Ratio) -> dict[str, object]:
    """As JSON."""
    return {"median": ratio.median, "low": ratio.low, "high": ratio.high}
