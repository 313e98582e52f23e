"""How an appliance with a claim becomes a unit of the fleet, with keys that it made itself.

Interrupted at any point it can be run again: keys are stored before they are certified, the centre gives the same certificate
to the same key again, and `centre.json`, whose presence means enrolled, is written last (F50).
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from edge.clock import UnitClock
from edge.contact import CentreFacts, facts_json, unit_in
from edge.durable_file import write_durably
from edge.errors import CentreAnswerError, EnrolmentRefusedError
from edge.file_lock import held_alone
from edge.identity import Identity, load_identity
from edge.keystore import KeyStore
from edge.state_dir import KeyLabel, StateDir
from wire.keys import Certificate, PublicKey, certificate_der

log = logging.getLogger(__name__)

KEY_REUSED = "key_reused"
"""The centre's word for: this key has a certificate already, by an earlier claim."""


class Centre(Protocol):
    """What enrolment asks of the centre; `EstClient` asks it over the network."""

    def certify(self, label: KeyLabel, key: PublicKey, request: bytes) -> Certificate: ...

    def facts(self) -> CentreFacts: ...


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One enrolment of one state directory."""

    place: StateDir
    keys: KeyStore
    centre: Centre
    clock: UnitClock
    ca_pem: bytes
    """The pinned certificates of the fleet."""

    def run(self) -> Identity:
        """Enrol, or go on with an enrolment that was interrupted; the errors are those of centre, key store and disk."""
        with held_alone(self.place.root / "enrol.lock"):
            certificates = self._certificates()
            if len({unit_in(certificate) for certificate in certificates.values()}) != 1:
                raise CentreAnswerError("its certificates name different units")
            self._store(certificates, self.centre.facts())
            return load_identity(self.place.root)

    def _certificates(self) -> Mapping[KeyLabel, Certificate]:
        try:
            return self._certified()
        except EnrolmentRefusedError as error:
            if error.code != KEY_REUSED:
                raise
        log.warning("the keys were certified by an earlier claim and never used: new ones are made")
        for label in KeyLabel:
            self.keys.discard(label)
        return self._certified()

    def _certified(self) -> Mapping[KeyLabel, Certificate]:
        return {label: self._certify(label) for label in KeyLabel}

    def _certify(self, label: KeyLabel) -> Certificate:
        key = self.keys.public_key(label) if self.keys.has(label) else self.keys.create(label)
        return self.centre.certify(label, key, self.keys.certification_request(label))

    def _store(self, certificates: Mapping[KeyLabel, Certificate], facts: CentreFacts) -> None:
        for label, certificate in certificates.items():
            pem = ssl.DER_cert_to_PEM_cert(certificate_der(certificate))
            write_durably(self.place.certificate(label), pem.encode())
        write_durably(self.place.ca, self.ca_pem)
        valid = certificates[KeyLabel.RESULT]
        self.clock.believe_between(int(valid.not_valid_before_utc.timestamp()), int(valid.not_valid_after_utc.timestamp()))
        write_durably(self.place.centre, facts_json(facts))
