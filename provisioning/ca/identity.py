"""Keys with their certificates, in files."""

from __future__ import annotations

from collections.abc import Sequence

from provisioning.ca.keys import read_key, write_key
from provisioning.ca.models import Authority
from provisioning.ca.transfer import pem
from provisioning.errors import CentreNotSetUpError, FileUnusableError
from provisioning.files import PUBLIC, read_whole, write_whole
from provisioning.layout import KeyPair
from wire.errors import CertificateRefusedError
from wire.keys import Certificate, PrivateKey, read_certificates_pem


def write_identity(pair: KeyPair, key: PrivateKey, chain: Sequence[Certificate]) -> None:
    """Keep a key and its certificate, with those of its issuers behind it where a peer needs them."""
    write_key(pair.key, key)
    write_whole(pair.certificate, pem(chain), PUBLIC)


def read_identity(pair: KeyPair) -> Certificate | None:
    """The certificate of an identity that is complete; None when it was not written yet."""
    if not pair.key.exists() or not pair.certificate.exists():
        return None
    try:
        return read_certificates_pem(read_whole(pair.certificate))[0]
    except CertificateRefusedError as error:
        raise FileUnusableError(pair.certificate, "does not hold a certificate in PEM") from error


def read_authority(pair: KeyPair) -> Authority:
    """An issuer; `CentreNotSetUpError` when it was not written yet, `FileUnusableError` when it cannot be read."""
    certificate = read_identity(pair)
    if certificate is None:
        raise CentreNotSetUpError(pair.certificate.name)
    return Authority(certificate, read_key(pair.key))
