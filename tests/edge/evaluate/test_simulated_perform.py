"""Simulated people and artefacts before the very attempt of the product, and a detector that knows no simulator."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.engine import Engine
from edge.evaluate.people import PersonId
from edge.evaluate.simulated.faces import USUAL, Faces, read_faces
from edge.evaluate.simulated.perform import Outcome, perform
from edge.evaluate.simulated.plan import Forgery, Presentation
from edge.evaluate.split import Half
from edge.evaluate.taken import Taken, taken_for
from edge.flow import ActionOutcome, CueKind, Standing
from firmware.twin.physics.lights import Place
from firmware.twin.physics.species import Species
from tests.house_rules import imports

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def faces(footage_dir: Path) -> Faces:
    folder = footage_dir / USUAL
    return read_faces(folder / "images.csv", folder / "images", Half.REPORT)


def in_the_office(
    person: str, species: Species, variant: int, place_variant: int, seed: int, forgery: Forgery = Forgery.NONE
) -> Presentation:
    return Presentation(0, species, variant, Place.OFFICE, place_variant, PersonId(person), PersonId(person), seed, forgery)


def played(presentation: Presentation, faces: Faces, engine: Engine) -> Outcome:
    outcome = perform(presentation, faces, engine)
    assert outcome is not None, "no photo of this person can be worn"
    return outcome


@pytest.mark.weights
@pytest.mark.footage
def test_a_living_person_in_the_office_passes_every_cue(faces: Faces, engine: Engine) -> None:
    outcome = played(in_the_office("L000491", Species.LIVE, 5, 11, 1274904331), faces, engine)

    assert dict(outcome.standings) == dict.fromkeys(CueKind, Standing.NOT_DENIED)
    assert (outcome.action, outcome.hindrance) == (ActionOutcome.DONE, "")
    assert dict(outcome.scores)[CueKind.CODE] > 0.9


@pytest.mark.weights
@pytest.mark.footage
def test_a_vinyl_print_in_the_office_is_denied_by_its_shape(faces: Faces, engine: Engine) -> None:
    outcome = played(in_the_office("F000462", Species.VINYL_PRINT, 1, 9, 1618493180), faces, engine)

    assert taken_for(outcome.standings) is Taken.ATTACK
    assert dict(outcome.standings)[CueKind.RELIEF] is Standing.DENIED


@pytest.mark.weights
@pytest.mark.footage
def test_an_attack_that_is_not_heard_out_ends_where_a_cue_denies(faces: Faces, engine: Engine) -> None:
    whole = in_the_office("F000462", Species.VINYL_PRINT, 1, 9, 1618493180)

    heard_out, cut_short = (played(replace(whole, heard_out=heard), faces, engine) for heard in (True, False))

    assert taken_for(cut_short.standings) is taken_for(heard_out.standings) is Taken.ATTACK
    assert cut_short.frames < heard_out.frames


@pytest.mark.weights
@pytest.mark.footage
def test_a_living_person_in_an_injected_stream_is_not_accepted(faces: Faces, engine: Engine) -> None:
    outcome = played(in_the_office("L000491", Species.LIVE, 5, 11, 1274904331, Forgery.INJECTED), faces, engine)

    assert taken_for(outcome.standings) in (Taken.ATTACK, Taken.NOTHING)
    assert dict(outcome.standings)[CueKind.CODE] is not Standing.NOT_DENIED


@pytest.mark.weights
@pytest.mark.footage
def test_where_nobodys_photo_can_be_worn_nothing_is_played(faces: Faces, engine: Engine, tmp_path: Path) -> None:
    nobody = Faces({PersonId("gone"): (tmp_path / "gone.jpg",)})

    assert perform(in_the_office("gone", Species.LIVE, 1, 1, 1), nobody, engine) is None


# The detector does not know the simulator

DETECTOR = [
    *("edge/stages/*.py", "edge/session/*.py", "models/**/*.py"),
    *(f"edge/{name}.py" for name in ("pipeline", "attempt", "decision", "conclude", "engine")),
]
SIMULATOR = ("firmware.twin", "edge.evaluate", "edge.bench_visit")


def found(patterns: Iterable[str]) -> list[Path]:
    return sorted(path for pattern in patterns for path in ROOT.glob(pattern))


def file_of(module: str) -> Path | None:
    """The file of one of our own modules; None for a library, and for the firmware, which builds both kinds of board."""
    path = ROOT / module.replace(".", "/")
    ours = module.partition(".")[0] in ("edge", "models", "wire")
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if ours and file.is_file()), None)


def names_in(path: Path) -> Iterator[str]:
    """What a file imports, and each name out of it, for it may be a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield from (name for _, name in imports(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def knows(start: Iterable[Path]) -> set[str]:
    """Everything that is imported from here on, through modules of ours."""
    todo, seen, known = list(start), set[Path](), set[str]()
    while todo:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        names = set(names_in(path))
        known |= names
        todo += [file for name in names if (file := file_of(name))]
    return known


def of_the_simulator(names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if name.startswith(SIMULATOR))


@pytest.mark.parametrize("pattern", DETECTOR)
def test_no_part_of_the_detector_knows_the_simulator(pattern: str) -> None:
    files = found([pattern])

    assert files, f"{pattern} names nothing"
    assert of_the_simulator(knows(files)) == []


def test_whoever_knows_the_simulator_through_somebody_else_is_found() -> None:
    through = knows(found(["edge/commands/verify.py"]))

    assert "firmware.twin.parts" in through
