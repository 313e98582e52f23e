"""A unit shows its claim and gets a certificate: each claim authorises one certificate per use."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Protocol

from provisioning.audit import Action, Actor, AuditEntry, note
from provisioning.ca.issue import issue_unit
from provisioning.ca.models import Authority, Issued, Lifetimes, Use
from provisioning.ca.request import read_request
from provisioning.ca.store import CertificateStore
from provisioning.clock import Clock
from provisioning.db import Database, Transaction
from provisioning.devices.claims import Issue, Repeat, claim_digest, judge_claim, plan_certificate
from provisioning.devices.models import Claim, Credentials, DeviceState
from provisioning.devices.registry import block_unit
from provisioning.devices.store import ClaimStore, DeviceStore
from provisioning.errors import EnrolmentRefusedError, Refusal, RequestRefusedError
from wire.keys import Certificate, PublicKey, certificate_der, key_id, public_der, read_certificate_der

log = logging.getLogger(__name__)


class Announcer(Protocol):
    """Tells everyone who must know which units are blocked."""

    def announce(self) -> object: ...


@dataclass(frozen=True, slots=True)
class _Outcome:
    refusal: Refusal | None = None
    certificate: bytes | None = None
    replaced: bool = False


class Enrolment:
    """Answers units. Usable from several threads."""

    def __init__(
        self,
        database: Database,
        authority: Authority,
        lifetimes: Lifetimes,
        clock: Clock,
        tries: int,
        announcer: Announcer,
    ) -> None:
        self._database = database
        self._authority = authority
        self._lifetimes = lifetimes
        self._clock = clock
        self._tries = tries
        self._announcer = announcer

    def enrol(self, credentials: Credentials, use: Use, body: bytes) -> Certificate:
        """Return the certificate for the key in the request; the same bytes if this key asks again.

        Raises `EnrolmentRefusedError` or `RequestRefusedError`; both are in the audit by then.
        """
        self._raise_refusal(self._admit(credentials))
        key = self._read(credentials, body)
        outcome = self._certify(credentials, use, key)
        self._raise_refusal(outcome)
        if outcome.replaced:
            self._announcer.announce()
        assert outcome.certificate is not None  # noqa: S101 - either refused or certified
        return read_certificate_der(outcome.certificate)

    def _admit(self, credentials: Credentials) -> _Outcome:
        """Check the claim before anything of the body is read."""
        with self._database.writing() as transaction:
            _, refusal = self._judge(transaction, credentials)
        return _Outcome(refusal)

    def _judge(self, transaction: Transaction, credentials: Credentials) -> tuple[Claim | None, Refusal | None]:
        claims = ClaimStore(transaction)
        claim = claims.newest(credentials.serial)
        refusal = judge_claim(claim, claim_digest(credentials.claim), self._clock.now_s(), self._tries)
        if refusal is Refusal.CLAIM_WRONG:
            claims.count_failure(claim)
        if refusal is not None:
            self._note(transaction, Action.CLAIM_REFUSED, credentials.serial, refusal.value)
        return claim, refusal

    def _read(self, credentials: Credentials, body: bytes) -> PublicKey:
        try:
            return read_request(body)
        except RequestRefusedError as error:
            with self._database.writing() as transaction:
                self._note(transaction, Action.REQUEST_REFUSED, credentials.serial, error.what)
            raise

    def _certify(self, credentials: Credentials, use: Use, key: PublicKey) -> _Outcome:
        with self._database.writing() as transaction:
            claim, refusal = self._judge(transaction, credentials)
            if claim is None or refusal is not None:
                return _Outcome(refusal)
            match self._plan(transaction, claim, use, key):
                case Repeat(issued):
                    self._note(transaction, Action.CERTIFICATE_REPEATED, claim.unit, use.value)
                    return _Outcome(certificate=issued.certificate)
                case Issue(completes):
                    return self._issue(transaction, claim, use, key, completes)
                case Refusal() as refused:
                    self._note(transaction, Action.CLAIM_REFUSED, credentials.serial, refused.value)
                    return _Outcome(refused)

    def _plan(self, transaction: Transaction, claim: Claim, use: Use, key: PublicKey) -> Repeat | Issue | Refusal:
        device = DeviceStore(transaction).find(claim.unit)
        state = device.state if device else DeviceState.BLOCKED
        store, name = CertificateStore(transaction), key_id(key)
        return plan_certificate(use, name, state, store.of_claim(claim.claim_id), store.of_keys([name]).get(name))

    def _issue(self, transaction: Transaction, claim: Claim, use: Use, key: PublicKey, completes: bool) -> _Outcome:
        now_s = self._clock.now_s()
        certificate = issue_unit(self._authority, claim.unit, key, use, now_s, self._lifetimes.of(use))
        issued = _issued(certificate, claim, use, key)
        CertificateStore(transaction).add(issued)
        DeviceStore(transaction).advance(claim.unit, DeviceState.ACTIVE if completes else DeviceState.CLAIMED)
        self._note(transaction, Action.CERTIFICATE_ISSUED, claim.unit, use.value)
        log.info("certificate issued", extra={"unit": claim.unit, "use": use.value})
        return _Outcome(certificate=issued.certificate, replaced=self._replace_older(transaction, claim))

    def _replace_older(self, transaction: Transaction, claim: Claim) -> bool:
        """Block whatever this appliance was before, so that one serial number is never two live units."""
        older = [
            device.unit
            for device in DeviceStore(transaction).of_serial(claim.serial)
            if device.unit != claim.unit and device.state is not DeviceState.BLOCKED
        ]
        for unit in older:
            block_unit(transaction, unit, self._clock.now_s(), Actor.ENROLMENT)
        return bool(older)

    def _note(self, transaction: Transaction, action: Action, about: str, detail: str) -> None:
        note(transaction, AuditEntry(self._clock.now_s(), Actor.ENROLMENT, action, about, detail))

    def _raise_refusal(self, outcome: _Outcome) -> None:
        if outcome.refusal is not None:
            raise EnrolmentRefusedError(outcome.refusal)


def _issued(certificate: Certificate, claim: Claim, use: Use, key: PublicKey) -> Issued:
    return Issued(
        key_id=key_id(key),
        unit=claim.unit,
        use=use,
        claim_id=claim.claim_id,
        public_key=public_der(key),
        certificate=certificate_der(certificate),
        serial_number=certificate.serial_number,
        not_after_s=int(certificate.not_valid_after_utc.timestamp()),
        revoked_at_s=None,
    )
