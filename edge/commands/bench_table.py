"""The figures of `lifecert bench` for people: one line each, with its goal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from edge.commands.rate_words import spelled
from edge.evaluate.cost.bootstrap import Spread
from edge.evaluate.cost.copies import CAPTURE_ARRAY_BYTES
from edge.evaluate.cost.duel import Duel, joined
from edge.evaluate.cost.frame_age import Ages
from edge.evaluate.cost.goals import (
    AGE_PERIODS,
    GROWTH_MB,
    MEAN_MMAC,
    MOST_MMAC,
    MOVED_MB,
    READY_MS,
    RESIDENT_MB,
    TIMES_FEWER_BYTES,
    WORST_RATIO,
    ratio_goals,
)
from edge.evaluate.cost.guard import Compared
from edge.evaluate.cost.report import MEGABYTE, Run, ages_of, same_evidence, worst_ms, worst_ratio

SOAK_FRAMES = 50_000


def lines(run: Run) -> Iterator[str]:
    """The table. A ratio passes when its lower end does."""
    faces = joined(list(run.clips.values()))
    yield f"{len(faces.blocks)} blocks, {len(faces.ours_frames_ms)} frames, {len(faces.visits)} visits; decoding is in no figure"
    yield f"OpenCV {run.opencv_version}, onnxruntime {run.onnxruntime_version}, {_held(run.core)}, one thread"
    yield ""
    yield _row("figure", "measured", "goal (stretch)", "")
    yield from _ratios(run, faces)
    yield from _exact(run)
    yield from _process(run)
    yield from _age(faces)
    yield _row("G15 answers of INT8 files", "lifecert models quantize", "", "")
    for name, said in run.others.items():
        yield _row(f"{name}", f"{said} CPU-ms a frame" if isinstance(said, float) else str(said), "", "")
    yield ""
    yield from _guard(run)


def _ratios(run: Run, faces: Duel) -> Iterator[str]:
    wanted = ratio_goals(run.opencv_version)
    yield _cost("G1/G2 face, against OpenCV", faces.ratio("opencv"), wanted["opencv"], faces.ours_ms, faces.others_ms("opencv"))
    yield _cost(
        "G3 face, against onnxruntime",
        faces.ratio("onnxruntime"),
        wanted["onnxruntime"],
        faces.ours_ms,
        faces.others_ms("onnxruntime"),
    )
    yield _cost("G4 nobody there", run.idle.ratio("opencv"), wanted["idle"], run.idle.ours_ms, run.idle.others_ms("opencv"))
    worst = worst_ratio(faces)
    yield _row(
        "G5 worst frame (p99)",
        f"{worst:.3f} x, {worst_ms(faces):.2f} ms",
        f"<= {WORST_RATIO[0]} ({WORST_RATIO[1]})",
        _word(worst <= WORST_RATIO[0]),
    )
    yield _cost("G6 verification, same frames", faces.ratio("opencv"), wanted["verification"], faces.verification_ms, None)
    evidence = same_evidence(run.clips, "opencv")
    yield _cost("   stricter: same evidence", evidence, wanted["verification"], faces.verification_ms, None)
    if run.active:
        yield _cost(
            "   with an action asked for", run.active.ratio("opencv"), None, run.active.ours_ms, run.active.others_ms("opencv")
        )


def _exact(run: Run) -> Iterator[str]:
    moved, work = run.moved, run.work
    times = moved.whole_times_fewer
    yield _row(
        "G7 bytes of whole frames",
        f"{moved.whole_per_frame:,.0f} a frame, {_share(times)}",
        f">= {TIMES_FEWER_BYTES:g} x fewer",
        _word(times is None or times >= TIMES_FEWER_BYTES),
    )
    yield _row("   crops included", f"{moved.per_frame:,.0f} a frame, {_share(moved.times_fewer)}", "", "")
    yield _row("   frames that nothing left", f"{100 * moved.untouched_share:.1f} %", "", "")
    yield _row(
        "   MMAC per frame",
        f"mean {work.mean_mmac:.1f}, most {work.max_mmac:.0f}; {work.concluding_mmac:.0f} after the loop",
        f"<= {MEAN_MMAC:g}, <= {MOST_MMAC:g}",
        _word(work.mean_mmac <= MEAN_MMAC and work.max_mmac <= MOST_MMAC),
    )
    yield _row("   moved by networks", f"{work.moved_mb:.2f} MB a frame", f"<= {MOVED_MB:g} MB", _word(work.moved_mb <= MOVED_MB))
    yield _row("   files of networks that ran", f"{work.file_bytes / MEGABYTE:.1f} MB", "", "")


def _share(times: float | None) -> str:
    return "nothing" if times is None else f"1/{times:.0f} of {CAPTURE_ARRAY_BYTES:,}"


def _process(run: Run) -> Iterator[str]:
    if run.starts:
        ready = run.starts.median_ms
        yield _row(
            "G11 start to ready",
            f"{ready:.0f} ms, {run.starts.median_cpu_ms:.0f} CPU-ms",
            f"<= {READY_MS[0]:g} ({READY_MS[1]:g}) ms",
            _word(ready <= READY_MS[0]),
        )
    if run.memory:
        told = (run.memory.ready, run.memory.last, run.memory.most, run.memory.growth, run.memory.rest)
        ready_mb, resident, most_mb, growth, rest_mb = (each / MEGABYTE for each in told)
        yield _row(
            "G12 resident memory",
            f"{resident:.0f} MB between visits, {most_mb:.0f} within; {ready_mb:.0f} when ready, {rest_mb:.0f} at rest",
            f"<= {RESIDENT_MB[0]:g} ({RESIDENT_MB[1]:g}) MB",
            _word(resident <= RESIDENT_MB[0]),
        )
        enough = run.memory.frames >= SOAK_FRAMES
        yield _row(
            "G13 growth",
            f"{growth:.2f} MB over {run.memory.frames:,} frames",
            f"< {GROWTH_MB:g} MB over {SOAK_FRAMES:,}",
            _word(growth < GROWTH_MB) if enough else "too short",
        )


def _age(faces: Duel) -> Iterator[str]:
    ages = ages_of(faces)
    holds = ages.slowed.judged_p95 <= AGE_PERIODS[0] and ages.slowed.deepest <= 1
    goal = f"<= {AGE_PERIODS[0]:g} ({AGE_PERIODS[1]:g}), depth 1"
    yield _row("G14 age when judged, half speed", f"{_old(ages.slowed)} (simulated)", goal, _word(holds))
    yield _row("    usual loop with a queue", _old(ages.usual_slowed), "", "")
    yield _row("    ours, at twice too slow", _old(ages.overloaded), "", "")
    yield _row("    and with a queue", _old(ages.overloaded_queue), "", "")


def _old(ages: Ages) -> str:
    return f"95 %: {ages.judged_p95:.2f} periods (taken at {ages.taken_p95:.2f}), {ages.deepest} waiting"


def _guard(run: Run) -> Iterator[str]:
    soon, guard = run.reaction, run.guard
    seen = "never" if soon.seen_after is None else f"after {soon.seen_after} frames"
    yield f"a face that comes is seen {seen}, one that has gone is let go after {soon.gone_after} ({soon.fps:g} a second)"
    if guard is None:
        yield "guard: not asked for"
        return
    for what, compared in (
        ("faces missed", guard.missed_faces),
        ("faces imagined", guard.imagined_faces),
        ("living or not, errors", guard.liveness),
        ("same person not matched", guard.non_matches),
        ("stranger matched", guard.matches),
    ):
        yield f"guard: {what:24} {_both(compared)}"
    yield f"guard: no decision on {len(guard.undecided)} clips: {', '.join(guard.undecided) or 'none'}"
    yield f"guard: {_word(guard.holds)}"


def _both(compared: Compared) -> str:
    return f"ours {spelled(compared.ours)}; usual loop {spelled(compared.naive)}; {_word(compared.holds)}"


def _cost(what: str, ratio: Spread, goal: Sequence[float] | None, ours_ms: float, other_ms: float | None) -> str:
    costs = f"{ours_ms:.2f} against {other_ms:.2f} CPU-ms" if other_ms is not None else f"{ours_ms:.1f} CPU-ms a visit"
    measured = f"{ratio.median:.2f} x ({ratio.low:.2f} to {ratio.high:.2f}), {costs}"
    return _row(what, measured, f">= {goal[0]:g} ({goal[1]:g})" if goal else "", _word(ratio.low >= goal[0]) if goal else "")


def _row(*cells: str) -> str:
    return f"{cells[0]:32} {cells[1]:58} {cells[2]:22} {cells[3]}".rstrip()


def _word(holds: bool) -> str:
    return "holds" if holds else "does not hold"


def _held(core: int | None) -> str:
    return "not held to a core" if core is None else f"held to core {core}"
