"""The files for the broker: what they say, who may read them, and who is told of a block."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cryptography import x509

from provisioning.broker import Access, BrokerFolder, BrokerPlan, access_list, configuration, default_user, read_note
from provisioning.centre import Centre, open_centre
from provisioning.errors import BrokerFolderUnreachableError, DeviceUnknownError, FileUnusableError
from provisioning.founding import found_centre
from provisioning.revocation import Told
from provisioning.settings import CentreSettings
from tests.provisioning.peers import enrol

PLAN = BrokerPlan(Path("/etc/broker"), "127.0.0.1", 8883, None, "mosquitto")


@pytest.mark.parametrize(
    "line",
    [
        "listener 8883 127.0.0.1",
        "require_certificate true",
        "use_identity_as_username true",
        "use_username_as_clientid true",
        "allow_anonymous false",
        "tls_version tlsv1.2",
        "crlfile /etc/broker/crl.pem",
        "acl_file /etc/broker/acl",
        "max_packet_size 65536",
        "persistence false",
        "user mosquitto",
    ],
)
def test_the_configuration_holds_what_keeps_units_apart(line: str) -> None:
    assert line in configuration(PLAN).splitlines()


def test_persistence_is_written_where_it_was_asked_for() -> None:
    plan = BrokerPlan(PLAN.folder, PLAN.host, PLAN.port, Path("/var/spool/broker"), PLAN.user)

    lines = configuration(plan).splitlines()

    assert "persistence true" in lines
    assert "persistence_location /var/spool/broker/" in lines


def test_units_reach_their_own_topics_consumers_both_sides_and_blocked_ones_nothing() -> None:
    rules = access_list(Access(["ingest-1"], ["unit-00009"]))

    assert rules.splitlines()[1:] == [
        "pattern write lifecert/v1/u/%u/up/#",
        "pattern read lifecert/v1/u/%u/down/#",
        "",
        "user ingest-1",
        "topic read lifecert/v1/u/+/up/#",
        "topic write lifecert/v1/u/+/down/#",
        "",
        "user unit-00009",
        "topic deny #",
    ]


def centre_in(folder: Path) -> CentreSettings:
    settings = CentreSettings(data=folder / "centre")
    found_centre(settings)
    return settings


def test_a_block_is_announced_even_before_there_is_a_broker(tmp_path: Path) -> None:
    with open_centre(centre_in(tmp_path)) as centre:
        peer = enrol(centre, "LC-0001", tmp_path)
        centre.registry.block(peer.name)

        assert centre.revocations.announce() is Told.NO_BROKER
        revoked = list(x509.load_pem_x509_crl(centre.layout.revocations.read_bytes()))
    assert len(revoked) == 2


def test_a_broker_that_does_not_run_finds_the_block_when_it_starts(tmp_path: Path) -> None:
    folder = tmp_path / "broker"
    with open_centre(centre_in(tmp_path)) as centre:
        assert found_broker(centre, folder) is Told.NOT_RUNNING
        peer = enrol(centre, "LC-0001", tmp_path)
        centre.registry.block(peer.name)

        assert centre.revocations.announce() is Told.NOT_RUNNING
        again = centre.revocations.announce()
    assert again is Told.NOT_RUNNING
    assert f"user {peer.name}\ntopic deny #\n" in (folder / "acl").read_text()
    assert len(list(x509.load_pem_x509_crl((folder / "crl.pem").read_bytes()))) == 2


def found_broker(centre: Centre, folder: Path) -> Told:
    return centre.found_broker(BrokerPlan(folder, "127.0.0.1", 18_883, None, _me()))


def _me() -> str:
    return "root" if os.geteuid() == 0 else default_user()


def test_another_program_with_the_old_number_of_the_broker_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "broker"
    with open_centre(centre_in(tmp_path)) as centre:
        found_broker(centre, folder)
        (folder / "run" / "mosquitto.pid").write_text(f"{os.getpid()}\n")

        assert centre.revocations.announce() is Told.NOT_RUNNING


def test_writing_the_configuration_again_is_fine_and_makes_a_new_key(tmp_path: Path) -> None:
    folder = tmp_path / "broker"
    with open_centre(centre_in(tmp_path)) as centre:
        found_broker(centre, folder)
        before = (folder / "broker.key").read_bytes()
        found_broker(centre, folder)

    assert (folder / "broker.key").read_bytes() != before


def test_an_account_that_nobody_has_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokerFolderUnreachableError, match="nobody-at-all"):
        BrokerFolder(tmp_path, "nobody-at-all")


@pytest.mark.parametrize("note", ["", "{}", "[]", '{"folder": 7}', "null"])
def test_a_broken_note_about_the_broker_is_an_error_that_says_what_to_do(tmp_path: Path, note: str) -> None:
    path = tmp_path / "broker.json"
    path.write_text(note)

    with pytest.raises(FileUnusableError, match="broker config"):
        read_note(path)


def test_blocking_a_unit_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with open_centre(centre_in(tmp_path)) as centre, pytest.raises(DeviceUnknownError):
        centre.registry.block("unit-nobody")
