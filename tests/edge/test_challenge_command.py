"""`lifecert challenge`: what a visit with a nonce asks for, on every board, as one document."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.commands.challenge import challenge
from edge.flow import ActionKind
from edge.session.challenge import challenge_of
from firmware.board import STROBES, BoardKind
from wire.result import Mode

GOLDEN = "L R L 0 L 0 R L R 0 R 0 R L LR R"
"""The light of seed 7."""
LIT_BOARDS = [board for board in BoardKind if STROBES[board].lamps]


def run(*words: object) -> Result:
    return CliRunner().invoke(challenge, [str(word) for word in words], env={"LIFECERT_CONFIG": ""})


def asked(*words: object) -> dict[str, object]:
    """The document of a command that succeeds."""
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def settings(folder: Path, text: str) -> Path:
    path = folder / "unit.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("board", LIT_BOARDS)
@pytest.mark.parametrize("seed", [0, 7, 2**63 - 1])
def test_the_document_says_what_the_visit_of_that_nonce_asks_for(board: BoardKind, seed: int) -> None:
    strobe = STROBES[board]
    visit = challenge_of(seed.to_bytes(16, "big"), Mode.FULL, strobe.lamps, strobe.symbol_ns)
    assert visit.code is not None

    assert asked("--seed", seed, "--board", board) == {
        "symbols": list(visit.code.symbols),
        "symbol_ms": strobe.symbol_ns / 1e6,
        "frames_per_second": 30.0,
        "actions": [action.value for action in visit.actions],
        "instead": [action.value for action in visit.instead],
    }


def test_what_was_released_is_asked_for_ever() -> None:
    found = asked("--seed", 7, "--board", "twin")

    assert found["symbols"] == GOLDEN.split()
    assert (found["symbol_ms"], found["actions"]) == (200.0, ["open_mouth", "turn_left"])


@pytest.mark.parametrize("seed", range(5))
def test_boards_with_the_same_lamps_ask_in_the_same_words_however_long_each_lasts(seed: int) -> None:
    told = [asked("--seed", seed, "--board", board)["symbols"] for board in LIT_BOARDS]

    shortest = min(len(symbols) for symbols in told if isinstance(symbols, list))
    assert len({tuple(symbols[:shortest]) for symbols in told if isinstance(symbols, list)}) == 1


@pytest.mark.parametrize("seed", range(5))
def test_the_light_is_of_the_infrared_lamps_and_two_different_actions_follow(seed: int) -> None:
    found = asked("--seed", seed, "--board", "twin")

    symbols, actions = found["symbols"], found["actions"]
    assert isinstance(symbols, list)
    assert isinstance(actions, list)
    assert set(symbols) == {"0", "L", "R", "LR"}
    assert len(set(actions)) == 2
    assert set(actions) <= set(ActionKind)


def test_another_nonce_asks_for_something_else() -> None:
    told = {str(asked("--seed", seed, "--board", "twin")["symbols"]) for seed in range(10)}

    assert len(told) == 10


def test_a_board_without_lamps_is_refused_with_1_in_a_sentence_and_in_a_document() -> None:
    said, written = run("--seed", 7, "--board", "usb"), run("--seed", 7, "--board", "usb", "--json")

    assert (said.exit_code, written.exit_code) == (1, 1)
    assert (said.stdout, said.stderr) == ("", "refused: the board usb has no lamps of its own, so it can ask nothing by light\n")
    assert json.loads(written.stdout)["error"]["code"] == "BoardUnsupported"


def test_the_lamps_that_are_fitted_count_not_those_that_the_board_usually_has(tmp_path: Path) -> None:
    lone = asked("--seed", 7, "--config", settings(tmp_path, '[unit]\nboard = "pi"\nlamps = "V"\n'))
    fitted = asked("--seed", 7, "--config", settings(tmp_path, '[unit]\nboard = "usb"\nlamps = "LR"\n'))

    assert isinstance(lone["symbols"], list)
    assert set(lone["symbols"]) == {"0", "V"}
    assert fitted["symbols"] == asked("--seed", 7, "--board", "jetson")["symbols"]


def test_the_board_of_the_settings_is_asked_unless_another_is_named(tmp_path: Path) -> None:
    pi = settings(tmp_path, '[unit]\nboard = "pi"\n')

    assert asked("--seed", 7, "--config", pi) == asked("--seed", 7, "--board", "pi")
    assert asked("--seed", 7, "--config", pi, "--board", "twin") == asked("--seed", 7, "--board", "twin")


def test_people_read_four_lines() -> None:
    light, symbol, actions, instead = run("--seed", 7, "--board", "twin").stdout.splitlines()

    assert light.split() == ["light", *GOLDEN.split()]
    assert symbol == "symbol    200 ms, 6 frames at 30 a second"
    assert actions.startswith("actions   ")
    assert instead == "instead   blink, nod, where the policy allows it"


@pytest.mark.parametrize("words", [(), ("--seed", "-1"), ("--seed", 2**63), ("--seed", "x"), ("--seed", 7, "--board", "toaster")])
def test_wrong_usage_ends_with_2(words: tuple[object, ...]) -> None:
    assert run(*words).exit_code == 2


def test_settings_that_cannot_be_read_are_a_fault(tmp_path: Path) -> None:
    result = run("--seed", 7, "--config", settings(tmp_path, '[unit]\nlamps = "RL"\n'), "--json")

    assert result.exit_code == 2
    assert "unit.lamps" in json.loads(result.stdout)["error"]["message"]
