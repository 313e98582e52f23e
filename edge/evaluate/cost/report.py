"""The figures of one run as one document: what a table, a plot and a later comparison are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from edge.evaluate.cost.bootstrap import Spread, spread
from edge.evaluate.cost.counters import Moved, Work
from edge.evaluate.cost.duel import Duel, joined
from edge.evaluate.cost.frame_age import SOURCE_FPS, Ages, newest, overloaded, queue, slowed
from edge.evaluate.cost.guard import Compared, Guard
from edge.evaluate.cost.reaction import Reaction
from edge.evaluate.cost.unit_process import Memory, Starts

Json = Mapping[str, object]

WORST_QUANTILE = 0.99
MEGABYTE = 1e6


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that one run measured; None for what was not asked for."""

    opencv_version: str
    onnxruntime_version: str
    core: int | None
    """The core that all was held to; None where the machine does not allow it."""
    clips: Mapping[str, Duel]
    """Faces, by the name of the clip."""
    idle: Duel
    active: Duel | None
    moved: Moved
    work: Work
    guard: Guard | None
    reaction: Reaction
    starts: Starts | None
    memory: Memory | None
    others: Mapping[str, object]
    """Other people's programs: what there is to say of each, or its CPU-ms per frame."""


def document(run: Run) -> Json:
    """The run as JSON; every ratio says how many times as much the other one costs."""
    faces = joined(list(run.clips.values()))
    idle = run.idle.ratio("opencv")
    return {
        "ratio": {name: faces.ratio(name).document for name in ("opencv", "onnxruntime")},
        "cpu_ms": {
            "ours": _ms(faces.ours_ms),
            **{name: _ms(faces.others_ms(name)) for name in ("opencv", "onnxruntime")},
        },
        "idle_ratio": round(idle.median, 3),
        "idle_interval": idle.document,
        "idle_cpu_ms": {"ours": _ms(run.idle.ours_ms), "opencv": _ms(run.idle.others_ms("opencv"))},
        "worst_ratio": round(worst_ratio(faces), 4),
        "worst_cpu_ms": _ms(worst_ms(faces)),
        "opencv_version": run.opencv_version,
        "onnxruntime_version": run.onnxruntime_version,
        "core": run.core,
        "guard_ok": run.guard.holds if run.guard else None,
        "guard": _guard(run.guard),
        "reaction": asdict(run.reaction),
        "verification": _verification(run.clips),
        "active": _active(run.active),
        "blocks": len(faces.blocks),
        "frames": len(faces.ours_frames_ms),
        "clips": {name: {each: duel.ratio(each).document for each in duel.other_frames_ms} for name, duel in run.clips.items()},
        "copied_bytes": _moved(run.moved),
        "work": _work(run.work),
        "frame_age": _ages(faces),
        "start": _starts(run.starts),
        "memory": _memory(run.memory),
        "others": dict(run.others),
    }


def worst_ms(duel: Duel) -> float:
    """The 99th percentile of our CPU-ms per frame, in the loop."""
    return float(np.quantile(duel.ours_frames_ms, WORST_QUANTILE))


def worst_ratio(duel: Duel) -> float:
    """Our worst frame over the middle frame of the usual loop by OpenCV."""
    return worst_ms(duel) / float(np.median(duel.other_frames_ms["opencv"]))


def same_evidence(clips: Mapping[str, Duel], name: str) -> Spread:
    """How many times as much the other costs until it has as much evidence, over the blocks of all clips."""
    return spread([ratio for duel in clips.values() for ratio in duel.evidence_ratios(name)])


@dataclass(frozen=True, slots=True)
class FrameAges:
    """How old frames are on a slowed machine, and on one that cannot keep up at all."""

    slowed: Ages
    """Ours, each frame taking twice as long as measured, the newest frame first."""
    usual_slowed: Ages
    """The usual loop by OpenCV, twice as long as well, every frame in turn."""
    overloaded: Ages
    """Ours, needing twice the time there is, the newest frame first."""
    overloaded_queue: Ages
    """The same, every frame in turn."""


def ages_of(duel: Duel) -> FrameAges:
    """The ages that the measured costs lead to; simulated."""
    period_ms = 1000 / SOURCE_FPS
    ours, usual = duel.ours_frames_ms, duel.other_frames_ms["opencv"]
    stretched = overloaded(ours, period_ms)
    return FrameAges(
        newest(slowed(ours), period_ms),
        queue(slowed(usual), period_ms),
        newest(stretched, period_ms),
        queue(stretched, period_ms),
    )


def _verification(clips: Mapping[str, Duel]) -> Json:
    """Against the usual loop until it has the same evidence, and over all frames of the visit."""
    faces = joined(list(clips.values()))
    names = tuple(faces.other_frames_ms)
    return {
        "cpu_ms": _ms(faces.verification_ms),
        "same_evidence": {name: same_evidence(clips, name).document for name in names},
        "same_frames": {name: faces.ratio(name).document for name in names},
    }


def _active(duel: Duel | None) -> Json | None:
    if duel is None:
        return None
    return {
        "ratio": duel.ratio("opencv").document,
        "cpu_ms": {"ours": _ms(duel.ours_ms), "opencv": _ms(duel.others_ms("opencv"))},
        "worst_cpu_ms": _ms(worst_ms(duel)),
        "outcomes": sorted({visit.judgement.liveness.outcome.value for visit in duel.visits}),
    }


def _moved(moved: Moved) -> Json:
    return {
        "per_frame": round(moved.per_frame),
        "whole_per_frame": round(moved.whole_per_frame),
        "untouched_share": round(moved.untouched_share, 4),
        "times_fewer": _rounded(moved.times_fewer),
        "whole_times_fewer": _rounded(moved.whole_times_fewer),
    }


def _work(work: Work) -> Json:
    return {
        "mean_mmac": round(work.mean_mmac, 2),
        "max_mmac": round(work.max_mmac, 2),
        "concluding_mmac": round(work.concluding_mmac, 2),
        "moved_mb": round(work.moved_mb, 2),
        "file_mb": _mb(work.file_bytes),
        "runs": dict(work.runs),
    }


def _ages(duel: Duel) -> Json:
    return {"simulated": True, "fps": SOURCE_FPS, **asdict(ages_of(duel))}


def _guard(guard: Guard | None) -> Json | None:
    if guard is None:
        return None
    kinds = ("missed_faces", "imagined_faces", "liveness", "non_matches", "matches")
    return {**{kind: _compared(getattr(guard, kind)) for kind in kinds}, "undecided": list(guard.undecided)}


def _compared(compared: Compared) -> Json:
    return {"holds": compared.holds, "ours": asdict(compared.ours), "naive": asdict(compared.naive)}


def _starts(starts: Starts | None) -> Json | None:
    if starts is None:
        return None
    return {
        "ready_ms": _ms(starts.median_ms),
        "ready_cpu_ms": _ms(starts.median_cpu_ms),
        "all_ms": [_ms(each) for each in starts.wall_ms],
    }


def _memory(memory: Memory | None) -> Json | None:
    if memory is None:
        return None
    return {
        "frames": memory.frames,
        "ready_mb": _mb(memory.ready),
        "resident_mb": _mb(memory.last),
        "highest_mb": _mb(memory.most),
        "rest_mb": _mb(memory.rest),
        "growth_mb": _mb(memory.growth),
    }


def _rounded(times: float | None) -> float | None:
    return round(times, 1) if times else None


def _ms(number: float) -> float:
    return round(number, 3)


def _mb(count: int) -> float:
    return round(count / MEGABYTE, 2)
