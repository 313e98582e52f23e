"""Builds certificates (RFC 5280). Names, uses and times come from here; from a request only the public key is taken."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from provisioning.ca.models import Authority, Use
from provisioning.clock import moment
from wire.keys import RESULT_SIGNING, Certificate, PrivateKey, PublicKey

BACKDATE_S = 300
"""Certificates begin this much earlier, so that a clock a little behind does not refuse a fresh one (F51)."""

ROOT_DAYS = 20 * 365
ISSUING_DAYS = 10 * 365
SERVER_DAYS = 365
"""Lifetime of the certificates of the centre's own programs."""

_USES: dict[Use, ObjectIdentifier] = {Use.TLS: ExtendedKeyUsageOID.CLIENT_AUTH, Use.RESULT: RESULT_SIGNING}

_SIGNS = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
_ISSUES = x509.KeyUsage(False, False, False, False, False, True, True, False, False)


def found_root(key: PrivateKey, name: str, at_s: int) -> Authority:
    """The root of a fleet, signed by itself."""
    builder = _builder(_named(name), _named(name), key.public_key(), at_s, ROOT_DAYS)
    builder = _as_issuer(builder, 1, key.public_key(), key.public_key())
    return Authority(builder.sign(key, hashes.SHA256()), key)


def found_issuing(root: Authority, key: PrivateKey, name: str, at_s: int) -> Authority:
    """The one certificate that issues all others, so that the root's key can stay offline."""
    builder = _builder(_named(name), root.certificate.subject, key.public_key(), at_s, ISSUING_DAYS)
    builder = _as_issuer(builder, 0, key.public_key(), root.key.public_key())
    return Authority(builder.sign(root.key, hashes.SHA256()), key)


def issue_unit(authority: Authority, unit: str, key: PublicKey, use: Use, at_s: int, days: int) -> Certificate:
    """A certificate of a unit, for exactly one use."""
    return _issue(_leaf(authority, unit, key, _USES[use], at_s, days), authority)


def issue_worker(authority: Authority, name: str, key: PublicKey, at_s: int) -> Certificate:
    """The TLS client certificate of a consumer at the centre."""
    return _issue(_leaf(authority, name, key, ExtendedKeyUsageOID.CLIENT_AUTH, at_s, SERVER_DAYS), authority)


def issue_server(authority: Authority, names: Sequence[str], key: PublicKey, at_s: int) -> Certificate:
    """The TLS certificate of a server, for these DNS names and IP addresses."""
    builder = _leaf(authority, names[0], key, ExtendedKeyUsageOID.SERVER_AUTH, at_s, SERVER_DAYS)
    alternatives = x509.SubjectAlternativeName([_alternative(name) for name in names])
    return _issue(builder.add_extension(alternatives, critical=False), authority)


def server_names(certificate: Certificate) -> frozenset[str]:
    """The names that a server certificate was issued for."""
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = (str(address) for address in found.get_values_for_type(x509.IPAddress))
    return frozenset((*found.get_values_for_type(x509.DNSName), *addresses))


def _leaf(
    authority: Authority, name: str, key: PublicKey, use: ObjectIdentifier, at_s: int, days: int
) -> x509.CertificateBuilder:
    return (
        _builder(_named(name), authority.certificate.subject, key, at_s, days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_SIGNS, critical=True)
        .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
    )


def _issue(builder: x509.CertificateBuilder, authority: Authority) -> Certificate:
    return builder.sign(authority.key, hashes.SHA256())


def _builder(subject: x509.Name, issuer: x509.Name, key: PublicKey, at_s: int, days: int) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment(at_s - BACKDATE_S))
        .not_valid_after(moment(at_s) + timedelta(days=days))
    )


def _as_issuer(builder: x509.CertificateBuilder, path_length: int, own: PublicKey, signer: PublicKey) -> x509.CertificateBuilder:
    """Python 3.13 checks chains strictly (RFC 5280, 4.2.1.2): without a subject key identifier it refuses an issuer."""
    return (
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(_ISSUES, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer), critical=False)
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
