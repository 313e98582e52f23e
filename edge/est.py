"""Asks the centre for certificates over EST (RFC 7030, RFC 8951) and believes no answer before it was checked.

The unit's door to httpx. Nothing is sent before the centre has shown a certificate of the pinned fleet for its host name.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from contextlib import closing
from types import TracebackType

import httpx
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID

from edge.contact import CentreFacts, read_facts, unit_in
from edge.enrolment import KEY_REUSED
from edge.errors import CentreAnswerError, CentreUnreachableError, EnrolmentRefusedError, IdentityDamagedError
from edge.state_dir import KeyLabel
from edge.tls import Dates, pinned_context
from wire.enrolment import CENTRE_KEYS_PATH, EST_RESULT_LABEL, EST_ROOT, EST_TLS_LABEL
from wire.errors import WireError
from wire.keys import (
    RESULT_SIGNING,
    Certificate,
    PublicKey,
    certificate_der,
    public_der,
    read_certificate_der,
    read_certificates_pem,
)

_EST_LABELS = {KeyLabel.TLS: EST_TLS_LABEL, KeyLabel.RESULT: EST_RESULT_LABEL}
_USES = {KeyLabel.TLS: ExtendedKeyUsageOID.CLIENT_AUTH, KeyLabel.RESULT: RESULT_SIGNING}

_REFUSALS = {
    "claim_missing": "serial number and claim did not arrive",
    "claim_wrong": "serial number and claim do not belong together; check both for typing errors",
    "claim_locked": "too many wrong claims were shown for this serial number; ask for a new claim",
    "claim_expired": "the claim has expired; ask for a new one",
    "claim_used": "the claim was used already; ask for a new one",
    "unit_blocked": "the unit of this claim is blocked",
    KEY_REUSED: "the key has a certificate from an earlier claim",
}

_TIMEOUT_S = 20.0
_MAX_ANSWER_BYTES = 65_536


class EstClient:
    """A connection to one centre, as one serial number with its claim; used with `with`.

    Every method raises `CentreUnreachableError` for network and TLS, `EnrolmentRefusedError` when the centre says no, and
    `CentreAnswerError` for an answer that does not hold.
    """

    def __init__(self, centre: str, serial: str, claim: str, ca_pem: bytes) -> None:
        self._issuers = _issuers(ca_pem)
        # The certificate dates of the centre are not checked in this first contact: see `Dates.NOT_CHECKED` for the reason.
        context = pinned_context(ca_pem, Dates.NOT_CHECKED)
        self._client = httpx.Client(base_url=centre, verify=context, timeout=_TIMEOUT_S, trust_env=False)
        self._credentials = httpx.BasicAuth(serial, claim)

    def __enter__(self) -> EstClient:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._client.close()

    def certify(self, label: KeyLabel, key: PublicKey, request: bytes) -> Certificate:
        """Send a PKCS#10 request (DER) for `key`; the answer is checked: our key, our fleet, this use, a name of a unit."""
        headers = {"Content-Type": "application/pkcs10", "Content-Transfer-Encoding": "base64"}
        url = f"{EST_ROOT}/{_EST_LABELS[label]}/simpleenroll"
        post = self._client.build_request("POST", url, content=base64.b64encode(request), headers=headers)
        certificate = certificate_for(key, _read_certs_only(self._ask(post)))
        check_certificate(certificate, label, self._issuers)
        return certificate

    def facts(self) -> CentreFacts:
        """The keys of the centre and the address of its broker."""
        try:
            return read_facts(self._ask(self._client.build_request("GET", CENTRE_KEYS_PATH)))
        except IdentityDamagedError as error:
            raise CentreAnswerError(error.what) from error

    def _ask(self, request: httpx.Request) -> bytes:
        try:
            with closing(self._client.send(request, auth=self._credentials, stream=True)) as response:
                body = _read_capped(response)
        except httpx.TransportError as error:
            raise CentreUnreachableError(str(error) or type(error).__name__) from error
        except httpx.DecodingError as error:
            raise CentreAnswerError(str(error)) from error
        _raise_refusal(response, body)
        return body


def certificate_for(key: PublicKey, certificates: Sequence[Certificate]) -> Certificate:
    """The one among these that certifies this key; `CentreAnswerError` when there is none."""
    for certificate in certificates:
        found = certificate.public_key()
        if public_der(found) == public_der(key):  # type: ignore[arg-type] # any key has a DER to compare
            return certificate
    raise CentreAnswerError("no certificate in it is for our key")


def check_certificate(certificate: Certificate, label: KeyLabel, issuers: Sequence[Certificate]) -> None:
    """Raise `CentreAnswerError` unless a pinned issuer issued it, for this use alone, to something named like a unit."""
    if not any(_issued(certificate, issuer) for issuer in issuers):
        raise CentreAnswerError("the certificate does not come from the pinned fleet")
    uses = _uses(certificate)
    if _USES[label] not in uses or any(_USES[other] in uses for other in KeyLabel if other is not label):
        raise CentreAnswerError(f"the certificate is not for the {label.value} key alone")
    try:
        unit_in(certificate)
    except IdentityDamagedError as error:
        raise CentreAnswerError("the certificate names no unit") from error


def _issued(certificate: Certificate, issuer: Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
        return issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, UnsupportedAlgorithm, ValueError, TypeError, InvalidSignature):
        return False


def _uses(certificate: Certificate) -> x509.ExtendedKeyUsage:
    try:
        return certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])


def _issuers(ca_pem: bytes) -> tuple[Certificate, ...]:
    try:
        return read_certificates_pem(ca_pem)
    except WireError as error:
        raise IdentityDamagedError("the pinned certificates of the fleet cannot be read") from error


def _read_certs_only(body: bytes) -> list[Certificate]:
    """PKCS#7 certs-only in base64 (RFC 7030, 4.2.3; line breaks are allowed)."""
    try:
        der = base64.b64decode(b"".join(body.split()), validate=True)
        certificates = pkcs7.load_der_pkcs7_certificates(der)
        return [read_certificate_der(certificate_der(certificate)) for certificate in certificates]
    except (binascii.Error, ValueError, TypeError, UnsupportedAlgorithm, WireError) as error:
        raise CentreAnswerError("it holds no certificates") from error


def _read_capped(response: httpx.Response) -> bytes:
    body = b""
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > _MAX_ANSWER_BYTES:
            raise CentreAnswerError("it is too large")
    return body


def _raise_refusal(response: httpx.Response, body: bytes) -> None:
    status = response.status_code
    if status == httpx.codes.OK:
        return
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise CentreUnreachableError(f"it has a fault of its own (HTTP {status}); try again later")
    if status not in (httpx.codes.BAD_REQUEST, httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise CentreAnswerError(f"HTTP {status}, which is not an answer of EST")
    code = _reason_code(body)
    raise EnrolmentRefusedError(code, _REFUSALS.get(code, f"HTTP {status}, reason {code!r}"))


_NO_REASON = "unknown"


def _reason_code(body: bytes) -> str:
    try:
        match json.loads(body):
            case {"error": {"code": str() as code}} if code.isascii() and len(code) <= 64:
                return code
    except ValueError:
        return _NO_REASON  # An answer that is not JSON comes from a proxy, or from another server: it names no reason.
    return _NO_REASON
