"""Who the unit is: its name and the key that signs its results, or the passing stand-in of a machine that is not enrolled."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from edge.contact import Contact, load_contact, read_certificate, unit_in
from edge.errors import IdentityDamagedError
from edge.keystore import FileKeyStore, passing_signer
from edge.state_dir import KeyLabel, StateDir
from wire.keys import Certificate, KeyId, PublicKey, Signer, certificate_der, key_id
from wire.result import DebugStatus

log = logging.getLogger(__name__)

UNENROLLED = "unenrolled"
"""The name under which a machine without enrolment signs; the centre issues no certificate for it."""


class SigningIdentity(Protocol):
    """What signing a result takes."""

    @property
    def unit(self) -> str: ...

    @property
    def signer(self) -> Signer: ...

    @property
    def debug(self) -> DebugStatus: ...

    @property
    def centre_keys(self) -> Mapping[KeyId, PublicKey]: ...


@dataclass(frozen=True, slots=True)
class Identity:
    """An enrolled unit."""

    unit: str
    signer: Signer
    """The result key, with its certificate."""
    contact: Contact
    debug: DebugStatus = DebugStatus.DISABLED

    @property
    def centre_keys(self) -> Mapping[KeyId, PublicKey]:
        """Keys that may sign tickets and receipts."""
        return self.contact.centre_keys


@dataclass(frozen=True, slots=True)
class UnsafeUnenrolledIdentity:
    """A machine that nobody has enrolled: whoever reads its results cannot know who signed them."""

    signer: Signer
    unit: str = UNENROLLED
    debug: DebugStatus = DebugStatus.ENABLED

    @property
    def centre_keys(self) -> Mapping[KeyId, PublicKey]:
        """It has no centre."""
        return MappingProxyType({})


def load_identity(state: Path) -> Identity:
    """Read the identity from a state directory.

    Raises `NotEnrolledError`, `IdentityDamagedError` when its parts do not fit, and the errors of the key store.
    """
    contact, place = load_contact(state), StateDir(state)
    certificate = read_certificate(place, KeyLabel.RESULT)
    signer = FileKeyStore(place).signer(KeyLabel.RESULT, certificate_der(certificate))
    _require_fit(contact, certificate, signer)
    return Identity(contact.unit, signer, contact)


def unenrolled_identity() -> UnsafeUnenrolledIdentity:
    """A new key that ends with this process, for trying the unit out; the centre refuses what it signs."""
    log.warning("this machine is not enrolled: its results are signed with a passing key that no centre accepts")
    return UnsafeUnenrolledIdentity(passing_signer(UNENROLLED))


def _require_fit(contact: Contact, certificate: Certificate, signer: Signer) -> None:
    if unit_in(certificate) != contact.unit:
        raise IdentityDamagedError("its two certificates name different units")
    if key_id(certificate.public_key()) != key_id(signer.public_key):  # type: ignore[arg-type] # any key has an id to compare
        raise IdentityDamagedError("its result certificate is for another key")
