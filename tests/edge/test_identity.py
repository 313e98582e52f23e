"""Keys in files that nobody else may read, and the identity that is built of them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from cryptography import x509

from edge.contact import BrokerAddress, CentreFacts, facts_json, load_contact
from edge.durable_file import write_durably
from edge.errors import (
    EdgeError,
    FileNotDurableError,
    IdentityDamagedError,
    KeyExistsError,
    KeyExposedError,
    KeyUnavailableError,
    NotEnrolledError,
)
from edge.identity import UNENROLLED, load_identity, unenrolled_identity
from edge.keystore import FileKeyStore
from edge.state_dir import KeyLabel, StateDir
from tests.builders import NOW_S, UNIT, authority, key, result, unit_certificate
from tests.edge.fleet import USES, ca_pem, certificate_pem, key_pem
from tests.edge.spool_parts import CENTRE
from wire.enrolment import read_unit_name
from wire.envelope import Kind, open_certified, seal
from wire.errors import WireError
from wire.keys import PublicKey, key_id, read_certificate_der, verify_es256
from wire.result import DebugStatus, result_payload


@pytest.fixture
def place(tmp_path: Path) -> StateDir:
    made = StateDir(tmp_path / "state")
    made.prepare()
    return made


@pytest.fixture
def keys(place: StateDir) -> FileKeyStore:
    return FileKeyStore(place)


@pytest.fixture
def enrolled(place: StateDir, keys: FileKeyStore) -> StateDir:
    """A state directory as enrolment leaves it."""
    for label in KeyLabel:
        store_certificate(place, label, keys.create(label))
    write_durably(place.ca, ca_pem())
    write_durably(place.centre, facts_json(CentreFacts((CENTRE.public_key,), BrokerAddress("broker.example", 8883))))
    return place


def store_certificate(place: StateDir, label: KeyLabel, public: PublicKey, unit: str = UNIT) -> None:
    certificate = unit_certificate(unit, uses=[USES[label.value]], public=public)
    write_durably(place.certificate(label), certificate_pem(certificate))


# Keys


def test_a_key_signs_what_its_public_half_verifies(keys: FileKeyStore) -> None:
    public = keys.create(KeyLabel.RESULT)

    signature = keys.signer(KeyLabel.RESULT, None).sign(b"message")

    verify_es256(public, b"message", signature)
    assert key_id(keys.public_key(KeyLabel.RESULT)) == key_id(public)


def test_keys_are_files_of_mode_0600_whatever_the_umask(keys: FileKeyStore, place: StateDir) -> None:
    before = os.umask(0)
    try:
        keys.create(KeyLabel.TLS)
    finally:
        os.umask(before)

    assert place.key(KeyLabel.TLS).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in place.keys.iterdir()] == ["tls.pem"]


def test_a_key_is_never_overwritten(keys: FileKeyStore, place: StateDir) -> None:
    keys.create(KeyLabel.RESULT)
    before = place.key(KeyLabel.RESULT).read_bytes()

    with pytest.raises(KeyExistsError):
        keys.create(KeyLabel.RESULT)

    assert place.key(KeyLabel.RESULT).read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_can_read_is_not_used(keys: FileKeyStore, place: StateDir, mode: int) -> None:
    keys.create(KeyLabel.RESULT)
    place.key(KeyLabel.RESULT).chmod(mode)

    with pytest.raises(KeyExposedError, match=f"{mode:04o}"):
        keys.signer(KeyLabel.RESULT, None)


def test_a_folder_that_others_can_enter_is_not_used(keys: FileKeyStore, place: StateDir) -> None:
    keys.create(KeyLabel.RESULT)
    place.keys.chmod(0o755)

    with pytest.raises(KeyExposedError):
        keys.signer(KeyLabel.RESULT, None)
    with pytest.raises(KeyExposedError):
        keys.create(KeyLabel.TLS)


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\n", b"\0" * 300, b"no key"])
def test_a_broken_key_is_named_by_its_label(keys: FileKeyStore, place: StateDir, content: bytes) -> None:
    write_durably(place.key(KeyLabel.TLS), content)

    with pytest.raises(KeyUnavailableError, match="the tls key"):
        keys.public_key(KeyLabel.TLS)


def test_a_missing_key_is_named_by_its_label(keys: FileKeyStore) -> None:
    assert not keys.has(KeyLabel.RESULT)
    with pytest.raises(KeyUnavailableError, match="the result key"):
        keys.signer(KeyLabel.RESULT, None)


def test_a_discarded_key_is_gone(keys: FileKeyStore) -> None:
    first = keys.create(KeyLabel.TLS)

    keys.discard(KeyLabel.TLS)
    keys.discard(KeyLabel.TLS)

    assert key_id(keys.create(KeyLabel.TLS)) != key_id(first)


def test_a_request_proves_the_key_and_names_nobody(keys: FileKeyStore) -> None:
    public = keys.create(KeyLabel.RESULT)

    request = x509.load_der_x509_csr(keys.certification_request(KeyLabel.RESULT))

    assert request.is_signature_valid
    assert key_id(request.public_key()) == key_id(public)  # type: ignore[arg-type]
    assert list(request.subject) == []


def test_nothing_that_is_printed_shows_a_key(keys: FileKeyStore, place: StateDir) -> None:
    keys.create(KeyLabel.RESULT)
    secret = place.key(KeyLabel.RESULT).read_text().splitlines()[1]

    assert secret not in repr(keys.signer(KeyLabel.RESULT, None)) + repr(keys)


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "file"
    write_durably(file, b"old")
    (tmp_path / "file.part").mkdir()

    with pytest.raises(FileNotDurableError, match="file could not be written"):
        write_durably(file, b"new")

    assert file.read_bytes() == b"old"


# Identity


def test_an_enrolled_unit_knows_its_name_its_centre_and_signs_with_its_certificate(enrolled: StateDir) -> None:
    identity = load_identity(enrolled.root)

    envelope = seal(result_payload(result()), Kind.RESULT, identity.signer)
    assert open_certified(envelope, Kind.RESULT, [authority()], NOW_S).unit == UNIT == identity.unit
    assert set(identity.centre_keys) == {key_id(CENTRE.public_key)}
    assert identity.debug is DebugStatus.DISABLED
    assert identity.contact.broker == BrokerAddress("broker.example", 8883)
    assert all(path.exists() for path in (identity.contact.ca, identity.contact.tls_key, identity.contact.tls_certificate))


def test_before_enrolment_the_error_says_what_to_do(place: StateDir, tmp_path: Path) -> None:
    for state in (place.root, tmp_path / "never made"):
        with pytest.raises(NotEnrolledError, match="run lifecert-enrol"):
            load_identity(state)


def test_the_uplink_reaches_the_centre_without_the_result_key(enrolled: StateDir) -> None:
    enrolled.key(KeyLabel.RESULT).unlink()

    assert load_contact(enrolled.root).unit == UNIT


def swap_certificates(place: StateDir) -> None:
    place.certificate(KeyLabel.RESULT).write_bytes(place.certificate(KeyLabel.TLS).read_bytes())


def other_unit(place: StateDir) -> None:
    store_certificate(place, KeyLabel.RESULT, FileKeyStore(place).public_key(KeyLabel.RESULT), "unit-00018")


def no_certificate(place: StateDir) -> None:
    place.certificate(KeyLabel.RESULT).unlink()


def broken_certificate(place: StateDir) -> None:
    place.certificate(KeyLabel.TLS).write_bytes(b"-----BEGIN CERTIFICATE-----\n")


def bad_name(place: StateDir) -> None:
    store_certificate(place, KeyLabel.TLS, key(9).public_key(), "unit/#")


def other_key(place: StateDir) -> None:
    write_durably(place.key(KeyLabel.RESULT), key_pem(key(9)))


def broken_facts(place: StateDir) -> None:
    write_durably(place.centre, b"{")


def facts_without_keys(place: StateDir) -> None:
    write_durably(place.centre, json.dumps({"keys": [], "broker": {"host": "h", "port": 1}}).encode())


@pytest.mark.parametrize(
    "damage",
    [
        swap_certificates,
        other_unit,
        no_certificate,
        broken_certificate,
        bad_name,
        other_key,
        broken_facts,
        facts_without_keys,
    ],
)
def test_parts_that_do_not_fit_are_no_identity(enrolled: StateDir, damage) -> None:  # type: ignore[no-untyped-def]
    damage(enrolled)

    with pytest.raises(IdentityDamagedError, match="damaged"):
        load_identity(enrolled.root)


def test_a_state_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(EdgeError, match="could not be written"):
        StateDir(tmp_path / "file" / "state").prepare()


def test_an_unenrolled_machine_signs_so_that_nobody_is_deceived(caplog: pytest.LogCaptureFixture) -> None:
    identity = unenrolled_identity()

    envelope = seal(result_payload(result(unit=identity.unit, debug=identity.debug)), Kind.RESULT, identity.signer)
    assert identity.signer.certificate is not None
    itself = read_certificate_der(identity.signer.certificate)
    assert (read_unit_name(identity.unit), identity.debug) == (UNENROLLED, DebugStatus.ENABLED)
    assert "not enrolled" in caplog.text
    assert dict(identity.centre_keys) == {}
    for issuers in ([authority()], [authority(), itself]):
        with pytest.raises(WireError):
            open_certified(envelope, Kind.RESULT, issuers, NOW_S)


def test_each_unenrolled_run_has_another_key() -> None:
    first, second = unenrolled_identity(), unenrolled_identity()

    assert key_id(first.signer.public_key) != key_id(second.signer.public_key)
