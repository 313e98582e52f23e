"""The programs of the centre as processes: enrolment over real TLS, results over a real broker, the ledger at the end."""

from __future__ import annotations

import base64
import json
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID

from models.manifest import load_manifest
from models.matcher import matcher_digest
from provisioning.ca.keys import new_key
from provisioning.centre import open_centre
from provisioning.errors import Refusal
from provisioning.settings import PREFIX, CentreSettings
from tests.provisioning.fleet import Unit
from tests.provisioning.peers import Line, Peer, connected, enrol
from tests.provisioning.references import kept_calibration, measured
from tests.provisioning.test_request import request_der
from tests.services import PrivateBroker, private_broker
from wire.enrolment import CENTRE_KEYS_PATH, EST_RESULT_LABEL, EST_ROOT, EST_TLS_LABEL
from wire.envelope import Kind, open_verified
from wire.hello import Hello, hello_payload
from wire.keys import RESULT_SIGNING, certified_unit, key_id, public_der, read_public_der
from wire.policy import read_policy
from wire.receipt import Receipt, Standing, read_receipt
from wire.ticket import read_ticket
from wire.topics import Down, Up, down_topic, up_topic

pytestmark = pytest.mark.system

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE_S = 30


@contextmanager
def program(*words: str | Path, environment: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """A running `lifecert-centre`; ended by SIGTERM, upon which it must end well."""
    command = [sys.executable, "-m", "provisioning.cli", *map(str, words)]
    given = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPOSITORY), **(environment or {})}
    process = subprocess.Popen(command, cwd=REPOSITORY, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=PATIENCE_S)
        assert "Traceback" not in told, told


@dataclass(frozen=True)
class Server:
    """A served centre and a client that trusts it."""

    centre: str
    page: str
    data: Path
    client: httpx.Client
    process: subprocess.Popen[str]

    def claim(self, serial: str) -> str:
        with open_centre(CentreSettings(data=self.data)) as centre:
            return centre.registry.make_claim(serial).text

    def ask(self, label: str, serial: str, claim: str, body: bytes, kind: str = "application/pkcs10") -> httpx.Response:
        url = f"{self.centre}{EST_ROOT}/{label}/simpleenroll"
        return self.client.post(url, content=body, auth=(serial, claim), headers={"Content-Type": kind})


def until_ready(process: subprocess.Popen[str], ready: Path) -> dict[str, str]:
    """Wait for the addresses; the file is put in place whole."""
    end = time.monotonic() + PATIENCE_S
    while not ready.exists():
        assert process.poll() is None, "the program ended"
        assert time.monotonic() < end, "the program is not ready"
        time.sleep(0.02)
    document: dict[str, str] = json.loads(ready.read_text())
    return document


@pytest.fixture
def server(centre_data: Path, tmp_path: Path) -> Iterator[Server]:
    ready = tmp_path / "ready.json"
    words = ("serve", "--data", centre_data, "--est-port", "0", "--page-port", "0", "--ready-file", ready)
    environment = {f"{PREFIX}EST_HOST": "127.0.0.1", f"{PREFIX}BROKER_HOST": "broker.example"}
    with program(*words, environment=environment) as process:
        found = until_ready(process, ready)
        tls = ssl.create_default_context(cafile=str(centre_data / "ca.pem"))
        with httpx.Client(verify=tls, trust_env=False) as client:
            yield Server(found["est"], found["page"], centre_data, client, process)


def csr(number_of_bytes: int | None = None) -> bytes:
    return base64.b64encode(request_der(new_key())) if number_of_bytes is None else b"A" * number_of_bytes


def test_a_unit_enrols_over_tls_and_learns_what_it_needs(server: Server) -> None:
    claim = server.claim("LC-0001")
    key = new_key()

    trusted = server.client.get(f"{server.centre}{EST_ROOT}/cacerts")
    tls = server.ask(EST_TLS_LABEL, "LC-0001", claim, base64.b64encode(request_der(key)))
    again = server.ask(EST_TLS_LABEL, "LC-0001", claim, base64.b64encode(request_der(key)))
    result = server.ask(EST_RESULT_LABEL, "LC-0001", claim, csr())
    facts = server.client.get(f"{server.centre}{CENTRE_KEYS_PATH}").json()

    for answer in (trusted, tls, result):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("application/pkcs7-mime")
        assert answer.headers["content-transfer-encoding"] == "base64"
        assert b"\n" not in answer.content
    assert again.content == tls.content
    (certificate,) = pkcs7.load_der_pkcs7_certificates(base64.b64decode(tls.content))
    assert public_der(certificate.public_key()) == public_der(key.public_key())  # type: ignore[arg-type] # P-256
    assert _uses(tls) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert _uses(result) == [RESULT_SIGNING]
    assert len(pkcs7.load_der_pkcs7_certificates(base64.b64decode(trusted.content))) == 2
    assert facts["broker"] == {"host": "broker.example", "port": 8883}
    assert read_public_der(base64.b64decode(facts["keys"][0]))


def _uses(answer: httpx.Response) -> list[x509.ObjectIdentifier]:
    (certificate,) = pkcs7.load_der_pkcs7_certificates(base64.b64decode(answer.content))
    assert certified_unit(certificate).startswith("unit-")
    return list(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)


def test_refusals_have_a_status_a_reason_and_change_nothing(server: Server) -> None:
    """F47, F48."""
    claim = server.claim("LC-0001")
    url = f"{server.centre}{EST_ROOT}/tls/simpleenroll"
    plain = {"Content-Type": "application/pkcs10"}

    refused = [
        server.ask("tls", "LC-0001", "A" * 26, csr()),
        server.ask("tls", "LC-9999", claim, csr()),
        server.ask("tls", "not a serial\x00", claim, csr()),
        server.client.post(url, content=csr(), headers=plain),
        server.client.post(url, content=csr(), headers={**plain, "Authorization": "Basic !!!"}),
        server.client.post(url, content=csr(), headers={**plain, "Authorization": "Bearer x"}),
        server.ask("tls", "LC-0001", claim, b"garbage"),
        server.ask("tls", "LC-0001", claim, b""),
        server.ask("tls", "LC-0001", claim, csr(9000)),
        server.ask("tls", "LC-0001", claim, csr(1_000_000)),
        server.ask("tls", "LC-0001", claim, csr(), "text/plain"),
        server.ask("server", "LC-0001", claim, csr()),
        server.client.get(url),
    ]

    assert [answer.status_code for answer in refused] == [401] * 6 + [400, 400, 413, 413, 415, 404, 405]
    codes = [answer.json()["error"]["code"] for answer in refused[:6]]
    assert codes == [Refusal.CLAIM_WRONG] * 3 + [Refusal.CLAIM_MISSING] * 3
    assert all("Basic" in answer.headers["www-authenticate"] for answer in refused[:6])
    assert server.ask("tls", "LC-0001", claim, csr()).status_code == 200
    used = server.ask("tls", "LC-0001", claim, csr())
    assert (used.status_code, used.json()["error"]["code"]) == (401, Refusal.CLAIM_USED)


def test_the_server_speaks_no_tls_below_1_2_and_no_plain_text(server: Server) -> None:
    old = ssl.create_default_context(cafile=str(server.data / "ca.pem"))
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1

    with httpx.Client(verify=old, trust_env=False) as client, pytest.raises(httpx.TransportError):
        client.get(f"{server.centre}{EST_ROOT}/cacerts")
    with pytest.raises(httpx.TransportError):
        server.client.get(server.centre.replace("https", "http"))


def test_the_page_is_served_on_loopback_and_does_not_enrol(server: Server) -> None:
    assert "生存认证账本" in server.client.get(server.page).text
    assert server.client.get(f"{server.page}{EST_ROOT.lstrip('/')}/cacerts").status_code == 404
    assert server.client.get(f"{server.centre}/").status_code == 404


def test_a_taken_port_is_one_sentence(server: Server, tmp_path: Path) -> None:
    port = server.centre.rpartition(":")[2]
    words = ("serve", "--data", server.data, "--est-port", port, "--json")
    with program(*words, environment={f"{PREFIX}EST_HOST": "127.0.0.1"}) as second:
        told, _ = second.communicate(timeout=PATIENCE_S)

    assert second.returncode == 2
    assert json.loads(told)["error"]["code"] == "address_unusable"


@dataclass
class Chain:
    """A centre with broker and consumers as processes, and a unit on the line."""

    data: Path
    broker: PrivateBroker
    unit: Unit
    line: Line
    peer: Peer
    stack: ExitStack

    def ingest(self, worker: int = 1) -> subprocess.Popen[str]:
        """Start a consumer."""
        return self.stack.enter_context(
            program(
                "ingest",
                "--worker",
                str(worker),
                "--data",
                self.data,
                environment={f"{PREFIX}BROKER_PORT": str(self.broker.port)},
            )
        )

    def until_receipt(self, envelope: bytes) -> bytes:
        """Send a result, again and again as a unit does, until a receipt is there."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            self.line.publish(up_topic(self.unit.name, Up.RESULT), envelope)
            while not self.line.messages.empty() or self._waited():
                topic, payload = self.line.next()
                if topic == down_topic(self.unit.name, Down.RECEIPT):
                    return payload
        raise AssertionError("no receipt came")

    def _waited(self) -> bool:
        """Give an answer half a second; whether there is one."""
        end = time.monotonic() + 0.5
        while self.line.messages.empty() and time.monotonic() < end:
            time.sleep(0.01)
        return not self.line.messages.empty()

    def receipt(self, sealed: bytes) -> Receipt:
        with open_centre(CentreSettings(data=self.data)) as centre:
            public = centre.signer.public_key
        return read_receipt(open_verified(sealed, Kind.RECEIPT, {key_id(public): public}))


@pytest.fixture
def chain(centre_data: Path, tmp_path: Path) -> Iterator[Chain]:
    with ExitStack() as stack:
        broker = stack.enter_context(private_broker(tmp_path, centre_data))
        with open_centre(CentreSettings(data=centre_data)) as centre:
            peer = enrol(centre, "LC-0001", tmp_path)
        line = stack.enter_context(connected(broker, peer, centre_data / "ca.pem"))
        line.subscribe(*(down_topic(peer.name, word) for word in Down))
        assert peer.result_key is not None
        unit = Unit(peer.name, peer.result_key, peer.result_certificate)
        yield Chain(centre_data, broker, unit, line, peer, stack)


def verified(data: Path) -> dict[str, object]:
    with program("ledger", "verify", "--data", data, "--json") as check:
        told, _ = check.communicate(timeout=PATIENCE_S)
    document: dict[str, object] = json.loads(told)
    return document


@pytest.mark.broker
def test_a_ticket_goes_out_a_result_comes_in_and_a_receipt_goes_back(chain: Chain, tmp_path: Path) -> None:
    photo = tmp_path / "reference.bin"
    photo.write_bytes(b"stands for a picture")
    chain.ingest()
    words = ("--unit", chain.unit.name, "--case", "C-1", "--subject", "9f2c", "--reference", photo, "--mode", "passive")
    with program("ticket", "new", *words, "--data", chain.data) as made:
        made.wait(PATIENCE_S)

    topic, sealed = chain.line.next()
    assert topic == down_topic(chain.unit.name, Down.TICKET)
    with open_centre(CentreSettings(data=chain.data)) as centre:
        public = centre.signer.public_key
    ticket = read_ticket(open_verified(sealed, Kind.TICKET, {key_id(public): public}))
    receipt = chain.receipt(chain.until_receipt(chain.unit.result(ticket)))

    assert (receipt.leaf, receipt.standing) == (0, Standing.FINAL)
    hello = Hello(chain.unit.name, "lifecert 0.1.0", 1, 0, 0)
    chain.line.publish(up_topic(chain.unit.name, Up.HELLO), hello_payload(hello))
    assert verified(chain.data) == {"leaves": 1, "sound": True, "faults": []}


@pytest.mark.broker
def test_a_published_policy_reaches_a_unit_at_work_and_comes_again_with_its_next_hello(chain: Chain) -> None:
    manifest = load_manifest()
    digest = matcher_digest(manifest.matcher("reid0095_mfn"), manifest.cards)
    chain.ingest()
    with open_centre(CentreSettings(data=chain.data)) as centre:
        number = kept_calibration(centre.database, use=replace(measured().use, model_digest=digest)).id
        public = centre.signer.public_key
    with program("policy", "publish", "pension", "--calibration", str(number), "--data", chain.data) as made:
        assert made.wait(PATIENCE_S) == 0

    topic, sealed = chain.line.next()
    chain.line.publish(up_topic(chain.unit.name, Up.HELLO), hello_payload(Hello(chain.unit.name, "lifecert 0.1.0", 0, 0, 0)))
    again = chain.line.next()

    assert topic == down_topic(chain.unit.name, Down.POLICY)
    policy = read_policy(open_verified(sealed, Kind.POLICY, {key_id(public): public}))
    assert (policy.id, policy.calibrations[0].threshold_x10000) == ("pension/1", 5300)
    assert again == (topic, sealed)


@pytest.mark.broker
def test_killing_consumer_and_broker_in_turn_loses_and_doubles_nothing(chain: Chain) -> None:
    """F18, F29: what has no receipt is sent again; the ledger keeps each result once."""
    receipts = []
    for turn in range(4):
        consumer = chain.ingest(1 + turn % 2)
        for _ in range(3):
            receipts.append(chain.receipt(chain.until_receipt(chain.unit.result())))
        consumer.kill()
        consumer.wait(PATIENCE_S)
        if turn == 1:
            chain.broker.kill()
            chain.broker.start()
            assert chain.line.answers.get(timeout=PATIENCE_S) == "Success"
            chain.line.subscribe(down_topic(chain.unit.name, Down.RECEIPT))

    assert [receipt.leaf for receipt in receipts] == list(range(12))
    assert verified(chain.data) == {"leaves": 12, "sound": True, "faults": []}


@pytest.mark.broker
def test_a_consumer_waits_for_its_broker_and_ends_well_when_told(chain: Chain) -> None:
    chain.broker.stop()
    consumer = chain.ingest()
    chain.broker.start()
    assert chain.line.answers.get(timeout=PATIENCE_S) == "Success"
    chain.line.subscribe(down_topic(chain.unit.name, Down.RECEIPT))

    assert chain.receipt(chain.until_receipt(chain.unit.result())).leaf == 0

    consumer.send_signal(signal.SIGTERM)
    assert consumer.wait(PATIENCE_S) == 0
