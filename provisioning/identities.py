"""Makes the keys and certificates of a centre. Doing it again changes nothing but what is missing, renamed or old."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from provisioning.ca.identity import read_authority, read_identity, write_identity
from provisioning.ca.issue import found_issuing, found_root, issue_server, issue_worker, server_names
from provisioning.ca.keys import new_key, write_key
from provisioning.ca.models import Authority
from provisioning.ca.transfer import pem
from provisioning.clock import Clock, moment
from provisioning.devices.claims import Randomness
from provisioning.files import PUBLIC, make_private_folder, write_whole
from provisioning.layout import KeyPair, Layout
from provisioning.revocation import worker_names
from wire.keys import Certificate

RENEW_BEFORE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Identities:
    """What a centre is to have on disk."""

    layout: Layout
    server_names: Sequence[str]
    workers: int
    clock: Clock
    randomness: Randomness

    def complete(self) -> tuple[str, ...]:
        """Make what is missing; the names of what was made.

        Raises `FileUnusableError` when a file cannot be read or written.
        """
        make_private_folder(self.layout.data)
        return tuple(self._steps())

    def _steps(self) -> Iterator[str]:
        if read_identity(self.layout.issuing) is None:
            self._found_authorities()
            yield "certificate authority"
        authority = read_authority(self.layout.issuing)
        if not self.layout.signing_key.exists():
            write_key(self.layout.signing_key, new_key())
            yield "signing key"
        if self._is_due(self.layout.server) or self._is_renamed(self.layout.server):
            self._make_server(authority)
            yield "server certificate"
        for number, name in enumerate(worker_names(self.workers), start=1):
            if self._is_due(self.layout.ingest(number)):
                self._make_worker(authority, number, name)
                yield f"certificate of {name}"

    def _found_authorities(self) -> None:
        now_s, suffix = self.clock.now_s(), self.randomness(4).hex()
        if read_identity(self.layout.root) is None:
            key = new_key()
            write_identity(self.layout.root, key, [found_root(key, f"lifecert root {suffix}", now_s).certificate])
        root, key = read_authority(self.layout.root), new_key()
        issuing = found_issuing(root, key, f"lifecert issuing {suffix}", now_s)
        write_whole(self.layout.bundle, pem([root.certificate, issuing.certificate]), PUBLIC)
        write_identity(self.layout.issuing, key, [issuing.certificate])

    def _make_server(self, authority: Authority) -> None:
        key = new_key()
        certificate = issue_server(authority, self.server_names, key.public_key(), self.clock.now_s())
        write_identity(self.layout.server, key, [certificate, authority.certificate])

    def _make_worker(self, authority: Authority, number: int, name: str) -> None:
        key = new_key()
        certificate = issue_worker(authority, name, key.public_key(), self.clock.now_s())
        write_identity(self.layout.ingest(number), key, [certificate, authority.certificate])

    def _is_due(self, pair: KeyPair) -> bool:
        certificate = read_identity(pair)
        return certificate is None or self._is_old(certificate)

    def _is_old(self, certificate: Certificate) -> bool:
        return certificate.not_valid_after_utc - moment(self.clock.now_s()) < RENEW_BEFORE

    def _is_renamed(self, pair: KeyPair) -> bool:
        certificate = read_identity(pair)
        return certificate is None or server_names(certificate) != frozenset(self.server_names)
