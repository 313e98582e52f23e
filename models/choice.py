"""Which file of a model runs on this board, and through which library: found by the benchmark, kept in the unit's state.

A choice is believed only for the very file, source, board and versions with which it was measured. Whoever opens networks falls
back to the shipped file otherwise. The file is JSON; it is read strictly, key by key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.board import Board
from models.card import ModelCard, Runtime
from models.cost import NetworkCost
from models.digests import Sha256, content_of
from models.errors import ChoiceInvalidError, ChoiceStaleError
from models.strict_toml import StrictTable
from models.variant import Form, variant_file

FORMAT = 1
_HEX64 = re.compile(r"[0-9a-f]{64}")
_MOST = 2**62


@dataclass(frozen=True, slots=True)
class Numbers:
    """What one file through one library costs on this board."""

    median_cpu_ms: float
    p99_cpu_ms: float
    cold_cpu_ms: float
    """From opening the file to its first answer, in a process of its own, without loading the library."""
    added_bytes: int
    """Memory that it adds to a process which has the library already."""
    cost: NetworkCost | None
    """What it costs on any machine; None where the file does not tell."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """CPU time of one file over that of the shipped one, both measured in turns: median and a 95 % interval."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Choice:
    """What runs for one model."""

    model: str
    form: Form
    runtime: Runtime
    file: str
    sha256: Sha256
    source_sha256: Sha256
    """Of the shipped file."""
    numbers: Numbers
    shipped: Numbers
    """Those of the shipped file in the same measurement."""
    ratio: Ratio


@dataclass(frozen=True, slots=True)
class Choices:
    """What runs on one board."""

    board: Board
    versions: Mapping[str, str]
    """Of each library that was measured, by the word of its runtime: "onnx" is "onnxruntime 1.32.0"."""
    by_model: Mapping[str, Choice]

    def insist_on_board(self, board: Board) -> None:
        """Raise `ChoiceStaleError` for any other board."""
        if board != self.board:
            measured = f"{self.board.name} ({self.board.machine})"
            raise ChoiceStaleError(", ".join(self.by_model), f"it was measured on {measured}, this is {board.name}")

    def insist_on_fresh(self, choice: Choice, card: ModelCard, version: str) -> None:
        """Raise `ChoiceStaleError` when the shipped file or the library is another one than was measured."""
        if choice.source_sha256 != card.sha256:
            raise ChoiceStaleError(choice.model, "the shipped file is another one now")
        measured = self.versions.get(choice.runtime)
        if measured != version:
            raise ChoiceStaleError(choice.model, f"it was measured with {measured}, here is {version}")


def choices_bytes(choices: Choices) -> bytes:
    """The content of the file."""
    document = {
        "format": FORMAT,
        "board": {"name": choices.board.name, "machine": choices.board.machine},
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
            board = Board(facts.text("name"), facts.text("machine"))
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
            file=table.matching("file", re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*"), "a file name without folders"),
            sha256=Sha256(table.matching("sha256", _HEX64, "64 lower-case hexadecimal digits")),
            source_sha256=Sha256(table.matching("source_sha256", _HEX64, "64 lower-case hexadecimal digits")),
            numbers=_numbers(table.table("numbers")),
            shipped=_numbers(table.table("shipped")),
            ratio=_ratio(table.table("ratio")),
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


def _ratio(table: StrictTable) -> Ratio:
    with table:
        return Ratio(table.ratio("median"), table.ratio("low"), table.ratio("high"))


def _choice_fields(choice: Choice) -> dict[str, object]:
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


def chosen_file(card: ModelCard, form: Form) -> str:
    """What the file of a form is called."""
    return card.file if form is Form.SHIPPED else variant_file(card, form)
