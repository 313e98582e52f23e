"""What a result says about the consent of its visitor (R62)."""

from __future__ import annotations

import cbor2
import pytest

from tests import builders as a
from tests.wire.test_statements import READERS, with_claim
from wire.codec import decode
from wire.errors import StatementInvalidError
from wire.result import Consent, read_result, result_payload


def test_a_result_with_a_consent_may_name_its_class_and_that_something_else_was_asked_for() -> None:
    statement = a.result(consent=a.AGREED, likeness=a.SUPERVISED_LIKENESS, substituted=True)

    payload = result_payload(statement)

    assert read_result(payload) == statement
    assert cbor2.loads(payload)[265] == "tag:lifecert.example,2026:result/4"


@pytest.mark.parametrize(
    "consent",
    [
        *(
            ["", "en", "touch", 1],
            ["x", "", "touch", 1],
            ["x", "en", "smile", 1],
            ["x", "en", "touch", -1],
            ["x", "en", "touch", True],
        ),
        *(["x" * 65, "en", "touch", 1], ["x", "e" * 36, "touch", 1], ["x", "en", "touch"], ["x", "en", "touch", 2**40], "agreed"),
    ],
)
def test_a_consent_that_does_not_say_to_what_how_and_when_is_none(consent: object) -> None:
    label = next(label for label, value in decode(READERS["result 4 by its consent"][0]).items() if value == _spelled(a.AGREED))  # type: ignore[union-attr]

    with pytest.raises(StatementInvalidError, match="consent"):
        read_result(with_claim("result 4 by its consent", label, consent))


def _spelled(consent: Consent) -> list[str | int]:
    return [consent.text, consent.language, consent.how.value, consent.given_at_s]
