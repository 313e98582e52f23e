"""Reads `manifest.toml` into model cards; whatever is not exactly as promised is refused."""

from __future__ import annotations

import re
from pathlib import Path

from models.card import (
    Bundle,
    Colour,
    Conversion,
    Dimension,
    Layout,
    ModelCard,
    OfficialFile,
    Origin,
    Purpose,
    Runtime,
    TensorContract,
    Upstream,
)
from models.digests import Sha256
from models.errors import ManifestInvalidError
from models.strict_toml import StrictTable, read_strict

FORMAT = 1
LARGEST_FILE_BYTES = 64 * 1024 * 1024

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_HEX64 = re.compile(r"[0-9a-f]{64}")
_PIN = re.compile(r"sha256:[0-9a-f]{64}|git:[0-9a-f]{40}")
_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+/[!-~]+")
_TENSOR = re.compile(r"[!-~]+")

Score = tuple[float | None, float | None, str, str]


def read_cards(path: Path) -> tuple[ModelCard, ...]:
    """Return all cards of a manifest file, in its order; raises `ManifestInvalidError`."""
    with read_strict(path) as table:
        table.whole("format", FORMAT, FORMAT)
        cards = tuple(_card(entry) for entry in table.tables("model"))
    _refuse_doubles(cards)
    return cards


def _refuse_doubles(cards: tuple[ModelCard, ...]) -> None:
    for number, card in enumerate(cards):
        for other in cards[:number]:
            if other.name == card.name:
                raise ManifestInvalidError(card.name, "name", "is the name of two entries")
            if other.file == card.file:
                raise ManifestInvalidError(card.name, "file", f"is also the file of {other.name}")


def _card(entry: StrictTable) -> ModelCard:
    name = entry.matching("name", _NAME, "a name of lower-case letters, digits and underscores")
    entry.entry = name
    with entry as table:
        runtime = table.word("runtime", Runtime)
        threshold, review_from, threshold_meaning, derived_from = _score(table)
        return ModelCard(
            name=name,
            purpose=table.word("purpose", Purpose),
            file=_file(table, "file"),
            sha256=_sha256(table),
            size_bytes=_size(table),
            licence=table.text("licence"),
            licence_note=table.text("licence_note"),
            needed_by=table.text("needed_by"),
            runtime=runtime,
            origin=_origin(table),
            preparation=table.text("preparation"),
            input=None if runtime is Runtime.DATA else _tensor(table.table("input")),
            outputs=() if runtime is Runtime.DATA else tuple(_tensor(output) for output in table.tables("output")),
            threshold=threshold,
            review_from=review_from,
            threshold_meaning=threshold_meaning,
            derived_from=derived_from,
        )


def _score(table: StrictTable) -> Score:
    if not table.has("threshold"):
        return None, None, "", ""
    threshold = table.share("threshold")
    review_from = table.share("review_from") if table.has("review_from") else None
    if review_from is not None and review_from >= threshold:
        raise table.wrong("review_from", "must lie below the threshold")
    return threshold, review_from, table.text("threshold_meaning"), table.text("derived_from")


def _origin(table: StrictTable) -> Origin:
    given = [key for key in ("upstream", "bundle", "conversion") if table.has(key)]
    match given:
        case ["upstream"]:
            return _upstream(table.table("upstream"))
        case ["bundle"]:
            return _bundle(table.table("bundle"))
        case ["conversion"]:
            return _conversion(table.table("conversion"))
    raise table.wrong("upstream", "exactly one of upstream, bundle and conversion must be given")


def _upstream(table: StrictTable) -> Upstream:
    with table:
        return Upstream(address=_address(table))


def _bundle(table: StrictTable) -> Bundle:
    with table:
        return Bundle(
            file=_file(table, "file"),
            address=_address(table),
            sha256=_sha256(table),
            size_bytes=_size(table),
            member=_file(table, "member"),
        )


def _conversion(table: StrictTable) -> Conversion:
    with table:
        return Conversion(
            officials=tuple(_official(official) for official in table.tables("official")),
            method=table.text("method"),
        )


def _official(table: StrictTable) -> OfficialFile:
    with table:
        return OfficialFile(
            address=_address(table),
            pin=table.matching("pin", _PIN, "sha256: and 64 lower-case hexadecimal digits, or git: and 40 of them"),
        )


def _tensor(table: StrictTable) -> TensorContract:
    with table:
        return TensorContract(
            name=table.matching("name", _TENSOR, "the tensor's name without spaces"),
            shape=tuple(_dimension(table, item) for item in table.items("shape")),
            layout=table.word("layout", Layout),
            colour=table.word("colour", Colour) if table.has("colour") else Colour.NONE,
            meaning=table.text("meaning"),
            value_range=table.span("value_range") if table.has("value_range") else None,
            multiple_of=table.whole("multiple_of", 1, 1024) if table.has("multiple_of") else 1,
        )


def _dimension(table: StrictTable, item: object) -> Dimension:
    if isinstance(item, int) and not isinstance(item, bool) and item > 0:
        return item
    if isinstance(item, str) and _NAME.fullmatch(item):
        return item
    raise table.wrong("shape", "must hold whole numbers above 0 or names of lengths")


def _file(table: StrictTable, key: str) -> str:
    return table.matching(key, _FILE, "a file name without folders")


def _sha256(table: StrictTable) -> Sha256:
    return Sha256(table.matching("sha256", _HEX64, "64 lower-case hexadecimal digits"))


def _size(table: StrictTable) -> int:
    return table.whole("size_bytes", 1, LARGEST_FILE_BYTES)


def _address(table: StrictTable) -> str:
    return table.matching("address", _ADDRESS, "an https address")
