"""COSE_Sign1 with ES256 (RFC 9052, RFC 9053): how a statement is sealed and the only way to open one.

An envelope is opened only by `open_verified` or `open_certified`; both raise, neither returns a verdict to forget.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from wire.codec import MAX_BYTES, Value, decode, encode
from wire.errors import BadSignatureError, KeyUnknownError, MalformedError
from wire.keys import (
    Certificate,
    KeyId,
    PublicKey,
    Signer,
    certified_unit,
    check_result_certificate,
    key_id,
    read_certificate_der,
    verify_es256,
)


class Kind(StrEnum):
    """What is in an envelope (header `typ`, RFC 9596): a receipt can never be taken for a ticket."""

    RESULT = "application/lifecert-result+cwt"
    TICKET = "application/lifecert-ticket+cwt"
    RECEIPT = "application/lifecert-receipt+cwt"
    POLICY = "application/lifecert-policy+cwt"


@dataclass(frozen=True, slots=True)
class Header:
    """The protected header of an envelope. Until the signature is checked it is only a claim."""

    kind: Kind
    key_id: KeyId
    certificate: bytes | None
    """DER of the signer's certificate (x5chain with one element, RFC 9360), where one travels along."""


# Header labels of the IANA COSE registry.
_ALG, _KID, _TYP, _X5CHAIN = 1, 4, 16, 33
_ES256 = -7
_COSE_SIGN1 = b"\xd2"
"""Tag 18 in its one-byte form."""


def seal(payload: bytes, kind: Kind, signer: Signer) -> bytes:
    """Sign a payload; the answer is the exact bytes to send, at most 4096."""
    header: dict[int | str, Value] = {_ALG: _ES256, _KID: bytes(key_id(signer.public_key)), _TYP: kind.value}
    if signer.certificate is not None:
        header[_X5CHAIN] = signer.certificate
    protected = encode(header)
    signature = signer.sign(_to_be_signed(protected, payload))
    envelope = _COSE_SIGN1 + encode([protected, {}, payload, signature])
    if len(envelope) > MAX_BYTES:
        raise MalformedError(f"{len(envelope)} bytes, at most {MAX_BYTES} may be sent")
    return envelope


def open_verified(envelope: bytes, kind: Kind, keys: Mapping[KeyId, PublicKey]) -> bytes:
    """Return the payload if one of these keys signed it as this kind.

    Raises `MalformedError`, `KeyUnknownError` or `BadSignatureError`, and nothing else, for any bytes whatsoever;
    `KeyUnsuitableError` when the key that is known under the id is not on P-256.
    """
    parts = _take_apart(envelope, kind)
    key = keys.get(parts.header.key_id)
    if key is None:
        raise KeyUnknownError(parts.header.key_id)
    parts.verify(key)
    return parts.payload


@dataclass(frozen=True, slots=True)
class Certified:
    """A payload whose signature was checked against the certificate that travelled with it."""

    payload: bytes
    unit: str
    """The name in the certificate."""


def open_certified(envelope: bytes, kind: Kind, issuers: Sequence[Certificate], at_s: int) -> Certified:
    """Return payload and unit if a unit certified by one of the issuers, for results, at `at_s`, signed it.

    Raises the errors of `open_verified` and `CertificateRefusedError`.
    """
    parts = _take_apart(envelope, kind)
    if parts.header.certificate is None:
        raise BadSignatureError("no certificate travels with it")
    certificate = read_certificate_der(parts.header.certificate)
    key = check_result_certificate(certificate, issuers, at_s)
    if key_id(key) != parts.header.key_id:
        raise BadSignatureError("the certificate is for another key")
    parts.verify(key)
    return Certified(parts.payload, certified_unit(certificate))


def unverified_header(envelope: bytes, kind: Kind) -> Header:
    """Read who claims to have signed, so that the key can be looked up. Nothing is verified yet."""
    return _take_apart(envelope, kind).header


def unverified_payload(envelope: bytes, kind: Kind) -> bytes:
    """Read what is claimed, for example the time to check a certificate at. Nothing is verified yet."""
    return _take_apart(envelope, kind).payload


@dataclass(frozen=True, slots=True)
class _Parts:
    header: Header
    protected: bytes
    payload: bytes
    signature: bytes

    def verify(self, key: PublicKey) -> None:
        verify_es256(key, _to_be_signed(self.protected, self.payload), self.signature)


def _take_apart(envelope: bytes, kind: Kind) -> _Parts:
    if len(envelope) > MAX_BYTES or envelope[:1] != _COSE_SIGN1:
        raise MalformedError("not a COSE_Sign1 of bounded size")
    match decode(envelope[1:]):
        case [bytes() as protected, dict() as unprotected, bytes() as payload, bytes() as signature] if not unprotected:
            header = _read_header(protected)
        case _:
            raise MalformedError("not the four parts of a COSE_Sign1 with an empty unprotected header")
    if header.kind is not kind:
        raise MalformedError(f"it is {header.kind.value}, expected {kind.value}")
    return _Parts(header, protected, payload, signature)


def _read_header(protected: bytes) -> Header:
    match decode(protected):
        case {1: -7, 4: bytes() as kid, 16: str() as typ, 33: bytes() as certificate, **rest} if not rest and len(kid) == 16:
            return Header(_read_kind(typ), KeyId(kid), certificate)
        case {1: -7, 4: bytes() as kid, 16: str() as typ, **rest} if not rest and len(kid) == 16:
            return Header(_read_kind(typ), KeyId(kid), None)
        case _:
            raise MalformedError("the header is not ES256 with a key id, a type and at most one certificate")


def _read_kind(typ: str) -> Kind:
    try:
        return Kind(typ)
    except ValueError as error:
        raise MalformedError("an unknown type of message") from error


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """Sig_structure of RFC 9052, 4.4, without external data."""
    return encode(["Signature1", protected, b"", payload])
