"""Only a certificate of this fleet, for results, valid at the time, opens a result; and keys are P-256 or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests import builders as a
from tests.wire import forge as f
from wire.envelope import Kind, open_certified, seal
from wire.errors import BadSignatureError, CertificateRefusedError, KeyUnsuitableError
from wire.keys import (
    RESULT_SIGNING,
    Certificate,
    certificate_der,
    certified_unit,
    check_result_certificate,
    key_id,
    public_der,
    read_certificate_der,
    read_certificates_pem,
    read_public_der,
    sign_es256,
    verify_es256,
)
from wire.result import result_payload

PAYLOAD = result_payload(a.result())
FIRST_S, LAST_S = a.NOW_S - a.YEAR_S, a.NOW_S + a.YEAR_S


def sealed_under(certificate: Certificate, number: int = 1) -> bytes:
    return seal(PAYLOAD, Kind.RESULT, a.KeySigner(a.key(number), certificate_der(certificate)))


REFUSED: dict[str, Certificate] = {
    "another issuer of another name": a.unit_certificate(issuer=101, issuer_name="other"),
    "another issuer of the same name": a.unit_certificate(issuer=101),
    "itself as the issuer": a.unit_certificate(issuer=1, issuer_name=a.UNIT),
    "a TLS client use": a.unit_certificate(uses=[ExtendedKeyUsageOID.CLIENT_AUTH]),
    "a TLS server and client use": a.unit_certificate(uses=[ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
    "any use": a.unit_certificate(uses=[ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]),
    "no use": a.unit_certificate(uses=[]),
}


@pytest.mark.parametrize("certificate", REFUSED.values(), ids=REFUSED.keys())
def test_a_certificate_of_another_issuer_or_use_is_refused(certificate: Certificate) -> None:
    with pytest.raises(CertificateRefusedError):
        open_certified(sealed_under(certificate), Kind.RESULT, [a.authority()], a.NOW_S)


@pytest.mark.parametrize("at_s", [FIRST_S - 1, LAST_S + 1, 0, -1, 2**37, 2**63, -(2**63)])
def test_a_certificate_that_was_not_valid_when_the_result_was_issued_is_refused(at_s: int) -> None:
    with pytest.raises(CertificateRefusedError, match=f"not at {at_s} s"):
        open_certified(sealed_under(a.unit_certificate()), Kind.RESULT, [a.authority()], at_s)


@pytest.mark.parametrize("at_s", [FIRST_S, a.NOW_S, LAST_S])
def test_a_certificate_is_valid_from_its_first_to_its_last_second(at_s: int) -> None:
    assert open_certified(sealed_under(a.unit_certificate()), Kind.RESULT, [a.authority()], at_s).unit == a.UNIT


def test_a_certificate_for_another_key_is_refused() -> None:
    with pytest.raises(BadSignatureError, match="another key"):
        open_certified(sealed_under(a.unit_certificate(number=2)), Kind.RESULT, [a.authority()], a.NOW_S)


def test_the_key_id_of_the_certificate_under_a_signature_of_another_key_is_refused() -> None:
    header = {**f.honest_header(Kind.RESULT, 2), f.X5CHAIN: certificate_der(a.unit_certificate(number=2))}

    with pytest.raises(BadSignatureError):
        open_certified(f.forge(header, PAYLOAD, signer=a.key(1)), Kind.RESULT, [a.authority()], a.NOW_S)


def test_an_issuer_that_may_not_issue_is_no_issuer() -> None:
    with pytest.raises(CertificateRefusedError, match="none of the trusted issuers"):
        open_certified(sealed_under(a.unit_certificate()), Kind.RESULT, [a.authority(is_ca=False)], a.NOW_S)


def test_without_issuers_nothing_is_certified() -> None:
    with pytest.raises(CertificateRefusedError):
        open_certified(sealed_under(a.unit_certificate()), Kind.RESULT, [], a.NOW_S)


def test_any_one_of_several_issuers_will_do() -> None:
    issuers = [a.authority(101), a.authority(102, "older fleet"), a.authority()]

    assert open_certified(sealed_under(a.unit_certificate()), Kind.RESULT, issuers, a.NOW_S).unit == a.UNIT


def test_a_result_without_a_certificate_is_refused() -> None:
    with pytest.raises(BadSignatureError, match="no certificate"):
        open_certified(seal(PAYLOAD, Kind.RESULT, a.KeySigner(a.key(1))), Kind.RESULT, [a.authority()], a.NOW_S)


def test_a_certificate_with_two_names_names_no_unit() -> None:
    two = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name) for name in ("unit-00017", "unit-00018")])
    certificate = (
        x509.CertificateBuilder(issuer_name=two, subject_name=two, public_key=a.key(1).public_key(), serial_number=7)
        .not_valid_before(a.authority().not_valid_before_utc)
        .not_valid_after(a.authority().not_valid_after_utc)
        .sign(a.key(1), hashes.SHA256())
    )

    with pytest.raises(CertificateRefusedError, match="exactly one unit"):
        certified_unit(certificate)


def test_a_certified_key_on_another_curve_is_refused() -> None:
    p384 = ec.derive_private_key(5, ec.SECP384R1())

    with pytest.raises(KeyUnsuitableError):
        check_result_certificate(a.unit_certificate(public=p384.public_key()), [a.authority()], a.NOW_S)


def accepted_certificate(der: bytes) -> list[Certificate]:
    """The certificate that these bytes are, where it is one for results; else none."""
    try:
        certificate = read_certificate_der(der)
        check_result_certificate(certificate, [a.authority()], a.NOW_S)
        return [certificate]
    except CertificateRefusedError:
        return []


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_a_certificate_with_any_one_bit_flipped_is_refused_or_certifies_the_same() -> None:
    """X.509 leaves the count of unused bits before the signature open; nothing that is certified may change with it."""
    honest = a.unit_certificate()
    der = certificate_der(honest)
    accepted = []
    for bit in range(len(der) * 8):
        flipped = bytearray(der)
        flipped[bit // 8] ^= 1 << (bit % 8)
        accepted += accepted_certificate(bytes(flipped))

    assert len(accepted) <= 3
    assert all(certificate.tbs_certificate_bytes == honest.tbs_certificate_bytes for certificate in accepted)


@pytest.mark.parametrize(
    "pem", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", b"\x00" * 100]
)
def test_a_file_without_a_readable_certificate_is_refused(pem: bytes) -> None:
    with pytest.raises(CertificateRefusedError):
        read_certificates_pem(pem)


def test_a_file_of_two_certificates_is_read() -> None:
    two = (a.authority(), a.authority(101))

    assert read_certificates_pem(b"".join(certificate.public_bytes(Encoding.PEM) for certificate in two)) == two


OTHER_KEYS: dict[str, Any] = {
    "P-384": ec.derive_private_key(5, ec.SECP384R1()).public_key(),
    "secp256k1": ec.derive_private_key(5, ec.SECP256K1()).public_key(),
    "Ed25519": ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key(),
    "RSA": rsa.generate_private_key(65537, 2048).public_key(),
}


@pytest.mark.parametrize("public", OTHER_KEYS.values(), ids=OTHER_KEYS.keys())
def test_a_key_of_another_kind_is_unsuitable(public: Any) -> None:
    with pytest.raises(KeyUnsuitableError):
        read_public_der(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


@pytest.mark.parametrize("der", [b"", b"\x30\x00", bytes(91)])
def test_bytes_that_are_no_key_are_unsuitable(der: bytes) -> None:
    with pytest.raises(KeyUnsuitableError):
        read_public_der(der)


def test_a_key_on_another_curve_signs_nothing() -> None:
    with pytest.raises(KeyUnsuitableError):
        sign_es256(ec.derive_private_key(5, ec.SECP384R1()), b"message")


def test_a_public_key_comes_back_under_the_same_name() -> None:
    public = a.key(1).public_key()

    assert key_id(read_public_der(public_der(public))) == key_id(public)
    assert key_id(public) != key_id(a.key(2).public_key())
    assert len(key_id(public)) == 16


def test_a_signature_fits_one_message_and_one_key() -> None:
    signature = sign_es256(a.key(1), b"message")

    verify_es256(a.key(1).public_key(), b"message", signature)
    for public, message in ((a.key(1), b"massage"), (a.key(2), b"message")):
        with pytest.raises(BadSignatureError):
            verify_es256(public.public_key(), message, signature)


def test_the_use_of_result_certificates_is_no_use_that_tls_knows() -> None:
    assert RESULT_SIGNING.dotted_string.startswith("2.25.")
    assert RESULT_SIGNING not in vars(ExtendedKeyUsageOID).values()
