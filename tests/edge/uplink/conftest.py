"""A private mosquitto with mutual TLS and access rules, an enrolled unit beside it, and the uplink as a process."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge.contact import BrokerAddress, CentreFacts, facts_json
from edge.durable_file import write_durably
from edge.state_dir import KeyLabel, StateDir
from tests.builders import UNIT, key
from tests.conftest import REPOSITORY
from tests.edge.fleet import certificate_pem, client_certificate, key_pem, lasting_authority, server_certificate
from tests.edge.spool_parts import CENTRE
from tests.edge.uplink.desk import CentreDesk
from tests.services import PrivateBroker, free_port
from wire.keys import Certificate
from wire.topics import ROOT

_CONFIGURATION = """\
listener {port} 127.0.0.1
cafile {folder}/ca.pem
certfile {folder}/broker.pem
keyfile {folder}/broker.key
tls_version tlsv1.2
require_certificate true
use_identity_as_username true
use_username_as_clientid true
allow_anonymous false
acl_file {folder}/acl
persistence false
log_dest stderr
log_type all
"""
_ACCESS = f"""\
pattern write {ROOT}/%u/up/#
pattern read {ROOT}/%u/down/#

user centre
topic readwrite {ROOT}/#
"""
UNIT_KEY, BROKER_KEY, CENTRE_KEY = 1, 200, 201


@pytest.fixture
def broker_folder() -> Iterator[Path]:
    """A folder that the account of mosquitto can enter; it gives up root before it reads its files."""
    folder = Path(tempfile.mkdtemp(prefix="lifecert-broker-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def make_broker(broker_folder: Path) -> Iterator[Callable[[Certificate], PrivateBroker]]:
    """Starts a broker that shows this certificate."""
    started: list[PrivateBroker] = []

    def make(certificate: Certificate) -> PrivateBroker:
        broker = PrivateBroker(broker_folder, free_port())
        files = {
            "ca.pem": certificate_pem(lasting_authority()),
            "broker.pem": certificate_pem(certificate),
            "broker.key": key_pem(key(BROKER_KEY)),
            "centre.pem": key_pem(key(CENTRE_KEY)) + certificate_pem(client_certificate("centre", CENTRE_KEY)),
            "acl": _ACCESS.encode(),
            "mosquitto.conf": _CONFIGURATION.format(folder=broker_folder, port=broker.port).encode(),
        }
        for name, content in files.items():
            (broker_folder / name).write_bytes(content)
        broker.start()
        started.append(broker)
        return broker

    yield make
    for broker in started:
        broker.stop()


@pytest.fixture
def broker(make_broker: Callable[[Certificate], PrivateBroker]) -> PrivateBroker:
    return make_broker(server_certificate(BROKER_KEY))


@pytest.fixture
def desk(broker: PrivateBroker) -> Iterator[CentreDesk]:
    opened = CentreDesk(broker.port, broker.folder)
    yield opened
    opened.close()


@pytest.fixture
def state(tmp_path: Path, broker: PrivateBroker) -> Path:
    """The state directory of a unit that is enrolled; without a result key, which the uplink has no use for."""
    return enrolled(tmp_path / "state", broker.port)


def enrolled(root: Path, port: int, issuer: int = 100) -> Path:
    """Make a state directory for the uplink of `UNIT`."""
    place = StateDir(root)
    place.prepare()
    write_durably(place.key(KeyLabel.TLS), key_pem(key(UNIT_KEY)))
    write_durably(place.certificate(KeyLabel.TLS), certificate_pem(client_certificate(UNIT, UNIT_KEY, issuer)))
    write_durably(place.ca, certificate_pem(lasting_authority()))
    write_durably(place.centre, facts_json(CentreFacts((CENTRE.public_key,), BrokerAddress("127.0.0.1", port))))
    return root


class UplinkProcess:
    """`lifecert-uplink` as a process of its own; its log is the test's."""

    def __init__(self, state: Path, *more: str) -> None:
        program = [sys.executable, "-c", "from edge.uplink.service import main; main()"]
        self.process = subprocess.Popen([*program, "--state", str(state), *more], cwd=REPOSITORY)

    def tell_to_stop(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    def kill(self) -> None:
        """As a power cut would."""
        self.process.kill()
        self.process.wait(20)


@pytest.fixture
def start_uplink(state: Path) -> Iterator[Callable[..., UplinkProcess]]:
    """Starts the uplink of `state`; whatever still runs at the end of the test is killed."""
    started: list[UplinkProcess] = []

    def start(*more: str) -> UplinkProcess:
        started.append(UplinkProcess(state, *more))
        return started[-1]

    yield start
    for uplink in started:
        uplink.kill()
