"""The card of a recorded presentation: it comes back as it was written, and holds codes and nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from edge.evaluate.errors import PresentationInvalidError
from edge.evaluate.recorded.card import card_text, check_card, find_cards, read_card
from tests.edge.evaluate.recordings import card
from wire.result import Mode

WHOLE = card_text(card(species="vinyl_print"))


def file_of(folder: Path, text: str) -> Path:
    path = folder / "presentation.toml"
    path.write_text(text, encoding="utf-8")
    return path


def with_line(key: str, value: str) -> str:
    """The card of a vinyl print with one value changed; an empty one is left out."""
    line = f"{key} = {value}\n" if value else ""
    changed, count = re.subn(rf"^{key} = .*\n", lambda _: line, WHOLE, flags=re.MULTILINE)
    assert count == 1
    return changed


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"species": "mug", "artefact": 'white, "11 oz"', "place": "窗边, C:\\desk"},
        {"mode": Mode.FULL, "lamps": "LRV", "nonce": bytes(range(32))},
        {"mode": Mode.ACTIVE, "nonce": b"\x00" * 8, "consent": "x" * 200},
    ],
)
def test_a_card_comes_back_as_it_was_written(tmp_path: Path, changes: dict[str, Any]) -> None:
    written = card(**changes)

    assert read_card(file_of(tmp_path, card_text(written))) == written
    assert check_card(written) == written


def test_only_whoever_shows_their_own_face_is_living() -> None:
    assert card().living
    assert not card(species="vinyl_print").living


KEYS = [line.partition(" = ")[0] for line in WHOLE.splitlines()]


@pytest.mark.parametrize("key", KEYS)
def test_a_card_that_lacks_something_is_refused_by_file_and_key(tmp_path: Path, key: str) -> None:
    path = file_of(tmp_path, with_line(key, ""))

    with pytest.raises(PresentationInvalidError, match=rf"presentation\.toml, {key}: is missing") as caught:
        read_card(path)

    assert (caught.value.path, caught.value.key) == (path, key)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("format", value) for value in ("0", "2", '"1"', "true")),
        *(("species", value) for value in ('"Vinyl"', '"v"', '"vinyl print"', '"../up"', '"1live"', f'"{"v" * 33}"', "7")),
        *(
            (key, value)
            for key in ("subject", "operator")
            for value in ('"Mrs Li"', '"-1"', '"a/b"', '"张"', f'"{"a" * 33}"', '""')
        ),
        *(
            (key, value)
            for key in ("consent", "place", "camera", "lamps", "artefact")
            for value in ('""', '" "', r'"a\nb"', r'"\u007f"', f'"{"x" * 201}"', "7", "[]")
        ),
        *(("mode", value) for value in ('"Full"', '"sideways"', "1")),
        *(("nonce", value) for value in ('"07"', f'"{"0" * 66}"', f'"{"0" * 17}"', f'"{"G" * 16}"', f'"{"A" * 16}"', "7")),
        *(("recorded_at", value) for value in ('"2026-11-26"', '"2026-11-26T09:30:00"', "2026-11-26T09:30:00Z", '"yesterday"')),
    ],
)
def test_a_value_of_another_kind_is_refused_by_its_key(tmp_path: Path, key: str, value: str) -> None:
    with pytest.raises(PresentationInvalidError) as caught:
        read_card(file_of(tmp_path, with_line(key, value)))

    assert caught.value.key == key


def test_a_key_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PresentationInvalidError, match="name: is not a key"):
        read_card(file_of(tmp_path, f'{WHOLE}name = "Li Si"\n'))


@pytest.mark.parametrize("changes", [{"artefact": "a mask"}, {"species": "mask", "artefact": "none"}])
def test_the_living_have_no_artefact_and_every_attack_names_one(changes: dict[str, str]) -> None:
    with pytest.raises(PresentationInvalidError, match=r"artefact: must be 'none' for the living"):
        check_card(card(**changes))


@pytest.mark.parametrize(
    ("key", "value"),
    [("subject", "Li Si"), ("operator", ""), ("species", "Live"), ("consent", "\x1b[2J"), ("place", "x" * 201), ("nonce", b"")],
)
def test_what_could_not_be_read_again_is_refused_before_anything_is_recorded(key: str, value: object) -> None:
    with pytest.raises(PresentationInvalidError) as caught:
        check_card(card(**{key: value}))

    assert caught.value.key == key


def test_a_card_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PresentationInvalidError, match=r"nowhere\.toml"):
        read_card(tmp_path / "nowhere.toml")


def test_presentations_are_found_in_the_order_of_their_names_and_nothing_else_is(tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "presentation.toml").touch()
    (tmp_path / "half.part").mkdir()
    (tmp_path / "a" / "frames").mkdir()
    (tmp_path / "a" / "frames" / "presentation.toml").touch()
    (tmp_path / "presentation.toml").touch()

    assert find_cards(tmp_path) == (tmp_path / "a", tmp_path / "b", tmp_path / "c")
