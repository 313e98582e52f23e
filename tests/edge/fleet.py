"""Certificates of a made-up fleet, and a small EST server that issues them or misbehaves as a test wishes."""

from __future__ import annotations

import base64
import http.server
import ipaddress
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge.contact import BrokerAddress, CentreFacts, facts_json
from tests.builders import UNIT, authority, key, unit_certificate
from tests.edge.spool_parts import CENTRE
from wire.enrolment import CENTRE_KEYS_PATH, EST_ROOT
from wire.keys import RESULT_SIGNING, Certificate, PrivateKey, PublicKey, public_der

SERIAL = "LC-0001"
CLAIM = "MFRGGZDFMZTWQ2LKNNWG23TPOA"
USES = {"tls": ExtendedKeyUsageOID.CLIENT_AUTH, "result": RESULT_SIGNING}
ALWAYS = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def certificate_pem(certificate: Certificate) -> bytes:
    """A certificate as a file holds it."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def key_pem(private: PrivateKey) -> bytes:
    """A private key as a file holds it."""
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    return private.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)


def lasting_authority(number: int = 100) -> Certificate:
    """An issuer like `authority(number)` that no real clock finds out of date."""
    builder = _certificate("fleet", "fleet", number, ALWAYS)
    return builder.add_extension(x509.BasicConstraints(True, None), critical=True).sign(key(number), hashes.SHA256())


def server_certificate(
    number: int, issuer: int = 100, host: str = "127.0.0.1", valid: tuple[datetime, datetime] = ALWAYS
) -> Certificate:
    """A TLS server certificate for `key(number)` and an IP address."""
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
    builder = _certificate(host, "fleet", number, valid).add_extension(names, critical=False)
    return _for_use(builder, ExtendedKeyUsageOID.SERVER_AUTH, issuer)


def client_certificate(name: str, number: int, issuer: int = 100) -> Certificate:
    """A TLS client certificate for `key(number)`."""
    return _for_use(_certificate(name, "fleet", number, ALWAYS), ExtendedKeyUsageOID.CLIENT_AUTH, issuer)


def result_certificate(name: str, number: int, issuer: int = 100) -> Certificate:
    """A result-signing certificate for `key(number)`."""
    return _for_use(_certificate(name, "fleet", number, ALWAYS), USES["result"], issuer)


def _certificate(subject: str, issuer: str, number: int, valid: tuple[datetime, datetime]) -> x509.CertificateBuilder:
    names = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in (issuer, subject))
    return x509.CertificateBuilder(*names, key(number).public_key(), 7 + number, *valid)


def _for_use(builder: x509.CertificateBuilder, use: x509.ObjectIdentifier, issuer: int) -> Certificate:
    return builder.add_extension(x509.ExtendedKeyUsage([use]), critical=False).sign(key(issuer), hashes.SHA256())


def certs_only(*certificates: Certificate) -> bytes:
    """PKCS#7 certs-only in base64, with line breaks as old servers send them."""
    return base64.encodebytes(pkcs7.serialize_certificates(list(certificates), serialization.Encoding.DER))


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server sends back."""

    body: bytes
    status: HTTPStatus = HTTPStatus.OK
    headers: tuple[tuple[str, str], ...] = ()


def refusal(code: str, status: HTTPStatus = HTTPStatus.UNAUTHORIZED) -> Answer:
    """A refusal as the centre words it."""
    return Answer(json.dumps({"error": {"code": code, "message": "not for the unit's display"}}).encode(), status)


Rule = Callable[[str, PublicKey], Answer]
"""Answers a request for a label and a key."""


@dataclass
class EstServer:
    """The centre's part of enrolment: one serial number, one claim, one certificate per label and key."""

    certificate: Certificate = field(default_factory=lambda: server_certificate(200))
    unit: str = UNIT
    rule: Rule | None = None
    facts: Answer = field(
        default_factory=lambda: Answer(facts_json(CentreFacts((CENTRE.public_key,), BrokerAddress("127.0.0.1", 8883))))
    )
    asked: list[str] = field(default_factory=list)
    """The path of every request that arrived, in order."""
    requests: list[x509.CertificateSigningRequest] = field(default_factory=list)
    issued: dict[str, bytes] = field(default_factory=dict)
    """Public key by label."""
    port: int = 0

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def enrol(self, label: str, authorization: str, body: bytes) -> Answer:
        """Answer simpleenroll."""
        if authorization != "Basic " + base64.b64encode(f"{SERIAL}:{CLAIM}".encode()).decode():
            return refusal("claim_wrong")
        request = x509.load_der_x509_csr(base64.b64decode(body))
        self.requests.append(request)
        public = request.public_key()
        return (self.rule or self.certify)(label, public)  # type: ignore[arg-type]

    def certify(self, label: str, public: PublicKey) -> Answer:
        """Issue once per label; the same key gets the same again."""
        if self.issued.setdefault(label, public_der(public)) != public_der(public):
            return refusal("claim_used")
        return Answer(certs_only(unit_certificate(self.unit, uses=[USES[label]], public=public)))


@contextmanager
def running(server: EstServer, folder: Path) -> Iterator[EstServer]:
    """Serve on a free loopback port, over TLS, until the end of the body."""
    chain = folder / "server.pem"
    chain.write_bytes(key_pem(key(200)) + certificate_pem(server.certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(server))
    httpd.socket = context.wrap_socket(httpd.socket, server_side=True, do_handshake_on_connect=False)
    server.port = httpd.server_address[1]
    thread = threading.Thread(target=httpd.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()


def _handler(server: EstServer) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        timeout = 5

        def do_POST(self) -> None:
            server.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            label = self.path.removeprefix(f"{EST_ROOT}/").removesuffix("/simpleenroll")
            self._answer(server.enrol(label, self.headers["Authorization"], body))

        def do_GET(self) -> None:
            server.asked.append(self.path)
            self._answer(server.facts if self.path == CENTRE_KEYS_PATH else Answer(b"", HTTPStatus.NOT_FOUND))

        def _answer(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for name, value in (*answer.headers, ("Content-Length", str(len(answer.body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                return  # a client that does not trust this server ends the handshake

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (named by the base class)
            return

    return Handler


def ca_pem(*numbers: int) -> bytes:
    """The pinned certificates: `authority(number)` each."""
    return b"".join(certificate_pem(authority(number)) for number in numbers or (100,))
