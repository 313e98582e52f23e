"""Counts that no machine changes: work of the networks for each frame, bytes that leave it, bytes of weights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from edge.engine import Engine
from edge.evaluate.cost.copies import CAPTURE_ARRAY_BYTES, Copied, CopyCounter
from edge.evaluate.cost.footage import Reel
from edge.evaluate.cost.visits import Ears, Visitor
from edge.stages.match import Embedding, NetworkEmbedder
from models.counting import Tally, TallySnapshot, counted
from models.digests import content_of
from models.store import ModelStore

Scene = tuple[Reel, Embedding, int]
"""What a counted visit sees: the frames, whom it is compared with, and after how many frames it is cut off."""


@dataclass(frozen=True, slots=True)
class Work:
    """Work of the networks in one visit, MMAC being millions of multiply-accumulates."""

    mean_mmac: float
    """Per frame, with all that comes after the loop."""
    max_mmac: float
    """Of the frame with the most, in the loop."""
    concluding_mmac: float
    """After the loop: embedding the shots."""
    moved_mb: float
    """Weights and activations that the networks read and write, megabytes per frame."""
    file_bytes: int
    """Size of the files of all networks that ran."""
    runs: Mapping[str, int]
    """How often each network ran, by name."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Bytes that left the frames of one visit."""

    frames: int
    per_frame: float
    whole_per_frame: float
    """Of frames as a whole, made smaller."""
    untouched_share: float
    """Share of the frames that nothing left."""

    @property
    def times_fewer(self) -> float | None:
        """Against a copy of every frame of 1280 x 720; None when nothing left."""
        return CAPTURE_ARRAY_BYTES / self.per_frame if self.per_frame else None

    @property
    def whole_times_fewer(self) -> float | None:
        """The same, of frames as a whole."""
        return CAPTURE_ARRAY_BYTES / self.whole_per_frame if self.whole_per_frame else None


def moved_bytes(visitor: Visitor, scene: Scene) -> Moved:
    """Run one visit and count what leaves its frames; raises `VisitBrokenError`."""
    reel, reference, most = scene
    with CopyCounter() as counter:
        visit = visitor.visit(reel, 0, most, reference, Ears(handed=counter.begin))
    return moved_of(counter.counted, visit.frames)


def moved_of(counted: Sequence[Copied], frames: int) -> Moved:
    """The figures of so many frames."""
    untouched = sum(one.together == 0 for one in counted)
    together, whole = sum(one.together for one in counted), sum(one.whole for one in counted)
    return Moved(frames, together / frames, whole / frames, untouched / frames)


def counted_work(engine: Engine, store: ModelStore, visitor_of: Callable[[Engine], Visitor], scene: Scene) -> Work:
    """Run one visit of an engine whose networks are counted; raises `VisitBrokenError`, and as `models.cost.cost_of` does."""
    counting, tally = counted_engine(engine, store)
    taken: list[TallySnapshot] = []
    reel, reference, most = scene

    ears = Ears(handed=lambda frame: taken.append(tally.take()), looped=lambda: taken.append(tally.take()))
    visit = visitor_of(counting).visit(reel, 0, most, reference, ears)
    return work_of(taken, tally.take(), visit.frames, {name: store.card(name).size_bytes for name in engine.networks})


def work_of(looped: Sequence[TallySnapshot], after: TallySnapshot, frames: int, file_bytes: Mapping[str, int]) -> Work:
    """The figures of so many frames; `file_bytes` holds the size of each network's file by name."""
    runs: Counter[str] = Counter()
    for one in (*looped, after):
        runs.update(one.runs)
    return Work(
        (sum(one.total_mmac for one in looped) + after.total_mmac) / frames,
        max(one.total_mmac for one in looped),
        after.total_mmac,
        (sum(one.total_bytes for one in looped) + after.total_bytes) / frames / 1e6,
        sum(file_bytes[name] for name in runs),
        dict(runs),
    )


def counted_engine(engine: Engine, store: ModelStore) -> tuple[Engine, Tally]:
    """The engine with every network wrapped so that its runs are counted, those of the matcher as well.

    Counted is the file that ships under the name of each network; one that was made of it has the same products.
    """
    tally = Tally()
    wrapped = {
        name: counted(name, network, store.card(name), content_of(store.path(name)), tally)
        for name, network in engine.networks.items()
    }
    names = {id(network): name for name, network in engine.networks.items()}
    embedder = engine.embedder
    if isinstance(embedder, NetworkEmbedder):
        parts = tuple(replace(part, network=wrapped[names[id(part.network)]]) for part in embedder.parts)
        embedder = replace(embedder, parts=parts)
    return replace(engine, networks=wrapped, embedder=embedder), tally
