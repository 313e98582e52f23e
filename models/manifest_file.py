"""Reads `manifest.toml` into cards of models and matchers; whatever is not exactly as promised is refused."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.card import (
    Bundle,
    Channels,
    Colour,
    Conversion,
    Dimension,
    FaceInput,
    Layout,
    Local,
    ModelCard,
    OfficialFile,
    Origin,
    Point,
    Purpose,
    Runtime,
    TensorContract,
    Upstream,
)
from models.errors import ManifestInvalidError
from models.matcher import MatcherCard
from models.matcher_file import NAME, read_matcher
from models.strict_toml import StrictTable, read_strict

FORMAT = 1
LARGEST_FILE_BYTES = 512 * 1024 * 1024
"""Ours are below 40 MB; the largest licensed matchers are ResNets of some 250 MB."""

_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_PIN = re.compile(r"sha256:[0-9a-f]{64}|git:[0-9a-f]{40}")
_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+/[!-~]+")
_TENSOR = re.compile(r"[!-~]+")

ORDER = (
    "eye at the left of the picture, eye at the right, nose below, mouth corner at the left below that, mouth corner at the right"
)
EMBEDDING_LENGTHS = range(16, 4097)


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """What one file lists, in its order."""

    cards: tuple[ModelCard, ...]
    matchers: tuple[MatcherCard, ...]


def read_manifest(path: Path) -> ManifestFile:
    """Read a manifest file; raises `ManifestInvalidError`. That names are unique and networks exist is not yet checked."""
    with read_strict(path, ManifestInvalidError) as table:
        table.whole("format", FORMAT, FORMAT)
        models = table.tables("model") if table.has("model") else ()
        matchers = table.tables("matcher") if table.has("matcher") else ()
        if not models and not matchers:
            raise table.wrong("model", "is missing, and so is matcher")
        folder = path.absolute().parent
        return ManifestFile(tuple(_card(entry, folder) for entry in models), tuple(read_matcher(entry) for entry in matchers))


def _card(entry: StrictTable, folder: Path) -> ModelCard:
    name = entry.matching("name", NAME, "a name of lower-case letters, digits and underscores")
    entry.entry = name
    with entry as table:
        purpose, runtime = table.word("purpose", Purpose), table.word("runtime", Runtime)
        if runtime is Runtime.OPENCV:
            raise table.wrong("runtime", "must be onnx, tflite or data: what else may run a file is found out on each board")
        threshold, threshold_meaning, derived_from = _score(table, purpose)
        read = None if runtime is Runtime.DATA else _tensor(table.table("input"))
        outputs = () if runtime is Runtime.DATA else tuple(_tensor(output) for output in table.tables("output"))
        return ModelCard(
            name=name,
            purpose=purpose,
            file=_file(table, "file"),
            sha256=table.sha256("sha256"),
            size_bytes=_size(table),
            licence=table.text("licence"),
            licence_note=table.text("licence_note"),
            needed_by=table.text("needed_by"),
            optional=table.truth("optional") if table.has("optional") else False,
            runtime=runtime,
            origin=_origin(table, folder),
            preparation=table.text("preparation"),
            input=read,
            outputs=outputs,
            face=_face(table, read, outputs) if purpose is Purpose.EMBEDDER else None,
            threshold=threshold,
            threshold_meaning=threshold_meaning,
            derived_from=derived_from,
        )


def _score(table: StrictTable, purpose: Purpose) -> tuple[float | None, str, str]:
    if not table.has("threshold"):
        return None, "", ""
    if purpose is Purpose.EMBEDDER:
        raise table.wrong("threshold", "belongs to a matcher, not to one of its networks")
    return table.share("threshold"), table.text("threshold_meaning"), table.text("derived_from")


def _face(table: StrictTable, read: TensorContract | None, outputs: tuple[TensorContract, ...]) -> FaceInput:
    """How a face is fed: the crop must be the input, and the one output a vector."""
    with table.table("face") as face:
        crop_px = face.whole("crop_px", 16, 1024)
        points = tuple(_point(face, item, crop_px) for item in face.items("points"))
        if len(points) != 5:
            raise face.wrong("points", "must be five")
        if not _upright(points):
            raise face.wrong("points", f"must be {ORDER}")
        mean, deviation = _channels(face, "mean"), _channels(face, "deviation")
        if min(deviation) <= 0.0:
            raise face.wrong("deviation", "must be above 0 in each channel")
    _insist_on_embedder(table, read, outputs, crop_px)
    return FaceInput(crop_px, (points[0], points[1], points[2], points[3], points[4]), mean, deviation)


def _insist_on_embedder(
    table: StrictTable, read: TensorContract | None, outputs: tuple[TensorContract, ...], crop_px: int
) -> None:
    pictured = read is not None and read.layout is Layout.NCHW and read.colour is not Colour.NONE
    if read is None or not pictured or read.shape != (1, 3, crop_px, crop_px):
        raise table.wrong("input", f"must be one coloured picture [1, 3, {crop_px}, {crop_px}] in NCHW, as face.crop_px says")
    lengths = [length for output in outputs for length in output.shape if length != 1]
    if len(outputs) != 1 or len(lengths) != 1 or lengths[0] not in EMBEDDING_LENGTHS:
        raise table.wrong("output", f"must be one vector of {EMBEDDING_LENGTHS.start} to {EMBEDDING_LENGTHS.stop - 1} numbers")


def _upright(points: Sequence[Point]) -> bool:
    """Whether these can be the five points of an upright face in their order; turned or swapped ones align every face wrongly."""
    left_eye, right_eye, nose, left_mouth, right_mouth = points
    in_order = left_eye[0] < right_eye[0] and left_mouth[0] < right_mouth[0]
    return in_order and max(left_eye[1], right_eye[1]) < nose[1] < min(left_mouth[1], right_mouth[1])


def _point(face: StrictTable, item: object, crop_px: int) -> Point:
    match item:
        case [int() | float() as x, int() | float() as y] if 0 <= x < crop_px and 0 <= y < crop_px:
            return float(x), float(y)
    raise face.wrong("points", f"must be pairs x, y in px within a crop of {crop_px} by {crop_px}")


def _channels(face: StrictTable, key: str) -> Channels:
    match face.items(key):
        case [int() | float() as first, int() | float() as second, int() | float() as third] if all(
            math.isfinite(value) for value in (first, second, third)
        ):
            return float(first), float(second), float(third)
    raise face.wrong(key, "must be three finite numbers, one for each channel in the order of the input's colour")


def _origin(table: StrictTable, folder: Path) -> Origin:
    given = [key for key in ("upstream", "bundle", "conversion", "local") if table.has(key)]
    match given:
        case ["upstream"]:
            return _upstream(table.table("upstream"))
        case ["bundle"]:
            return _bundle(table.table("bundle"))
        case ["conversion"]:
            return _conversion(table.table("conversion"))
        case ["local"]:
            return _local(table.table("local"), folder)
    raise table.wrong("upstream", "exactly one of upstream, bundle, conversion and local must be given")


def _upstream(table: StrictTable) -> Upstream:
    with table:
        return Upstream(address=_address(table))


def _bundle(table: StrictTable) -> Bundle:
    with table:
        return Bundle(
            file=_file(table, "file"),
            address=_address(table),
            sha256=table.sha256("sha256"),
            size_bytes=_size(table),
            member=_file(table, "member"),
        )


def _conversion(table: StrictTable) -> Conversion:
    with table:
        return Conversion(
            officials=tuple(_official(official) for official in table.tables("official")),
            method=table.text("method"),
        )


def _local(table: StrictTable, folder: Path) -> Local:
    with table:
        return Local(folder, table.text("supplier"))


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
    if isinstance(item, str) and NAME.fullmatch(item):
        return item
    raise table.wrong("shape", "must hold whole numbers above 0 or names of lengths")


def _file(table: StrictTable, key: str) -> str:
    return table.matching(key, _FILE, "a file name without folders")


def _size(table: StrictTable) -> int:
    return table.whole("size_bytes", 1, LARGEST_FILE_BYTES)


def _address(table: StrictTable) -> str:
    return table.matching("address", _ADDRESS, "an https address")
