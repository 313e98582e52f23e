"""Setting a centre up: what is made, who may read it, and that doing it again changes nothing but what is due."""

from __future__ import annotations

import ssl
import stat
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from provisioning.ca.identity import read_authority, read_identity
from provisioning.ca.issue import server_names
from provisioning.ca.keys import read_key
from provisioning.ca.revoke import LIFETIME_DAYS, RENEW_EVERY_S
from provisioning.centre import open_centre
from provisioning.clock import Clock, SystemClock
from provisioning.errors import CentreNotSetUpError, FileUnusableError
from provisioning.founding import found_centre
from provisioning.identities import Identities
from provisioning.layout import Layout
from provisioning.settings import CentreSettings
from provisioning.tls import server_context
from tests.builders import NOW_S
from tests.provisioning.fleet import CountedBytes, SetClock
from wire.keys import Certificate, certified_unit, read_certificates_pem

DAY_S = 86_400


def identities(folder: Path, clock: Clock | None = None, names: tuple[str, ...] = ("localhost",), workers: int = 2) -> Identities:
    return Identities(Layout(folder / "centre"), names, workers, clock or SetClock(), CountedBytes())


def uses(certificate: Certificate) -> list[x509.ObjectIdentifier]:
    return list(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)


def test_everything_is_made_once_and_nothing_twice(tmp_path: Path) -> None:
    assert identities(tmp_path).complete() == (
        "certificate authority",
        "signing key",
        "server certificate",
        "certificate of ingest-1",
        "certificate of ingest-2",
    )
    before = {path: path.read_bytes() for path in (tmp_path / "centre").rglob("*") if path.is_file()}

    assert identities(tmp_path).complete() == ()
    assert {path: path.read_bytes() for path in (tmp_path / "centre").rglob("*") if path.is_file()} == before


def test_keys_and_their_folders_are_for_their_owner_only(tmp_path: Path) -> None:
    identities(tmp_path).complete()

    keys = list((tmp_path / "centre").rglob("*.key"))
    assert len(keys) == 6
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}
    assert {stat.S_IMODE(key.parent.stat().st_mode) for key in keys} == {0o700}
    assert stat.S_IMODE((tmp_path / "centre").stat().st_mode) == 0o700


def test_an_open_folder_is_closed(tmp_path: Path) -> None:
    (tmp_path / "centre").mkdir(mode=0o755)

    identities(tmp_path).complete()

    assert stat.S_IMODE((tmp_path / "centre").stat().st_mode) == 0o700


def test_the_issuing_certificate_comes_from_the_root_and_can_issue_no_further_issuers(tmp_path: Path) -> None:
    made = identities(tmp_path)
    made.complete()

    root, issuing = read_certificates_pem(made.layout.bundle.read_bytes())

    root.verify_directly_issued_by(root)
    issuing.verify_directly_issued_by(root)
    constraints = [found.extensions.get_extension_for_class(x509.BasicConstraints).value for found in (root, issuing)]
    assert [(found.ca, found.path_length) for found in constraints] == [(True, 1), (True, 0)]


def test_a_chain_passes_the_strict_check_that_newer_pythons_make(tmp_path: Path) -> None:
    """RFC 5280 to the letter: Python 3.13 asks for it by default, and so does this test on any version."""
    made = identities(tmp_path, SystemClock())
    made.complete()
    trusting = ssl.create_default_context(cafile=str(made.layout.bundle))
    trusting.verify_flags |= ssl.VerifyFlags.VERIFY_X509_STRICT
    serving = server_context(made.layout.server)
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting.wrap_bio(back, there, server_hostname="localhost")
    server = serving.wrap_bio(there, back, server_side=True)

    for _ in range(3):
        for end in (client, server):
            with suppress(ssl.SSLWantReadError):
                end.do_handshake()

    assert client.version() in ("TLSv1.2", "TLSv1.3")
    assert client.getpeercert()


def test_the_root_key_may_be_carried_away(tmp_path: Path) -> None:
    made = identities(tmp_path)
    made.complete()
    made.layout.root.key.unlink()
    made.layout.root.certificate.unlink()

    assert made.complete() == ()


def test_the_programs_get_certificates_for_their_own_use_only(tmp_path: Path) -> None:
    made = identities(tmp_path, names=("centre.example", "192.0.2.7", "::1"))
    made.complete()

    server, worker = read_identity(made.layout.server), read_identity(made.layout.ingest(2))

    assert server is not None
    assert worker is not None
    assert server_names(server) == {"centre.example", "192.0.2.7", "::1"}
    assert uses(server) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert uses(worker) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert certified_unit(worker) == "ingest-2"


def test_another_name_makes_a_new_server_certificate_and_leaves_the_rest(tmp_path: Path) -> None:
    identities(tmp_path).complete()

    assert identities(tmp_path, names=("localhost", "centre.example")).complete() == ("server certificate",)


def test_another_consumer_gets_its_own_certificate(tmp_path: Path) -> None:
    identities(tmp_path).complete()

    assert identities(tmp_path, workers=3).complete() == ("certificate of ingest-3",)


def test_certificates_of_the_programs_are_renewed_a_month_before_they_end(tmp_path: Path) -> None:
    clock = SetClock()
    identities(tmp_path, clock).complete()
    clock.at_s = NOW_S + 330 * DAY_S
    assert identities(tmp_path, clock).complete() == ()

    clock.at_s = NOW_S + 336 * DAY_S
    assert identities(tmp_path, clock).complete() == ("server certificate", "certificate of ingest-1", "certificate of ingest-2")


def test_a_revocation_list_is_there_from_the_start_and_outlives_many_missed_renewals(tmp_path: Path) -> None:
    """F23: the broker refuses everyone once its list has expired."""
    settings = CentreSettings(data=tmp_path / "centre")
    found_centre(settings)

    revocations = x509.load_pem_x509_crl(settings.layout.revocations.read_bytes())

    assert revocations.next_update_utc is not None
    assert (revocations.next_update_utc - revocations.last_update_utc).days == LIFETIME_DAYS
    assert LIFETIME_DAYS * DAY_S > 3 * DAY_S + RENEW_EVERY_S
    assert revocations.is_signature_valid(read_authority(settings.layout.issuing).key.public_key())


def test_a_folder_without_a_centre_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(CentreNotSetUpError, match="init"), open_centre(CentreSettings(data=tmp_path)):
        pytest.fail("there is no centre")


@pytest.mark.parametrize("content", [b"", b"nonsense", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_broken_key_file_is_named_and_not_shown(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.key"
    path.write_bytes(content)

    with pytest.raises(FileUnusableError, match=r"broken\.key") as refused:
        read_key(path)

    assert "AAAA" not in str(refused.value)


def test_a_data_folder_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "centre").write_text("in the way")

    with pytest.raises(FileUnusableError, match="centre"):
        identities(tmp_path).complete()
