"""Programs are asked, started and ended by the handle that started them, and every way to fail becomes one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.errors import AnswerUnreadableError, ProgramFailedError, ProgramMissingError, ProgramSilentError
from demo.programs import Daemon, our_programs, system_program
from tests.demo.fakes import programs_that, saying

LASTING = "echo standing; exec sleep 60"
STUBBORN = "trap '' TERM; echo standing; sleep 60"


def started(folder: Path, script: str) -> Daemon:
    """A daemon that runs this script."""
    return programs_that(folder, {"server": script}).start("server", log=folder / "server.log")


def says(daemon: Daemon, words: str) -> bool:
    """Whether the daemon has said this."""
    return words in daemon.log.read_text()


def test_an_answer_is_read_and_the_words_are_handed_on(tmp_path: Path) -> None:
    programs = programs_that(tmp_path, {"asked": 'printf \'{"words": "%s", "given": "%s"}\' "$*" "$(cat)"'})

    answer = programs.ask("asked", "ledger", "list", given="a claim")

    assert (answer.text("words"), answer.text("given")) == ("ledger list --json", "a claim")


def test_exit_code_1_is_an_answer_too(tmp_path: Path) -> None:
    programs = programs_that(tmp_path, {"asked": saying({"sound": False}, status=1)})

    assert programs.ask("asked").truth("sound") is False


@pytest.mark.parametrize("status", [0, 1, 2])
def test_an_error_of_a_program_is_repeated_in_its_own_words(tmp_path: Path, status: int) -> None:
    refusal = {"error": {"code": "CentreNotSetUp", "message": "the centre is not set up"}}
    programs = programs_that(tmp_path, {"asked": saying(refusal, status)})

    with pytest.raises(ProgramFailedError, match=r"^asked ledger list: the centre is not set up$"):
        programs.ask("asked", "ledger", "list", "--most", "3")


def test_a_program_that_says_nothing_readable_is_told_by_its_last_line(tmp_path: Path) -> None:
    programs = programs_that(tmp_path, {"asked": "echo first >&2; echo 'error: no such table' >&2; exit 3"})

    with pytest.raises(ProgramFailedError, match=r"^asked: no such table$"):
        programs.ask("asked")


def test_a_silent_program_is_waited_for_only_so_long(tmp_path: Path) -> None:
    programs = programs_that(tmp_path, {"asked": "exec sleep 60"}, answer_within_s=0.2)

    with pytest.raises(ProgramSilentError, match=r"^asked: no answer within 0\.2 s$"):
        programs.ask("asked")


def test_an_answer_with_a_field_of_another_kind_is_refused(tmp_path: Path) -> None:
    answer = programs_that(tmp_path, {"asked": saying({"leaf": "0", "sound": 1, "rows": [1]})}).ask("asked")

    with pytest.raises(AnswerUnreadableError, match="leaf is str"):
        answer.number("leaf")
    with pytest.raises(AnswerUnreadableError, match="sound is int"):
        answer.truth("sound")
    with pytest.raises(AnswerUnreadableError, match="rows is not a list of objects"):
        answer.parts("rows")
    with pytest.raises(AnswerUnreadableError, match="unit is NoneType"):
        answer.text("unit")


def test_true_is_no_number(tmp_path: Path) -> None:
    answer = programs_that(tmp_path, {"asked": saying({"leaf": True})}).ask("asked")

    with pytest.raises(AnswerUnreadableError, match="leaf is bool"):
        answer.number("leaf")


def test_a_daemon_that_ends_before_it_stands_is_told_by_its_last_words(tmp_path: Path) -> None:
    daemon = started(tmp_path, "echo 'error: the port is taken'; exit 2")

    with pytest.raises(ProgramFailedError, match=r"^server: the port is taken$"):
        daemon.await_sign(lambda: False, "open port", 10)


def test_a_daemon_that_never_stands_is_given_up(tmp_path: Path) -> None:
    daemon = started(tmp_path, LASTING)

    with pytest.raises(ProgramSilentError, match="no open port within"):
        daemon.await_sign(lambda: False, "open port", 0.1)
    daemon.kill()


@pytest.mark.parametrize("script", [LASTING, STUBBORN])
def test_a_daemon_is_ended_whether_it_listens_or_not(tmp_path: Path, script: str) -> None:
    daemon = started(tmp_path, script)
    daemon.await_sign(lambda: says(daemon, "standing"), "sign", 10)

    daemon.stop(within_s=0.3)

    assert not daemon.running


def test_a_killed_daemon_is_gone_at_once(tmp_path: Path) -> None:
    daemon = started(tmp_path, STUBBORN)
    daemon.await_sign(lambda: says(daemon, "standing"), "sign", 10)

    daemon.kill()

    assert not daemon.running
    with pytest.raises(ProgramFailedError, match="server: standing"):
        daemon.require_running()


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 1", 1)])
def test_a_program_that_runs_to_its_end_tells_its_exit_code(tmp_path: Path, script: str, code: int) -> None:
    programs = programs_that(tmp_path, {"job": script})

    assert programs.finish("job", log=tmp_path / "job.log", within_s=10) == code


def test_a_program_that_faults_or_is_late_is_an_error_and_is_gone(tmp_path: Path) -> None:
    programs = programs_that(tmp_path, {"broken": "echo 'error: LOCKED' >&2; exit 2", "late": "exec sleep 60"})

    with pytest.raises(ProgramFailedError, match="broken: LOCKED"):
        programs.finish("broken", log=tmp_path / "broken.log", within_s=10)
    with pytest.raises(ProgramSilentError, match="late: no end"):
        programs.finish("late", log=tmp_path / "late.log", within_s=0.1)


def test_a_program_that_is_not_installed_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ProgramMissingError, match="lifecert-centre is not here: run scripts/setup"):
        programs_that(tmp_path, {}).ask("lifecert-centre", "init")
    with pytest.raises(ProgramMissingError, match="no-such-server is not here: install it"):
        system_program("no-such-server", "install it")


def test_settings_of_another_centre_do_not_reach_our_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFECERT_CENTRE_DATABASE_URL", "postgresql://elsewhere/production")
    monkeypatch.setenv("LIFECERT_CONFIG", "elsewhere.toml")

    environment = our_programs({"LIFECERT_CENTRE_DATA": "here"}).environment

    assert {name: value for name, value in environment.items() if name.startswith("LIFECERT_C")} == {
        "LIFECERT_CENTRE_DATA": "here"
    }
