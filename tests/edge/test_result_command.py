"""`lifecert result verify` says of a signed result what it was judged by, with nothing but the certificates of the fleet."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge.commands.result import verify
from tests.builders import SUPERVISED_LIKENESS, refused, result, unit_signer
from tests.edge.fleet import ca_pem
from wire.envelope import Kind, seal
from wire.result import Likeness, ResultStatement, result_payload


def verified(statement: ResultStatement, folder: Path) -> dict[str, object]:
    """What the command says of a result of the fleet."""
    (folder / "ca.pem").write_bytes(ca_pem())
    sealed = seal(result_payload(statement), Kind.RESULT, unit_signer())
    token = base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()
    answer = CliRunner().invoke(verify, [token, "--ca", str(folder / "ca.pem"), "--json"])
    assert answer.exit_code == 0, answer.output
    document = json.loads(answer.stdout)
    assert isinstance(document, dict)
    return document


@pytest.mark.parametrize(
    ("likeness", "said"),
    [(Likeness(7421, 5300), (7421, 5300, "document")), (SUPERVISED_LIKENESS, (7421, 5000, "supervised"))],
)
def test_policy_threshold_and_class_of_the_reference_are_told(
    tmp_path: Path, likeness: Likeness, said: tuple[object, ...]
) -> None:
    document = verified(result(likeness=likeness), tmp_path)

    assert document["verified"] is True
    assert document["policy"] == "pension-2027/3"
    assert (document["similarity"], document["threshold"], document["reference_class"]) == said


def test_what_was_not_compared_has_no_class(tmp_path: Path) -> None:
    document = verified(refused(likeness=None, visit=None), tmp_path)

    assert (document["reference_class"], document["policy"]) == (None, None)


@pytest.mark.parametrize("substituted", [True, False])
def test_that_something_else_was_asked_for_is_told(tmp_path: Path, substituted: bool) -> None:
    assert verified(result(substituted=substituted), tmp_path)["substituted"] is substituted
