"""Certificate requests of every bad kind are refused, and no name that a request asks for is ever certified (F48)."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from provisioning.ca.issue import issue_unit
from provisioning.ca.models import Use
from provisioning.ca.request import MAX_BYTES, read_request
from provisioning.errors import RequestRefusedError
from tests.builders import NOW_S, key
from tests.provisioning.fleet import issuing_authority
from wire.keys import RESULT_SIGNING, PublicKey, certified_unit, public_der


def request_der(private: object = None, algorithm: hashes.HashAlgorithm | None = None, name: str = "anything") -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    signed = builder.sign(private or key(1), algorithm or hashes.SHA256())  # type: ignore[arg-type]
    return signed.public_bytes(serialization.Encoding.DER)


def greedy_request() -> bytes:
    """Asks for another unit's name, for a name with a slash, for server use and for being an issuer."""
    names = [x509.NameAttribute(NameOID.COMMON_NAME, "unit-00002/up"), x509.NameAttribute(NameOID.COMMON_NAME, "#")]
    builder = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name(names))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("centre.example"), x509.DNSName("unit-00002")]), False)
        .add_extension(x509.BasicConstraints(True, None), True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, RESULT_SIGNING]), True)
    )
    return builder.sign(key(1), hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def with_other_signature() -> bytes:
    return request_der()[:-4] + bytes(4)


def with_swapped_key() -> bytes:
    """The request of one key with the key of another put in its place."""
    own, other = public_der(key(1).public_key()), public_der(key(2).public_key())
    return request_der().replace(own, other)


def with_extension_twice() -> bytes:
    """The first of two different extensions renamed to the second: the builder itself refuses to write one twice."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    builder = builder.add_extension(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), False)
    builder = builder.add_extension(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.5"), b"\x05\x00"), False)
    twice = builder.sign(key(1), hashes.SHA256())
    body = twice.tbs_certrequest_bytes.replace(b"\x06\x03\x2a\x03\x04", b"\x06\x03\x2a\x03\x05")
    signature = key(1).sign(body, ec.ECDSA(hashes.SHA256()))
    whole = twice.public_bytes(serialization.Encoding.DER)
    algorithm = bytes.fromhex("300a06082a8648ce3d040302")
    inner = body + algorithm + b"\x03" + bytes([len(signature) + 1, 0]) + signature
    assert whole[:2] == b"\x30\x81"
    return b"\x30\x81" + bytes([len(inner)]) + inner


BAD: dict[str, Callable[[], bytes]] = {
    "RSA 1024": lambda: request_der(rsa.generate_private_key(65537, 1024)),  # noqa: S505 - weak on purpose
    "RSA 2048": lambda: request_der(rsa.generate_private_key(65537, 2048)),
    "P-384": lambda: request_der(ec.generate_private_key(ec.SECP384R1())),
    "secp256k1": lambda: request_der(ec.generate_private_key(ec.SECP256K1())),
    "Ed25519": lambda: (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([]))
        .sign(ed25519.Ed25519PrivateKey.generate(), None)
        .public_bytes(serialization.Encoding.DER)
    ),
    "signed with SHA-512": lambda: request_der(algorithm=hashes.SHA512()),
    "bad self-signature": with_other_signature,
    "another key put in": with_swapped_key,
    "extension twice": with_extension_twice,
    "truncated": lambda: request_der()[:-1],
    "extended": lambda: request_der() + b"\x00",
    "empty": lambda: b"",
    "garbage": lambda: bytes(range(256)),
    "a certificate": lambda: issuing_authority().certificate.public_bytes(serialization.Encoding.DER),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_request_is_refused(kind: str) -> None:
    with pytest.raises(RequestRefusedError):
        read_request(base64.b64encode(BAD[kind]()))


@pytest.mark.parametrize("body", [b"\xff\xfe", b"not base64 !", b"=", base64.b64encode(request_der())[:-3], b"-----BEGIN"])
def test_a_body_that_is_not_base64_is_refused(body: bytes) -> None:
    with pytest.raises(RequestRefusedError):
        read_request(body)


def test_a_body_beyond_the_limit_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(RequestRefusedError, match=str(MAX_BYTES)):
        read_request(b"A" * (MAX_BYTES + 1))


def test_every_flipped_bit_of_a_request_is_refused_or_leaves_its_key_as_it_was() -> None:
    whole, own = request_der(), public_der(key(1).public_key())
    for position in range(len(whole) * 8):
        broken = bytearray(whole)
        broken[position // 8] ^= 1 << (position % 8)

        found = _key_or_none(base64.b64encode(bytes(broken)))

        assert found is None or public_der(found) == own


def _key_or_none(body: bytes) -> PublicKey | None:
    try:
        return read_request(body)
    except RequestRefusedError:
        return None


@pytest.mark.parametrize("separator", [b"\n", b"\r\n", b" "])
def test_line_breaks_in_the_base64_are_allowed(separator: bytes) -> None:
    body = base64.b64encode(request_der())

    found = read_request(separator.join([body[:64], body[64:], b""]))

    assert public_der(found) == public_der(key(1).public_key())


@pytest.mark.parametrize("use", list(Use))
def test_a_certificate_holds_nothing_that_a_greedy_request_asked_for(use: Use) -> None:
    public = read_request(base64.b64encode(greedy_request()))

    certificate = issue_unit(issuing_authority(), "unit-00001", public, use, NOW_S, 90)

    assert certified_unit(certificate) == "unit-00001"
    assert len(list(certificate.subject)) == 1
    uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(uses) == [ExtendedKeyUsageOID.CLIENT_AUTH if use is Use.TLS else RESULT_SIGNING]
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    with pytest.raises(x509.ExtensionNotFound):
        certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    whole = certificate.public_bytes(serialization.Encoding.DER)
    assert b"centre.example" not in whole
    assert b"unit-00002" not in whole
