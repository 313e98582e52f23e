"""The commands of `lifecert-centre`: one answer, the right exit status, and one JSON document when it is asked for."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from provisioning.centre import open_centre
from provisioning.settings import PREFIX, CentreSettings
from provisioning.tickets.store import TicketStore
from tests.provisioning.conftest import Run
from tests.provisioning.peers import enrol
from wire.reference import Reference, ReferenceClass

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "reference.bin"
    path.write_bytes(b"stands for a picture: only its digest is taken")
    return path


def answer(capsys: Captured) -> dict[str, object]:
    """The one JSON document on standard output."""
    document = json.loads(capsys.readouterr().out)
    assert isinstance(document, dict)
    return document


def test_init_makes_a_centre_and_says_what_to_hand_out(run: Run, tmp_path: Path, capsys: Captured) -> None:
    assert run("init", "--data", tmp_path / "centre", "--json") == 0

    document = answer(capsys)
    assert document["ca"] == str(tmp_path / "centre" / "ca.pem")
    assert Path(str(document["ca"])).read_bytes().count(b"BEGIN CERTIFICATE") == 2


def test_init_again_makes_nothing(run: Run, centre_data: Path, capsys: Captured) -> None:
    assert run("--data", centre_data, "init", "--json") == 0

    assert answer(capsys)["made"] == []


def test_a_claim_is_shown_once_and_listed_without_its_text(run: Run, centre_data: Path, capsys: Captured) -> None:
    assert run("claim", "new", "LC-0001", "--data", centre_data, "--json") == 0
    made = answer(capsys)
    assert len(str(made["claim"])) == 26

    assert run("claim", "list", "--data", centre_data, "--json") == 0
    listed = capsys.readouterr().out

    assert str(made["claim"]) not in listed
    (row,) = json.loads(listed)["claims"]
    assert (row["serial"], row["unit"], row["used_for"]) == ("LC-0001", made["unit"], [])


def test_a_live_serial_is_refused_a_claim_unless_it_is_re_provisioned(run: Run, centre_data: Path, capsys: Captured) -> None:
    with open_centre(CentreSettings(data=centre_data)) as centre:
        peer = enrol(centre, "LC-0001", centre_data)

    assert run("claim", "new", "LC-0001", "--data", centre_data, "--json") == 1
    assert answer(capsys)["error"] == {
        "code": "device_live",
        "message": f"serial number LC-0001 has the unit {peer.name}, which is active: use --re-provision to replace it",
    }
    assert run("claim", "new", "LC-0001", "--re-provision", "--data", centre_data) == 0


def test_a_device_is_listed_and_blocked(run: Run, centre_data: Path, capsys: Captured) -> None:
    with open_centre(CentreSettings(data=centre_data)) as centre:
        peer = enrol(centre, "LC-0001", centre_data)

    assert run("device", "block", peer.name, "--data", centre_data, "--json") == 0
    assert answer(capsys) == {"unit": peer.name, "state": "blocked", "broker": "no_broker"}
    assert run("device", "list", "--data", centre_data, "--json") == 0

    (row,) = json.loads(capsys.readouterr().out)["devices"]
    assert (row["unit"], row["serial"], row["state"]) == (peer.name, "LC-0001", "blocked")


def test_a_ticket_is_made_for_a_unit_and_refused_for_a_stranger(
    run: Run, centre_data: Path, photo: Path, capsys: Captured
) -> None:
    with open_centre(CentreSettings(data=centre_data)) as centre:
        peer = enrol(centre, "LC-0001", centre_data)
    words = ("--case", "C-1", "--subject", "9f2c", "--reference", photo, "--mode", "active", "--data", centre_data, "--json")

    assert run("ticket", "new", "--unit", peer.name, *words) == 0
    assert len(str(answer(capsys)["nonce"])) == 32
    assert run("ticket", "new", "--unit", "unit-nobody", *words) == 1
    assert "unit-nobody" in str(answer(capsys)["error"])


def test_a_ticket_may_name_several_references_and_their_classes(
    run: Run, centre_data: Path, photo: Path, tmp_path: Path, capsys: Captured
) -> None:
    (second := tmp_path / "second.bin").write_bytes(b"captured while an official watched")
    with open_centre(CentreSettings(data=centre_data)) as centre:
        peer = enrol(centre, "LC-0001", centre_data)
    words = ("--unit", peer.name, "--case", "C-1", "--subject", "9f2c", "--mode", "active", "--data", centre_data, "--json")
    both = ("--reference", photo, "--reference", second)

    assert run("ticket", "new", *words, *both, "--reference-class", "document", "--reference-class", "supervised") == 0
    nonce = bytes.fromhex(str(answer(capsys)["nonce"]))
    assert run("ticket", "new", *words, *both, "--reference-class", "supervised") == 1
    assert "once for each --reference" in str(answer(capsys)["error"])
    assert run("ticket", "new", *words, "--reference", photo, "--reference", photo) == 1
    assert "named twice" in str(answer(capsys)["error"])

    with open_centre(CentreSettings(data=centre_data)) as centre, centre.database.reading() as transaction:
        kept = TicketStore(transaction).find(nonce)
    assert kept is not None
    assert kept.ticket.references == (
        Reference(hashlib.sha256(photo.read_bytes()).digest(), ReferenceClass.DOCUMENT),
        Reference(hashlib.sha256(second.read_bytes()).digest(), ReferenceClass.SUPERVISED),
    )


@pytest.mark.parametrize("content", [None, b""])
def test_a_reference_that_is_missing_or_empty_is_a_fault(
    run: Run, centre_data: Path, tmp_path: Path, content: bytes | None, capsys: Captured
) -> None:
    path = tmp_path / "reference.jpg"
    if content is not None:
        path.write_bytes(content)
    words = ("--unit", "unit-00001", "--case", "C", "--subject", "S", "--mode", "passive", "--data", centre_data)

    assert run("ticket", "new", *words, "--reference", path) == 2

    captured = capsys.readouterr()
    assert "reference.jpg" in captured.err
    assert captured.out == ""


def test_an_empty_ledger_is_listed_and_sound(run: Run, centre_data: Path, capsys: Captured) -> None:
    assert run("ledger", "list", "--data", centre_data, "--json") == 0
    assert answer(capsys) == {"rows": [], "next": None}
    assert run("ledger", "verify", "--data", centre_data, "--json") == 0
    assert answer(capsys) == {"leaves": 0, "sound": True, "faults": []}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("nonsense",), "usage"),
        (("claim", "new"), "usage"),
        (("claim", "new", "LC-1", "--nonsense"), "usage"),
        (("ticket", "new", "--mode", "sideways"), "usage"),
        (("serve", "--est-port", "99999"), "usage"),
        (("ingest", "--worker", "0"), "usage"),
        (("broker", "config", "--port", "0", "--out", "x"), "usage"),
        (("device", "list", "--data", "/nowhere/at/all"), "centre_not_set_up"),
        (("serve", "--data", "/nowhere/at/all"), "centre_not_set_up"),
        (("init", "--data", "/proc/none/centre"), "file_unusable"),
    ],
)
def test_wrong_usage_and_faults_end_with_2_and_one_document(
    run: Run, words: tuple[str, ...], code: str, capsys: Captured
) -> None:
    assert run(*words, "--json") == 2

    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert document["error"]["code"] == code
    assert document["error"]["message"]
    assert "Traceback" not in captured.err


def test_a_serial_number_that_is_none_is_refused(run: Run, centre_data: Path, capsys: Captured) -> None:
    assert run("claim", "new", "not a serial", "--data", centre_data) == 1

    assert "serial number" in capsys.readouterr().err


def test_an_unknown_setting_is_named(run: Run, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setenv(f"{PREFIX}EST_PROT", "8443")

    assert run("device", "list") == 2

    assert f"{PREFIX}EST_PROT" in capsys.readouterr().err


def test_a_consumer_without_an_identity_is_refused(run: Run, centre_data: Path, capsys: Captured) -> None:
    assert run("ingest", "--worker", "9", "--data", centre_data) == 1

    assert "worker 9" in capsys.readouterr().err


def test_a_broker_configuration_is_written_where_it_was_asked_for(
    run: Run, centre_data: Path, tmp_path: Path, capsys: Captured
) -> None:
    words = ("--port", "18883", "--out", tmp_path / "broker", "--user", "root", "--data", centre_data, "--json")

    assert run("broker", "config", *words) == 0

    document = answer(capsys)
    assert document["broker"] == "not_running"
    text = Path(str(document["configuration"])).read_text()
    assert "listener 18883 127.0.0.1" in text
    made = {path.name for path in (tmp_path / "broker").iterdir()}
    assert made == {"mosquitto.conf", "acl", "ca.pem", "crl.pem", "broker.key", "broker.pem", "run"}


@pytest.mark.parametrize("words", [("--help",), ("claim", "new", "--help"), ("serve", "--help"), ("ledger", "verify", "--help")])
def test_help_is_shown_with_an_example(run: Run, words: tuple[str, ...], capsys: Captured) -> None:
    assert run(*words) == 0

    assert "Example: lifecert-centre" in capsys.readouterr().out


def test_lists_for_people_have_aligned_columns(run: Run, centre_data: Path, capsys: Captured) -> None:
    run("claim", "new", "LC-0001", "--data", centre_data)
    run("claim", "new", "LC-0002-LONGER", "--data", centre_data)
    capsys.readouterr()

    assert run("device", "list", "--data", centre_data) == 0

    heading, *rows = capsys.readouterr().out.splitlines()
    assert [row.index("LC-000") for row in rows] == [heading.index("serial")] * 2
