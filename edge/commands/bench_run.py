"""Builds what `lifecert bench` measures with, and measures: one core, one thread, everything of one run after the other."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

import edge
from edge.clock import UnitClock, machine_sources
from edge.cold_start import keeping_compiled
from edge.conclude import Occasion, Origin
from edge.engine import Engine, open_engine
from edge.evaluate.cost.checking import Checker, read_cast
from edge.evaluate.cost.counters import Scene, counted_work, moved_bytes
from edge.evaluate.cost.duel import MOST_FRAMES, Arena, Duel, Tell, reference_of
from edge.evaluate.cost.footage import Reel, read_reel
from edge.evaluate.cost.guard import Guard, weigh_clips
from edge.evaluate.cost.naive import NaiveLoop
from edge.evaluate.cost.onnx_loop import open_onnx_loop
from edge.evaluate.cost.opencv_loop import VERSION, one_thread, open_opencv_loop
from edge.evaluate.cost.others import MEASURED, open_other, states
from edge.evaluate.cost.reaction import react
from edge.evaluate.cost.report import Run
from edge.evaluate.cost.unit_process import Memory, Starts, measure_memory, measure_starts
from edge.evaluate.cost.visits import Seal, Visitor
from edge.identity import unenrolled_identity
from edge.imaging import png_bytes
from edge.model_choice import choices_for_this_board
from edge.perform import Performer
from edge.prompts.catalogue import load_catalogue
from edge.reference import embed_only_face
from edge.stages.match import Embedding
from edge.version import software_version
from firmware.board import BoardKind, open_board
from firmware.clock import SystemClock
from firmware.picture import read_picture
from firmware.twin.parts import Recorder
from models.store import ModelStore
from wire.result import SCALE, DebugStatus, Mode

FACE_CLIP, NO_FACE_CLIP = "lp_d9_challenge_actions.mp4", "intel_no_face.mp4"
NONCE = bytes(16)
"""Of the active visits: which action is asked for is then the same in every run."""
ACTIVE_BLOCKS, IDLE_BLOCKS = 8, 2
"""One active block for so many of the others, and one idle block for so many; two at least."""
ACTIVE_FRAMES = 240
"""An active visit is cut off here: the clip does what it does, not what is asked for."""
MATCHER = "reid0095"
"""The one network that the usual loop matches with, and its threshold."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to know."""

    given: tuple[Path, ...]
    """Clips with a face; none for the one of the footage."""
    nobody: Path | None
    """A clip without one; None for the one of the footage."""
    footage: Path
    guard: bool
    active: bool
    """Whether visits with an action are measured, too."""
    reference: Path | None
    blocks: int
    frames: int
    starts: int
    soak: int
    choice: Path | None
    """What the benchmark of the models chose; None for the files that ship."""
    mirror: Path | None

    @property
    def clips(self) -> tuple[Path, ...]:
        """Clips with a face, at least one."""
        return self.given or (self.footage / "clips" / FACE_CLIP,)

    @property
    def idle(self) -> Path:
        """The clip without one."""
        return self.nobody or self.footage / "clips" / NO_FACE_CLIP


def measure(asked: Asked, store: ModelStore) -> Run:
    """Measure everything that is asked for; raises the errors of cameras, pictures, models and of `edge.evaluate.cost`."""
    with tempfile.TemporaryDirectory() as scratch:
        return _measure(asked, store, Path(scratch))


def _measure(asked: Asked, store: ModelStore, scratch: Path) -> Run:
    # The processes are started before this one holds itself to a core, and before it holds frames.
    reels = {path: read_reel(path, asked.frames) for path in asked.clips}
    starts, memory = _processes(asked, next(iter(reels.values())), scratch)
    with pinned() as core, one_thread():
        engine = open_engine(store, choice=choices_for_this_board(asked.choice) if asked.choice else None)
        least = engine.rules.thresholds.face
        opencv, onnx = open_opencv_loop(store, least), open_onnx_loop(store, least)
        visitor_of = _visitors(engine, asked.clips[0], scratch)
        passive, active = visitor_of(Mode.PASSIVE, engine), visitor_of(Mode.ACTIVE, engine)
        scenes = {path.name: _scene(reel, asked, engine) for path, reel in reels.items()}
        faces = {name: _faces(scene, passive, (opencv, onnx), asked.blocks, name) for name, scene in scenes.items()}
        first = next(iter(scenes.values()))
        idle_blocks = max(2, asked.blocks // IDLE_BLOCKS)
        idle = Arena(passive, time.process_time_ns, _tells("nobody there")).idle(
            read_reel(asked.idle, asked.frames), first[1], opencv, idle_blocks
        )
        action_scene, action_blocks = (first[0], first[1], ACTIVE_FRAMES), max(2, asked.blocks // ACTIVE_BLOCKS)
        action = _faces(action_scene, active, (opencv,), action_blocks, "with an action") if asked.active else None
        return Run(
            VERSION,
            onnx.runner.version.split()[-1],
            core,
            faces,
            idle,
            action,
            moved_bytes(passive, first),
            counted_work(engine, store, lambda counting: visitor_of(Mode.PASSIVE, counting), first),
            _guard(asked.footage, passive, opencv, store) if asked.guard else None,
            react(passive, first[0], first[1]),
            starts,
            memory,
            _others(first[0]),
        )


@contextmanager
def pinned() -> Iterator[int | None]:
    """Hold this process to one core where the machine allows it, and give it back what it had."""
    if not hasattr(os, "sched_setaffinity"):
        yield None
        return
    before = os.sched_getaffinity(0)
    core = max(before)
    os.sched_setaffinity(0, {core})
    try:
        yield core
    finally:
        os.sched_setaffinity(0, before)


def _visitors(engine: Engine, clip: Path, scratch: Path) -> Callable[[Mode, Engine], Visitor]:
    """What runs visits of a mode on a board whose parts remember, signed with a passing key."""
    identity = unenrolled_identity()
    origin = Origin(identity.unit, software_version(), bytes(32), DebugStatus.ENABLED, engine.models)
    clock = UnitClock(scratch / "clock.json", machine_sources()).read()
    performer = Performer(open_board(BoardKind.TWIN, f"clip:{clip}", Recorder(SystemClock())), load_catalogue("en"))

    def visitor_of(mode: Mode, looking: Engine) -> Visitor:
        seal = Seal(origin, Occasion(bytes(16), clock, None, mode), identity.signer)
        return Visitor(looking, performer, seal, NONCE, time.process_time_ns)

    return visitor_of


def _scene(reel: Reel, asked: Asked, engine: Engine) -> Scene:
    return reel, _reference(reel, asked, engine), MOST_FRAMES


def _reference(reel: Reel, asked: Asked, engine: Engine) -> Embedding:
    if asked.reference:
        return embed_only_face(read_picture(asked.reference), engine.eyes)
    return reference_of(reel, engine.eyes)[1]


def _faces(scene: Scene, visitor: Visitor, loops: tuple[NaiveLoop, ...], blocks: int, what: str) -> Duel:
    reel, reference, most = scene
    return Arena(visitor, time.process_time_ns, _tells(what)).faces(reel, reference, loops, blocks, most)


def _guard(root: Path, visitor: Visitor, loop: NaiveLoop, store: ModelStore) -> Guard:
    texture = store.card("minifasnet_v2").threshold_x10000 / SCALE
    shipped = store.matcher(MATCHER).shipped
    match = shipped.threshold_x10000 / SCALE if shipped else 1.0
    return weigh_clips(Checker(visitor, loop, texture, match).check(read_cast(root), _tells("guard")))


def _others(reel: Reel) -> Mapping[str, object]:
    """CPU-ms per frame of other people's programs, over ten frames; or what there is to say instead."""
    said: dict[str, object] = {}
    for name, state in states().items():
        said[name] = state
        if state == MEASURED:
            look = open_other(name)
            look(reel.frames[0].bgr)
            began_ns = time.process_time_ns()
            for frame in reel.frames[:10]:
                look(frame.bgr)
            said[name] = round((time.process_time_ns() - began_ns) / 1e6 / len(reel.frames[:10]), 2)
    return said


def _processes(asked: Asked, reel: Reel, scratch: Path) -> tuple[Starts | None, Memory | None]:
    if not asked.starts and not asked.soak:
        return None, None
    pictures = scratch / "frames"
    pictures.mkdir()
    for number, frame in enumerate(reel.frames):
        (pictures / f"{number:05}.png").write_bytes(png_bytes(frame.bgr))
    picture, folders = pictures / "00000.png", [str(each.resolve()) if each else "" for each in (asked.choice, asked.mirror)]

    def command(frames: int) -> list[str]:
        return [sys.executable, "-m", "edge.commands.bench_unit", str(picture), str(pictures), str(frames), *folders]

    # The measured process must be of these very sources, wherever it is started.
    source = str(Path(edge.__file__).parent.parent)
    environ = {
        **keeping_compiled(os.environ),
        "PYTHONPATH": os.pathsep.join(filter(None, (source, os.environ.get("PYTHONPATH")))),
    }
    starts = None
    if asked.starts:
        starts = measure_starts(command(0), environ, asked.starts, time.monotonic_ns, _tells("starts"))
    return starts, measure_memory(command(max(1, asked.soak)), environ)


def _tells(what: str) -> Tell:
    """Says on stderr how far it is."""

    def tell(done: int, of: int) -> None:
        click.echo(f"{what}: {done} of {of}", err=True)

    return tell
