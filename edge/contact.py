"""How the unit reaches its centre and knows its voice. Holds no signing key: the uplink needs no more than this."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from edge.errors import IdentityDamagedError, NotEnrolledError
from edge.state_dir import KeyLabel, StateDir
from wire.enrolment import read_unit_name
from wire.errors import WireError
from wire.keys import Certificate, KeyId, PublicKey, certified_unit, key_id, public_der, read_certificates_pem, read_public_der


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the MQTT broker listens."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class CentreFacts:
    """What a centre says about itself to the units it has enrolled."""

    keys: tuple[PublicKey, ...]
    """Keys of ticket and receipt; at least one."""
    broker: BrokerAddress


@dataclass(frozen=True, slots=True)
class Contact:
    """An enrolled unit's side of the connection to its centre."""

    unit: str
    centre_keys: Mapping[KeyId, PublicKey]
    broker: BrokerAddress
    ca: Path
    """The pinned certificates of the fleet, PEM; nothing else is trusted."""
    tls_key: Path
    tls_certificate: Path


def load_contact(state: Path) -> Contact:
    """Read the contact from a state directory; `NotEnrolledError` before enrolment, `IdentityDamagedError` for broken files."""
    place = StateDir(state)
    facts = read_facts(_read(place.centre, NotEnrolledError()))
    return Contact(
        unit=unit_in(read_certificate(place, KeyLabel.TLS)),
        centre_keys=MappingProxyType({key_id(key): key for key in facts.keys}),
        broker=facts.broker,
        ca=place.ca,
        tls_key=place.key(KeyLabel.TLS),
        tls_certificate=place.certificate(KeyLabel.TLS),
    )


def read_certificate(place: StateDir, label: KeyLabel) -> Certificate:
    """The unit's certificate of that label; `IdentityDamagedError` when it is missing or broken."""
    path = place.certificate(label)
    try:
        return read_certificates_pem(_read(path, IdentityDamagedError(f"{path.name} is missing")))[0]
    except WireError as error:
        raise IdentityDamagedError(f"{path.name} holds no certificate") from error


def unit_in(certificate: Certificate) -> str:
    """The unit's name in a certificate; `IdentityDamagedError` when it can name no unit."""
    try:
        return read_unit_name(certified_unit(certificate))
    except WireError as error:
        raise IdentityDamagedError("its certificate names no unit") from error


def facts_json(facts: CentreFacts) -> bytes:
    """The facts as the centre sends them and as the unit keeps them."""
    keys = [base64.b64encode(public_der(key)).decode() for key in facts.keys]
    return json.dumps({"keys": keys, "broker": {"host": facts.broker.host, "port": facts.broker.port}}).encode() + b"\n"


def read_facts(content: bytes) -> CentreFacts:
    """Read what `facts_json` wrote or a centre sent; `IdentityDamagedError` says what is wrong."""
    try:
        match json.loads(content):
            case {"keys": [_, *_] as keys, "broker": {"host": str() as host, "port": int() as port}} if (
                host and 0 < port < 65_536
            ):
                return CentreFacts(tuple(_read_key(key) for key in keys), BrokerAddress(host, port))
    except (ValueError, binascii.Error, WireError) as error:
        raise IdentityDamagedError("the keys of the centre cannot be read") from error
    raise IdentityDamagedError("it lacks the keys of the centre or the address of its broker")


def _read_key(text: object) -> PublicKey:
    if not isinstance(text, str):
        raise IdentityDamagedError("a key of the centre is not text")
    return read_public_der(base64.b64decode(text, validate=True))


def _read(path: Path, missing: NotEnrolledError | IdentityDamagedError) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise missing from error
    except OSError as error:
        raise IdentityDamagedError(f"{path.name} cannot be read: {error.strerror}") from error
