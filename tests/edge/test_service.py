"""The program that serves visits: where it takes its photos from, and what it tries again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edge.errors import PolicyUnknownError, TicketMissingError
from edge.rounds import PassedOver
from edge.service import main, refusals
from tests.builders import policy
from tests.edge.spool_parts import opened, put, sealed_policy

NONCE = b"\x0c" * 32


def test_a_ticket_without_a_fitting_policy_is_tried_again_when_the_uplink_has_brought_something(tmp_path: Path) -> None:
    with opened(tmp_path) as spool, opened(tmp_path) as uplink:
        passed_over = PassedOver(spool)
        passed_over.add_for_now(NONCE, spool.data_version())
        assert NONCE in passed_over

        uplink.put_policy(policy(), sealed_policy(policy()))

        assert NONCE not in passed_over


def test_a_policy_that_came_while_the_visit_was_refused_is_not_overlooked(tmp_path: Path) -> None:
    with opened(tmp_path) as spool, opened(tmp_path) as uplink:
        before = spool.data_version()
        uplink.put_policy(policy(), sealed_policy(policy()))
        passed_over = PassedOver(spool)

        passed_over.add_for_now(NONCE, before)

        assert NONCE not in passed_over


def test_a_ticket_that_is_passed_over_for_good_stays_so_whatever_arrives(tmp_path: Path) -> None:
    with opened(tmp_path) as spool, opened(tmp_path) as uplink:
        passed_over = PassedOver(spool)
        passed_over.add(NONCE)

        put(uplink)

        assert NONCE in passed_over
        assert b"\x0d" * 32 not in passed_over


@pytest.mark.parametrize("words", [(), ("--gallery", ".", "--photo", __file__)], ids=["neither", "both"])
def test_a_visit_takes_either_a_gallery_or_photos(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The program sends the log of its whole process to stderr; this process goes on with other tests.
    monkeypatch.setattr("edge.service.log_to_stderr", lambda level: None)

    with pytest.raises(SystemExit) as ended:
        main.main(["visit", "case-1", *words])

    assert ended.value.code == 2
    assert "either --gallery DIR or one or more --photo FILE" in capsys.readouterr().err


@pytest.mark.parametrize("error", [PolicyUnknownError("pension-2027/3"), TicketMissingError("case-1")])
def test_a_visit_that_may_not_begin_ends_with_one_sentence_and_status_1(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended, refusals(as_json=True):
        raise error

    assert ended.value.code == 1
    said = json.loads(capsys.readouterr().out)["error"]
    assert said == {"code": type(error).__name__.removesuffix("Error"), "message": str(error)}
