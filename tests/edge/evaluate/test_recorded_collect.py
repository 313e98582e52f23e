"""A presentation is kept whole or not at all, for one user alone, and plays again as it went."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from edge.config import Settings, UnitSettings
from edge.engine import Engine
from edge.evaluate.errors import (
    FolderNotFoundError,
    NothingRecordedError,
    PresentationInvalidError,
    PresentationsNotFoundError,
    PresentationTakenError,
)
from edge.evaluate.recorded.card import PresentationCard, card_text, read_card
from edge.evaluate.recorded.collect import Collected, collect
from edge.evaluate.recorded.replay import read_recorded, replay_all
from edge.evaluate.taken import Taken
from edge.flow import ActionKind
from edge.session.challenge import asked_action
from firmware.errors import CameraNotFoundError, PictureNotFoundError, PictureUnreadableError
from firmware.twin.camera import FolderCamera
from models.runtime import Network
from tests.edge.evaluate.recordings import card, sitting
from tests.edge.observations import RULES
from tests.fakes.networks import Answering, Breaking, Tensor
from tests.fakes.noise import picture
from tests.fakes.stage import Scene, Stage
from wire.reasons import Reason
from wire.result import Mode, Verdict

Record = Callable[..., Collected]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder that collects; nothing else lies in it."""
    (tmp_path / "trial").mkdir()
    return tmp_path / "trial"


@pytest.fixture
def record(tmp_path: Path, root: Path) -> Record:
    """Record a visit before made-up networks."""
    photo, camera = picture(tmp_path / "photo.PNG"), sitting(tmp_path / "visitor")

    def recorded(
        given: PresentationCard | None = None,
        scene: Scene | None = None,
        reference: Path = photo,
        into: Path = root,
        settings: Settings | None = None,
        **instead: Network,
    ) -> Collected:
        engine = Stage(lambda _: scene or Scene()).engine(RULES, **instead)
        return collect(given or card(camera=camera), reference, into, settings or Settings(), engine, tmp_path)

    return recorded


def modes_below(folder: Path) -> dict[bool, set[int]]:
    """The modes of all folders (True) and of all files (False)."""
    every = [folder, *folder.rglob("*")]
    return {kind: {path.stat().st_mode & 0o777 for path in every if path.is_dir() is kind} for kind in (True, False)}


def test_frames_photo_and_card_are_kept_under_time_species_and_subject(record: Record, root: Path, tmp_path: Path) -> None:
    kept = record()

    assert kept.folder == root / "20261126T093000Z-live-S07"
    assert read_card(kept.folder / "presentation.toml") == card(camera=f"folder:{tmp_path / 'visitor'}")
    assert (kept.folder / "reference.png").read_bytes() == (tmp_path / "photo.PNG").read_bytes()
    frames = list(FolderCamera(kept.folder / "frames").frames())
    assert len(frames) == kept.visit.statement.frames > 0
    assert {path.name for path in kept.folder.iterdir()} == {"presentation.toml", "reference.png", "frames"}
    assert list(root.iterdir()) == [kept.folder]


def test_only_this_user_reads_what_is_kept(record: Record, root: Path) -> None:
    kept = record()

    assert modes_below(kept.folder) == {True: {0o700}, False: {0o600}}


@pytest.mark.parametrize("scene", [Scene(real=0.01), Scene(faces=())])
def test_a_visit_is_kept_whatever_its_verdict(record: Record, scene: Scene) -> None:
    photo, visit = Stage(lambda _: Scene()).networks["yunet_n"], Stage(lambda _: scene).networks["yunet_n"]

    kept = record(scene=scene, yunet_n=Answering(lambda tensor: (visit if photo.runs else photo).run(tensor)))

    assert kept.visit.statement.verdict in (Verdict.ATTACK, Verdict.REFUSED)
    assert kept.folder.is_dir()


def test_a_camera_that_is_not_there_leaves_nothing(record: Record, root: Path, tmp_path: Path) -> None:
    with pytest.raises(CameraNotFoundError):
        record(card(camera=f"folder:{tmp_path / 'nowhere'}"))

    assert list(root.iterdir()) == []


def test_a_visit_that_ends_before_its_first_frame_keeps_nothing(record: Record, root: Path) -> None:
    with pytest.raises(NothingRecordedError, match=r"no frame was seen \(REFERENCE_UNUSABLE\).*lifecert doctor"):
        record(scene=Scene(faces=()))

    assert list(root.iterdir()) == []


def test_a_full_visit_on_a_unit_that_cannot_give_its_cues_keeps_nothing(record: Record, root: Path, tmp_path: Path) -> None:
    full = card(mode=Mode.FULL, camera=f"folder:{tmp_path / 'visitor'}")

    with pytest.raises(NothingRecordedError, match="HW_UNSUPPORTED"):
        record(full, settings=Settings(UnitSettings(lamps="V")))

    assert list(root.iterdir()) == []


@pytest.mark.parametrize(("name", "error"), [("nowhere.jpg", PictureNotFoundError), ("broken.jpg", PictureUnreadableError)])
def test_a_photo_that_cannot_be_read_leaves_nothing(
    record: Record, root: Path, tmp_path: Path, name: str, error: type[Exception]
) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no picture")

    with pytest.raises(error):
        record(reference=tmp_path / name)

    assert list(root.iterdir()) == []


def test_whoever_stops_it_leaves_nothing(record: Record, root: Path) -> None:
    finds = Stage(lambda _: Scene()).networks["yunet_n"]

    def stop(tensor: Tensor) -> tuple[Tensor, ...]:
        if finds.runs > 5:
            raise KeyboardInterrupt
        return finds.run(tensor)

    with pytest.raises(KeyboardInterrupt):
        record(yunet_n=Answering(stop))

    assert list(root.rglob("*")) == []


def test_a_name_that_is_taken_is_left_as_it_is(record: Record, root: Path) -> None:
    kept = record()
    before = {path: path.stat().st_mtime_ns for path in kept.folder.rglob("*")}

    with pytest.raises(PresentationTakenError, match="20261126T093000Z-live-S07"):
        record()

    assert {path: path.stat().st_mtime_ns for path in kept.folder.rglob("*")} == before
    assert list(root.iterdir()) == [kept.folder]


def test_half_of_one_after_a_power_cut_is_not_written_over(record: Record, root: Path) -> None:
    half = root / "20261126T093000Z-live-S07.part"
    half.mkdir()

    with pytest.raises(PresentationTakenError):
        record()

    assert list(root.iterdir()) == [half]


def test_a_folder_that_is_not_there_is_not_made(record: Record, tmp_path: Path) -> None:
    with pytest.raises(FolderNotFoundError):
        record(into=tmp_path / "nowhere")

    assert not (tmp_path / "nowhere").exists()


# Played again


def test_a_presentation_plays_again_as_it_went(record: Record, root: Path) -> None:
    stage, told = Stage(lambda _: Scene(real=0.01)), list[tuple[int, int]]()
    kept = record(scene=stage.scene).visit.statement

    (again,) = replay_all(read_recorded(root), Settings(), stage.engine(), lambda done, of: told.append((done, of)))

    assert (again.verdict, again.reasons) == (kept.verdict, kept.reasons) == (Verdict.ATTACK, (Reason.SPOOF_SUSPECTED,))
    assert (again.taken, again.accepted) == (Taken.ATTACK, False)
    assert again.texture == pytest.approx(0.01, abs=0.001)
    assert told == [(1, 1)]


def test_a_living_person_who_is_accepted_is_told_so(record: Record, root: Path) -> None:
    record()

    (again,) = replay_all(read_recorded(root), Settings(), Stage(lambda _: Scene()).engine(), lambda done, of: None)

    assert (again.taken, again.verdict, again.accepted) == (Taken.LIVING, Verdict.ACCEPTED, True)


def test_a_visit_that_could_not_be_judged_has_no_response(record: Record, root: Path) -> None:
    record()
    stage = Stage(lambda _: Scene())

    (again,) = replay_all(read_recorded(root), Settings(), stage.engine(minifasnet_v2=Answering(_fail)), lambda done, of: None)

    assert (again.taken, again.verdict, again.texture) == (Taken.NOTHING, Verdict.ABORTED, None)


def test_a_matcher_that_fails_makes_no_living_person_of_whoever_passed_the_cues(record: Record, root: Path) -> None:
    record()
    stage = Stage(lambda _: Scene())
    only_the_photo = Breaking(stage.networks["embedder"], good_runs=2)

    (again,) = replay_all(read_recorded(root), Settings(), stage.engine(embedder=only_the_photo), lambda done, of: None)

    assert (again.taken, again.verdict, again.reasons) == (Taken.NOTHING, Verdict.ABORTED, (Reason.MATCHER_UNAVAILABLE,))


def talking() -> Engine:
    """An engine that sees a mouth open and shut again, whoever is looked at."""
    stage = Stage(lambda _: Scene())
    mesh = stage.networks["landmarks478"]

    def look(tensor: Tensor) -> tuple[Tensor, ...]:
        stage.scene = Scene(mouth=0.9 if 18 < mesh.runs % 40 < 30 else 0.0)
        return mesh.run(tensor)

    return stage.engine(landmarks478=Answering(look))


@pytest.mark.parametrize(("action", "taken"), [(ActionKind.OPEN_MOUTH, Taken.LIVING), (ActionKind.BLINK, Taken.UNDONE)])
def test_what_was_asked_for_at_the_time_is_what_counts_again(
    root: Path, tmp_path: Path, action: ActionKind, taken: Taken
) -> None:
    nonce = next(nonce for number in count() if asked_action(nonce := number.to_bytes(16, "big")) is action)
    asked = card(mode=Mode.ACTIVE, nonce=nonce, camera=sitting(tmp_path / "visitor", frames=150, apart_ms=40))
    collect(asked, picture(tmp_path / "photo.png"), root, Settings(), talking(), tmp_path)

    (again,) = replay_all(read_recorded(root), Settings(), talking(), lambda done, of: None)

    assert again.taken is taken


def _fail(tensor: Tensor) -> tuple[Tensor, ...]:
    raise RuntimeError


def test_presentations_are_read_with_their_cards(record: Record, root: Path, tmp_path: Path) -> None:
    camera = f"folder:{tmp_path / 'visitor'}"
    for second, species in ((1, "mug"), (2, "live")):
        record(card(species=species, camera=camera, recorded_at=f"2026-11-26T09:30:0{second}Z"))

    assert [one.card.species for one in read_recorded(root)] == ["mug", "live"]
    assert {one.reference.name for one in read_recorded(root)} == {"reference.png"}


def test_a_folder_without_presentations_says_how_they_are_made(root: Path) -> None:
    with pytest.raises(PresentationsNotFoundError, match="lifecert pad record --out"):
        read_recorded(root)
    with pytest.raises(FolderNotFoundError):
        read_recorded(root / "nowhere")


@pytest.mark.parametrize("photos", [(), ("reference.jpg", "reference.png")])
def test_a_presentation_lies_beside_exactly_one_photo(root: Path, photos: tuple[str, ...]) -> None:
    (root / "one").mkdir()
    for name in ("presentation.toml", *photos):
        (root / "one" / name).write_text(card_text(card()), encoding="utf-8")

    with pytest.raises(PresentationInvalidError, match=f"reference: {len(photos)} photos lie beside it"):
        read_recorded(root)


def test_one_presentation_that_cannot_be_read_stops_the_count(record: Record, root: Path) -> None:
    record()
    (root / "two").mkdir()
    (root / "two" / "presentation.toml").write_text("species = 1\n", encoding="utf-8")

    with pytest.raises(PresentationInvalidError, match="two"):
        read_recorded(root)
