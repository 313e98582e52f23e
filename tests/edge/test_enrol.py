"""Enrolment against a small EST server over real TLS: what is stored, what is refused, what survives an interruption."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.enrol import main
from edge.identity import load_identity
from edge.state_dir import KeyLabel, StateDir
from tests.builders import UNIT, unit_certificate
from tests.edge.fleet import (
    CLAIM,
    SERIAL,
    USES,
    Answer,
    EstServer,
    ca_pem,
    certs_only,
    refusal,
    running,
    server_certificate,
)
from wire.enrolment import CENTRE_KEYS_PATH, EST_ROOT
from wire.keys import key_id, public_der

TLS_PATH, RESULT_PATH = (f"{EST_ROOT}/{label}/simpleenroll" for label in ("tls", "result"))


@pytest.fixture(autouse=True)
def _root_logger_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EstServer]:
    with running(EstServer(), tmp_path) as started:
        yield started


@pytest.fixture
def place(tmp_path: Path) -> StateDir:
    return StateDir(tmp_path / "state")


def enrol(place: StateDir, url: str, *more: str, claim: str = CLAIM, ca: bytes | None = None) -> Result:
    """Run lifecert-enrol in this process; the claim comes by standard input unless `more` says otherwise."""
    pinned = place.root.with_name("pinned.pem")
    pinned.write_bytes(ca_pem() if ca is None else ca)
    options = ["--centre", url, "--serial", SERIAL, "--ca", str(pinned), "--state", str(place.root), *more]
    return CliRunner().invoke(main, options, input=claim)


def test_an_appliance_with_a_claim_becomes_a_unit(server: EstServer, place: StateDir) -> None:
    ended = enrol(place, server.url)

    assert (ended.exit_code, ended.output.strip()) == (0, f"enrolled as {UNIT}")
    identity = load_identity(place.root)
    assert identity.unit == UNIT
    assert identity.signer.certificate is not None
    assert sorted(server.asked) == sorted([RESULT_PATH, TLS_PATH, CENTRE_KEYS_PATH])
    assert server.asked[-1] == CENTRE_KEYS_PATH
    assert (identity.contact.broker.host, identity.contact.broker.port) == ("127.0.0.1", 8883)


def test_the_two_keys_differ_and_requests_name_nobody(server: EstServer, place: StateDir) -> None:
    enrol(place, server.url)

    assert len(set(server.issued.values())) == 2
    assert all(request.is_signature_valid and not list(request.subject) for request in server.requests)
    assert all(not list(request.extensions) for request in server.requests)


def test_everything_is_stored_for_the_owner_alone(server: EstServer, place: StateDir) -> None:
    enrol(place, server.url)

    modes = {path.relative_to(place.root).as_posix(): path.stat().st_mode & 0o777 for path in place.root.rglob("*")}
    assert modes.pop("keys") == modes.pop("certs") == place.root.stat().st_mode & 0o777 == 0o700
    assert set(modes.values()) == {0o600}
    assert {"keys/tls.pem", "keys/result.pem", "certs/tls.pem", "certs/result.pem", "certs/ca.pem", "centre.json"} < set(modes)


@pytest.mark.parametrize("way", ["claim", "file"])
def test_the_claim_may_come_as_an_option_or_in_a_file(server: EstServer, place: StateDir, tmp_path: Path, way: str) -> None:
    (tmp_path / "claim.txt").write_text(f"  {CLAIM}\n")
    more = ["--claim", CLAIM] if way == "claim" else ["--claim-file", str(tmp_path / "claim.txt")]

    assert enrol(place, server.url, *more, claim="").exit_code == 0


def test_json_is_one_document(server: EstServer, place: StateDir) -> None:
    ended = enrol(place, server.url, "--json")

    document = json.loads(ended.stdout)
    assert document == {"unit": UNIT, "already_enrolled": False, "broker": {"host": "127.0.0.1", "port": 8883}}


def test_a_unit_that_is_enrolled_says_so_and_asks_nobody(server: EstServer, place: StateDir) -> None:
    enrol(place, server.url)
    server.asked.clear()

    ended = enrol(place, server.url)

    assert (ended.exit_code, ended.output.strip()) == (0, f"already enrolled as {UNIT}")
    assert server.asked == []


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("claim_wrong", "do not belong together"),
        ("claim_used", "used already"),
        ("claim_expired", "has expired"),
        ("claim_locked", "too many wrong claims"),
        ("unit_blocked", "is blocked"),
        ("something_new", "something_new"),
    ],
)
def test_a_refusal_ends_with_one_sentence_and_leaves_the_unit_unenrolled(
    server: EstServer, place: StateDir, code: str, sentence: str
) -> None:
    server.rule = lambda label, public: refusal(code)

    ended = enrol(place, server.url)

    assert ended.exit_code == 1
    assert sentence in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert not place.centre.exists()


def test_a_wrong_claim_is_refused_and_json_says_why(server: EstServer, place: StateDir) -> None:
    ended = enrol(place, server.url, "--json", claim="AAAAAAAAAAAAAAAAAAAAAAAAAA")

    assert ended.exit_code == 1
    assert json.loads(ended.stdout)["error"]["code"] == "claim_wrong"
    assert "AAAAAAAA" not in ended.output


@pytest.mark.parametrize("lost_after", ["first certificate", "both certificates"])
def test_interrupted_after_issuing_it_goes_on_with_the_same_keys(server: EstServer, place: StateDir, lost_after: str) -> None:
    broken = Answer(b"", HTTPStatus.SERVICE_UNAVAILABLE)
    good_facts = server.facts
    if lost_after == "both certificates":
        server.facts = broken
    else:
        server.rule = lambda label, public: server.certify(label, public) if not server.issued else broken
    first = enrol(place, server.url)
    keys_before = {label: place.key(label).read_bytes() for label in KeyLabel if place.key(label).exists()}
    server.rule, server.facts = None, good_facts

    second = enrol(place, server.url)

    assert (first.exit_code, second.exit_code) == (2, 0)
    assert keys_before
    assert all(place.key(label).read_bytes() == pem for label, pem in keys_before.items())


def test_a_later_claim_after_a_lost_one_gets_new_keys(server: EstServer, place: StateDir) -> None:
    """The centre does not certify one key by two claims; keys that never signed anything may go."""
    server.facts, good_facts = Answer(b"", HTTPStatus.SERVICE_UNAVAILABLE), server.facts
    enrol(place, server.url)
    old = dict(server.issued)
    server.facts = good_facts
    server.issued.clear()
    server.rule = lambda label, public: (
        refusal("key_reused", HTTPStatus.BAD_REQUEST) if public_der(public) in old.values() else server.certify(label, public)
    )

    ended = enrol(place, server.url)

    assert ended.exit_code == 0
    assert not set(server.issued.values()) & set(old.values())
    signer = load_identity(place.root).signer
    assert public_der(signer.public_key) == server.issued["result"]


# What the unit does not believe


def test_without_the_pinned_fleet_nothing_is_sent(server: EstServer, place: StateDir) -> None:
    ended = enrol(place, server.url, ca=ca_pem(101))

    assert ended.exit_code == 2
    assert "certificate verify failed" in ended.stderr
    assert server.asked == []


def test_a_server_with_another_name_gets_nothing(tmp_path: Path, place: StateDir) -> None:
    with running(EstServer(certificate=server_certificate(200, host="127.0.0.2")), tmp_path) as server:
        ended = enrol(place, server.url)

        assert ended.exit_code == 2
        assert server.asked == []


@pytest.mark.parametrize("years", [(1971, 1972), (2150, 2160)])
def test_a_clock_that_is_wrong_does_not_lock_the_unit_out_of_its_first_contact(
    tmp_path: Path, place: StateDir, years: tuple[int, int]
) -> None:
    """Seen from a wrong clock every certificate has the wrong dates; here the certificate has them instead (F12)."""
    first, last = (datetime(year, 1, 1, tzinfo=UTC) for year in years)
    with running(EstServer(certificate=server_certificate(200, valid=(first, last))), tmp_path) as server:
        assert enrol(place, server.url).exit_code == 0


def test_nobody_listens(place: StateDir, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        ended = enrol(place, f"https://127.0.0.1:{free.getsockname()[1]}")

    assert ended.exit_code == 2
    assert "cannot be reached" in ended.stderr


def test_a_server_that_speaks_no_tls_gets_nothing(place: StateDir) -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:
        ended = enrol(place, f"http://127.0.0.1:{plain.getsockname()[1]}")

    assert ended.exit_code == 2
    assert "https" in ended.stderr


def _certify(unit: str = UNIT, number: int = 1, issuer: int = 100, use: str | None = None, *, own_key: bool = True):  # type: ignore[no-untyped-def]
    def rule(label: str, public: object) -> Answer:
        uses = [USES[use or label]]
        return Answer(certs_only(unit_certificate(unit, number, issuer, uses=uses, public=public if own_key else None)))

    return rule


_BAD_ANSWERS = {
    "another key": _certify(own_key=False),
    "another fleet": _certify(issuer=101),
    "a certificate for TLS in place of results": _certify(use="tls"),
    "a certificate for results in place of TLS": _certify(use="result"),
    "no use at all": lambda label, public: Answer(certs_only(unit_certificate(uses=[], public=public))),
    "both uses": lambda label, public: Answer(certs_only(unit_certificate(uses=[*USES.values()], public=public))),
    "a name with a slash": _certify(unit="unit-1/up"),
    "a name with a wildcard": _certify(unit="unit-1#####"),
    "an empty answer": lambda label, public: Answer(b""),
    "no base64": lambda label, public: Answer(b"<html>certainly</html>"),
    "no PKCS#7": lambda label, public: Answer(b"aGVsbG8="),
    "endless": lambda label, public: Answer(b"A" * 200_000),
    "accepted, later": lambda label, public: Answer(b"", HTTPStatus.ACCEPTED, (("Retry-After", "60"),)),
    "moved": lambda label, public: Answer(b"", HTTPStatus.FOUND, (("Location", "https://elsewhere.example/"),)),
    "two units": lambda label, public: Answer(
        certs_only(unit_certificate(f"unit-of-{label}", uses=[USES[label]], public=public))
    ),
}


@pytest.mark.parametrize("answer", _BAD_ANSWERS)
def test_an_answer_that_does_not_hold_is_not_stored(server: EstServer, place: StateDir, answer: str) -> None:
    server.rule = _BAD_ANSWERS[answer]

    ended = enrol(place, server.url)

    assert ended.exit_code == 2
    assert "cannot be used" in ended.stderr
    assert not place.centre.exists()
    assert list(place.certificates.iterdir()) == []


_BROKER = b'"broker": {"host": "h", "port": 1}}'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff" * 10,
        b'{"keys": [], ' + _BROKER,
        b'{"keys": ["AAAA"], ' + _BROKER,
        b'{"keys": ["not base64"], ' + _BROKER,
        b'{"keys": [1], ' + _BROKER,
    ],
)
def test_facts_of_the_centre_that_make_no_sense_leave_the_unit_unenrolled(
    server: EstServer, place: StateDir, body: bytes
) -> None:
    server.facts = Answer(body)

    ended = enrol(place, server.url)

    assert ended.exit_code == 2
    assert not place.centre.exists()


@pytest.mark.parametrize(
    "options",
    [
        ["--serial", "lower case"],
        ["--centre", "https://"],
        ["--centre", "https://user@host"],
        ["--centre", "https://host/path"],
        ["--claim", "has spaces in it"],
        ["--claim", CLAIM, "--claim-file", "/dev/null"],
        ["--claim-file", "/no/such/file"],
    ],
)
def test_usage_errors_are_told_before_anything_is_made(server: EstServer, place: StateDir, options: list[str]) -> None:
    ended = enrol(place, server.url, *options)

    assert ended.exit_code == 2
    assert server.asked == []
    assert not place.root.exists()


def test_pinned_certificates_that_cannot_be_read_are_named(server: EstServer, place: StateDir) -> None:
    ended = enrol(place, server.url, ca=b"not a certificate")

    assert ended.exit_code == 2
    assert "pinned certificates" in ended.stderr


def test_a_damaged_identity_is_not_overwritten(server: EstServer, place: StateDir) -> None:
    enrol(place, server.url)
    place.certificate(KeyLabel.RESULT).write_bytes(place.certificate(KeyLabel.TLS).read_bytes())
    before = place.key(KeyLabel.RESULT).read_bytes()

    ended = enrol(place, server.url)

    assert ended.exit_code == 2
    assert "damaged" in ended.stderr
    assert place.key(KeyLabel.RESULT).read_bytes() == before


def test_the_clock_learns_from_the_certificate(server: EstServer, place: StateDir) -> None:
    enrol(place, server.url)

    floor = json.loads(place.clock.read_text())["floor_s"]
    certificate = unit_certificate()
    assert floor >= int(certificate.not_valid_before_utc.timestamp())
    assert json.loads(place.clock.read_text())["ceiling_s"] == int(certificate.not_valid_after_utc.timestamp())
    assert key_id(load_identity(place.root).signer.public_key)
